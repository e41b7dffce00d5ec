using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>Draws a table of values as colours, with a scale of them beside it.</summary>
internal static class HeatMapDrawing
{
    private const float Header = 26, Bottom = 38, Pad = 4, ScaleWidth = 10, LeastScaleRoom = 62, MostOfLabels = 0.3f;

    public static ChartDrawing Of(HeatMap chart)
    {
        var width = ChartDrawing.WidthOf(chart.Span);
        var row = chart.Rows.Count switch { <= 8 => 17f, <= 16 => 14f, > 16 => 12f };
        // A scale of one row would have no room for its numbers.
        var body = Math.Max(row * chart.Rows.Count, 58);
        return new(width, Header + body + Bottom, canvas => Draw(canvas, chart, width, body));
    }

    private static void Draw(SKCanvas canvas, HeatMap chart, float width, float body)
    {
        var meaning = Width(chart.Color.Title);
        TextLine.Draw(canvas, chart.Color.Title, width - 2 - meaning, 16, ReportFonts.Regular, ChartDrawing.TickSize,
            SKColor.Parse(Palette.Muted));
        ChartDrawing.DrawTitle(canvas, chart.Title, width - meaning - 12);
        var labels = Math.Min(width * MostOfLabels, chart.Rows.Select(r => Width(r)).DefaultIfEmpty(0).Max()) + 2 * Pad;
        var scale = AxisTicks.Of(chart.Color with { Scale = AxisScale.Linear });
        var room = Math.Max(LeastScaleRoom, 27 + ChartDrawing.Widest(scale.Labels, ChartDrawing.TickSize - 1));
        var (left, right, columns) = (labels, width - room, chart.Columns.Count);
        var (cell, row) = ((right - left) / columns, body / chart.Rows.Count);
        for (var r = 0; r < chart.Rows.Count; r++)
        {
            var top = Header + r * row;
            var label = TextLine.Fit(chart.Rows[r], ReportFonts.Regular, ChartDrawing.TickSize, labels - Pad);
            TextLine.Draw(canvas, label, left - Pad - Width(label), top + row / 2 + 3.6f, ReportFonts.Regular, ChartDrawing.TickSize,
                SKColor.Parse(Palette.Muted));
            for (var c = 0; c < columns; c++)
                DrawCell(canvas, chart, chart.Values[r][c], new(left + c * cell, top, left + (c + 1) * cell, top + row));
            if (chart.Highest(r) is { } highest)
                DrawDot(canvas, chart, chart.Values[r][highest]!.Value, left + (highest + 0.5f) * cell, top + row / 2, Math.Min(cell, row));
        }
        DrawColumns(canvas, chart, left, cell, Header + body);
        ChartDrawing.DrawAxisTitle(canvas, chart.Across, (left + right) / 2, Header + body + 29, 0, right - left);
        DrawScale(canvas, chart.Color, scale, new(right + 10, Header, right + 10 + ScaleWidth, Header + body));
    }

    private static void DrawCell(SKCanvas canvas, HeatMap chart, double? value, SKRect area)
    {
        if (value is { } v && double.IsFinite(v))
        {
            // Cells overlap by a hair, or viewers show the page between them.
            using var fill = new SKPaint { Color = SKColor.Parse(Palette.HeatOf(Share(chart.Color, v))) };
            canvas.DrawRect(new SKRect(area.Left, area.Top, area.Right + 0.15f, area.Bottom + 0.15f), fill);
            return;
        }
        using var line = Pen(0.6f);
        var inset = Math.Min(area.Width, area.Height) * 0.3f;
        canvas.DrawLine(area.MidX - inset, area.MidY - inset, area.MidX + inset, area.MidY + inset, line);
        canvas.DrawLine(area.MidX - inset, area.MidY + inset, area.MidX + inset, area.MidY - inset, line);
    }

    private static void DrawDot(SKCanvas canvas, HeatMap chart, double value, float x, float y, float room)
    {
        var light = double.IsFinite(value) && Share(chart.Color, value) > 0.45;
        using var fill = new SKPaint { Color = SKColor.Parse(light ? Palette.OnDarkHeat : Palette.OnLightHeat), IsAntialias = true };
        canvas.DrawCircle(x, y, Math.Clamp(room * 0.18f, 0.8f, 2.4f), fill);
    }

    private static double Share(ChartAxis color, double value) =>
        color.High > color.Low ? (value - color.Low) / (color.High - color.Low) : 0.5;

    /// <summary>As many columns are named as fit beside each other.</summary>
    private static void DrawColumns(SKCanvas canvas, HeatMap chart, float left, float cell, float y)
    {
        var widest = chart.Columns.Select(c => Width(c)).DefaultIfEmpty(0).Max() + 4;
        var step = new[] { 1, 2, 4, 5, 8, 10, 20, 25, 50, 100, 1000 }.First(s => s * cell >= widest || s == 1000);
        for (var c = 0; c < chart.Columns.Count; c += step)
            TextLine.Draw(canvas, chart.Columns[c], left + (c + 0.5f) * cell - Width(chart.Columns[c]) / 2, y + 12, ReportFonts.Regular,
                ChartDrawing.TickSize, SKColor.Parse(Palette.Muted));
    }

    private static void DrawScale(SKCanvas canvas, ChartAxis color, AxisTicks ticks, SKRect area)
    {
        const int steps = 32;
        for (var i = 0; i < steps; i++)
        {
            using var fill = new SKPaint { Color = SKColor.Parse(Palette.HeatOf((i + 0.5) / steps)) };
            var top = area.Bottom - (i + 1) * area.Height / steps;
            canvas.DrawRect(new SKRect(area.Left, top, area.Right, top + area.Height / steps + 0.15f), fill);
        }
        for (var i = 0; i < ticks.Positions.Count; i++)
        {
            var share = Share(color, ticks.Positions[i]);
            if (share is < -0.001 or > 1.001)
                continue;
            var y = area.Bottom - (float)share * area.Height;
            using var line = Pen(0.8f);
            canvas.DrawLine(area.Right, y, area.Right + 3, y, line);
            TextLine.Draw(canvas, ticks.Labels[i], area.Right + 5, y + 3.4f, ReportFonts.Regular, ChartDrawing.TickSize - 1,
                SKColor.Parse(Palette.Muted));
        }
    }

    private static SKPaint Pen(float thickness) => new()
    {
        Color = SKColor.Parse(Palette.Axis), StrokeWidth = thickness, Style = SKPaintStyle.Stroke, IsAntialias = true,
    };

    private static float Width(string text) => TextLine.Width(text, ReportFonts.Regular, ChartDrawing.TickSize);
}
