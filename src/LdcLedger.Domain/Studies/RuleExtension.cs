using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Studies;

/// <summary>A rule that a study was extended by.</summary>
/// <param name="NewRuns">Runs that it asked for and that were not there, as far as they were decided at once.</param>
public sealed record RuleExtension(AggregationRule Rule, DateTimeOffset At, int NewRuns)
{
    /// <summary>The next list: a rule extends a study once.</summary>
    public static IReadOnlyList<RuleExtension> Evolve(IReadOnlyList<RuleExtension> extensions, ILedgerEvent fact, DateTimeOffset at) =>
        fact is StudyExtended extended && extensions.All(e => e.Rule != extended.Rule)
            ? [.. extensions, new(extended.Rule, at, extended.Runs.Count)] : extensions;
}
