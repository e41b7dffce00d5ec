using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using LdcLedger.Reports.Documents;
using ScottPlot;
using SkiaSharp;

namespace LdcLedger.Reports.Fonts;

/// <summary>
/// The report's own typefaces, from the assembly. A character that they lack (a model named in Chinese) comes from the machine's
/// fonts where one has it.
/// </summary>
internal static class ReportFonts
{
    public static readonly SKTypeface Regular = Load("NotoSans-Regular.ttf");
    public static readonly SKTypeface Bold = Load("NotoSans-Bold.ttf");
    public static readonly SKTypeface Mono = Load("NotoSansMono-Regular.ttf");

    /// <summary>For letters of formulas.</summary>
    public static readonly SKTypeface Italic = Load("NotoSans-Italic.ttf");

    /// <summary>Signs of mathematics, which the others lack.</summary>
    public static readonly SKTypeface Math = Load("NotoSansMath-Regular.ttf");

    /// <summary>Every file of a font in the assembly, with what it is to a page that embeds it.</summary>
    public static readonly IReadOnlyList<FontFile> Files =
    [
        new("NotoSans-Regular.ttf", "Noto Sans", 400, "normal"), new("NotoSans-Bold.ttf", "Noto Sans", 700, "normal"),
        new("NotoSans-Italic.ttf", "Noto Sans", 400, "italic"), new("NotoSansMono-Regular.ttf", "Noto Sans Mono", 400, "normal"),
        new("NotoSansMath-Regular.ttf", "Noto Sans Math", 400, "normal"),
    ];

    private static readonly ConcurrentDictionary<(SKTypeface Wanted, int Character), SKTypeface> Holders = new();
    private static readonly ConcurrentDictionary<(SKTypeface Typeface, float Size), SKFont> Sized = new();

    // One object per family, or a PDF would hold a copy of the font for every character.
    private static readonly ConcurrentDictionary<string, SKTypeface> ByFamily = new();

    private static readonly Lazy<bool> Plots = new(() =>
    {
        ScottPlot.Fonts.FontResolvers.Insert(0, new PlotFonts());
        return true;
    });

    private static readonly Lazy<IReadOnlyList<ReportFont>> OurOwn = new(() =>
        [.. Files.Select(file => new ReportFont(file.Name, file.Sha256()))]);

    /// <summary>Those that come with ldc, with the hashes of their files.</summary>
    public static IReadOnlyList<ReportFont> Own => OurOwn.Value;

    /// <summary>The machine's fonts that these texts need beside our own, by family.</summary>
    public static IReadOnlyList<ReportFont> OfMachine(IEnumerable<string> texts) =>
    [
        .. texts.SelectMany(text => text.EnumerateRunes()).Distinct().Where(rune => !Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune))
            .SelectMany(rune => new[] { For(rune, Regular), For(rune, Mono) }).Distinct()
            .Where(typeface => typeface != Regular && typeface != Mono && typeface != Math)
            .Select(typeface => new ReportFont(typeface.FamilyName, HashOf(typeface))).OrderBy(font => font.Name, StringComparer.Ordinal),
    ];

    /// <summary>Characters of these texts that neither our own fonts nor the machine's have: a box is drawn for each.</summary>
    public static IReadOnlyList<Rune> Lacking(IEnumerable<string> texts) =>
    [
        .. texts.SelectMany(text => text.EnumerateRunes()).Distinct()
            .Where(rune => !Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format
                && !For(rune, Regular).ContainsGlyph(rune.Value)).OrderBy(rune => rune.Value),
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
    /// A font that has the character: the given one, else another of ours, else one of the machine, else the given one, which then draws
    /// a box.
    /// </summary>
    public static SKTypeface For(Rune character, SKTypeface wanted) =>
        Holders.GetOrAdd((wanted, character.Value), static key =>
            new[] { key.Wanted, Regular, Math }.FirstOrDefault(own => own.ContainsGlyph(key.Character))
                ?? Fallback(new Rune(key.Character)) ?? key.Wanted);

    public static bool HasAscii(SKTypeface typeface) => typeface == Regular || typeface == Bold || typeface == Mono || typeface == Italic;

    /// <summary>A font of the machine that has the character; null where none does.</summary>
    private static SKTypeface? Fallback(Rune character) =>
        SKFontManager.Default.MatchCharacter(character.Value) is { } found ? ByFamily.GetOrAdd(found.FamilyName, found) : null;

    private static string HashOf(SKTypeface typeface)
    {
        using var stream = typeface.OpenStream();
        var bytes = new byte[stream.Length];
        stream.Read(bytes, bytes.Length);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static SKTypeface Load(string name)
    {
        using var stream = Open(name);
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException($"Font {name} in the assembly cannot be read.");
    }

    private static Stream Open(string name) => Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"Font {name} is missing in the assembly.");

    /// <param name="Name">Of the file.</param>
    /// <param name="Weight">400 = regular, 700 = bold.</param>
    /// <param name="Style">normal or italic.</param>
    public sealed record FontFile(string Name, string Family, int Weight, string Style)
    {
        public byte[] Bytes()
        {
            using var stream = Open(Name);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }

        /// <summary>Lower-case hexadecimal: a font decides where lines break, so it is part of a report's provenance.</summary>
        public string Sha256() => Convert.ToHexStringLower(SHA256.HashData(Bytes()));
    }

    private sealed class PlotFonts : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            fontName == Regular.FamilyName ? bold ? Bold : Regular : null;

        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            CreateTypeface(fontName, weight >= FontWeight.SemiBold, false);
    }
}
