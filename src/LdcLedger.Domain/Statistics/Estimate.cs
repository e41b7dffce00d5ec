using System.Collections.Concurrent;
using MathNet.Numerics.Distributions;

namespace LdcLedger.Domain.Statistics;

/// <summary>From <paramref name="Low"/> to <paramref name="High"/>, both included.</summary>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Its ends on another scale, which must not turn them round.</summary>
    public Interval Map(Func<double, double> scale) => new(scale(Low), scale(High));
}

/// <summary>
/// What a few repetitions, one per seed, say of the value that they scatter around.
/// </summary>
/// <param name="Count">Repetitions, 1 or more.</param>
/// <param name="StandardDeviation">With Count - 1 in the denominator; null of a single value, which says nothing of scatter.</param>
/// <param name="Confidence">
/// 95 % interval of the mean by Student's t with Count - 1 degrees of freedom; null of a single value. Of three seeds it reaches 4.30
/// standard errors to each side: the 1.96 of the normal distribution would cover the true value in 81 of 100 studies, not in 95.
/// </param>
public sealed record Estimate(int Count, double Mean, double Median, double? StandardDeviation, Interval? Confidence)
{
    /// <summary>The share of studies whose interval covers the true value.</summary>
    public const double Level = 0.95;

    /// <param name="values">Finite; in an order that does not depend on who read them, for it decides the last bit.</param>
    /// <exception cref="RuleViolation">There is none.</exception>
    public static Estimate Of(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            throw new RuleViolation("There is no value, so there is no mean; at least 1 is needed.");
        var mean = values.Average();
        var median = Sample.Median(values);
        if (values.Count == 1)
            return new(1, mean, median, null, null);
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        var reach = StudentQuantile(values.Count - 1) * deviation / Math.Sqrt(values.Count);
        return new(values.Count, mean, median, deviation, new(mean - reach, mean + reach));
    }

    // Rounded, so that the last bits of the library's functions, which are the machine's, never enter a report.
    private static double StudentQuantile(int freedom) =>
        Quantiles.GetOrAdd(freedom, n => Math.Round(StudentT.InvCDF(0, 1, n, (1 + Level) / 2), 9));

    // The library searches for each.
    private static readonly ConcurrentDictionary<int, double> Quantiles = new();
}
