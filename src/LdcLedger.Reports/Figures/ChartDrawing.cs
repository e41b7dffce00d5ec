using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>
/// A chart as it is drawn on any canvas: a page of a PDF, a picture, an SVG. In its own units; a canvas is scaled to the size wanted.
/// </summary>
internal sealed record ChartDrawing(float Width, float Height, Action<SKCanvas> Draw)
{
    /// <summary>Widths of the two spans: two halves and the gap between them make a whole.</summary>
    public const float HalfWidth = 360, Gap = 24, FullWidth = 2 * HalfWidth + Gap;

    /// <summary>
    /// Points of one unit in a paper: half a page's width becomes 252 points, one of a paper's two columns, with type of 7 points.
    /// </summary>
    public const float Points = 0.7f;

    public const float TitleSize = 12.5f, TextSize = 10.5f, TickSize = 10;

    private static readonly Kinds EveryKind = new();

    public static ChartDrawing Of(Chart chart) => chart.Draw(EveryKind);

    public static float WidthOf(ChartSpan span) => span switch
    {
        ChartSpan.Half => HalfWidth,
        ChartSpan.Full => FullWidth,
    };

    private sealed class Kinds : IChartRenderer<ChartDrawing>
    {
        public ChartDrawing Draw(PointChart chart) => PointDrawing.Of(chart);

        public ChartDrawing Draw(HeatMap chart) => HeatMapDrawing.Of(chart);
    }

    /// <summary>The parts in one line; where it is too short, the longest gives way first.</summary>
    public static void DrawTitle(SKCanvas canvas, IReadOnlyList<string> parts, float width)
    {
        const string between = " · ";
        var free = width - 8 - (parts.Count - 1) * TextLine.Width(between, ReportFonts.Bold, TitleSize);
        var widths = parts.Select(part => TextLine.Width(part, ReportFonts.Bold, TitleSize)).ToList();
        var fitted = new string[parts.Count];
        // The shortest first: what it leaves of its share is the others'.
        var left = parts.Count;
        foreach (var i in Enumerable.Range(0, parts.Count).OrderBy(i => widths[i]))
        {
            fitted[i] = TextLine.Fit(parts[i], ReportFonts.Bold, TitleSize, free / left--);
            free -= TextLine.Width(fitted[i], ReportFonts.Bold, TitleSize);
        }
        TextLine.Draw(canvas, string.Join(between, fitted), 4, 16, ReportFonts.Bold, TitleSize, SKColor.Parse(Palette.Ink));
    }

    /// <summary>Of the labels of an axis.</summary>
    public static float Widest(IEnumerable<string> labels, float size) =>
        labels.Select(label => TextLine.Width(label, ReportFonts.Regular, size)).DefaultIfEmpty(0).Max();

    public static void DrawAxisTitle(SKCanvas canvas, string text, float x, float y, float degrees, float room)
    {
        canvas.Save();
        canvas.Translate(x, y);
        canvas.RotateDegrees(degrees);
        var fitted = TextLine.Fit(text, ReportFonts.Regular, TextSize, room);
        var width = TextLine.Width(fitted, ReportFonts.Regular, TextSize);
        TextLine.Draw(canvas, fitted, -width / 2, 0, ReportFonts.Regular, TextSize, SKColor.Parse(Palette.Muted));
        canvas.Restore();
    }
}
