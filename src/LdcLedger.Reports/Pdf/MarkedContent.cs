using System.Globalization;
using System.Text;
using SkiaSharp;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// Marks what a page draws as this or that part of the text, for which SkiaSharp has no call: tiny rectangles are drawn between, each as
/// high as its number says, and what SkiaSharp wrote of them becomes marks.
/// </summary>
internal static class MarkedContent
{
    private const float Unit = 0.125f;

    // Of no figure and no text: SkiaSharp writes a colour anew where it changes, so nothing after it is drawn in this one.
    private static readonly SKColor Color = new(1, 2, 3);

    /// <param name="number">From 0, without a gap.</param>
    public static void Sign(SKCanvas canvas, int number)
    {
        using var paint = new SKPaint { Color = Color, IsAntialias = false };
        canvas.DrawRect(0, 0, Unit, (number + 1) * Unit, paint);
    }

    /// <param name="tags">By the number of the sign: the tag's type; null for what decorates the page.</param>
    /// <exception cref="InvalidOperationException">The page does not hold every sign, once and in order.</exception>
    public static byte[] Marked(byte[] content, IReadOnlyList<string?> tags, TextRuns runs)
    {
        var marked = new StringBuilder(content.Length + tags.Count * 24);
        var lines = Encoding.Latin1.GetString(content).Split('\n');
        var (seen, mark) = (0, 0);
        for (var i = 0; i < lines.Length; i++)
        {
            if (runs.Take(lines[i], marked))
                continue;
            if (NumberOf(lines[i]) is not { } number)
            {
                if (lines[i].Length > 0)
                    marked.Append(lines[i]).Append('\n');
                continue;
            }
            if (number != seen || i + 1 == lines.Length || lines[i + 1] is not ("f" or "f*"))
                throw new InvalidOperationException($"SkiaSharp wrote sign {number} where sign {seen} was drawn.");
            if (seen++ > 0)
                marked.Append("EMC\n");
            if (tags[number] is { } type)
                marked.Append(CultureInfo.InvariantCulture, $"/{type} <</MCID {mark++}>> BDC\n");
            else
                marked.Append("/Artifact BMC\n");
            i++;
        }
        if (seen != tags.Count)
            throw new InvalidOperationException($"SkiaSharp wrote {seen} of {tags.Count} signs.");
        if (seen > 0)
            marked.Append("EMC\n");
        return Encoding.Latin1.GetBytes(marked.ToString());
    }

    private static int? NumberOf(string line)
    {
        const string start = "0 0 .125 ", end = " re";
        return line.StartsWith(start, StringComparison.Ordinal) && line.EndsWith(end, StringComparison.Ordinal)
            ? (int)MathF.Round(float.Parse(line[start.Length..^end.Length], CultureInfo.InvariantCulture) / Unit) - 1
            : null;
    }
}
