using ScottPlot;
using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>A point of a chart, and its like in the legend.</summary>
internal static class MarkerDrawing
{
    public static void Draw(SKCanvas canvas, MarkerShape shape, float x, float y, float scale, SKColor color)
    {
        var isOpen = shape is MarkerShape.OpenCircle or MarkerShape.OpenSquare or MarkerShape.OpenTriangleUp;
        using var paint = new SKPaint
        {
            Color = color, IsAntialias = true, StrokeWidth = 1.3f * scale, Style = isOpen ? SKPaintStyle.Stroke : SKPaintStyle.Fill,
        };
        switch (shape)
        {
            case MarkerShape.FilledCircle or MarkerShape.OpenCircle:
                canvas.DrawCircle(x, y, 3.4f * scale, paint);
                break;
            case MarkerShape.FilledSquare or MarkerShape.OpenSquare:
                canvas.DrawRect(x - 3 * scale, y - 3 * scale, 6 * scale, 6 * scale, paint);
                break;
            case MarkerShape.FilledTriangleUp or MarkerShape.OpenTriangleUp:
                DrawPolygon([new(-3.6f, 2.8f), new(3.6f, 2.8f), new(0, -3.6f)]);
                break;
            case MarkerShape.FilledTriangleDown:
                DrawPolygon([new(-3.6f, -2.8f), new(3.6f, -2.8f), new(0, 3.6f)]);
                break;
            case MarkerShape.FilledDiamond:
                DrawPolygon([new(-3.8f, 0), new(0, -3.8f), new(3.8f, 0), new(0, 3.8f)]);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(shape), shape, "No chart draws this marker.");
        }

        void DrawPolygon(SKPoint[] points)
        {
            using var path = new SKPath();
            path.AddPoly([.. points.Select(p => new SKPoint(x + p.X * scale, y + p.Y * scale))]);
            canvas.DrawPath(path, paint);
        }
    }
}
