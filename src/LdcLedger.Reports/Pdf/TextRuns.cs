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
    private float _size = 1, _drift;

    // How far Skia has moved the point from which it moves on, and what is written has not.
    private float _since;

    // The glyph that begins at this point; null where what was shown last began elsewhere.
    private int? _last;
    private bool _isPlaced;

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
                // Behind what was shown before, or where the text was placed.
                Begin("", glyphs, _isPlaced);
                return true;
            }
            if (line[..open].Split(' ') is [var right, var up, "Td", ""])
            {
                Move(float.Parse(right, CultureInfo.InvariantCulture), up, glyphs, written);
                return true;
            }
        }
        Write(written);
        if (line.EndsWith(" Tm", StringComparison.Ordinal))
            (_since, _isPlaced) = (0, true);
        if (line.EndsWith(" Tf", StringComparison.Ordinal) && line.Split(' ') is [var font, var size, _])
            (_font, _size) = (font[1..], float.Parse(size, CultureInfo.InvariantCulture));
        return false;
    }

    private void Move(float by, string up, string glyphs, StringBuilder written)
    {
        if (up == "0" && _last is { } last && glyphs.Length == 4 && widthOf(_font, last) is { } width
            && _drift + by - width * _size / 1000 is var drift && Math.Abs(drift) <= MostDrift)
        {
            _drift = drift;
            _glyphs.Append(glyphs);
            _last = Glyph(glyphs);
            _since += by;
            return;
        }
        Write(written);
        var move = string.Create(CultureInfo.InvariantCulture, $"{_since + by:0.#####} {up} Td ");
        _since = 0;
        Begin(move, glyphs, isPlaced: true);
    }

    private void Begin(string move, string glyphs, bool isPlaced)
    {
        (_move, _drift, _last, _isPlaced) = (move, 0, isPlaced && glyphs.Length == 4 ? Glyph(glyphs) : null, false);
        _glyphs.Append(glyphs);
    }

    private void Write(StringBuilder written)
    {
        if (_glyphs.Length > 0)
            written.Append(_move).Append('<').Append(_glyphs).Append("> Tj\n");
        _glyphs.Clear();
        _last = null;
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
