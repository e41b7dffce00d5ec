using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// Adds an outline (bookmarks) and the language to a PDF of SkiaSharp, which can write neither, as an incremental update
/// (ISO 32000-1, 7.5.6): new objects and a new catalog after the old end.
/// </summary>
internal static partial class PdfOutline
{
    public static byte[] Append(byte[] pdf, IReadOnlyList<PdfPlace> places, float pageHeight)
    {
        // Latin-1 keeps one character per byte, so positions in the text are positions in the file.
        var text = Encoding.Latin1.GetString(pdf);
        var trailer = text[text.LastIndexOf("trailer", StringComparison.Ordinal)..];
        var size = Number(SizeEntry().Match(trailer));
        var root = Number(RootEntry().Match(trailer));
        var info = InfoEntry().Match(trailer);
        var before = Number(StartXref().Match(trailer));
        var objects = Objects(text, before);
        var catalog = objects(root);
        var pageIds = Leaves(objects, Number(PagesEntry().Match(catalog))).ToList();

        var added = new SortedDictionary<int, string>();
        var outline = size;
        var ids = places.Select((_, i) => size + 1 + i).ToList();
        for (var i = 0; i < places.Count; i++)
            added[ids[i]] = Item(places, ids, i, outline, pageIds, pageHeight);
        var top = Enumerable.Range(0, places.Count).Where(i => places[i].Level == 1).ToList();
        added[outline] = $"<</Type /Outlines /First {ids[top[0]]} 0 R /Last {ids[top[^1]]} 0 R /Count {top.Count}>>";
        added[root] = catalog.TrimEnd()[..^2] + $" /Outlines {outline} 0 R /PageMode /UseOutlines /Lang (en)>>";

        var update = new StringBuilder();
        var offsets = new SortedDictionary<int, int>();
        foreach (var (id, body) in added)
        {
            offsets[id] = pdf.Length + update.Length;
            update.Append(CultureInfo.InvariantCulture, $"{id} 0 obj\n{body}\nendobj\n");
        }
        var xref = pdf.Length + update.Length;
        update.Append("xref\n");
        foreach (var (id, offset) in offsets)
            update.Append(CultureInfo.InvariantCulture, $"{id} 1\n{offset:d10} 00000 n \n");
        var infoEntry = info.Success ? $"/Info {info.Groups[1].Value} 0 R " : "";
        update.Append(
            CultureInfo.InvariantCulture, $"trailer\n<</Size {size + places.Count + 1} /Root {root} 0 R {infoEntry}/Prev {before}>>\n");
        update.Append(CultureInfo.InvariantCulture, $"startxref\n{xref}\n%%EOF\n");
        return [.. pdf, .. Encoding.Latin1.GetBytes(update.ToString())];
    }

    private static string Item(IReadOnlyList<PdfPlace> places, List<int> ids, int i, int outline, List<int> pageIds, float pageHeight)
    {
        var place = places[i];
        var siblings = Enumerable.Range(0, places.Count)
            .Where(j => places[j].Level == place.Level && ParentOf(places, j) == ParentOf(places, i)).ToList();
        var children = Enumerable.Range(0, places.Count).Where(j => ParentOf(places, j) == i).ToList();
        var at = siblings.IndexOf(i);
        var item = new StringBuilder();
        var parent = ParentOf(places, i) is { } p ? ids[p] : outline;
        item.Append(CultureInfo.InvariantCulture, $"<</Title <{Utf16Hex(place.Title)}> /Parent {parent} 0 R");
        if (at > 0)
            item.Append(CultureInfo.InvariantCulture, $" /Prev {ids[siblings[at - 1]]} 0 R");
        if (at + 1 < siblings.Count)
            item.Append(CultureInfo.InvariantCulture, $" /Next {ids[siblings[at + 1]]} 0 R");
        if (children.Count > 0)
            item.Append(
                CultureInfo.InvariantCulture, $" /First {ids[children[0]]} 0 R /Last {ids[children[^1]]} 0 R /Count -{children.Count}");
        item.Append(CultureInfo.InvariantCulture, $" /Dest [{pageIds[place.Page - 1]} 0 R /XYZ 0 {pageHeight - place.Y + 8:0.##} 0]>>");
        return item.ToString();
    }

    private static int? ParentOf(IReadOnlyList<PdfPlace> places, int i)
    {
        for (var j = i - 1; j >= 0; j--)
            if (places[j].Level < places[i].Level)
                return j;
        return null;
    }

    private static IEnumerable<int> Leaves(Func<int, string> objects, int node)
    {
        var body = objects(node);
        var kids = KidsEntry().Match(body);
        return kids.Success ? Reference().Matches(kids.Groups[1].Value).SelectMany(r => Leaves(objects, Number(r))) : [node];
    }

    /// <summary>Reads an object by its number through the classic cross-reference table.</summary>
    private static Func<int, string> Objects(string text, int xref)
    {
        var offsets = new Dictionary<int, int>();
        var lines = text[xref..].Split('\n');
        for (int i = 1, id = 0; i < lines.Length && !lines[i].StartsWith("trailer", StringComparison.Ordinal); i++)
        {
            var fields = lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 2)
                id = int.Parse(fields[0], CultureInfo.InvariantCulture);
            else if (fields.Length == 3)
                offsets[id++] = int.Parse(fields[0], CultureInfo.InvariantCulture);
        }
        return id =>
        {
            var start = text.IndexOf("obj", offsets[id], StringComparison.Ordinal) + 3;
            return text[start..text.IndexOf("endobj", start, StringComparison.Ordinal)].Trim();
        };
    }

    private static string Utf16Hex(string title) => "FEFF" + Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(title));

    private static int Number(Match match) => match.Success
        ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException("SkiaSharp wrote a PDF that is not built as expected.");

    [GeneratedRegex(@"/Size (\d+)")]
    private static partial Regex SizeEntry();

    [GeneratedRegex(@"/Root (\d+) 0 R")]
    private static partial Regex RootEntry();

    [GeneratedRegex(@"/Info (\d+) 0 R")]
    private static partial Regex InfoEntry();

    [GeneratedRegex(@"startxref\s+(\d+)")]
    private static partial Regex StartXref();

    [GeneratedRegex(@"/Pages (\d+) 0 R")]
    private static partial Regex PagesEntry();

    [GeneratedRegex(@"/Kids \[([^\]]*)\]")]
    private static partial Regex KidsEntry();

    [GeneratedRegex(@"(\d+) 0 R")]
    private static partial Regex Reference();
}
