namespace LdcLedger.Reports.Pdf;

/// <summary>What SkiaSharp drew, object by object, for another file: fonts hold no more than is shown.</summary>
internal sealed class DrawnObjects(SkiaPdf drawn, PdfObjects file)
{
    private readonly ShownGlyphs _glyphs = new(drawn);
    private readonly Dictionary<int, int> _copied = [];
    private readonly Dictionary<int, GlyphWidths?> _widths = [];

    /// <summary>A page's dictionary, and what it draws.</summary>
    /// <param name="page">From 0.</param>
    public (string Dictionary, byte[] Content) Page(int page)
    {
        var dictionary = drawn.Dictionary(drawn.Pages[page]);
        return (dictionary, drawn.Stream(SkiaPdf.References(SkiaPdf.Value(dictionary, "Contents")).Single())!);
    }

    /// <summary>References to objects of the file: each is copied once, with all that it needs.</summary>
    public string Copied(string text) => SkiaPdf.Renamed(text, id =>
    {
        if (_copied.TryGetValue(id, out var known))
            return known;
        var copy = _copied[id] = file.Reserve();
        var dictionary = drawn.Dictionary(id);
        if (_glyphs.Program(id) is { } font)
            file.WriteStream(copy, $"/Length1 {font.Length}", font);
        else if (drawn.Stream(id) is { } stream)
            file.WriteStream(copy, "", stream);
        else
            file.Write(copy, Copied(dictionary));
        return copy;
    });

    /// <summary>By name and glyph, of the fonts that a page uses.</summary>
    public Func<string, int, float?> WidthsOn(string page)
    {
        var resources = SkiaPdf.Value(page, "Resources");
        var fonts = resources.Contains("/Font ", StringComparison.Ordinal) ? SkiaPdf.Value(resources, "Font") : "";
        return (name, glyph) =>
        {
            var id = SkiaPdf.References(SkiaPdf.Value(fonts, name)).First();
            if (!_widths.TryGetValue(id, out var widths))
            {
                var font = drawn.Dictionary(id);
                // Letters of a font that may not be embedded are drawings, whose places stay as they are.
                _widths[id] = widths = font.Contains("/DescendantFonts ", StringComparison.Ordinal)
                    ? new(drawn.Dictionary(SkiaPdf.References(SkiaPdf.Value(font, "DescendantFonts")).Single())) : null;
            }
            return widths?.Of(glyph);
        };
    }
}
