using System.Globalization;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Fonts;
using ScottPlot;
using ScottPlot.Rendering.RenderActions;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>
/// Draws a norm figure on any canvas: a page of a PDF, a picture, an SVG. Title and legend are ours, the axes ScottPlot's.
/// </summary>
internal static class NormChart
{
    /// <summary>Its own units; a canvas is scaled to the size wanted.</summary>
    public const float Width = 360, Height = 248;

    private const float Header = 46, Left = 52, Right = 10, Bottom = 40;
    // The axis ends so far above the highest point, for its marker.
    private const double Headroom = 1.07;
    private const float TitleSize = 12.5f, LegendSize = 10.5f, TickSize = 10, LabelSize = 10.5f;

    /// <param name="top">Highest score that the axis must hold; the figure's own, or that of figures beside it.</param>
    public static void Draw(SKCanvas canvas, NormFigure figure, double top)
    {
        ReportFonts.UseInPlots();
        DrawTitle(canvas, figure);
        DrawLegend(canvas, figure);
        if (figure.Lines.All(l => l.Points.Count == 0))
        {
            const string nothing = "No norms were measured for this model and domain.";
            var width = TextLine.Width(nothing, ReportFonts.Regular, LegendSize);
            TextLine.Draw(canvas, nothing, (Width - width) / 2, Height / 2, ReportFonts.Regular, LegendSize, SKColor.Parse(Palette.Muted));
            return;
        }
        var plot = PlotOf(figure, top);
        // A plot that was never rendered renders twice; the first time must not leave a second drawing under the figure.
        using (var nothing = new SKNoDrawCanvas((int)Width, (int)Height))
            plot.Render(nothing, new PixelRect(0, Width, Height, 0));
        plot.Render(canvas, new PixelRect(0, Width, Height, 0));
        DrawAxisLabel(canvas, "layer", (Left + Width - Right) / 2, Height - 9, 0);
        DrawAxisLabel(canvas, RuleWords.Axis(figure.Rule), 13, (Header + Height - Bottom) / 2, -90);
    }

    private static void DrawAxisLabel(SKCanvas canvas, string text, float x, float y, float degrees)
    {
        canvas.Save();
        canvas.Translate(x, y);
        canvas.RotateDegrees(degrees);
        var width = TextLine.Width(text, ReportFonts.Regular, LabelSize);
        TextLine.Draw(canvas, text, -width / 2, 0, ReportFonts.Regular, LabelSize, SKColor.Parse(Palette.Muted));
        canvas.Restore();
    }

    private static Plot PlotOf(NormFigure figure, double top)
    {
        var plot = new Plot();
        // Clearing would wipe what is on the page already; an SVG shows even a transparent background, in black.
        plot.RenderManager.RenderActions.RemoveAll(a => a is ClearCanvas or RenderFigureBackground or RenderDataBackground);
        plot.Axes.Frameless();
        plot.Axes.Left.IsVisible = plot.Axes.Bottom.IsVisible = true;

        foreach (var line in figure.Lines.Where(l => l.Points.Count > 0))
        {
            var style = Palette.Of(line.Regime);
            var markers = line.Points.Count switch { <= 12 => 6.5f, <= 24 => 5, <= 48 => 4, > 48 => 2.5f };
            var scatter = plot.Add.Scatter(
                [.. line.Points.Select(p => (double)p.Layer)], line.Points.Select(p => Finite(p.Score)).ToArray());
            scatter.Color = Color.FromHex(style.Color);
            scatter.LineWidth = 1.6f;
            scatter.MarkerShape = style.Marker;
            scatter.MarkerSize = markers;
        }

        var layers = figure.Lines.SelectMany(l => l.Points).Select(p => p.Layer).ToList();
        var y = NiceTicks(top > 0 ? top : 1);
        plot.Axes.SetLimits(layers.Min() - 0.4, layers.Max() + 0.4, 0, (top > 0 ? top : 1) * Headroom);
        plot.Axes.Bottom.TickGenerator = Ticks(LayerTicks(layers.Min(), layers.Max()), "0");
        plot.Axes.Left.TickGenerator = Ticks(y, TickFormat(y[1]));
        Style(plot);
        plot.Layout.Fixed(new PixelPadding(Left, Right, Bottom, Header));
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
            axis.TickLabelStyle.FontSize = TickSize;
            axis.TickLabelStyle.ForeColor = Color.FromHex(Palette.Muted);
        }
    }

    private static void DrawTitle(SKCanvas canvas, NormFigure figure)
    {
        var size = TitleSize;
        var domain = TextLine.Fit(figure.Domain, ReportFonts.Bold, size, 150);
        var rest = Width - 8 - TextLine.Width($" · {domain}", ReportFonts.Bold, size);
        var model = TextLine.Fit(figure.Model, ReportFonts.Bold, size, rest);
        TextLine.Draw(canvas, $"{model} · {domain}", 4, 16, ReportFonts.Bold, size, SKColor.Parse(Palette.Ink));
    }

    private static void DrawLegend(SKCanvas canvas, NormFigure figure)
    {
        var x = 4f;
        const float y = 31;
        foreach (var line in figure.Lines)
        {
            var color = SKColor.Parse(line.Points.Count > 0 ? Palette.Of(line.Regime).Color : Palette.Axis);
            using var stroke = new SKPaint { Color = color, StrokeWidth = 1.6f, IsAntialias = true, Style = SKPaintStyle.Stroke };
            using var fill = new SKPaint { Color = color, IsAntialias = true };
            canvas.DrawLine(x, y, x + 20, y, stroke);
            DrawMarker(canvas, Palette.Of(line.Regime).Marker, x + 10, y, fill);
            var name = line.Points.Count == 0 ? $"{line.Name} (missing)" : line.Note is null ? line.Name : $"{line.Name} (partial)";
            x = TextLine.Draw(canvas, name, x + 25, y + 3.7f, ReportFonts.Regular, LegendSize, SKColor.Parse(Palette.Ink)) + 16;
        }
    }

    private static void DrawMarker(SKCanvas canvas, MarkerShape shape, float x, float y, SKPaint fill)
    {
        switch (shape)
        {
            case MarkerShape.FilledCircle:
                canvas.DrawCircle(x, y, 3.4f, fill);
                break;
            case MarkerShape.FilledSquare:
                canvas.DrawRect(x - 3, y - 3, 6, 6, fill);
                break;
            case MarkerShape.FilledTriangleUp:
                using (var path = new SKPath())
                {
                    path.AddPoly([new(x - 3.6f, y + 2.8f), new(x + 3.6f, y + 2.8f), new(x, y - 3.6f)]);
                    canvas.DrawPath(path, fill);
                }
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(shape), shape, "The legend cannot draw this marker.");
        }
    }

    private static NumericManual Ticks(IReadOnlyList<double> positions, string format) =>
        new([.. positions], [.. positions.Select(p => p.ToString(format, CultureInfo.InvariantCulture))]);

    /// <summary>Whole layers, at most twelve of them, at a step that counts well.</summary>
    private static IReadOnlyList<double> LayerTicks(int first, int last)
    {
        var step = new[] { 1, 2, 3, 4, 5, 8, 10, 16, 20, 32, 50, 100, 1000 }.First(s => (last - first) / s < 12);
        return [.. Enumerable.Range(first, last - first + 1).Where(l => (l - first) % step == 0).Select(l => (double)l)];
    }

    /// <summary>From 0 to at most a little above the highest value, three to six steps of 1, 2, 2.5 or 5 times a power of ten.</summary>
    internal static IReadOnlyList<double> NiceTicks(double top)
    {
        var power = PortableMath.TenTo(PortableMath.Decade(top / 5));
        var step = new[] { 1, 2, 2.5, 5, 10 }.Select(s => s * power).First(s => top / s <= 5.5);
        return [.. Enumerable.Range(0, (int)Math.Floor(top * Headroom / step) + 1).Select(i => i * step)];
    }

    private static string TickFormat(double step)
    {
        if (step is >= 1e5 or < 1e-4)
            return "0.0e+00";
        var decimals = 0;
        while (decimals < 7 && Math.Abs(step * PortableMath.TenTo(decimals) - Math.Round(step * PortableMath.TenTo(decimals))) > 1e-6)
            decimals++;
        return decimals == 0 ? "0" : "0." + new string('0', decimals);
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;
}
