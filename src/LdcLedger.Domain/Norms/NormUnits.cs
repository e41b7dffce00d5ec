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
        var units = new SortedDictionary<(int Layer, int Order), List<double>>();
        var wanted = projections.Select(Projections.Order).ToHashSet();
        // In the order of seeds, so that the last bit of a mean, and with it a tie, never depends on who read the runs.
        foreach (var run in seeds.OrderBy(run => run.Seed))
            AddRun(rule, run, wanted, units);
        var combination = SeedCombination.Rows[rule.Seeds];
        return
        [
            .. units.Select(u => new NormUnit(
                u.Key.Layer, u.Key.Order == WholeBlock ? null : Projections.All[u.Key.Order], combination.Of(u.Value))),
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
        var (measure, epoch, isThere) = (Measure.Rows[rule.Measure], EpochOf(rule, run), false);
        foreach (var m in run.Modules)
        {
            if (m.Epoch != epoch)
                continue;
            isThere = true;
            // An update that is not finite itself is a result, though a bad one.
            if (double.IsFinite(m.UpdateFrobenius) && !double.IsFinite(MeasuredBy(measure, m)))
                return $"no {measure.Needs} of {m.Projection} in layer {m.Layer}, which rule {rule.Reference} asks for";
        }
        return isThere ? null : $"no norms of epoch {rule.Epoch}, which rule {rule.Reference} asks for";
    }

    private const int WholeBlock = -1;

    private static void AddRun(
        AggregationRule rule, RunNorms run, HashSet<int> wanted, SortedDictionary<(int Layer, int Order), List<double>> units)
    {
        var (measure, combination, epoch) = (Measure.Rows[rule.Measure], Combination.Rows[rule.Combine], EpochOf(rule, run));
        var isBlock = RuleScope.Rows[rule.Over].IsBlock;
        var blocks = new Dictionary<int, List<(int Order, double Value)>>();
        foreach (var m in run.Modules)
        {
            if (m.Epoch != epoch || Projections.Order(m.Projection) is var order && !wanted.Contains(order))
                continue;
            if (!isBlock)
                Add((m.Layer, order), MeasuredBy(measure, m));
            else if (blocks.TryGetValue(m.Layer, out var block))
                block.Add((order, MeasuredBy(measure, m)));
            else
                blocks[m.Layer] = [(order, MeasuredBy(measure, m))];
        }
        foreach (var (layer, block) in blocks)
            Add((layer, WholeBlock), combination.Of([.. block.OrderBy(b => b.Order).Select(b => b.Value)]));

        void Add((int, int) unit, double value)
        {
            if (units.TryGetValue(unit, out var values))
                values.Add(value);
            else
                units[unit] = [value];
        }
    }

    private static int EpochOf(AggregationRule rule, RunNorms run) => rule.Epoch ?? run.LastEpoch;

    private static double MeasuredBy(Measure measure, ModuleNorm m) =>
        measure.Of(m.UpdateFrobenius, m.WeightFrobenius, (double)m.Rows * m.Columns);
}
