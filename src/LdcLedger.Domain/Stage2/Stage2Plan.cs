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
    public static (IReadOnlyList<GroupRanking> Rankings, IReadOnlyList<TargetedRun> Runs) For(
        Guid study, string model, string domain, AggregationRule rule, Stage2Spec stage2, IReadOnlyList<int> seeds,
        IReadOnlyList<RunNorms> allRuns)
    {
        var rankings = stage2.Groups.Select(group => Rankings.Of(rule, allRuns, group)).ToList();
        // No layer would make the empty tuning, which is the pretrained model.
        if (rankings.Find(r => r.Layers.Count == 0) is { } empty)
            throw new RuleViolation(
                $"{model} on {domain} has no {empty.Group} norms{(rule.Epoch is { } e ? $" of epoch {e}" : "")}, so rule {rule.Name} "
                    + "cannot rank its layers.");
        var runs =
            from k in stage2.Top
            from ranking in rankings
            let tuning = Tuning.Of(ranking.Group, ranking.Top(k))
            from seed in seeds
            select new TargetedRun(RunIdentity.Of(study, model, domain, tuning, seed), Roles.Top(k, ranking.Group), tuning.Text, seed);
        return (rankings, [.. runs.DistinctBy(r => r.RunId)]);
    }
}
