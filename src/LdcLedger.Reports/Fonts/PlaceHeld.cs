using System.Globalization;
using SkiaSharp;

namespace LdcLedger.Reports.Fonts;

/// <summary>
/// Text that an SVG states in words, for whoever opens it to join and place: Skia would write the letters as they are drawn, and drop what
/// joins them. While a drawing is held so, signs are drawn in the place of such texts.
/// </summary>
internal static class PlaceHeld
{
    private const string Sign = "\u2116\u2070";

    [ThreadStatic]
    private static List<string>? Texts;

    /// <summary>Draws; what signs stand for is known until it is over.</summary>
    public static IReadOnlyList<string> While(Action draw)
    {
        try
        {
            Texts = [];
            draw();
            return Texts;
        }
        finally
        {
            Texts = null;
        }
    }

    /// <summary>What to draw instead of the text; null where it is drawn itself.</summary>
    public static string? For(string text, SKTypeface typeface)
    {
        // A text that looks like a sign is held, too, so that no sign stands for itself.
        if (Texts is not { } texts || !text.StartsWith(Sign, StringComparison.Ordinal)
            && TextLine.Pieces(text, typeface).All(piece => piece.Script is null))
            return null;
        texts.Add(text);
        return Sign + (texts.Count - 1).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What a sign stands for; null where the text is none.</summary>
    public static string? Of(string shown, IReadOnlyList<string> texts) =>
        shown.StartsWith(Sign, StringComparison.Ordinal) ? texts[int.Parse(shown.AsSpan(Sign.Length), CultureInfo.InvariantCulture)] : null;
}
