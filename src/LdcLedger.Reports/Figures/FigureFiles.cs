using System.Globalization;
using System.Text;
using System.Xml.Linq;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>A norm figure as a picture.</summary>
internal static class FigureFiles
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <param name="scale">Pixels per unit of <see cref="NormChart"/>; 4 gives 1440 x 992.</param>
    public static byte[] Png(ReportFigure reported, int scale = 4)
    {
        using var surface = SKSurface.Create(new SKImageInfo((int)NormChart.Width * scale, (int)NormChart.Height * scale));
        surface.Canvas.Clear(SKColor.Parse(Palette.Paper));
        surface.Canvas.Scale(scale);
        NormChart.Draw(surface.Canvas, reported.Figure, reported.Top);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>A file of its own, on white.</summary>
    public static string SvgFile(ReportFigure reported)
    {
        var figure = reported.Figure;
        var svg = Drawing(reported, "");
        svg.AddFirst(new XElement(Svg + "rect",
            new XAttribute("width", "100%"), new XAttribute("height", "100%"), new XAttribute("fill", Palette.Paper.ToLowerInvariant())));
        svg.AddFirst(new XElement(Svg + "title", Title(figure)), new XElement(Svg + "desc", Description(figure)));
        svg.SetAttributeValue("width", NormChart.Width * 2);
        svg.SetAttributeValue("height", NormChart.Height * 2);
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + svg.ToString(SaveOptions.None).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>For a page that has other drawings, too, and its own colours: variables in place of colours, ids with a prefix.</summary>
    public static string SvgInline(ReportFigure reported, string prefix)
    {
        var svg = Drawing(reported, prefix);
        svg.SetAttributeValue("role", "img");
        svg.SetAttributeValue("aria-label", Description(reported.Figure));
        var text = svg.ToString(SaveOptions.DisableFormatting);
        return Variables.Aggregate(text, (drawn, variable) =>
            drawn.Replace($"\"{variable.Color}\"", $"\"var(--{variable.Name})\"", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The variables that <see cref="SvgInline"/> uses: name, colour by day, colour by night.</summary>
    public static IReadOnlyList<(string Name, string Color, string Dark)> Variables { get; } =
    [
        ("fig-ink", Palette.Ink, "#E6EAEE"), ("fig-muted", Palette.Muted, "#A3ADB8"), ("fig-axis", Palette.Axis, "#6D7783"),
        ("fig-grid", Palette.Grid, "#2C343D"),
        .. Regimes.Every.Select(r => ($"fig-{r}", Palette.Of(r).Color, Palette.Of(r).DarkColor)),
    ];

    private static string Title(NormFigure figure) => $"{figure.Model} · {figure.Domain}";

    /// <summary>What a reader who cannot see the figure is told.</summary>
    private static string Description(NormFigure figure)
    {
        var lines = figure.Lines.Select(l => l.Points.Count == 0
            ? $"{l.Name}: {l.Note}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{l.Name}: highest in layer {l.Points.MaxBy(p => p.Score)!.Layer} ({l.Points.Max(p => p.Score):G4})"));
        return $"{Title(figure)}: {RuleWords.Axis(figure.Rule)} by layer, rule {figure.Rule.Reference}. {string.Join("; ", lines)}.";
    }

    private static XElement Drawing(ReportFigure reported, string prefix)
    {
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, NormChart.Width, NormChart.Height), stream))
            NormChart.Draw(canvas, reported.Figure, reported.Top);
        var svg = XDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).Root!;
        svg.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {NormChart.Width} {NormChart.Height}"));
        svg.SetAttributeValue("width", null);
        svg.SetAttributeValue("height", null);
        foreach (var text in svg.Descendants(Svg + "text").ToList())
            Loosen(text);
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
    private static void Loosen(XElement text)
    {
        var xs = Numbers(text.Attribute("x"));
        var ys = Numbers(text.Attribute("y"));
        var words = text.Value.Trim();
        text.Value = words;
        text.SetAttributeValue("x", xs.Length > 0 ? xs[0] : 0);
        text.SetAttributeValue("y", ys.Length > 0 ? ys[0] : 0);
        text.SetAttributeValue("font-family", "Noto Sans, DejaVu Sans, Helvetica, Arial, sans-serif");
        var typeface = text.Attribute("font-weight") is null ? ReportFonts.Regular : ReportFonts.Bold;
        var width = TextLine.Width(words, typeface, Numbers(text.Attribute("font-size"))[0]);
        text.SetAttributeValue("textLength", width.ToString("0.##", CultureInfo.InvariantCulture));
        text.SetAttributeValue("lengthAdjust", "spacingAndGlyphs");
    }

    private static float[] Numbers(XAttribute? attribute) =>
        [.. (attribute?.Value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(n => float.Parse(n, CultureInfo.InvariantCulture))];
}
