using System.Text;

namespace LdcLedger.Reports.Latex;

/// <summary>How wide a text is in LaTeX's standard font, nearly: enough to choose a size of type and where columns wrap.</summary>
internal static class LatexWidth
{
    private const double Fixed = 0.53;

    /// <summary>In em of its size.</summary>
    public static double Of(string text, bool exact = false, bool bold = false)
    {
        var width = 0.0;
        foreach (var rune in text.EnumerateRunes())
            width += Of(rune, exact);
        return bold ? width * 1.13 : width;
    }

    private static double Of(Rune rune, bool exact) => rune.Value switch
    {
        > 127 when LatexText.IsPrintedAsCode(rune) => (rune.Value > 0xFFFF ? 7 : 6) * Fixed,
        _ when exact => Fixed,
        'i' or 'j' or 'l' or '.' or ',' or ':' or ';' or '!' or '\'' or '|' => 0.28,
        ' ' or 'f' or 't' or 'r' or 's' or '-' or '(' or ')' or '[' or ']' => 0.4,
        'm' or 'w' or '%' or '+' or '=' or '<' or '>' or '−' or '×' => 0.84,
        'M' or 'W' or '…' or '—' or '@' => 1.03,
        >= 'A' and <= 'Z' => 0.75,
        _ => Fixed,
    };
}
