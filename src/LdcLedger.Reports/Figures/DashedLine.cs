using SkiaSharp;

namespace LdcLedger.Reports.Figures;

/// <summary>
/// A line with gaps, as the strokes that it consists of: Skia writes no dashes of its own into an SVG, and counts a line's dashes anew at
/// each of its points.
/// </summary>
internal static class DashedLine
{
    /// <param name="dashes">Lengths of stroke and gap in turn; none = a line without gaps.</param>
    public static void Draw(
        SKCanvas canvas, IReadOnlyList<SKPoint> points, IReadOnlyList<float> dashes, float thickness, string color)
    {
        if (points.Count < 2)
            return;
        using var paint = new SKPaint
        {
            Color = SKColor.Parse(color), StrokeWidth = thickness, Style = SKPaintStyle.Stroke, IsAntialias = true,
            StrokeJoin = SKStrokeJoin.Round,
        };
        using var path = dashes.Count == 0 ? Whole(points) : Strokes(points, dashes);
        canvas.DrawPath(path, paint);
    }

    private static SKPath Whole(IReadOnlyList<SKPoint> points)
    {
        var path = new SKPath();
        path.MoveTo(points[0]);
        foreach (var point in points.Skip(1))
            path.LineTo(point);
        return path;
    }

    private static SKPath Strokes(IReadOnlyList<SKPoint> points, IReadOnlyList<float> dashes)
    {
        var path = new SKPath();
        path.MoveTo(points[0]);
        var (dash, left) = (0, dashes[0]);
        for (var i = 1; i < points.Count; i++)
        {
            var (from, to) = (points[i - 1], points[i]);
            var (length, done) = (SKPoint.Distance(from, to), 0f);
            while (length - done > left)
            {
                done += left;
                var at = new SKPoint(from.X + (to.X - from.X) * done / length, from.Y + (to.Y - from.Y) * done / length);
                if (dash % 2 == 0)
                    path.LineTo(at);
                else
                    path.MoveTo(at);
                dash = (dash + 1) % dashes.Count;
                left = dashes[dash];
            }
            left -= length - done;
            if (dash % 2 == 0)
                path.LineTo(to);
        }
        return path;
    }
}
