using System.Globalization;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Reports.Studies;

/// <summary>
/// How numbers are printed. On paper they are rounded; in files they are whole. Rounded is the number itself, as C and Python do it: a
/// format such as 0.000 would round it to 15 digits first, and 101.85, which is a little less, would become 1.019e+02.
/// </summary>
internal static class Numbers
{
    public const string None = "–";

    public static string Perplexity(double value) => value < 1e5 ? Fixed(value, 2) : Exponential(value, 2);

    public static string NatsPerToken(double value) => Fixed(value, 4);

    /// <summary>A gain or a loss in nats per token, for a sentence: 0.439.</summary>
    public static string Gain(double nats) => Fixed(nats, 3);

    public static string BitsPerByte(double value) => Fixed(value, 3);

    /// <summary>With as many decimals for all of a table as its rule gives its largest, so that points align.</summary>
    public static Func<double, string> Normalised(AggregationRule rule, IEnumerable<double> ofTable)
    {
        var decimals = Normalisation.Rows[rule.Perplexity].Decimals(ofTable.Where(double.IsFinite).DefaultIfEmpty(1).Max());
        return value => Fixed(value, decimals);
    }

    /// <summary>Like 1.019e+02, as the published tables have it.</summary>
    public static string Norm(double value) => Exponential(value, 3);

    /// <summary>Four digits of the largest of a table, and as many decimals for the others, so that points align.</summary>
    public static Func<double, string> Scores(IEnumerable<double> ofTable)
    {
        var largest = ofTable.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max();
        if (largest is 0 or >= 1e6 or < 1e-3)
            return Norm;
        var decimals = Math.Clamp(3 - PortableMath.Decade(largest), 0, 6);
        return value => Fixed(value, decimals);
    }

    public static string Percent(double share) => Fixed(100 * share, 0) + " %";

    /// <summary>With a digit after the point below 10 %, where a whole number would say too little.</summary>
    public static string FinePercent(double share) =>
        share is > 0 and < 0.0005 ? "< 0.1 %" : Text(100 * share, share < 0.0995 ? "0.0" : "0") + " %";

    public static string Correlation(double tau) => Text(tau, "0.00");

    /// <summary>A ratio near 1: 1.35.</summary>
    public static string Ratio(double value) => Text(value, "0.00");

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Plain(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Moment(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>For instance 0–3, 7.</summary>
    public static string Layers(IReadOnlyList<int> sorted)
    {
        var parts = new List<string>();
        for (var i = 0; i < sorted.Count;)
        {
            var end = i;
            while (end + 1 < sorted.Count && sorted[end + 1] == sorted[end] + 1)
                end++;
            if (end > i + 1)
                parts.Add($"{sorted[i]}–{sorted[end]}");
            else
                parts.AddRange(sorted.Skip(i).Take(end - i + 1).Select(l => $"{l}"));
            i = end + 1;
        }
        return string.Join(", ", parts);
    }

    private static string Fixed(double value, int decimals) => Text(value, $"F{decimals}");

    // .NET writes three digits of an exponent, others two.
    private static string Exponential(double value, int decimals)
    {
        var text = Text(value, $"e{decimals}");
        return text.Length > 4 && text[^5] == 'e' && text[^3] == '0' ? text.Remove(text.Length - 3, 1) : text;
    }

    private static string Text(double value, string format) =>
        double.IsFinite(value) ? Signed(value.ToString(format, CultureInfo.InvariantCulture))
        : double.IsNaN(value) ? "NaN"
        : value > 0 ? "∞" : "−∞";

    // A minus as it is set, and none before a number that rounds to zero; that of an exponent stays as files have it.
    private static string Signed(string text) =>
        text[0] != '-' ? text : text.AsSpan(1).ContainsAnyInRange('1', '9') ? "−" + text[1..] : text[1..];
}
