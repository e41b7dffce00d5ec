using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Reports.Pdf;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Tokens;

namespace LdcLedger.Reports.Verification;

/// <summary>What a PDF says, whoever wrote it.</summary>
internal static class PdfContent
{
    /// <summary>Whether it ends as a PDF does.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> pdf) => pdf[Math.Max(0, pdf.Length - 1024)..].LastIndexOf("%%EOF"u8) >= 0;

    /// <summary>The origin; null where it has none. And what wrote the file, where it says so.</summary>
    /// <exception cref="RuleViolation">It cannot be read as a PDF; the message ends a sentence.</exception>
    public static (string? Origin, string? Producer) Metadata(byte[] pdf) => With(pdf, document =>
    {
        var information = document.Information;
        IToken? token = null;
        information.DocumentInformationDictionary?.TryGet(NameToken.Create(PdfMetadata.OriginKey), out token);
        // Other programs write in hexadecimal digits what ldc wrote in letters.
        return ((token as StringToken)?.Data ?? (token as HexToken)?.Data, information.Producer ?? information.Creator);
    });

    /// <summary>Every line of every page, top to bottom.</summary>
    public static IReadOnlyList<PlacedLine> Lines(byte[] pdf) => With(pdf, document =>
    {
        var lines = new List<PlacedLine>();
        for (var number = 1; number <= document.NumberOfPages; number++)
            lines.AddRange(Lines(document, number));
        return lines;
    });

    /// <summary>The fonts that are embedded: name, without the letters that mark a subset, and SHA-256 of its program.</summary>
    public static IReadOnlySet<(string Name, string Sha256)> Fonts(byte[] pdf) => With(pdf, document =>
    {
        var fonts = new HashSet<(string, string)>();
        foreach (var reference in document.Structure.CrossReferenceTable.ObjectOffsets.Keys)
            if (Font(document, reference) is { } font)
                fonts.Add(font);
        return fonts;
    });

    /// <summary>Null where the object describes no font that is embedded, or cannot be read.</summary>
    private static (string Name, string Sha256)? Font(PdfDocument document, IndirectReference reference)
    {
        try
        {
            return document.Structure.GetObject(reference)?.Data is DictionaryToken descriptor
                && descriptor.TryGet(NameToken.FontName, out NameToken name)
                && descriptor.TryGet(NameToken.FontFile2, out IndirectReferenceToken program)
                && document.Structure.GetObject(program.Data)?.Data is StreamToken stream
                ? (name.Data[(name.Data.IndexOf('+') + 1)..], PdfDrawing.Hash(PdfDrawing.Unpacked(stream))) : null;
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            return null;
        }
    }

    /// <summary>SHA-256 of what draws each page; null where a page cannot be read.</summary>
    public static IReadOnlyList<string?> Drawings(byte[] pdf) => With(pdf, document =>
    {
        var drawing = new Lazy<PdfDrawing>(() => new(document));
        IReadOnlyList<string?> drawings = [.. Enumerable.Range(1, document.NumberOfPages).Select(Drawing)];
        return drawings;

        string? Drawing(int page)
        {
            try
            {
                return drawing.Value.Sha256(page);
            }
            catch (Exception broken) when (IsBroken(broken))
            {
                return null;
            }
        }
    });

    private static IEnumerable<PlacedLine> Lines(PdfDocument document, int number)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"page {number}");
        IReadOnlyList<Word> words;
        try
        {
            words = [.. document.GetPage(number).GetWords()];
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            return [new(place, null)];
        }
        return words.GroupBy(word => Math.Round(word.Letters[0].StartBaseLine.Y, 1)).OrderByDescending(line => line.Key)
            .Select(line => new PlacedLine(place, [.. line.OrderBy(word => word.Letters[0].StartBaseLine.X).Select(word => word.Text)]));
    }

    private static T With<T>(byte[] pdf, Func<PdfDocument, T> read)
    {
        try
        {
            using var document = PdfDocument.Open(pdf);
            return read(document);
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            throw new RuleViolation($"is no PDF that can be read ({broken.Message.TrimEnd('.')})");
        }
    }

    // The library throws what its parts happen to throw.
    internal static bool IsBroken(Exception exception) => exception is not OutOfMemoryException;
}
