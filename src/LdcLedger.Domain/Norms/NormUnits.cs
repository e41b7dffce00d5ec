using LdcLedger.Domain.Rules;

namespace LdcLedger.Domain.Norms;

/// <summary>What a rule scores: under <c>over: block</c> a (layer, group), under <c>over: component</c> a (layer, projection).</summary>
/// <param name="Projection">Null for a block.</param>
public sealed record NormUnit(int Layer, string? Projection, double Value);

/// <summary>Units of a run's norms under a rule (definitions: src/README.md, "Numbers").</summary>
public static class NormUnits
{
    /// <summary>
    /// The units of the given projections over runs that differ in the seed only: each unit is the mean over the seeds, in the order of layer and
    /// projection. Runs that lack the rule's epoch or these projections contribute nothing; no runs give no units.
    /// </summary>
    public static IReadOnlyList<NormUnit> Of(AggregationRule rule, IEnumerable<RunNorms> seeds, IReadOnlyCollection<string> projections) =>
    [
        // In the order of seeds, so that the last bit of a mean, and with it a tie, never depends on who read the runs.
        .. seeds.OrderBy(run => run.Seed).SelectMany(run => OfRun(rule, run, projections))
            .GroupBy(u => (u.Layer, u.Projection))
            .Select(g => new NormUnit(g.Key.Layer, g.Key.Projection, g.Average(u => u.Value)))
            .OrderBy(u => u.Layer).ThenBy(u => u.Projection is null ? 0 : Projections.Order(u.Projection)),
    ];

    private static IEnumerable<NormUnit> OfRun(AggregationRule rule, RunNorms run, IReadOnlyCollection<string> projections)
    {
        var epoch = rule.Epoch ?? run.LastEpoch;
        var modules = run.Modules.Where(m => m.Epoch == epoch && projections.Contains(m.Projection));
        return rule.Over switch
        {
            "component" => modules.Select(m => new NormUnit(m.Layer, m.Projection, Measure(rule, m))),
            "block" => modules.GroupBy(m => m.Layer)
                .Select(layer => new NormUnit(layer.Key, null, Combine(rule, layer.OrderBy(m => Projections.Order(m.Projection)).Select(m => Measure(rule, m))))),
            _ => throw new RuleViolation($"Rule {rule.Name}: over '{rule.Over}' is unknown; allowed are {string.Join(", ", AggregationRule.Overs)}."),
        };
    }

    private static double Measure(AggregationRule rule, ModuleNorm m) => rule.Measure switch
    {
        "frobenius" => m.UpdateFrobenius,
        "relative" => m.UpdateFrobenius / m.WeightFrobenius,
        "rms" => m.UpdateFrobenius / Math.Sqrt((double)m.Rows * m.Columns),
        _ => throw new RuleViolation($"Rule {rule.Name}: measure '{rule.Measure}' is unknown; allowed are {string.Join(", ", AggregationRule.Measures)}."),
    };

    private static double Combine(AggregationRule rule, IEnumerable<double> values) => rule.Combine switch
    {
        "sum" => values.Sum(),
        "mean" => values.Average(),
        "l2" => Math.Sqrt(values.Sum(v => v * v)),
        "max" => values.Max(),
        _ => throw new RuleViolation($"Rule {rule.Name}: combine '{rule.Combine}' is unknown; allowed are {string.Join(", ", AggregationRule.Combinations)}."),
    };
}
