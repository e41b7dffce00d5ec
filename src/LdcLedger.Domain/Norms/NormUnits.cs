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
    /// The units of the given projections over runs that differ in the seed only: each unit is combined over the seeds, in the order of
    /// layer and projection. Runs that lack the rule's epoch or these projections contribute nothing; no runs give no units.
    /// </summary>
    public static IReadOnlyList<NormUnit> Of(AggregationRule rule, IEnumerable<RunNorms> seeds, IReadOnlyCollection<string> projections)
    {
        var combination = SeedCombination.Rows[rule.Seeds];
        return
        [
            // In the order of seeds, so that the last bit of a mean, and with it a tie, never depends on who read the runs.
            .. seeds.OrderBy(run => run.Seed).SelectMany(run => OfRun(rule, run, projections))
                .GroupBy(u => (u.Layer, u.Projection))
                .Select(g => new NormUnit(g.Key.Layer, g.Key.Projection, combination.Of([.. g.Select(u => u.Value)])))
                .OrderBy(u => u.Layer).ThenBy(u => u.Projection is null ? 0 : Projections.Order(u.Projection)),
        ];
    }

    /// <summary>
    /// What the rule asks for and a run's norms do not have, as it reads after "seed 2: "; null where they have all of it.
    /// </summary>
    /// <param name="run">Null where nothing was recorded.</param>
    public static string? Lacking(AggregationRule rule, RunNorms? run)
    {
        if (run is null || run.Modules.Count == 0)
            return "no norms were recorded";
        var epoch = EpochOf(rule, run);
        var modules = run.Modules.Where(m => m.Epoch == epoch).ToList();
        if (modules.Count == 0)
            return $"no norms of epoch {rule.Epoch}, which rule {rule.Reference} asks for";
        var measure = Measure.Rows[rule.Measure];
        // An update that is not finite itself is a result, though a bad one.
        return modules.Find(m => double.IsFinite(m.UpdateFrobenius) && !double.IsFinite(MeasuredBy(measure, m))) is { } lacking
            ? $"no {measure.Needs} of {lacking.Projection} in layer {lacking.Layer}, which rule {rule.Reference} asks for"
            : null;
    }

    private static IEnumerable<NormUnit> OfRun(AggregationRule rule, RunNorms run, IReadOnlyCollection<string> projections)
    {
        var (measure, combination) = (Measure.Rows[rule.Measure], Combination.Rows[rule.Combine]);
        var epoch = EpochOf(rule, run);
        var modules = run.Modules.Where(m => m.Epoch == epoch && projections.Contains(m.Projection));
        return RuleScope.Rows[rule.Over].IsBlock
            ? modules.GroupBy(m => m.Layer).Select(layer => new NormUnit(
                layer.Key, null, combination.Of([.. layer.OrderBy(m => Projections.Order(m.Projection)).Select(m => MeasuredBy(measure, m))])))
            : modules.Select(m => new NormUnit(m.Layer, m.Projection, MeasuredBy(measure, m)));
    }

    private static int EpochOf(AggregationRule rule, RunNorms run) => rule.Epoch ?? run.LastEpoch;

    private static double MeasuredBy(Measure measure, ModuleNorm m) =>
        measure.Of(m.UpdateFrobenius, m.WeightFrobenius, (double)m.Rows * m.Columns);
}
