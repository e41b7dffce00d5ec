using System.Globalization;
using System.Text;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <param name="Page">From 1.</param>
/// <param name="Y">From the top of the page, in points.</param>
internal sealed record PdfPlace(StripTitle Title, int Page, float Y);

/// <summary>
/// Puts together a PDF: pages and fonts as SkiaSharp drew them, and what it cannot write: tags, links that say where they lead, bookmarks,
/// metadata, language. Of a page that is added little is kept; what it draws comes at the end.
/// </summary>
internal sealed class PdfFile : IDisposable
{
    /// <param name="Parents">The object with the tags of its marks.</param>
    private sealed record AddedPage(int Id, int Parents, string?[] Signs, PageLink[] Links);

    private readonly PdfObjects _file;
    private readonly int _pageTree, _tagRoot;
    private readonly List<AddedPage> _pages = [];

    public PdfFile(Stream output)
    {
        _file = new(output);
        (_pageTree, _tagRoot) = (_file.Reserve(), _file.Reserve());
        Tags = new(_file, _tagRoot);
    }

    public TagTree Tags { get; }

    public void Dispose() => _file.Dispose();

    /// <summary>The number of an object that is written later.</summary>
    public int Reserve() => _file.Reserve();

    /// <summary>Takes the next page, of which all is known.</summary>
    public void Add(PdfPage page) =>
        _pages.Add(new(page.Id, _file.Write($"[{Listed(page.Marks)}]"), [.. page.Signs], [.. page.Links]));

    /// <param name="drawn">The pages that were added, as SkiaSharp wrote them.</param>
    /// <param name="places">In reading order.</param>
    public void Finish(SkiaPdf drawn, PdfMetadata metadata, IReadOnlyList<PdfPlace> places)
    {
        Tags.Close(Tags.Document);
        var titles = places.ToDictionary(place => place.Title.Anchor, place => place.Title.Title, StringComparer.Ordinal);
        var objects = new DrawnObjects(drawn, _file);
        // Keys of links come after those of the pages.
        var key = _pages.Count;
        for (var p = 0; p < _pages.Count; p++)
        {
            WritePage(p, objects);
            foreach (var link in _pages[p].Links)
                WriteLink(link, titles[link.Anchor], key++);
        }
        _file.Write(_pageTree, $"<</Type /Pages /Count {_pages.Count} /Kids [{Listed(_pages.Select(page => page.Id))}]>>");
        _file.Write(
            _tagRoot, $"<</Type /StructTreeRoot /K [{Tags.Document} 0 R] /ParentTree {WriteParents()} 0 R /ParentTreeNextKey {key}>>");

        var xmp = _file.Reserve();
        _file.WriteStream(xmp, "/Type /Metadata /Subtype /XML", metadata.Xmp(), packed: false);
        var info = _file.Reserve();
        _file.WriteAlone(info, metadata.Info());
        var outlines = WriteOutlines([.. places.Where(place => place.Title.Level > 0)]);
        var destinations = string.Concat(places.Select(place => $" {PdfSyntax.Name(place.Title.Anchor)} {Destination(place)}"));
        var catalog = _file.Write(
            $"<</Type /Catalog /Pages {_pageTree} 0 R /Lang (en) /MarkInfo <</Marked true>> /StructTreeRoot {_tagRoot} 0 R"
            + $" /Metadata {xmp} 0 R /ViewerPreferences <</DisplayDocTitle true>> /Dests <<{destinations.TrimStart()}>>"
            + (outlines is { } first ? $" /Outlines {first} 0 R /PageMode /UseOutlines>>" : ">>"));
        _file.Finish(catalog, info);
    }

    /// <summary>The attribute that says where on a page a figure or a formula is.</summary>
    /// <param name="area">From the page's top.</param>
    public static string Box(SKRect area) => string.Create(
        CultureInfo.InvariantCulture, $" /A <</O /Layout /Placement /Block /BBox {Corners(area)}>>");

    private static string Corners(SKRect area) =>
        $"[{PdfSyntax.Number(area.Left)} {PdfSyntax.Number(PdfPage.Height - area.Bottom)} {PdfSyntax.Number(area.Right)} "
        + $"{PdfSyntax.Number(PdfPage.Height - area.Top)}]";

    private void WritePage(int p, DrawnObjects objects)
    {
        var page = _pages[p];
        var (drawn, unmarked) = objects.Page(p);
        var content = _file.Reserve();
        _file.WriteStream(content, "", MarkedContent.Marked(unmarked, page.Signs, new(objects.WidthsOn(drawn))));
        var resources = objects.Copied(SkiaPdf.Value(drawn, "Resources"));
        var links = page.Links.Length == 0 ? "" : $" /Annots [{Listed(page.Links.Select(link => link.Id))}]";
        _file.Write(page.Id, string.Create(
            CultureInfo.InvariantCulture,
            $"<</Type /Page /Parent {_pageTree} 0 R /MediaBox [0 0 {PdfPage.Width} {PdfPage.Height}]"
            + $" /Resources {resources} /Contents {content} 0 R /StructParents {p} /Tabs /S{links}>>"));
    }

    private void WriteLink(PageLink link, string title, int key) => _file.Write(
        link.Id,
        $"<</Type /Annot /Subtype /Link /F 4 /Border [0 0 0] /Rect {Corners(link.Area)} /Dest {PdfSyntax.Name(link.Anchor)}"
        + $" /Contents {PdfSyntax.Text(title)} /StructParent {key}>>");

    /// <summary>From marks and links back to their tags.</summary>
    private int WriteParents()
    {
        var numbers = new StringBuilder("<</Nums [");
        foreach (var (p, page) in _pages.Index())
            numbers.Append(CultureInfo.InvariantCulture, $"{p} {page.Parents} 0 R ");
        foreach (var (i, link) in _pages.SelectMany(page => page.Links).Index())
            numbers.Append(CultureInfo.InvariantCulture, $"{_pages.Count + i} {link.Tag} 0 R ");
        return _file.Write(numbers.Append("]>>").ToString());
    }

    private int? WriteOutlines(IReadOnlyList<PdfPlace> headings)
    {
        if (headings.Count == 0)
            return null;
        var root = _file.Reserve();
        var first = _file.Reserve(headings.Count);
        var parents = new int[headings.Count];
        for (var i = 0; i < headings.Count; i++)
        {
            parents[i] = i - 1;
            while (parents[i] >= 0 && headings[parents[i]].Title.Level >= headings[i].Title.Level)
                parents[i] = parents[parents[i]];
        }
        var children = Enumerable.Range(0, headings.Count).ToLookup(i => parents[i]);
        string Ends(int of, bool open) => !children[of].Any() ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" /First {first + children[of].First()} 0 R /Last {first + children[of].Last()} 0 R"
            + $" /Count {(open ? 1 : -1) * children[of].Count()}");
        for (var i = 0; i < headings.Count; i++)
        {
            var siblings = children[parents[i]].ToList();
            var at = siblings.IndexOf(i);
            _file.Write(first + i,
                $"<</Title {PdfSyntax.Text(headings[i].Title.Title)} /Parent {(parents[i] < 0 ? root : first + parents[i])} 0 R"
                + (at > 0 ? $" /Prev {first + siblings[at - 1]} 0 R" : "")
                + (at + 1 < siblings.Count ? $" /Next {first + siblings[at + 1]} 0 R" : "")
                + Ends(i, open: false) + $" /Dest {Destination(headings[i])}>>");
        }
        _file.Write(root, $"<</Type /Outlines{Ends(-1, open: true)}>>");
        return root;
    }

    private string Destination(PdfPlace place) =>
        $"[{_pages[place.Page - 1].Id} 0 R /XYZ 0 {PdfSyntax.Number(PdfPage.Height - place.Y + 8)} null]";

    private static string Listed(IEnumerable<int> ids) => string.Join(' ', ids.Select(id => $"{id} 0 R"));
}
