using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;
using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>Draws a table of values as colours, with a scale of them beside it.</summary>
internal static class HeatMapDrawing
{
    private const float Header = 26, Bottom = 38, Pad = 4, ScaleWidth = 10, LeastScaleRoom = 62, MostOfLabels = 0.38f;
    private const float LabelLeading = 11.5f, LeastBody = 58, LeastDot = 1.5f;

    public static ChartDrawing Of(HeatMap chart)
    {
        var width = ChartDrawing.WidthOf(chart.Span);
        var title = ChartDrawing.TitleLines(chart.Title, width - Width(chart.Color.Title) - 12);
        var room = Math.Min(width * MostOfLabels, chart.Rows.Select(r => Width(r)).DefaultIfEmpty(0).Max()) + Pad;
        var labels = chart.Rows.Select(name => TextLine.Wrap(name, ReportFonts.Regular, ChartDrawing.TickSize, room)).ToList();
        // A name of several lines makes its row higher, and a scale of one row would have no room for its numbers.
        var row = Math.Max(chart.Rows.Count switch { <= 8 => 17f, <= 16 => 14f, > 16 => 12f }, LeastBody / chart.Rows.Count);
        var rows = labels.Select(lines => lines.Count == 1 ? row : Math.Max(row, lines.Count * LabelLeading + 4)).ToList();
        var body = rows.Sum();
        var header = Header + ChartDrawing.Raised(title);
        return new(width, header + body + Bottom, canvas =>
        {
            ChartDrawing.DrawTitle(canvas, title);
            Draw(canvas, chart, [.. labels.Zip(rows)], room + Pad, new(0, header, width, header + body));
        });
    }

    /// <param name="rows">Their names in lines, and their heights.</param>
    /// <param name="left">Where the cells begin.</param>
    /// <param name="body">All that lies between title and axis.</param>
    private static void Draw(
        SKCanvas canvas, HeatMap chart, IReadOnlyList<(IReadOnlyList<string> Name, float Height)> rows, float left, SKRect body)
    {
        var width = body.Width;
        TextLine.Draw(canvas, chart.Color.Title, width - 2 - Width(chart.Color.Title), 16, ReportFonts.Regular, ChartDrawing.TickSize,
            SKColor.Parse(Palette.Muted));
        var scale = AxisTicks.Of(chart.Color with { Scale = AxisScale.Linear });
        var room = Math.Max(LeastScaleRoom, 27 + ChartDrawing.Widest(scale.Labels, ChartDrawing.TickSize - 1));
        var (right, columns) = (width - room, chart.Columns.Count);
        var (cell, top) = ((right - left) / columns, body.Top);
        for (var r = 0; r < chart.Rows.Count; r++)
        {
            var (name, row) = rows[r];
            foreach (var (i, line) in name.Index())
                TextLine.Draw(canvas, line, left - Pad - Width(line),
                    top + row / 2 + 3.6f + (i - (name.Count - 1) / 2f) * LabelLeading, ReportFonts.Regular, ChartDrawing.TickSize,
                    SKColor.Parse(Palette.Muted));
            for (var c = 0; c < columns; c++)
                DrawCell(canvas, chart, chart.Values[r][c], new(left + c * cell, top, left + (c + 1) * cell, top + row));
            if (chart.Highest(r) is { } highest)
                DrawDot(canvas, chart, chart.Values[r][highest]!.Value, left + (highest + 0.5f) * cell, top + row / 2, Math.Min(cell, row));
            top += row;
        }
        DrawColumns(canvas, chart, left, cell, body.Bottom);
        ChartDrawing.DrawAxisTitle(canvas, chart.Across, (left + right) / 2, body.Bottom + 29, 0, right - left);
        DrawScale(canvas, chart.Color, scale, new(right + 10, body.Top, right + 10 + ScaleWidth, body.Bottom));
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
        var radius = Math.Clamp(room * 0.18f, LeastDot, 2.4f);
        // A dot that is wider than its cell must stand out from the neighbours', too.
        if (2 * radius > room * 0.7f)
        {
            using var ground = new SKPaint { Color = SKColor.Parse(light ? Palette.OnLightHeat : Palette.OnDarkHeat), IsAntialias = true };
            canvas.DrawCircle(x, y, radius + 0.7f, ground);
        }
        canvas.DrawCircle(x, y, radius, fill);
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
