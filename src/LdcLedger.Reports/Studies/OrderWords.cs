using LdcLedger.Domain.Tables;

namespace LdcLedger.Reports.Studies;

/// <summary>Rank correlations in words, and figures of several cells in brackets.</summary>
internal static class OrderWords
{
    /// <summary>After "in" or "into", by the median: <c>nearly the same order</c>; <c>the same order</c> only where all are 1.</summary>
    public static string Of(Spread taus) => taus.Median switch
    {
        1 when taus.Lowest >= 1 => "the same order",
        >= 0.8 => "nearly the same order",
        >= 0.5 => "largely the same order",
        >= 0.2 => "partly similar orders",
        > -0.2 => "orders that have little in common",
        > -0.5 => "partly opposite orders",
        <= -0.5 or double.NaN => "largely opposite orders",
    };

    /// <summary>As a sentence begins.</summary>
    public static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>0.93; of several 0.93 in the median (0.71 to 1.00).</summary>
    public static string Range(Spread taus) => Range(taus, Numbers.Correlation);

    /// <summary>The value of a single one; of several the median, then the lowest and the highest.</summary>
    /// <param name="after">What follows the value: <c>" times"</c>.</param>
    /// <param name="sayMedian">False where the sentence has said that of a number before it.</param>
    public static string Range(Spread values, Func<double, string> text, string after = "", bool sayMedian = true)
    {
        var (low, high) = (text(values.Lowest), text(values.Highest));
        return values.Count == 1 ? text(values.Median) + after
            : low == high ? $"{low}{after} throughout"
            : $"{text(values.Median)}{after}{(sayMedian ? " in the median" : "")} ({low} to {high})";
    }
}
