using LdcLedger.Domain.Layers;
using ScottPlot;

namespace LdcLedger.Reports.Figures;

/// <summary>
/// How a line of a norm figure looks: a colour of Okabe and Ito's palette, told apart by any eye, and a marker, told apart in grey.
/// </summary>
internal sealed record LineStyle(string Color, string DarkColor, MarkerShape Marker);

internal static class Palette
{
    // Colours of paper; in HTML each becomes a variable, so that it can change at night.
    public const string Ink = "#1B2129";
    public const string Muted = "#5C6672";
    public const string Axis = "#8A939E";
    public const string Grid = "#E3E7EB";
    public const string Paper = "#FFFFFF";
    public const string Accent = "#0B5C8F";
    public const string Shade = "#F3F5F7";

    // By the order of the regimes; a regime without a style of its own does not draw.
    private static readonly IReadOnlyList<LineStyle> Lines =
    [
        new("#0072B2", "#5CB8F0", MarkerShape.FilledCircle),
        new("#D55E00", "#FF9145", MarkerShape.FilledSquare),
        new("#007F5F", "#37C99C", MarkerShape.FilledTriangleUp),
    ];

    /// <exception cref="InvalidOperationException">There are more regimes than styles.</exception>
    public static LineStyle Of(string regime)
    {
        var place = Regimes.Every.ToList().IndexOf(Regimes.Rows[regime].Name);
        return place < Lines.Count ? Lines[place]
            : throw new InvalidOperationException($"Regime {regime} has no line style: add one to {nameof(Palette)}.");
    }
}
