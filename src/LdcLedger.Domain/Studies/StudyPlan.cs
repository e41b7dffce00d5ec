using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Domain.Studies;

/// <summary>How many runs a study comes to.</summary>
/// <param name="Baselines">One per model and domain.</param>
/// <param name="Stage2">At most: tunings that coincide are one run.</param>
public sealed record RunCounts(int Baselines, int Stage1, int Stage2);

/// <summary>Which runs a study consists of. Pure: the same study always plans the same runs, with the same ids.</summary>
public static class StudyPlan
{
    /// <summary>
    /// The study and its first runs, cell by cell: the pretrained baseline of every model and domain, then stage 1 for every seed and
    /// regime.
    /// </summary>
    /// <param name="fresh">0, or which repetition of an identical study was asked for.</param>
    /// <exception cref="RuleViolation">The rule ranks by an epoch that is never trained.</exception>
    public static (StudySubmitted Study, IReadOnlyList<RunPlanned> Runs) For(
        StudySpec spec, IReadOnlyList<ResolvedModel> models, IReadOnlyList<ResolvedDomain> domains, AggregationRule rule, int fresh = 0)
    {
        CheckEpoch(spec, rule);
        var study = new StudyIdentity(spec, models, domains, rule, fresh).Id;
        var submitted = new StudySubmitted(study, spec.Name, spec, models, domains, rule, []);
        var planned = FirstRuns(submitted);
        return (submitted with { Runs = [.. planned.Select(r => r.RunId)] }, planned);
    }

    /// <summary>The baselines and stage 1 of a study.</summary>
    public static IReadOnlyList<RunPlanned> FirstRuns(StudySubmitted study)
    {
        var runs =
            from model in study.Models
            from domain in study.Domains
            from run in Cell(study, model, domain)
            select run;
        return [.. runs.DistinctBy(r => r.RunId)];
    }

    /// <summary>
    /// Plans of the runs that a study names and nobody has planned: it comes from a file that ends in the middle of what was recorded at
    /// once.
    /// </summary>
    /// <param name="planned">Ids of the runs that are planned.</param>
    /// <exception cref="RuleViolation">It does not follow from the study what such a run is.</exception>
    public static IReadOnlyList<RunPlanned> Lacking(StudyProgress study, IReadOnlySet<Guid> planned)
    {
        var lacking = study.Runs.Keys.Where(id => !planned.Contains(id)).ToHashSet();
        if (lacking.Count == 0)
            return [];
        var targeted =
            from plan in study.Stage2
            from run in plan.Runs
            select Targeted(study.Submitted, plan.Model, plan.Domain, run);
        IReadOnlyList<RunPlanned> plans =
            [.. FirstRuns(study.Submitted).Concat(targeted).DistinctBy(r => r.RunId).Where(r => lacking.Remove(r.RunId))];
        return lacking.Count == 0 ? plans : throw new RuleViolation(
            $"Study {study.StudyId} names run {lacking.Min()}, which no event plans and whose id is one of its own, so it cannot go on.");
    }

    /// <summary>How many runs a spec comes to.</summary>
    /// <param name="cells">Models times domains, or as many of these as are asked about.</param>
    public static RunCounts Count(StudySpec spec, int cells) => new(
        cells, cells * spec.Regimes.Count * spec.Seeds.Count,
        spec.Regimes.Contains(Regimes.All) ? cells * spec.Stage2.Top.Count * spec.Stage2.Groups.Count * spec.Seeds.Count : 0);

    /// <exception cref="RuleViolation">The rule ranks by an epoch that is never trained.</exception>
    public static void CheckEpoch(StudySpec spec, AggregationRule rule)
    {
        if (rule.Epoch is { } epoch && (epoch < 1 || epoch > spec.Training.Epochs))
            throw new RuleViolation($"Rule {rule.Reference} ranks by epoch {epoch}; the study trains epochs 1 to {spec.Training.Epochs}.");
    }

    /// <summary>A stage-2 run of a study, in full.</summary>
    public static RunPlanned Targeted(StudySubmitted study, string model, string domain, TargetedRun run) =>
        Planned(study, study.Models.First(m => m.Name == model), study.Domains.First(d => d.Name == domain), 2, run.Role,
            Tuning.Parse(run.Tuning), run.Seed);

    /// <summary>The <c>all</c> runs of a cell, one per seed: what its layers are ranked by.</summary>
    public static IReadOnlyList<Guid> AllRuns(StudySubmitted study, ResolvedModel model, string domain) =>
        AllRuns(study.StudyId, study.Spec.Seeds, model, domain);

    /// <summary>The same, in the order of <paramref name="seeds"/>.</summary>
    public static IReadOnlyList<Guid> AllRuns(Guid study, IReadOnlyList<int> seeds, ResolvedModel model, string domain)
    {
        var tuning = Full(model, Regimes.All);
        return [.. seeds.Select(seed => RunIdentity.Of(study, model.Name, domain, tuning, seed))];
    }

    private static IEnumerable<RunPlanned> Cell(StudySubmitted study, ResolvedModel model, ResolvedDomain domain)
    {
        yield return Planned(study, model, domain, 0, Roles.Pretrained, Tuning.Pretrained, null);
        foreach (var seed in study.Spec.Seeds)
            foreach (var regime in study.Spec.Regimes)
                yield return Planned(study, model, domain, 1, regime, Full(model, regime), seed);
    }

    private static Tuning Full(ResolvedModel model, string regime) => Tuning.Of(regime, Enumerable.Range(0, model.Layers));

    private static RunPlanned Planned(
        StudySubmitted study, ResolvedModel model, ResolvedDomain domain, int stage, string role, Tuning tuning, int? seed) =>
        new(study.StudyId, RunIdentity.Of(study.StudyId, model.Name, domain.Name, tuning, seed), stage, role, model.Name, domain.Name,
            tuning.Text, seed, model.WeightsSha256, model.ConfigSha256, model.TokenizerSha256, domain.Sha256,
            study.Spec.Lora, study.Spec.Data, study.Spec.Training, study.Spec.Evaluation);
}
