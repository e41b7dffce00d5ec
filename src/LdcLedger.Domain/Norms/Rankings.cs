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

/// <summary>
/// The rankings of one model and domain under one rule: the <c>all</c> run's layers, per group, over all seeds.
/// Read model; id = <see cref="IdOf"/>.
/// </summary>
public sealed record DomainRankings(string Id, Guid StudyId, string Model, string Domain, string Rule, IReadOnlyList<GroupRanking> Groups)
{
    public static string IdOf(Guid study, string model, string domain, string rule) => $"{study:N}/{model}/{domain}/{rule}";
}

public static class Rankings
{
    /// <summary>
    /// Ranks the layers of a group by the norms of the <c>all</c> runs of all seeds, best first. Equal scores: the lower layer first.
    /// </summary>
    public static GroupRanking Of(AggregationRule rule, IReadOnlyList<RunNorms> allRuns, string group) =>
        new(group, [.. Scores(rule, allRuns, group).OrderByDescending(s => s.Score).ThenBy(s => s.Layer)]);

    /// <summary>
    /// The score of every layer over all seeds, in the order of layers: its unit; under <c>over: component</c> its largest unit.
    /// </summary>
    /// <param name="group">mlp, attention, or all: the seven projections together.</param>
    public static IReadOnlyList<LayerScore> Scores(AggregationRule rule, IReadOnlyList<RunNorms> runs, string group) =>
    [
        .. NormUnits.Of(rule, runs, Projections.Of(group))
            .GroupBy(u => u.Layer)
            .Select(layer => new LayerScore(layer.Key, layer.Max(u => u.Value))),
    ];
}
