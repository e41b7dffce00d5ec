using System.Globalization;
using System.Text;
using System.Xml.Linq;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Formulas;
using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>A figure as a picture of its own, or as a part of a page.</summary>
internal static class FigureFiles
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    // Skia's SVG canvas is not made for several at once: it loses text.
    private static readonly Lock One = new();

    /// <param name="scale">Pixels per unit of a <see cref="ChartDrawing"/>; 4 makes 1440 of half a page's width.</param>
    public static byte[] Png(ReportFigure figure, int scale = 4)
    {
        var drawing = ChartDrawing.Of(figure.Chart);
        using var surface = SKSurface.Create(
            new SKImageInfo((int)MathF.Ceiling(drawing.Width * scale), (int)MathF.Ceiling(drawing.Height * scale)));
        surface.Canvas.Clear(SKColor.Parse(Palette.Paper));
        surface.Canvas.Scale(scale);
        drawing.Draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return PortablePng.Of(data.ToArray(), scale / ChartDrawing.Points);
    }

    /// <summary>A file of its own, on white.</summary>
    public static string SvgFile(ReportFigure figure)
    {
        var drawing = ChartDrawing.Of(figure.Chart);
        var svg = Drawn(drawing, "");
        svg.AddFirst(new XElement(Svg + "rect",
            new XAttribute("width", "100%"), new XAttribute("height", "100%"), new XAttribute("fill", Palette.Paper.ToLowerInvariant())));
        svg.AddFirst(
            new XElement(Svg + "title", string.Join(" · ", figure.Chart.Title)), new XElement(Svg + "desc", figure.Chart.Description));
        svg.SetAttributeValue("width", drawing.Width * 2);
        svg.SetAttributeValue("height", drawing.Height * 2);
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + svg.ToString(SaveOptions.None).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>For a page that has other drawings, too, and its own colours: variables in place of colours, ids with a prefix.</summary>
    public static string SvgInline(ReportFigure figure, string prefix)
    {
        var svg = Drawn(ChartDrawing.Of(figure.Chart), prefix);
        svg.SetAttributeValue("role", "img");
        svg.SetAttributeValue("aria-label", figure.Chart.Description);
        return InColorsOfThePage(svg);
    }

    /// <summary>A formula likewise, as large as the text around it; what it says stands beside it.</summary>
    public static string SvgInline(Formula formula, string prefix)
    {
        const float size = 16, margin = 1;
        var box = FormulaBox.Of(formula, size, SKColor.Parse(Palette.Ink));
        var (width, height) = (box.Width + 2 * margin, box.Ascent + box.Descent + 2 * margin);
        var svg = Drawn(new(width, height, canvas => box.Draw(canvas, margin, margin + box.Ascent)), prefix);
        svg.SetAttributeValue("aria-hidden", "true");
        svg.SetAttributeValue(
            "style", string.Create(CultureInfo.InvariantCulture, $"width: {width / size:0.###}em; height: {height / size:0.###}em"));
        return InColorsOfThePage(svg);
    }

    private static string InColorsOfThePage(XElement svg)
    {
        foreach (var attribute in svg.DescendantsAndSelf().Attributes())
            if (VariableOf.TryGetValue(attribute.Value, out var name))
                attribute.Value = $"var(--{name})";
        return svg.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>The variables that <see cref="SvgInline(ReportFigure, string)"/> uses: name, colour by day, colour by night.</summary>
    public static IReadOnlyList<(string Name, string Color, string Dark)> Variables { get; } =
    [
        ("fig-ink", Palette.Ink, "#E6EAEE"), ("fig-muted", Palette.Muted, "#A3ADB8"), ("fig-axis", Palette.Axis, "#6D7783"),
        ("fig-grid", Palette.Grid, "#2C343D"),
        .. Palette.All.Select((style, i) => ($"fig-{i + 1}", style.Color, style.DarkColor)),
    ];

    private static readonly Dictionary<string, string> VariableOf = Variables.DistinctBy(v => v.Color, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(v => v.Color, v => v.Name, StringComparer.OrdinalIgnoreCase);

    private static XElement Drawn(ChartDrawing drawing, string prefix)
    {
        using var stream = new MemoryStream();
        IReadOnlyList<string> held;
        lock (One)
            using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, drawing.Width, drawing.Height), stream))
                held = PlaceHeld.While(() => drawing.Draw(canvas));
        var svg = XDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).Root!;
        svg.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {drawing.Width} {drawing.Height}"));
        svg.SetAttributeValue("width", null);
        svg.SetAttributeValue("height", null);
        foreach (var text in svg.Descendants(Svg + "text").ToList())
            Loosen(text, held);
        Renumber(svg, prefix);
        return svg;
    }

    /// <summary>Skia numbers its clip paths over the life of the process; the same figure must have the same ids.</summary>
    private static void Renumber(XElement svg, string prefix)
    {
        var ids = svg.Descendants().Attributes("id").Select((id, i) => (id.Value, New: $"{prefix}clip-{i + 1}"))
            .ToDictionary(id => id.Value, id => id.New);
        foreach (var id in svg.Descendants().Attributes("id"))
            id.Value = ids[id.Value];
        foreach (var clip in svg.Descendants().Attributes("clip-path"))
            clip.Value = $"url(#{ids[clip.Value[5..^1]]})";
    }

    /// <summary>
    /// Skia places every letter; with another font than ours that tears words apart. Instead: where the text starts, and how wide it
    /// is, which any font can fill.
    /// </summary>
    /// <param name="held">What signs stand for.</param>
    private static void Loosen(XElement text, IReadOnlyList<string> held)
    {
        var xs = Numbers(text.Attribute("x"));
        var ys = Numbers(text.Attribute("y"));
        var shown = text.Value.Trim();
        var words = PlaceHeld.Of(shown, held) ?? shown;
        text.Value = words;
        text.SetAttributeValue("x", xs.Length > 0 ? xs[0] : 0);
        text.SetAttributeValue("y", ys.Length > 0 ? ys[0] : 0);
        var family = text.Attribute("font-family")?.Value ?? "";
        var typeface = family.Contains(ReportFonts.Math.FamilyName, StringComparison.Ordinal) ? ReportFonts.Math
            : text.Attribute("font-style") is not null ? ReportFonts.Italic
            : text.Attribute("font-weight") is not null ? ReportFonts.Bold : ReportFonts.Regular;
        var scripts = string.Concat(TextLine.Pieces(words, typeface).Where(piece => piece.Script is not null)
            .Select(piece => $"{piece.Typeface.FamilyName}, ").Distinct());
        text.SetAttributeValue("font-family", $"{typeface.FamilyName}, {scripts}DejaVu Sans, Helvetica, Arial, sans-serif");
        var width = TextLine.Width(words, typeface, Numbers(text.Attribute("font-size"))[0]);
        text.SetAttributeValue("textLength", width.ToString("0.##", CultureInfo.InvariantCulture));
        text.SetAttributeValue("lengthAdjust", "spacingAndGlyphs");
    }

    private static float[] Numbers(XAttribute? attribute) =>
        [.. (attribute?.Value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(n => float.Parse(n, CultureInfo.InvariantCulture))];
}
