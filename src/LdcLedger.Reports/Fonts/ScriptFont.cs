using System.Runtime.InteropServices;
using System.Text;
using HarfBuzzSharp;
using SkiaSharp;
using Buffer = HarfBuzzSharp.Buffer;

namespace LdcLedger.Reports.Fonts;

/// <summary>
/// A font for names in another script than the report's own words. Its letters may join, change places and carry marks, which HarfBuzz
/// knows; a PDF then says which characters they stand for.
/// </summary>
internal sealed class ScriptFont(string name, bool rightToLeft = false)
{
    private readonly Lazy<Font> _font = new(() =>
    {
        var bytes = new FontFile(name).Bytes();
        // Pinned for good: HarfBuzz reads it as long as the process lives.
        var pinned = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        using var blob = new Blob(pinned.AddrOfPinnedObject(), bytes.Length, MemoryMode.ReadOnly);
        using var face = new Face(blob, 0);
        var font = new Font(face);
        font.SetScale(face.UnitsPerEm, face.UnitsPerEm);
        font.SetFunctionsOpenType();
        return font;
    });

    private readonly Lock _one = new();

    public FontFile File { get; } = new(name);

    public SKTypeface Typeface => File.Typeface;

    public bool IsRightToLeft => rightToLeft;

    public float Width(string text, float size)
    {
        using var shaped = Shaped(text);
        return shaped.GetGlyphPositionSpan().ToArray().Sum(position => (float)position.XAdvance) * size / Typeface.UnitsPerEm;
    }

    /// <summary>Draws from the baseline point; returns where it ends.</summary>
    public float Draw(SKCanvas canvas, string text, float x, float y, float size, SKPaint paint)
    {
        using var shaped = Shaped(text);
        var glyphs = shaped.GetGlyphInfoSpan();
        var positions = shaped.GetGlyphPositionSpan();
        var characters = Encoding.UTF8.GetBytes(text);
        using var builder = new SKTextBlobBuilder();
        var run = builder.AllocatePositionedTextRun(ReportFonts.Of(Typeface, size), glyphs.Length, characters.Length);
        characters.CopyTo(run.Text);
        var (at, scale) = (0, size / Typeface.UnitsPerEm);
        for (var i = 0; i < glyphs.Length; i++)
        {
            run.Glyphs[i] = (ushort)glyphs[i].Codepoint;
            run.Clusters[i] = glyphs[i].Cluster;
            run.Positions[i] = new((at + positions[i].XOffset) * scale, -positions[i].YOffset * scale);
            at += positions[i].XAdvance;
        }
        using var blob = builder.Build();
        if (blob is not null)
            canvas.DrawText(blob, x, y, paint);
        return x + at * scale;
    }

    /// <summary>Glyphs from left to right, in units of the typeface.</summary>
    private Buffer Shaped(string text)
    {
        var buffer = new Buffer();
        buffer.AddUtf8(text);
        buffer.GuessSegmentProperties();
        lock (_one)
            _font.Value.Shape(buffer);
        return buffer;
    }
}
