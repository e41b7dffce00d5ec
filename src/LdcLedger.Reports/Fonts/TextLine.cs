using System.Globalization;
using System.Text;
using SkiaSharp;

namespace LdcLedger.Reports.Fonts;

/// <summary>Measures, fits, wraps and draws text, character by character from a font that has it.</summary>
internal static class TextLine
{
    private const string Ellipsis = "…";

    public static float Width(string text, SKTypeface typeface, float size) => Pieces(text, typeface).Sum(piece => piece.Width(size));

    /// <summary>Draws from the baseline point; returns where it ends.</summary>
    public static float Draw(SKCanvas canvas, string text, float x, float y, SKTypeface typeface, float size, SKColor color)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        if (PlaceHeld.For(text, typeface) is { } sign)
        {
            canvas.DrawText(sign, x, y, ReportFonts.Of(typeface, size), paint);
            return x + Width(text, typeface, size);
        }
        return InReadingDirection([.. Pieces(text, typeface)]).Aggregate(x, (at, piece) => piece.Draw(canvas, at, y, size, paint));
    }

    /// <summary>From left to right: words of one name in Arabic or Hebrew are read from the right.</summary>
    internal static IReadOnlyList<TextPiece> InReadingDirection(TextPiece[] pieces)
    {
        static bool IsRightToLeft(TextPiece piece) => piece.Script is { IsRightToLeft: true };
        static bool IsOfAnother(char sign) => char.IsLetter(sign) || sign == ',';
        for (var start = 0; start < pieces.Length; start++)
        {
            if (!IsRightToLeft(pieces[start]))
                continue;
            var end = start + 1;
            for (var i = end; i < pieces.Length && (IsRightToLeft(pieces[i]) || !pieces[i].Text.Any(IsOfAnother)); i++)
                if (IsRightToLeft(pieces[i]))
                    end = i + 1;
            Array.Reverse(pieces, start, end - start);
            start = end;
        }
        return pieces;
    }

    /// <summary>The text, or as much of it as fits with an ellipsis in its middle, where names differ least.</summary>
    public static string Fit(string text, SKTypeface typeface, float size, float width)
    {
        if (Width(text, typeface, size) <= width)
            return text;
        var characters = ReportFonts.Characters(text).ToList();
        for (var kept = characters.Count - 1; kept > 0; kept--)
        {
            var shorter = string.Concat(characters.Take((kept + 1) / 2)) + Ellipsis
                + string.Concat(characters.Skip(characters.Count - kept / 2));
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
        foreach (var character in ReportFonts.Characters(text))
        {
            if (length > 0 && Width(text[..(length + character.Length)], typeface, size) > width)
                break;
            length += character.Length;
        }
        return length;
    }

    /// <summary>The text cut where another font takes over, in the order in which it is written.</summary>
    internal static IEnumerable<TextPiece> Pieces(string text, SKTypeface typeface)
    {
        if (text.Length == 0)
            return [];
        // Most text is, and every text font of ours has all of it.
        var isAscii = !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
        return isAscii && ReportFonts.HasAscii(typeface) ? [new(text, typeface, null)] : PiecesByFont(text, typeface);
    }

    private static IEnumerable<TextPiece> PiecesByFont(string text, SKTypeface typeface)
    {
        var piece = new StringBuilder();
        var current = (Typeface: typeface, Script: default(ScriptFont));
        foreach (var character in ReportFonts.Characters(text))
        {
            // A space that must not end a line looks like any other.
            var shown = char.IsControl(character[0]) || character[0] == '\u00A0' ? " " + character[1..] : character;
            // What only steers how text runs has no shape; alone it would be a box.
            if (shown.EnumerateRunes().All(rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format))
                continue;
            var has = ReportFonts.For(shown, typeface);
            if (piece.Length > 0 && has != current)
            {
                yield return new(piece.ToString(), current.Typeface, current.Script);
                piece.Clear();
            }
            current = has;
            piece.Append(shown);
        }
        if (piece.Length > 0)
            yield return new(piece.ToString(), current.Typeface, current.Script);
    }
}
