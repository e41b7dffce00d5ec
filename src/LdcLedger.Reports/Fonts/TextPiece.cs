using SkiaSharp;

namespace LdcLedger.Reports.Fonts;

/// <summary>Text of one font.</summary>
/// <param name="Script">Where its letters must be joined and placed; null where each stands for itself, beside the one before.</param>
internal readonly record struct TextPiece(string Text, SKTypeface Typeface, ScriptFont? Script)
{
    public float Width(float size) => Script?.Width(Text, size) ?? ReportFonts.Of(Typeface, size).MeasureText(Text);

    /// <summary>Draws from the baseline point; returns where it ends.</summary>
    public float Draw(SKCanvas canvas, float x, float y, float size, SKPaint paint)
    {
        if (Script is not null)
            return Script.Draw(canvas, Text, x, y, size, paint);
        var font = ReportFonts.Of(Typeface, size);
        canvas.DrawText(Text, x, y, font, paint);
        return x + font.MeasureText(Text);
    }
}
