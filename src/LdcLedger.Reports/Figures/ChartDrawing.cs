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

    private const float TitleLeading = 15;

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

    /// <summary>The parts in one line, or in as many as long names need.</summary>
    /// <param name="width">That the title has.</param>
    public static IReadOnlyList<string> TitleLines(IReadOnlyList<string> parts, float width) =>
        TextLine.Wrap(string.Join(" · ", parts), ReportFonts.Bold, TitleSize, width - 8);

    /// <summary>By how much a title of several lines makes a drawing higher.</summary>
    public static float Raised(IReadOnlyList<string> lines) => (lines.Count - 1) * TitleLeading;

    public static void DrawTitle(SKCanvas canvas, IReadOnlyList<string> lines)
    {
        foreach (var (i, line) in lines.Index())
            TextLine.Draw(canvas, line, 4, 16 + i * TitleLeading, ReportFonts.Bold, TitleSize, SKColor.Parse(Palette.Ink));
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
