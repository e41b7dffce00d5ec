using System.Text;
using LdcLedger.Domain;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Verification;

/// <summary>A file of a report, read back: what it was made of, and what it says.</summary>
/// <param name="Format">pdf or html.</param>
/// <param name="Engine">What drew it, and its version.</param>
/// <param name="Producer">What wrote the file, by its own words; null where it has none.</param>
public sealed record ReportFile(string Format, byte[] Bytes, ReportOrigin Origin, string Engine, string? Producer)
{
    private const string Needed = "a report of `ldc report build` (PDF or HTML) is needed";

    /// <param name="name">As messages name it.</param>
    /// <exception cref="RuleViolation">It is no report of ldc, or not all of one.</exception>
    public static ReportFile Read(byte[] bytes, string name)
    {
        if (bytes.Length == 0)
            throw new RuleViolation($"{name} is empty; {Needed}.");
        try
        {
            if (bytes.AsSpan().StartsWith("%PDF-"u8))
                return Of("pdf", bytes, PdfContent.IsWhole(bytes), "%%EOF", () => PdfContent.Metadata(bytes), name);
            var text = Encoding.UTF8.GetString(bytes);
            if (text.AsSpan(0, Math.Min(text.Length, 1024)).Contains("<html", StringComparison.OrdinalIgnoreCase))
                return Of("html", bytes, HtmlContent.IsWhole(text), "</html>", () => HtmlContent.Metadata(text), name);
        }
        catch (RuleViolation wrong)
        {
            throw new RuleViolation($"{name} {wrong.Message}.");
        }
        throw new RuleViolation($"{name} is neither PDF nor HTML; {Needed}.");
    }

    /// <summary>Where it first says something else than a file of the same format.</summary>
    /// <param name="isSame">Whether a word that was found stands for one that was expected, though it is another.</param>
    public WordDifference? FirstDifference(byte[] expected, Func<string, string, bool> isSame) =>
        WordDifference.Between(Lines(Bytes), Lines(expected), isSame);

    /// <summary>Names of the fonts that are embedded here or there alone, or there with another program.</summary>
    public IReadOnlyList<string> OtherFonts(byte[] expected)
    {
        var other = Fonts(Bytes).ToHashSet();
        other.SymmetricExceptWith(Fonts(expected));
        return [.. other.Select(font => font.Name).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether nothing differs but how a program writes a text: its line ends, a mark at its beginning.</summary>
    public bool IsSameText(byte[] expected) =>
        Format == "html" && HtmlContent.Plain(Encoding.UTF8.GetString(Bytes)) == HtmlContent.Plain(Encoding.UTF8.GetString(expected));

    /// <summary>The first page of a PDF that is drawn otherwise; null: none, or of another format.</summary>
    public int? FirstOtherDrawing(byte[] expected)
    {
        if (Format != "pdf")
            return null;
        var (found, wanted) = (PdfContent.Drawings(Bytes), PdfContent.Drawings(expected));
        var same = found.Zip(wanted).TakeWhile(pages => pages.First == pages.Second).Count();
        return same == found.Count && same == wanted.Count ? null : same + 1;
    }

    private IReadOnlySet<(string Name, string Sha256)> Fonts(byte[] file) =>
        Format == "pdf" ? PdfContent.Fonts(file) : HtmlContent.Fonts(Encoding.UTF8.GetString(file));

    private IReadOnlyList<PlacedLine> Lines(byte[] file) =>
        Format == "pdf" ? PdfContent.Lines(file) : HtmlContent.Lines(Encoding.UTF8.GetString(file));

    private static ReportFile Of(
        string format, byte[] bytes, bool isWhole, string end, Func<(string? Origin, string? Producer)> metadata, string name)
    {
        var kind = format.ToUpperInvariant();
        if (!isWhole)
            throw new RuleViolation($"is cut off: {(format == "pdf" ? "a PDF" : "a page of HTML")} ends with {end}, and this does not");
        var (text, producer) = metadata();
        if (text is null)
            throw new RuleViolation(
                $"is {(kind == "PDF" ? "a PDF" : "a page of HTML")} {(producer is { Length: > 0 } by ? $"made by {by} " : "")}"
                + $"that does not say of what study it is; {Needed}");
        try
        {
            var (origin, engine) = ReportOrigin.Read(text);
            return new(format, bytes, origin, engine, producer);
        }
        catch (FormatException wrong)
        {
            throw new RuleViolation($"says of what it was made, but that {wrong.Message}");
        }
    }
}
