using System.Globalization;
using System.Text;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <param name="Page">From 1.</param>
/// <param name="Y">From the top of the page, in points.</param>
internal sealed record PdfPlace(StripTitle Title, int Page, float Y);

/// <summary>What is left of a page once it is drawn.</summary>
/// <param name="Marks">By sign: its tag, or a negative number for decoration.</param>
internal sealed record DrawnPage(int[] Marks, PageLink[] Links);

/// <summary>
/// Puts together a PDF: pages and fonts as SkiaSharp drew them, and what it cannot write: tags, links that say where they lead, bookmarks,
/// metadata, language.
/// </summary>
internal sealed class PdfFile
{
    private readonly SkiaPdf _drawn;
    private readonly ShownGlyphs _glyphs;
    private readonly IReadOnlyList<DrawnPage> _pages;
    private readonly TagTree _tags;
    private readonly IReadOnlyList<PdfPlace> _places;
    private readonly PdfObjects _file;
    private readonly Dictionary<int, int> _copied = [];
    private readonly Dictionary<int, GlyphWidths?> _widths = [];
    private readonly int _firstPage, _firstTag;
    private readonly int[] _firstLink;
    private readonly Dictionary<string, string> _titles;

    private PdfFile(PdfObjects file, SkiaPdf drawn, IReadOnlyList<DrawnPage> pages, TagTree tags, IReadOnlyList<PdfPlace> places)
    {
        (_file, _drawn, _pages, _tags, _places) = (file, drawn, pages, tags, places);
        _glyphs = new(drawn);
        _titles = places.ToDictionary(place => place.Title.Anchor, place => place.Title.Title, StringComparer.Ordinal);
        _firstPage = file.Reserve(pages.Count);
        _firstTag = file.Reserve(tags.Count);
        _firstLink = [.. pages.Select(page => file.Reserve(page.Links.Length))];
    }

    public static void Write(
        Stream output, SkiaPdf drawn, PdfMetadata metadata, IReadOnlyList<DrawnPage> pages, TagTree tags, IReadOnlyList<PdfPlace> places)
    {
        using var objects = new PdfObjects(output);
        new PdfFile(objects, drawn, pages, tags, places).Write(metadata);
    }

    /// <summary>The attribute that says where on a page a figure or a formula is.</summary>
    /// <param name="area">From the page's top.</param>
    public static string Box(SKRect area) => string.Create(
        CultureInfo.InvariantCulture, $" /A <</O /Layout /Placement /Block /BBox {Corners(area)}>>");

    private static string Corners(SKRect area) =>
        $"[{PdfSyntax.Number(area.Left)} {PdfSyntax.Number(PdfPage.Height - area.Bottom)} {PdfSyntax.Number(area.Right)} "
        + $"{PdfSyntax.Number(PdfPage.Height - area.Top)}]";

    private void Write(PdfMetadata metadata)
    {
        var (pageTree, tagRoot) = (_file.Reserve(), _file.Reserve());
        for (var p = 0; p < _pages.Count; p++)
            WritePage(p, pageTree);
        _file.Write(pageTree, $"<</Type /Pages /Count {_pages.Count} /Kids [{Listed(Enumerable.Range(_firstPage, _pages.Count))}]>>");

        _tags.Write(_file, _firstTag, tagRoot, page => _firstPage + page, (page, link) => _firstLink[page] + link);
        _file.Write(
            tagRoot, $"<</Type /StructTreeRoot /K [{_firstTag} 0 R] /ParentTree {WriteParents()} 0 R /ParentTreeNextKey {NextParentKey}>>");

        var xmp = _file.Reserve();
        _file.WriteStream(xmp, "/Type /Metadata /Subtype /XML", metadata.Xmp(), packed: false);
        var info = _file.Reserve();
        _file.WriteAlone(info, metadata.Info());
        var outlines = WriteOutlines();
        var destinations = string.Concat(_places.Select(place => $" {PdfSyntax.Name(place.Title.Anchor)} {Destination(place)}"));
        var catalog = _file.Write(
            $"<</Type /Catalog /Pages {pageTree} 0 R /Lang (en) /MarkInfo <</Marked true>> /StructTreeRoot {tagRoot} 0 R"
            + $" /Metadata {xmp} 0 R /ViewerPreferences <</DisplayDocTitle true>> /Dests <<{destinations.TrimStart()}>>"
            + (outlines is { } first ? $" /Outlines {first} 0 R /PageMode /UseOutlines>>" : ">>"));
        _file.Finish(catalog, info);
    }

    private void WritePage(int p, int parent)
    {
        var (page, drawn) = (_pages[p], _drawn.Dictionary(_drawn.Pages[p]));
        var content = _file.Reserve();
        var unmarked = _drawn.Stream(SkiaPdf.References(SkiaPdf.Value(drawn, "Contents")).Single())!;
        var types = page.Marks.Select(tag => tag < 0 ? null : _tags.TypeOf(tag)).ToList();
        _file.WriteStream(content, "", MarkedContent.Marked(unmarked, types, new(WidthsOn(drawn))));
        var links = page.Links.Length == 0 ? "" : $" /Annots [{Listed(Enumerable.Range(_firstLink[p], page.Links.Length))}]";
        _file.Write(_firstPage + p, string.Create(
            CultureInfo.InvariantCulture,
            $"<</Type /Page /Parent {parent} 0 R /MediaBox [0 0 {PdfPage.Width} {PdfPage.Height}]"
            + $" /Resources {Copied(SkiaPdf.Value(drawn, "Resources"))} /Contents {content} 0 R /StructParents {p} /Tabs /S{links}>>"));
        for (var i = 0; i < page.Links.Length; i++)
        {
            var link = page.Links[i];
            var title = _titles[link.Anchor];
            _file.Write(_firstLink[p] + i,
                $"<</Type /Annot /Subtype /Link /F 4 /Border [0 0 0] /Rect {Corners(link.Area)} /Dest {PdfSyntax.Name(link.Anchor)}"
                + $" /Contents {PdfSyntax.Text(title)} /StructParent {ParentKey(p, i)}>>");
        }
    }

    /// <summary>By name and glyph, of the fonts that a page uses.</summary>
    private Func<string, int, float?> WidthsOn(string page)
    {
        var resources = SkiaPdf.Value(page, "Resources");
        var fonts = resources.Contains("/Font ", StringComparison.Ordinal) ? SkiaPdf.Value(resources, "Font") : "";
        return (name, glyph) =>
        {
            var id = SkiaPdf.References(SkiaPdf.Value(fonts, name)).First();
            if (!_widths.TryGetValue(id, out var widths))
            {
                var font = _drawn.Dictionary(id);
                // Letters of a font that may not be embedded are drawings, whose places stay as they are.
                _widths[id] = widths = font.Contains("/DescendantFonts ", StringComparison.Ordinal)
                    ? new(_drawn.Dictionary(SkiaPdf.References(SkiaPdf.Value(font, "DescendantFonts")).Single())) : null;
            }
            return widths?.Of(glyph);
        };
    }

    private int NextParentKey => _pages.Count + _pages.Sum(page => page.Links.Length);

    // Links come after the pages.
    private int ParentKey(int page, int link) => _pages.Count + _firstLink[page] - _firstLink[0] + link;

    /// <summary>From marks and links back to their tags.</summary>
    private int WriteParents()
    {
        var numbers = new StringBuilder("<</Nums [");
        for (var p = 0; p < _pages.Count; p++)
        {
            var list = _file.Write($"[{Listed(_pages[p].Marks.Where(tag => tag >= 0).Select(tag => _firstTag + tag))}]");
            numbers.Append(CultureInfo.InvariantCulture, $"{p} {list} 0 R ");
        }
        foreach (var (p, page) in _pages.Index())
            for (var i = 0; i < page.Links.Length; i++)
                numbers.Append(CultureInfo.InvariantCulture, $"{ParentKey(p, i)} {_firstTag + page.Links[i].Tag} 0 R ");
        return _file.Write(numbers.Append("]>>").ToString());
    }

    /// <summary>A reference into what Skia drew, to objects of this file: each is copied once, with all that it needs.</summary>
    private string Copied(string text) => SkiaPdf.Renamed(text, id =>
    {
        if (_copied.TryGetValue(id, out var known))
            return known;
        var copy = _copied[id] = _file.Reserve();
        var dictionary = _drawn.Dictionary(id);
        if (_glyphs.Program(id) is { } font)
            _file.WriteStream(copy, $"/Length1 {font.Length}", font);
        else if (_drawn.Stream(id) is { } stream)
            _file.WriteStream(copy, "", stream);
        else
            _file.Write(copy, Copied(dictionary));
        return copy;
    });

    private int? WriteOutlines()
    {
        var headings = _places.Where(place => place.Title.Level > 0).ToList();
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
        $"[{_firstPage + place.Page - 1} 0 R /XYZ 0 {PdfSyntax.Number(PdfPage.Height - place.Y + 8)} null]";

    private static string Listed(IEnumerable<int> ids) => string.Join(' ', ids.Select(id => $"{id} 0 R"));
}
