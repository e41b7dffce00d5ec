namespace LdcLedger.Bench.Ledgers;

/// <summary>A figure that was measured, and the target that it has to reach.</summary>
/// <param name="Name">For instance relay-latency.</param>
/// <param name="What">What it is, for people.</param>
/// <param name="Unit">ratio, ms, s, KB, MB, count or share.</param>
/// <param name="IsHigherBetter">Whether the target is the least that is wanted, or the most.</param>
/// <param name="Details">The figures behind it, by name.</param>
public sealed record Measurement(
    string Name, string What, double Value, string Unit, double Target, bool IsHigherBetter, IReadOnlyDictionary<string, double> Details)
{
    /// <summary>1 = exactly the target, 2 = twice as good.</summary>
    public double Reached => IsHigherBetter ? Value / Target : Target / Math.Max(Value, 1e-9);

    public bool IsMet => Reached >= 1;
}
