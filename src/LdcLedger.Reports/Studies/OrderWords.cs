using LdcLedger.Domain.Tables;

namespace LdcLedger.Reports.Studies;

/// <summary>Rank correlations in words, and figures of several cells in brackets.</summary>
internal static class OrderWords
{
    /// <summary>After "into": <c>nearly the same order</c>.</summary>
    public static string Of(double tau) => tau switch
    {
        1 => "the same order",
        >= 0.8 => "nearly the same order",
        >= 0.5 => "largely the same order",
        >= 0.2 => "a partly similar order",
        > -0.2 => "orders that have little in common",
        <= -0.2 or double.NaN => "largely the reverse order",
    };

    /// <summary>0.93; of several 0.93 in the median (0.71 to 1.00).</summary>
    public static string Range(Spread taus) => Range(taus, Numbers.Correlation);

    /// <summary>The value of a single one; of several the median, then the lowest and the highest.</summary>
    /// <param name="after">What follows the value: <c>" times"</c>.</param>
    public static string Range(Spread values, Func<double, string> text, string after = "")
    {
        var (low, high) = (text(values.Lowest), text(values.Highest));
        return values.Count == 1 ? text(values.Median) + after
            : low == high ? $"{low}{after} throughout"
            : $"{text(values.Median)}{after} in the median ({low} to {high})";
    }
}
