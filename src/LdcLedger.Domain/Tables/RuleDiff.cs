using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Tables;

/// <summary>How many of the highest <paramref name="K"/> layers two rankings share.</summary>
public sealed record TopOverlap(int K, int Shared);

/// <summary>One group's layers under two rules.</summary>
/// <param name="A">Best first; empty where there is no ranking.</param>
/// <param name="B">Likewise, under the other rule.</param>
/// <param name="TauB">Kendall's, of the scores; null where a ranking is missing or has no two different scores.</param>
/// <param name="Overlaps">For every number of layers that stage 2 targets; none where a ranking is missing.</param>
/// <param name="Missing">Why a ranking is missing; else null.</param>
public sealed record RankingDiff(
    string Model, string Domain, string Group, IReadOnlyList<LayerScore> A, IReadOnlyList<LayerScore> B, double? TauB,
    IReadOnlyList<TopOverlap> Overlaps, string? Missing);

/// <summary>A role of stage 2 that the two rules give to different tunings.</summary>
/// <param name="Role">top-1-mlp, top-3-attention, ...</param>
public sealed record TargetDiff(string Model, string Domain, string Role, Tuning A, Tuning B);

/// <summary>A run that the second rule asks for and the study does not have.</summary>
/// <param name="Role">The first of the roles that come to this run.</param>
public sealed record MissingRun(Guid Id, string Model, string Domain, string Role, Tuning Tuning, int Seed);

/// <summary>What changes in a study when its layers are ranked by rule <paramref name="B"/> instead of rule <paramref name="A"/>.</summary>
/// <param name="Rankings">Per model, domain and group, in the order of the spec.</param>
/// <param name="Targets">The stage-2 runs that are others.</param>
/// <param name="MissingRuns">What extending the study by rule B trains now: each run once, whatever its roles and whoever else picked
/// it.</param>
public sealed record RuleDiff(
    AggregationRule A, AggregationRule B, IReadOnlyList<RankingDiff> Rankings, IReadOnlyList<TargetDiff> Targets,
    IReadOnlyList<MissingRun> MissingRuns)
{
    /// <summary>The runs that rule B asks for and the study has, whatever has become of them: each once.</summary>
    public IReadOnlyList<RunSummary> KnownRuns { get; private init; } = [];

    /// <summary>Of the missing runs, those of what rule B chose for a role.</summary>
    public IReadOnlyList<MissingRun> Lacking(TargetDiff target) =>
        [.. MissingRuns.Where(run => (run.Model, run.Domain, run.Tuning) == (target.Model, target.Domain, target.B))];

    public static RuleDiff Of(StudyFacts facts, AggregationRule a, AggregationRule b)
    {
        var (spec, cells) = (facts.Study.Spec, StudyCell.Of(facts));
        // By what they adapt, as tables find them: the ids of a study that was written by hand are any.
        var planned = facts.Runs.ToDictionary(r => (r.Model, r.Domain, r.Tuning, r.Seed));
        var targets =
            (from cell in cells
             from k in spec.Stage2.Top
             from @group in spec.Stage2.Groups
             select (Cell: cell, Role: Roles.Top(k, @group), A: cell.Targeted(a, k, @group).Tuning, B: cell.Targeted(b, k, @group).Tuning))
            .ToList();
        var wanted =
            (from target in targets
             where target.B is not null
             from seed in spec.Seeds
             let known = planned.GetValueOrDefault((target.Cell.Model, target.Cell.Domain, target.B.Text, seed))
             select (target.Cell, target.Role, target.B, Seed: seed, Known: known)).ToList();
        var missing =
            from run in wanted
            where run.Known is null
            let id = RunIdentity.Of(facts.Study.Id, run.Cell.Model, run.Cell.Domain, run.B!, run.Seed)
            select new MissingRun(id, run.Cell.Model, run.Cell.Domain, run.Role, run.B!, run.Seed);
        return new(
            a, b,
            [.. from cell in cells from @group in spec.Stage2.Groups select RowOf(cell, a, b, @group, spec.Stage2.Top)],
            [.. targets.Where(t => t.A is not null && t.B is not null && !t.A.Equals(t.B))
                .Select(t => new TargetDiff(t.Cell.Model, t.Cell.Domain, t.Role, t.A!, t.B!))],
            [.. missing.DistinctBy(m => m.Id)])
        {
            KnownRuns = [.. wanted.Select(run => run.Known).OfType<RunSummary>().DistinctBy(run => run.Id)],
        };
    }

    private static RankingDiff RowOf(StudyCell cell, AggregationRule a, AggregationRule b, string group, IReadOnlyList<int> tops)
    {
        var (under, other) = (cell.Ranking(a, group), cell.Ranking(b, group));
        IReadOnlyList<LayerScore> first = under.Ranking?.Layers ?? [], second = other.Ranking?.Layers ?? [];
        if (first.Count == 0 || second.Count == 0)
            return new(cell.Model, cell.Domain, group, first, second, null, [], under.Missing ?? other.Missing);
        var scores = second.ToDictionary(l => l.Layer, l => l.Score);
        var both = first.Where(l => scores.ContainsKey(l.Layer)).ToList();
        return new(
            cell.Model, cell.Domain, group, first, second,
            RankCorrelation.TauB([.. both.Select(l => l.Score)], [.. both.Select(l => scores[l.Layer])]),
            [.. tops.Select(k => new TopOverlap(k, under.Ranking!.Top(k).Intersect(other.Ranking!.Top(k)).Count()))], null);
    }
}
