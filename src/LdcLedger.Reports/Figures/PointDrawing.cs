using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using ScottPlot;
using ScottPlot.Rendering.RenderActions;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>Draws points over two axes. The axes are ScottPlot's, the rest is ours.</summary>
internal static class PointDrawing
{
    private const float Height = 248, LeastLeft = 56, Right = 12, Bottom = 40, Top = 22, LegendLine = 15, LegendGap = 16, KeyWidth = 24;

    private static readonly IReadOnlyList<float> LevelDashes = [1, 2];

    // One for each thread that draws: a plot renders twice the first time, and once from then on.
    [ThreadStatic]
    private static Plot? Axes;

    public static ChartDrawing Of(PointChart chart)
    {
        var width = ChartDrawing.WidthOf(chart.Span);
        var (title, legend) = (ChartDrawing.TitleLines(chart.Title, width), Legend(chart, width));
        // Further lines of title and legend make the drawing higher, not its axes smaller.
        var raised = ChartDrawing.Raised(title);
        var header = raised + Top + legend.Count * LegendLine + 9;
        var height = raised + Height + (Math.Max(1, legend.Count) - 1) * LegendLine;
        return new(width, height, canvas =>
        {
            ChartDrawing.DrawTitle(canvas, title);
            for (var i = 0; i < legend.Count; i++)
                DrawLegend(canvas, chart, legend[i], raised + Top + 9 + i * LegendLine);
            Draw(canvas, chart, new(width, height), header);
        });
    }

    private static void Draw(SKCanvas canvas, PointChart chart, SKSize size, float header)
    {
        ReportFonts.UseInPlots();
        if (chart.IsEmpty)
        {
            var fitted = TextLine.Wrap(chart.Nothing, ReportFonts.Regular, ChartDrawing.TextSize, size.Width - 40);
            for (var i = 0; i < fitted.Count; i++)
            {
                var width = TextLine.Width(fitted[i], ReportFonts.Regular, ChartDrawing.TextSize);
                TextLine.Draw(canvas, fitted[i], (size.Width - width) / 2, size.Height / 2 + i * 14, ReportFonts.Regular,
                    ChartDrawing.TextSize, SKColor.Parse(Palette.Muted));
            }
            return;
        }
        var (x, y) = (AxisTicks.Of(chart.X), AxisTicks.Of(chart.Y));
        // Beside the axis' title; numbers of many digits move the axis.
        var left = Math.Max(LeastLeft, 27 + ChartDrawing.Widest(y.Labels, ChartDrawing.TickSize));
        var area = new SKRect(left, header, size.Width - Right, size.Height - Bottom);
        DrawAxes(canvas, x, y, chart, size, left, header);
        ChartDrawing.DrawAxisTitle(canvas, chart.X.Title, area.MidX, size.Height - 9, 0, size.Width - 8);
        ChartDrawing.DrawAxisTitle(canvas, chart.Y.Title, 13, area.MidY, -90, size.Height - 30);
        DrawData(canvas, chart, area, value => area.Left + (float)x.Share(chart.X, value) * area.Width,
            value => area.Bottom - (float)Math.Clamp(y.Share(chart.Y, double.IsFinite(value) ? value : chart.Y.Low), 0, 1) * area.Height);
    }

    private static void DrawData(SKCanvas canvas, PointChart chart, SKRect area, Func<double, float> atX, Func<double, float> atY)
    {
        foreach (var level in chart.Levels)
            DashedLine.Draw(canvas, [new(area.Left, atY(level.Y)), new(area.Right, atY(level.Y))], LevelDashes, 1, Palette.Muted);
        foreach (var (place, series) in chart.Series.Index())
        {
            var style = Palette.Of(series.Style);
            SKPoint[] points = [.. series.Points.Select(p => new SKPoint(atX(p.X), atY(p.Y)))];
            foreach (var point in series.Points)
                if (point.Reach is { } reach)
                    DashedLine.Draw(canvas, [new(atX(point.X), atY(reach.Low)), new(atX(point.X), atY(reach.High))], [], 1, style.Color);
            if (series.Look != SeriesLook.Markers)
                DashedLine.Draw(canvas, points, style.Dashes, Thickness(series), style.Color);
            var scale = series.Look switch
            {
                SeriesLook.Line => 0.9f,
                SeriesLook.MarkedLine => points.Length switch { <= 12 => 1, <= 24 => 0.75f, <= 48 => 0.6f, > 48 => 0.4f },
                SeriesLook.Markers => 1.1f,
            };
            foreach (var i in Marked(chart, series, place))
                MarkerDrawing.Draw(canvas, style.Marker, points[i].X, points[i].Y, scale, SKColor.Parse(style.Color));
        }
    }

    /// <summary>
    /// Which points of a series have a marker. Of a line, a few: enough to tell it from others in grey, and each series' at other places.
    /// </summary>
    internal static IEnumerable<int> Marked(PointChart chart, ChartSeries series, int place)
    {
        const int few = 6;
        if (!IsMarked(chart, series))
            return [];
        var count = series.Points.Count;
        if (series.Look != SeriesLook.Line || count <= few)
            return Enumerable.Range(0, count);
        var first = (place + 0.5) / chart.Series.Count;
        return Enumerable.Range(0, few).Select(i => (int)((i + first) * count / few));
    }

    // Curves of many points lie upon each other.
    private static float Thickness(ChartSeries series) => series.Look == SeriesLook.Line ? 1.2f : 1.6f;

    // One line has no other to be told from.
    private static bool IsMarked(PointChart chart, ChartSeries series) => series.Look != SeriesLook.Line || chart.Series.Count > 1;

    private static void DrawAxes(SKCanvas canvas, AxisTicks x, AxisTicks y, PointChart chart, SKSize size, float left, float header)
    {
        var plot = Axes ??= Rendered();
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. x.Positions.Select(p => x.Share(chart.X, p))], [.. x.Labels]);
        plot.Axes.Left.TickGenerator = new NumericManual([.. y.Positions.Select(p => y.Share(chart.Y, p))], [.. y.Labels]);
        plot.Layout.Fixed(new PixelPadding(left, Right, Bottom, header));
        plot.Render(canvas, new PixelRect(0, size.Width, size.Height, 0));
    }

    /// <summary>A plot of nothing but its axes, which has rendered already: its first time must not leave two drawings.</summary>
    private static Plot Rendered()
    {
        var plot = new Plot();
        // Clearing would wipe what is on the page already; an SVG shows even a transparent background, in black.
        plot.RenderManager.RenderActions.RemoveAll(a => a is ClearCanvas or RenderFigureBackground or RenderDataBackground);
        plot.Axes.Frameless();
        plot.Axes.Left.IsVisible = plot.Axes.Bottom.IsVisible = true;
        // Of decades, too: the plot's axes run from 0 to 1, and the ticks say what that means.
        plot.Axes.SetLimits(0, 1, 0, 1);
        Style(plot);
        using var nothing = new SKNoDrawCanvas(1, 1);
        plot.Render(nothing, new PixelRect(0, ChartDrawing.HalfWidth, Height, 0));
        return plot;
    }

    private static void Style(Plot plot)
    {
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Grid.YAxisStyle.MajorLineStyle.Color = Color.FromHex(Palette.Grid);
        plot.Grid.YAxisStyle.MajorLineStyle.Width = 0.8f;
        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.FrameLineStyle.Color = Color.FromHex(Palette.Axis);
            axis.FrameLineStyle.Width = 0.8f;
            axis.MajorTickStyle.Color = Color.FromHex(Palette.Axis);
            axis.MajorTickStyle.Width = 0.8f;
            axis.MajorTickStyle.Length = 3;
            axis.TickLabelStyle.FontName = ReportFonts.Regular.FamilyName;
            axis.TickLabelStyle.FontSize = ChartDrawing.TickSize;
            axis.TickLabelStyle.ForeColor = Color.FromHex(Palette.Muted);
        }
    }

    /// <summary>Series and levels, in as many lines as they need.</summary>
    private static IReadOnlyList<IReadOnlyList<(ChartSeries? Series, ChartLevel? Level)>> Legend(PointChart chart, float width)
    {
        var lines = new List<List<(ChartSeries?, ChartLevel?)>>();
        var x = float.MaxValue;
        IEnumerable<(ChartSeries? Series, ChartLevel? Level)> entries =
            [.. chart.Series.Select(s => (s, default(ChartLevel))), .. chart.Levels.Select(l => (default(ChartSeries), l))];
        foreach (var entry in entries)
        {
            var needed = KeyWidth + 1 + TextLine.Width(Name(entry), ReportFonts.Regular, ChartDrawing.TextSize);
            if (x + needed > width - 4)
            {
                lines.Add([]);
                x = 4;
            }
            lines[^1].Add(entry);
            x += needed + LegendGap;
        }
        return lines;
    }

    private static string Name((ChartSeries? Series, ChartLevel? Level) entry) =>
        entry.Series is { } series ? series.State is null ? series.Name : $"{series.Name} ({series.State})" : entry.Level!.Name;

    private static void DrawLegend(
        SKCanvas canvas, PointChart chart, IReadOnlyList<(ChartSeries? Series, ChartLevel? Level)> entries, float y)
    {
        var x = 4f;
        foreach (var entry in entries)
        {
            if (entry.Series is { } series)
                DrawKey(canvas, series, x, y, IsMarked(chart, series));
            else
                DashedLine.Draw(canvas, [new(x, y), new(x + KeyWidth - 4, y)], LevelDashes, 1, Palette.Muted);
            x = TextLine.Draw(canvas, Name(entry), x + KeyWidth + 1, y + 3.7f, ReportFonts.Regular, ChartDrawing.TextSize,
                SKColor.Parse(Palette.Ink)) + LegendGap;
        }
    }

    private static void DrawKey(SKCanvas canvas, ChartSeries series, float x, float y, bool isMarked)
    {
        var style = Palette.Of(series.Style);
        var color = series.Points.Count > 0 ? style.Color : Palette.Axis;
        if (series.Look != SeriesLook.Markers)
            DashedLine.Draw(canvas, [new(x, y), new(x + KeyWidth - 4, y)], style.Dashes, Thickness(series), color);
        if (isMarked)
            MarkerDrawing.Draw(canvas, style.Marker, x + KeyWidth / 2 - 2, y, 1, SKColor.Parse(color));
    }
}
