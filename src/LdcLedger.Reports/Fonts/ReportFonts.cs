using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ScottPlot;
using SkiaSharp;

namespace LdcLedger.Reports.Fonts;

/// <summary>
/// The report's typefaces, all from the assembly: five for its own words, and one for each other script that a name may be in. The
/// machine's fonts are never asked, so that a report has the same bytes everywhere.
/// </summary>
internal static class ReportFonts
{
    /// <summary>Of a page's own words, with what each is to a page of HTML that embeds it.</summary>
    public static readonly IReadOnlyList<(FontFile File, string Family, int Weight, string Style)> Own =
    [
        (new("NotoSans-Regular.ttf"), "Noto Sans", 400, "normal"), (new("NotoSans-Bold.ttf"), "Noto Sans", 700, "normal"),
        (new("NotoSans-Italic.ttf"), "Noto Sans", 400, "italic"), (new("NotoSansMono-Regular.ttf"), "Noto Sans Mono", 400, "normal"),
        (new("NotoSansMath-Regular.ttf"), "Noto Sans Math", 400, "normal"),
    ];

    /// <summary>In the order in which they are asked for a character; symbols last, since they have letters and digits, too.</summary>
    public static readonly IReadOnlyList<ScriptFont> Scripts =
    [
        new("NotoSansMarks-Regular.ttf"), new("DroidSansFallback.ttf"), new("NotoSansKR-Regular.ttf"),
        new("NotoSansArabic-Regular.ttf", rightToLeft: true), new("NotoSansHebrew-Regular.ttf", rightToLeft: true),
        new("NotoSansDevanagari-Regular.ttf"), new("NotoSansBengali-Regular.ttf"), new("NotoSansGurmukhi-Regular.ttf"),
        new("NotoSansGujarati-Regular.ttf"), new("NotoSansTamil-Regular.ttf"), new("NotoSansTelugu-Regular.ttf"),
        new("NotoSansKannada-Regular.ttf"), new("NotoSansMalayalam-Regular.ttf"), new("NotoSansSinhala-Regular.ttf"),
        new("NotoSansThai-Regular.ttf"), new("NotoSansLao-Regular.ttf"), new("NotoSansKhmer-Regular.ttf"),
        new("NotoSansMyanmar-Regular.ttf"), new("NotoSansGeorgian-Regular.ttf"), new("NotoSansArmenian-Regular.ttf"),
        new("NotoSansEthiopic-Regular.ttf"), new("NotoEmoji-Regular.ttf"), new("NotoSansSymbols-Regular.ttf"),
        new("NotoSansSymbols2-Regular.ttf"),
    ];

    public static readonly SKTypeface Regular = Own[0].File.Typeface;
    public static readonly SKTypeface Bold = Own[1].File.Typeface;

    /// <summary>For letters of formulas.</summary>
    public static readonly SKTypeface Italic = Own[2].File.Typeface;

    public static readonly SKTypeface Mono = Own[3].File.Typeface;

    /// <summary>Signs of mathematics, which the others lack.</summary>
    public static readonly SKTypeface Math = Own[4].File.Typeface;

    private static readonly ConcurrentDictionary<(SKTypeface Wanted, string Character), (SKTypeface, ScriptFont?)> Holders = new();
    private static readonly ConcurrentDictionary<(SKTypeface Typeface, float Size), SKFont> Sized = new();

    private static readonly Lazy<bool> Plots = new(() =>
    {
        ScottPlot.Fonts.FontResolvers.Insert(0, new PlotFonts());
        return true;
    });

    /// <summary>The fonts that a report with these names is set in: its own, and those of the scripts of the names.</summary>
    public static IReadOnlyList<FontFile> FilesFor(IEnumerable<string> names)
    {
        var scripts = Foreign(names).Select(character => For(character, Regular).Script).ToHashSet();
        return [.. Own.Select(font => font.File), .. Scripts.Where(scripts.Contains).Select(font => font.File)];
    }

    /// <summary>Characters of these names that no font here has: a box is drawn for each.</summary>
    public static IReadOnlyList<string> Lacking(IEnumerable<string> names) =>
    [
        .. Foreign(names)
            .SelectMany(character => Drawn(character).Where(rune => !For(character, Regular).Typeface.ContainsGlyph(rune.Value)))
            .Distinct().OrderBy(rune => rune.Value).Select(rune => rune.ToString()),
    ];

    /// <summary>Makes ScottPlot draw with these typefaces.</summary>
    public static void UseInPlots() => _ = Plots.Value;

    /// <summary>Unhinted, so that text has the same width at every scale and on every machine. Shared: never changed or disposed.</summary>
    public static SKFont Of(SKTypeface typeface, float size) => Sized.GetOrAdd((typeface, size), static key =>
        new(key.Typeface, key.Size)
        {
            Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None, Edging = SKFontEdging.Antialias,
        });

    /// <summary>
    /// The font that has a character with all its marks: the given one, else another of the report's own, else a script's, else the given
    /// one, which then draws a box.
    /// </summary>
    /// <param name="character">As people count them: a letter and its marks, a picture of several code points.</param>
    public static (SKTypeface Typeface, ScriptFont? Script) For(string character, SKTypeface wanted) =>
        Holders.GetOrAdd((wanted, character), static key =>
        {
            var runes = Drawn(key.Character).ToList();
            bool HasAll(SKTypeface typeface) => runes.TrueForAll(rune => typeface.ContainsGlyph(rune.Value));
            foreach (var own in new[] { key.Wanted, Regular, Math })
                if (HasAll(own))
                    return (own, null);
            var script = Scripts.FirstOrDefault(font => HasAll(font.Typeface))
                ?? Scripts.FirstOrDefault(font => font.Typeface.ContainsGlyph(runes[0].Value));
            return (script?.Typeface ?? key.Wanted, script);
        });

    public static bool HasAscii(SKTypeface typeface) => typeface == Regular || typeface == Bold || typeface == Mono || typeface == Italic;

    /// <summary>What people count as characters, of those texts that are more than ASCII.</summary>
    private static IEnumerable<string> Foreign(IEnumerable<string> texts) =>
        texts.Where(text => text.AsSpan().ContainsAnyExceptInRange('\0', '~')).SelectMany(Characters).Distinct()
            .Where(character => Drawn(character).Any());

    public static IEnumerable<string> Characters(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text, at);
            yield return text.Substring(at, length);
            at += length;
        }
    }

    /// <summary>Without what has no shape of its own: joiners, selectors of a variant, spaces.</summary>
    private static IEnumerable<Rune> Drawn(string character) => character.EnumerateRunes().Where(rune =>
        !Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format
            && rune.Value is not (>= 0xFE00 and <= 0xFE0F or >= 0xE0000 and <= 0xE01EF));

    private sealed class PlotFonts : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            fontName == Regular.FamilyName ? bold ? Bold : Regular : null;

        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            CreateTypeface(fontName, weight >= FontWeight.SemiBold, false);
    }
}
