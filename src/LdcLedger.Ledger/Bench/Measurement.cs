namespace LdcLedger.Ledger.Bench;

/// <summary>A figure that was measured, and the target that it has to reach.</summary>
/// <param name="Name">For instance relay-latency.</param>
/// <param name="What">What it is, for people.</param>
/// <param name="Unit">ratio, ms or share.</param>
/// <param name="IsHigherBetter">Whether the target is the least that is wanted, or the most.</param>
/// <param name="Details">The figures behind it, by name.</param>
public sealed record Measurement(
    string Name, string What, double Value, string Unit, double Target, bool IsHigherBetter, IReadOnlyDictionary<string, double> Details)
{
    /// <summary>1 = exactly the target, 2 = twice as good.</summary>
    public double Reached => IsHigherBetter ? Value / Target : Target / Math.Max(Value, 1e-9);

    public bool IsMet => Reached >= 1;
}

/// <summary>The usual figures of a sample.</summary>
public static class Sample
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The smallest value that 95 of 100 do not exceed.</summary>
    public static double P95(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Ceiling(0.95 * sorted.Length) - 1];
    }
}
