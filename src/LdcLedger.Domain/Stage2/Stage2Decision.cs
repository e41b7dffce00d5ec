using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Stage2;

/// <summary>A model and domain whose <c>all</c> runs have completed for every seed, and these runs.</summary>
public sealed record ReadyCell(string Model, string Domain, IReadOnlyList<Guid> AllRuns);

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
        var spec = study.Submitted.Spec;
        if (study.IsCancelled || !spec.Regimes.Contains(Regimes.All) || spec.Stage2.Groups.Count == 0 || spec.Stage2.Top.Count == 0
            || study.HasStage2(model, domain))
            return null;
        var all = StudyPlan.AllRuns(study.Submitted, study.Submitted.Models.First(m => m.Name == model), domain);
        return all.All(id => study.Runs.GetValueOrDefault(id)?.Outcome == Outcomes.Completed) ? new(model, domain, all) : null;
    }

    /// <summary>
    /// Stage 2 of a ready cell and the runs that are not planned yet: a targeted run with the tuning of another one is that one.
    /// Null where the <c>all</c> runs left nothing to rank by.
    /// </summary>
    public static (Stage2Planned Plan, IReadOnlyList<RunPlanned> NewRuns)? Plan(
        StudyProgress study, ReadyCell cell, IReadOnlyList<RunNorms> allRuns)
    {
        var submitted = study.Submitted;
        try
        {
            var (rankings, runs) = Stage2Plan.For(
                study.StudyId, cell.Model, cell.Domain, submitted.Rule, submitted.Spec.Stage2, submitted.Spec.Seeds, allRuns);
            return (new(study.StudyId, cell.Model, cell.Domain, submitted.Rule, rankings, runs),
                [.. runs.Where(r => !study.Runs.ContainsKey(r.RunId)).Select(r =>
                    StudyPlan.Targeted(submitted, cell.Model, cell.Domain, r))]);
        }
        catch (RuleViolation)
        {
            return null;
        }
    }

    /// <summary>That every run has ended, where it has and the study has not said so yet.</summary>
    public static StudyCompleted? Completion(StudyProgress study) =>
        !study.IsSettled ? null
        : new(study.StudyId, study.Completions + 1, study.Count(Outcomes.Completed), study.Count(Outcomes.Failed),
            study.Count(Outcomes.Cancelled), study.Count(Outcomes.Abandoned));
}
