using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Tables;

/// <summary>All norms of an epoch of a run are recorded.</summary>
/// <param name="Position">Of the study: that of the last of them.</param>
public sealed record MeasuredEpoch(long Position, Guid Run, int Epoch);

/// <summary>A ranking as far as norms told it at a position: provisional, until all runs that it is over have completed.</summary>
/// <param name="Run">The run whose epoch made it another, or might have.</param>
/// <param name="Seeds">How many seeds had norms that the rule can score.</param>
/// <param name="Layers">Best first.</param>
public sealed record RankingPoint(long Position, Guid Run, int? Seed, int Epoch, int Seeds, IReadOnlyList<LayerScore> Layers)
{
    /// <summary>From 1 on; null where the layer has no score.</summary>
    public int? RankOf(int layer) => Layers.Index().Where(l => l.Item.Layer == layer).Select(l => (int?)(l.Index + 1)).FirstOrDefault();
}

/// <summary>Since when the highest layers are what they are.</summary>
/// <param name="Layers">In no order but that of layers.</param>
/// <param name="Since">The first point from which on they stayed the same.</param>
public sealed record SettledTop(int K, IReadOnlyList<int> Layers, RankingPoint Since);

/// <summary>How the ranking of a group's layers came about, epoch by epoch of the <c>all</c> runs of a model and domain.</summary>
/// <param name="Points">In the order of positions; the last is the ranking of all norms there are.</param>
/// <param name="Settled">For every number of layers that stage 2 targets; none where nothing was measured.</param>
public sealed record RankingHistory(
    string Model, string Domain, string Group, IReadOnlyList<RankingPoint> Points, IReadOnlyList<SettledTop> Settled)
{
    /// <summary>One per model, domain and group, in the order of the spec.</summary>
    /// <param name="facts">With the norms of every epoch.</param>
    /// <param name="epochs">Of any runs of the study.</param>
    public static IReadOnlyList<RankingHistory> Of(StudyFacts facts, AggregationRule rule, IReadOnlyList<MeasuredEpoch> epochs)
    {
        var (norms, study) = (facts.Norms.ToDictionary(n => n.Id), facts.Study);
        var allRuns = AllRuns(facts).ToLookup(run => (run.Model, run.Domain));
        IReadOnlyList<int> tops = [.. (study.Spec.Stage2.Top is { Count: > 0 } targeted ? targeted : RankingStability.UsualTops)
            .Distinct().Order()];
        return
        [
            .. from model in study.Models
               from domain in study.Domains
               let runs = allRuns[(model.Name, domain.Name)].ToDictionary(run => run.Id)
               let known = Known(epochs.Where(epoch => runs.ContainsKey(epoch.Run)), norms)
               from @group in study.Spec.Stage2.Groups
               let points = PointsOf(rule, @group, known, runs)
               select new RankingHistory(model.Name, domain.Name, @group, points, SettledOf(points, tops)),
        ];
    }

    /// <summary>The runs that layers are ranked by.</summary>
    public static IEnumerable<RunSummary> AllRuns(StudyFacts facts) =>
        facts.Runs.Where(run => run is { Stage: 1, Role: Regimes.All });

    /// <summary>What was known of each run when an epoch had been measured.</summary>
    private static List<(MeasuredEpoch Epoch, IReadOnlyList<RunNorms> Norms)> Known(
        IEnumerable<MeasuredEpoch> epochs, Dictionary<Guid, RunNorms> norms)
    {
        var (seen, known) = (new Dictionary<Guid, RunNorms>(), new List<(MeasuredEpoch, IReadOnlyList<RunNorms>)>());
        foreach (var epoch in epochs.OrderBy(e => e.Position).Where(e => norms.ContainsKey(e.Run)))
        {
            var all = norms[epoch.Run];
            seen[epoch.Run] = all with { Modules = [.. all.Modules.Where(m => m.Epoch <= epoch.Epoch)] };
            known.Add((epoch, [.. seen.Values]));
        }
        return known;
    }

    private static IReadOnlyList<RankingPoint> PointsOf(
        AggregationRule rule, string group, List<(MeasuredEpoch Epoch, IReadOnlyList<RunNorms> Norms)> known,
        Dictionary<Guid, RunSummary> runs) =>
    [
        .. from moment in known
           let scored = moment.Norms.Where(run => NormUnits.Lacking(rule, run) is null).ToList()
           where scored.Count > 0
           let ranking = Norms.Rankings.Of(rule, scored, @group)
           where ranking.Layers.Count > 0
           select new RankingPoint(
               moment.Epoch.Position, moment.Epoch.Run, runs[moment.Epoch.Run].Seed, moment.Epoch.Epoch, scored.Count, ranking.Layers),
    ];

    private static IReadOnlyList<SettledTop> SettledOf(IReadOnlyList<RankingPoint> points, IReadOnlyList<int> tops)
    {
        if (points.Count == 0)
            return [];
        return
        [
            .. from k in tops
               let last = TopOf(points[^1], k)
               let since = points.Reverse().TakeWhile(point => TopOf(point, k).SequenceEqual(last)).Last()
               select new SettledTop(k, last, since),
        ];

        static IReadOnlyList<int> TopOf(RankingPoint point, int k) => [.. point.Layers.Take(k).Select(l => l.Layer).Order()];
    }
}
