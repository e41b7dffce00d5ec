using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LdcLedger.Reports.Fonts;

namespace LdcLedger.Reports.Pdf;

/// <summary>Which glyphs the pages that SkiaSharp drew show, so that a file holds no more of a font than these.</summary>
internal sealed partial class ShownGlyphs
{
    private readonly SkiaPdf _drawn;

    // By the object that holds the font's program.
    private readonly Dictionary<int, HashSet<int>> _glyphs = [];

    // By the object that a page names.
    private readonly Dictionary<int, HashSet<int>?> _fonts = [];

    public ShownGlyphs(SkiaPdf drawn)
    {
        _drawn = drawn;
        foreach (var page in drawn.Pages.Select(drawn.Dictionary))
        {
            var resources = SkiaPdf.Value(page, "Resources");
            if (resources.Contains("/Font ", StringComparison.Ordinal))
                Read(SkiaPdf.Value(resources, "Font"), drawn.Stream(SkiaPdf.References(SkiaPdf.Value(page, "Contents")).Single())!);
        }
    }

    /// <summary>A font's program with the outlines that are shown; null where the object holds none.</summary>
    public byte[]? Program(int id) => _glyphs.TryGetValue(id, out var shown) ? GlyphSubset.Of(_drawn.Stream(id)!, shown) : null;

    private void Read(string fonts, byte[] content)
    {
        var shown = default(HashSet<int>);
        foreach (var match in TextOperator().Matches(Encoding.Latin1.GetString(content)).Cast<Match>())
        {
            if (match.Groups[1].Success)
                shown = GlyphsOf(SkiaPdf.References(SkiaPdf.Value(fonts, match.Groups[1].Value)).First());
            else if (shown is not null)
                foreach (var digits in match.Groups[2].Value.Chunk(4))
                    shown.Add(int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Null where letters are drawings, and no font is embedded.</summary>
    private HashSet<int>? GlyphsOf(int font)
    {
        if (_fonts.TryGetValue(font, out var known))
            return known;
        var outer = _drawn.Dictionary(font);
        if (!outer.Contains("/DescendantFonts ", StringComparison.Ordinal))
            return _fonts[font] = null;
        var descriptor = _drawn.Dictionary(Led(_drawn.Dictionary(Led(outer, "DescendantFonts")), "FontDescriptor"));
        var program = Led(descriptor, "FontFile2");
        if (!_glyphs.TryGetValue(program, out var shown))
            _glyphs[program] = shown = [];
        return _fonts[font] = shown;
    }

    private static int Led(string dictionary, string key) => SkiaPdf.References(SkiaPdf.Value(dictionary, key)).Single();

    [GeneratedRegex(@"/(F[0-9]+) [0-9.]+ Tf\b|<([0-9A-Fa-f]+)> Tj\b")]
    private static partial Regex TextOperator();
}
