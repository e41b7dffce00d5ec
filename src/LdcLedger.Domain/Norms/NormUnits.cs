using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Norms;

/// <summary>What a rule scores: under <c>over: block</c> a (layer, group), under <c>over: component</c> a (layer, projection).</summary>
/// <param name="Projection">Null for a block.</param>
public sealed record NormUnit(int Layer, string? Projection, double Value);

/// <summary>Units of a run's norms under a rule (definitions: src/README.md, "Numbers").</summary>
public static class NormUnits
{
    /// <summary>
    /// The units of the given projections over runs that differ in the seed only: each unit is the mean over the seeds, in the order of
    /// layer and projection. Runs that lack the rule's epoch or these projections contribute nothing; no runs give no units.
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
        var (measure, combination) = (Measure.Rows[rule.Measure], Combination.Rows[rule.Combine]);
        var epoch = rule.Epoch ?? run.LastEpoch;
        var modules = run.Modules.Where(m => m.Epoch == epoch && projections.Contains(m.Projection));
        return RuleScope.Rows[rule.Over].IsBlock
            ? modules.GroupBy(m => m.Layer).Select(layer => new NormUnit(
                layer.Key, null, combination.Of([.. layer.OrderBy(m => Projections.Order(m.Projection)).Select(Measured)])))
            : modules.Select(m => new NormUnit(m.Layer, m.Projection, Measured(m)));

        double Measured(ModuleNorm m) => measure.Of(m.UpdateFrobenius, m.WeightFrobenius, (double)m.Rows * m.Columns);
    }
}
