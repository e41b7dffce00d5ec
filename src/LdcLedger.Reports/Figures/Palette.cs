using LdcLedger.Domain.Layers;
using ScottPlot;

namespace LdcLedger.Reports.Figures;

/// <summary>
/// How a series looks: a colour of Okabe and Ito's palette, told apart by any eye, and a marker and dashes, told apart in grey.
/// </summary>
/// <param name="Dashes">Lengths of stroke and gap, in units of a chart; none = a line without gaps.</param>
internal sealed record SeriesStyle(string Color, string DarkColor, MarkerShape Marker, IReadOnlyList<float> Dashes);

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

    // On the colours of a heat map, which are the same by day and by night.
    public const string OnLightHeat = "#10171F";
    public const string OnDarkHeat = "#FDFDFD";

    // By the order of the regimes; a regime without a style of its own does not draw.
    private static readonly IReadOnlyList<SeriesStyle> OfRegimes =
    [
        new("#0072B2", "#5CB8F0", MarkerShape.FilledCircle, []),
        new("#D55E00", "#FF9145", MarkerShape.FilledSquare, [6, 2.5f]),
        new("#007F5F", "#37C99C", MarkerShape.FilledTriangleUp, [6, 2, 1.5f, 2]),
        new("#00456B", "#A6D6F5", MarkerShape.OpenCircle, [3, 1.5f]),
        new("#8A3D00", "#FFC79E", MarkerShape.OpenSquare, [5, 1.5f, 1.5f, 1.5f]),
        new("#00503C", "#A4E6D0", MarkerShape.OpenTriangleUp, [8, 1.5f]),
    ];

    // Of everything else; the sixth looks like the first again.
    private static readonly IReadOnlyList<SeriesStyle> OfOthers =
    [
        new("#CC79A7", "#E39AC2", MarkerShape.OpenSquare, [1.5f, 1.5f]),
        new("#56B4E9", "#8CCBF2", MarkerShape.OpenCircle, [4, 2]),
        new("#B8860B", "#E6B23C", MarkerShape.FilledDiamond, [8, 3]),
        new("#3C4A8F", "#8E9BE0", MarkerShape.FilledTriangleDown, [8, 2, 1.5f, 2, 1.5f, 2]),
        new("#6B6B6B", "#B5B5B5", MarkerShape.OpenTriangleUp, [2.5f, 3]),
    ];

    /// <summary>Every style that a page may need as variables of its own.</summary>
    public static IReadOnlyList<SeriesStyle> All => [.. OfRegimes, .. OfOthers];

    /// <param name="style">As <see cref="Documents.ChartSeries.Style"/>: the place of a regime, or beyond the regimes.</param>
    /// <exception cref="InvalidOperationException">There are more regimes than styles.</exception>
    public static SeriesStyle Of(int style) =>
        style < OfRegimes.Count ? OfRegimes[style]
        : style < Regimes.Every.Count
            ? throw new InvalidOperationException($"Regime {Regimes.Every[style]} has no line style: add one to {nameof(Palette)}.")
        : OfOthers[(style - Regimes.Every.Count) % OfOthers.Count];

    // Five colours of one hue, each darker than the one before, evenly to the eye.
    private static readonly IReadOnlyList<(double At, int Red, int Green, int Blue)> Heat =
    [
        (0, 0xF4, 0xF8, 0xFB), (0.25, 0xB9, 0xD3, 0xE8), (0.5, 0x6A, 0xA3, 0xCE), (0.75, 0x24, 0x68, 0xA4), (1, 0x08, 0x2A, 0x54),
    ];

    /// <summary>A colour of a heat map, #rrggbb: darker is more, in grey as well.</summary>
    /// <param name="share">0 to 1.</param>
    public static string HeatOf(double share)
    {
        var at = Math.Clamp(share, 0, 1);
        var i = 1;
        while (Heat[i].At < at)
            i++;
        var (low, high) = (Heat[i - 1], Heat[i]);
        var part = (at - low.At) / (high.At - low.At);
        int Mixed(int from, int to) => (int)Math.Round(from + part * (to - from));
        return $"#{Mixed(low.Red, high.Red):x2}{Mixed(low.Green, high.Green):x2}{Mixed(low.Blue, high.Blue):x2}";
    }
}
