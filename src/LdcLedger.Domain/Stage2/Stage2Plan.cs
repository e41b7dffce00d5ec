using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Stage2;

/// <summary>Decides stage 2 of one model and domain. Pure: the same norms give the same plan.</summary>
public static class Stage2Plan
{
    /// <summary>
    /// Ranks the layers by the <c>all</c> runs of all seeds, and targets the top layers of each group, for each seed. Two roles that
    /// come to the same tuning are one run.
    /// </summary>
    /// <param name="allRuns">Norms of the completed <c>all</c> runs of this model and domain, one per seed.</param>
    /// <exception cref="RuleViolation">The runs lack what the rule asks for.</exception>
    public static (IReadOnlyList<GroupRanking> Rankings, IReadOnlyList<TargetedRun> Runs) For(
        Guid study, string model, string domain, AggregationRule rule, Stage2Spec stage2, IReadOnlyList<int> seeds,
        IReadOnlyList<RunNorms> allRuns)
    {
        // A ranking is over all seeds: one that lacks something must not be passed over.
        foreach (var run in allRuns.OrderBy(r => r.Seed))
            if (NormUnits.Lacking(rule, run) is { } lacking)
                throw new RuleViolation($"{model} on {domain} cannot be ranked by its {Regimes.All} run of seed {run.Seed}: {lacking}.");
        if (allRuns.Count > 0 && seeds.Except(allRuns.Select(r => r.Seed ?? 0)).ToList() is [var unmeasured, ..])
            throw new RuleViolation(
                $"{model} on {domain} cannot be ranked by its {Regimes.All} run of seed {unmeasured}: no norms were recorded.");
        var rankings = stage2.Groups.Select(group => Rankings.Of(rule, allRuns, group)).ToList();
        // No layer would make the empty tuning, which is the pretrained model.
        if (rankings.Find(r => r.Layers.Count == 0) is { } empty)
            throw new RuleViolation(
                $"{model} on {domain} has no {empty.Group} norms, so rule {rule.Reference} cannot rank its layers.");
        var runs =
            from k in stage2.Top
            from ranking in rankings
            let tuning = Tuning.Of(ranking.Group, ranking.Top(k))
            from seed in seeds
            select new TargetedRun(RunIdentity.Of(study, model, domain, tuning, seed), Roles.Top(k, ranking.Group), tuning.Text, seed);
        return (rankings, [.. runs.DistinctBy(r => r.RunId)]);
    }
}
