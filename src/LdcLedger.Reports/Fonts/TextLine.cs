using System.Text;
using SkiaSharp;

namespace LdcLedger.Reports.Fonts;

/// <summary>Measures, fits, wraps and draws text, character by character from a font that has it.</summary>
internal static class TextLine
{
    private const string Ellipsis = "…";

    public static float Width(string text, SKTypeface typeface, float size) =>
        Pieces(text, typeface).Sum(piece => ReportFonts.Of(piece.Typeface, size).MeasureText(piece.Text));

    /// <summary>Draws from the baseline point; returns where it ends.</summary>
    public static float Draw(SKCanvas canvas, string text, float x, float y, SKTypeface typeface, float size, SKColor color)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        foreach (var piece in Pieces(text, typeface))
        {
            var font = ReportFonts.Of(piece.Typeface, size);
            canvas.DrawText(piece.Text, x, y, font, paint);
            x += font.MeasureText(piece.Text);
        }
        return x;
    }

    /// <summary>The text, or as much of it as fits with an ellipsis in its middle, where names differ least.</summary>
    public static string Fit(string text, SKTypeface typeface, float size, float width)
    {
        if (Width(text, typeface, size) <= width)
            return text;
        var runes = text.EnumerateRunes().ToList();
        for (var kept = runes.Count - 1; kept > 0; kept--)
        {
            var shorter = string.Concat(runes.Take((kept + 1) / 2)) + Ellipsis + string.Concat(runes.Skip(runes.Count - kept / 2));
            if (Width(shorter, typeface, size) <= width)
                return shorter;
        }
        return Ellipsis;
    }

    /// <summary>Breaks at spaces; a word wider than the line, and exact text, anywhere.</summary>
    /// <param name="indent">By how much the first line is shorter.</param>
    public static IReadOnlyList<string> Wrap(string text, SKTypeface typeface, float size, float width, float indent = 0)
    {
        var lines = new List<string>();
        var space = Width(" ", typeface, size);
        foreach (var paragraph in text.Split('\n'))
        {
            var (line, used) = (new StringBuilder(), lines.Count == 0 ? indent : 0);
            foreach (var word in paragraph.Split(' '))
            {
                var (left, length) = (word, Width(word, typeface, size));
                var between = line.Length > 0 ? space : 0;
                if (used + between + length > width && (line.Length > 0 || used > 0))
                {
                    lines.Add(line.ToString());
                    (used, between) = (0, 0);
                    line.Clear();
                }
                for (; length > width; length = Width(left, typeface, size))
                {
                    var fits = LengthThatFits(left, typeface, size, width);
                    lines.Add(left[..fits]);
                    left = left[fits..];
                }
                line.Append(between > 0 ? " " : "").Append(left);
                used += between + length;
            }
            lines.Add(line.ToString());
        }
        return lines;
    }

    /// <summary>
    /// Of every line of a wrapped text, what it was broken at: a space, or nothing within a word. Drawn after the line it keeps words
    /// apart, and the parts of a word together, for whoever copies or hears the text.
    /// </summary>
    public static IReadOnlyList<string> Breaks(string text, IReadOnlyList<string> lines)
    {
        var breaks = new string[lines.Count];
        var at = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            at += lines[i].Length;
            breaks[i] = at < text.Length && text[at] is ' ' or '\n' ? " " : "";
            at += breaks[i].Length;
        }
        return breaks;
    }

    private static int LengthThatFits(string text, SKTypeface typeface, float size, float width)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (length > 0 && Width(text[..(length + rune.Utf16SequenceLength)], typeface, size) > width)
                break;
            length += rune.Utf16SequenceLength;
        }
        return length;
    }

    /// <summary>The text cut where another typeface takes over.</summary>
    internal static IEnumerable<(string Text, SKTypeface Typeface)> Pieces(string text, SKTypeface typeface)
    {
        if (text.Length == 0)
            return [];
        // Most text is, and every text font of ours has all of it.
        var isAscii = !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
        return isAscii && ReportFonts.HasAscii(typeface) ? [(text, typeface)] : PiecesByFont(text, typeface);
    }

    private static IEnumerable<(string Text, SKTypeface Typeface)> PiecesByFont(string text, SKTypeface typeface)
    {
        var piece = new StringBuilder();
        var current = typeface;
        foreach (var rune in text.EnumerateRunes())
        {
            // A space that must not end a line looks like any other.
            var shown = Rune.IsControl(rune) || rune.Value == 0xA0 ? new Rune(' ') : rune;
            var has = ReportFonts.For(shown, typeface);
            if (piece.Length > 0 && has != current)
            {
                yield return (piece.ToString(), current);
                piece.Clear();
            }
            current = has;
            piece.Append(shown.ToString());
        }
        if (piece.Length > 0)
            yield return (piece.ToString(), current);
    }
}
