using LdcLedger.Domain.Norms;
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

    public static LineStyle Of(string regime) => regime switch
    {
        Regimes.Attention => new("#0072B2", "#5CB8F0", MarkerShape.FilledCircle),
        Regimes.Mlp => new("#D55E00", "#FF9145", MarkerShape.FilledSquare),
        _ => new("#007F5F", "#37C99C", MarkerShape.FilledTriangleUp),
    };
}
