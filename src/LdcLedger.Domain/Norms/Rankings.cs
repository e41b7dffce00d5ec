using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Norms;

/// <summary>A layer's score in a group under a rule.</summary>
public sealed record LayerScore(int Layer, double Score);

/// <summary>The layers of one group, best first.</summary>
/// <param name="Group">mlp or attention.</param>
public sealed record GroupRanking(string Group, IReadOnlyList<LayerScore> Layers)
{
    /// <summary>The <paramref name="k"/> highest layers, best first.</summary>
    public IReadOnlyList<int> Top(int k) => [.. Layers.Take(k).Select(l => l.Layer)];
}

public static class Rankings
{
    /// <summary>
    /// Ranks the layers of a group by the norms of the <c>all</c> runs of all seeds, best first. Equal scores: as the rule's
    /// <see cref="TieBreak"/> says, and in the end the lower layer first.
    /// </summary>
    public static GroupRanking Of(AggregationRule rule, IReadOnlyList<RunNorms> allRuns, string group) =>
        InOrder(rule, group, g => Scores(rule, allRuns, g));

    /// <param name="scoresOf">The scores of a group's layers; asked of another group only where the rule breaks ties by it.</param>
    internal static GroupRanking InOrder(AggregationRule rule, string group, Func<string, IReadOnlyList<LayerScore>> scoresOf)
    {
        var ranked = scoresOf(group).OrderByDescending(s => s.Score);
        if (TieBreak.Rows[rule.Ties].AsksOtherGroups)
            foreach (var other in Regimes.Groups.Where(g => g != group))
            {
                var scores = scoresOf(other).ToDictionary(s => s.Layer, s => s.Score);
                ranked = ranked.ThenByDescending(s => scores.GetValueOrDefault(s.Layer, double.NegativeInfinity));
            }
        return new(group, [.. ranked.ThenBy(s => s.Layer)]);
    }

    /// <summary>
    /// The score of every layer over all seeds, in the order of layers: its unit; under <c>over: component</c> its largest unit.
    /// </summary>
    /// <param name="group">mlp, attention, or all: the seven projections together.</param>
    public static IReadOnlyList<LayerScore> Scores(AggregationRule rule, IReadOnlyList<RunNorms> runs, string group) =>
    [
        .. Units(rule, runs, group)
            .GroupBy(u => u.Layer)
            .Select(layer => new LayerScore(layer.Key, layer.Max(u => u.Value))),
    ];

    internal static IReadOnlyList<NormUnit> Units(AggregationRule rule, IReadOnlyList<RunNorms> runs, string group) =>
        NormUnits.Of(rule, runs, Projections.Of(group));
}
