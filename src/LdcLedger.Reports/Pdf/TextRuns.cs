using System.Globalization;
using System.Text;

namespace LdcLedger.Reports.Pdf;

/// <summary>
/// SkiaSharp places every letter by itself, even where it stands just where the letter before it ends. Such letters become one run of
/// text: a quarter of the length, and words that no program has to put together.
/// </summary>
/// <param name="widthOf">Of a font's glyph, in thousandths of the size of type; null where that is not known.</param>
internal sealed class TextRuns(Func<string, int, float?> widthOf)
{
    // In points: widths are listed as whole numbers, and so far the letters of a run may come to stand beside where they were drawn.
    private const float MostDrift = 0.04f;

    private readonly StringBuilder _glyphs = new();
    private string _font = "", _move = "";
    private float _size = 1, _since, _drift;
    private int? _last;

    /// <summary>Keeps the line where it shows letters; else writes what was kept.</summary>
    /// <returns>Whether it kept the line.</returns>
    public bool Take(string line, StringBuilder written)
    {
        if (line.EndsWith("> Tj", StringComparison.Ordinal) && line.IndexOf('<') is var open && open >= 0)
        {
            var glyphs = line[(open + 1)..^"> Tj".Length];
            if (open == 0)
            {
                Write(written);
                Begin("", glyphs);
                return true;
            }
            if (line.IndexOf(" 0 Td <", StringComparison.Ordinal) == open - " 0 Td ".Length)
            {
                Move(float.Parse(line.AsSpan(0, open - " 0 Td ".Length), CultureInfo.InvariantCulture), glyphs, written);
                return true;
            }
        }
        Write(written);
        if (line.EndsWith(" Tf", StringComparison.Ordinal) && line.Split(' ') is [var font, var size, _])
            (_font, _size) = (font[1..], float.Parse(size, CultureInfo.InvariantCulture));
        return false;
    }

    private void Move(float by, string glyphs, StringBuilder written)
    {
        if (_last is { } last && glyphs.Length == 4 && widthOf(_font, last) is { } width
            && _drift + by - width * _size / 1000 is var drift && Math.Abs(drift) <= MostDrift)
        {
            _drift = drift;
            _glyphs.Append(glyphs);
            _last = Glyph(glyphs);
            _since += by;
            return;
        }
        // A move is from the beginning of the run before.
        var from = _since;
        Write(written);
        Begin(string.Create(CultureInfo.InvariantCulture, $"{from + by:0.#####} 0 Td "), glyphs);
    }

    private void Begin(string move, string glyphs)
    {
        (_move, _since, _drift, _last) = (move, 0, 0, glyphs.Length == 4 ? Glyph(glyphs) : null);
        _glyphs.Append(glyphs);
    }

    private void Write(StringBuilder written)
    {
        if (_glyphs.Length > 0)
            written.Append(_move).Append('<').Append(_glyphs).Append("> Tj\n");
        _glyphs.Clear();
        (_since, _last) = (0, null);
    }

    private static int Glyph(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <summary>The widths of a font's glyphs, as a PDF lists them (ISO 32000-1, 9.7.4.3).</summary>
internal sealed class GlyphWidths
{
    private readonly Dictionary<int, float> _widths = [];
    private readonly float _others;

    /// <param name="font">The dictionary of a CID font.</param>
    public GlyphWidths(string font)
    {
        _others = font.Contains("/DW ", StringComparison.Ordinal)
            ? float.Parse(SkiaPdf.Value(font, "DW"), CultureInfo.InvariantCulture) : 1000;
        if (!font.Contains("/W ", StringComparison.Ordinal))
            return;
        var list = SkiaPdf.Value(font, "W").Replace("[", " [ ").Replace("]", " ] ")
            .Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)[1..^1];
        for (var i = 0; i < list.Length;)
        {
            var glyph = int.Parse(list[i], CultureInfo.InvariantCulture);
            if (list[i + 1] == "[")
            {
                for (i += 2; list[i] != "]"; i++)
                    _widths[glyph++] = float.Parse(list[i], CultureInfo.InvariantCulture);
                i++;
                continue;
            }
            var last = int.Parse(list[i + 1], CultureInfo.InvariantCulture);
            while (glyph <= last)
                _widths[glyph++] = float.Parse(list[i + 2], CultureInfo.InvariantCulture);
            i += 3;
        }
    }

    public float Of(int glyph) => _widths.GetValueOrDefault(glyph, _others);
}
