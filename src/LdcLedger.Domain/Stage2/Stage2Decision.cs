using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Stage2;

/// <summary>A model and domain whose <c>all</c> runs have completed for every seed, these runs, and the rules that are undecided.</summary>
/// <param name="Rules">Of the study's, in their order; at least one.</param>
public sealed record ReadyCell(string Model, string Domain, IReadOnlyList<Guid> AllRuns, IReadOnlyList<AggregationRule> Rules);

/// <summary>What follows from where a study stands. Pure: the saga only asks and records.</summary>
public static class Stage2Decision
{
    /// <summary>
    /// The cells whose stage 2 is to be decided now: their ranking needs the <c>all</c> runs of all seeds, so one that failed keeps its
    /// cell out. None in a study that is cancelled, or has no regime <c>all</c> or no stage-2 groups.
    /// </summary>
    public static IReadOnlyList<ReadyCell> Ready(StudyProgress study)
    {
        var cells =
            from model in study.Submitted.Models
            from domain in study.Submitted.Domains
            select Ready(study, model.Name, domain.Name);
        return [.. cells.OfType<ReadyCell>()];
    }

    /// <summary>One cell, where it is ready; else null. When a run settles, no other cell than its own can become so.</summary>
    public static ReadyCell? Ready(StudyProgress study, string model, string domain)
    {
        if (study.IsCancelled || !HasStage2(study.Submitted.Spec))
            return null;
        var rules = study.Rules.Where(rule => !study.HasStage2(model, domain, rule)).ToList();
        if (rules.Count == 0)
            return null;
        var all = StudyPlan.AllRuns(study.Submitted, study.Submitted.Models.First(m => m.Name == model), domain);
        return all.All(id => study.Runs.GetValueOrDefault(id)?.Outcome == Outcomes.Completed) ? new(model, domain, all, rules) : null;
    }

    /// <summary>Whether a study is one that fires stage 2 at all.</summary>
    public static bool HasStage2(StudySpec spec) =>
        spec.Regimes.Contains(Regimes.All) && spec.Stage2.Groups.Count > 0 && spec.Stage2.Top.Count > 0;

    /// <summary>
    /// Stage 2 of a ready cell under a rule, and the runs that are not planned yet: a targeted run with the tuning of another one, under
    /// whichever rule, is that one.
    /// </summary>
    /// <exception cref="RuleViolation">The <c>all</c> runs lack what the rule asks for.</exception>
    public static (Stage2Planned Plan, IReadOnlyList<RunPlanned> NewRuns) Plan(
        StudyProgress study, ReadyCell cell, AggregationRule rule, IReadOnlyList<RunNorms> allRuns)
    {
        var submitted = study.Submitted;
        var (rankings, runs) = Stage2Plan.For(
            study.StudyId, cell.Model, cell.Domain, rule, submitted.Spec.Stage2, submitted.Spec.Seeds, allRuns);
        return (new(study.StudyId, cell.Model, cell.Domain, rule, rankings, runs, ByExtension: rule != submitted.Rule),
            [.. runs.Where(r => !study.Runs.ContainsKey(r.RunId)).Select(r =>
                StudyPlan.Targeted(submitted, cell.Model, cell.Domain, r))]);
    }

    /// <summary>That every run has ended, where it has and the study has not said so yet.</summary>
    public static StudyCompleted? Completion(StudyProgress study) =>
        !study.IsSettled ? null
        : new(study.StudyId, study.Completions + 1, study.Count(Outcomes.Completed), study.Count(Outcomes.Failed),
            study.Count(Outcomes.Cancelled), study.Count(Outcomes.Abandoned));
}
