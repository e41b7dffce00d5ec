using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Stage2;

/// <summary>
/// What is recorded when a study is extended by a rule: that it was, stage 2 under the rule of every cell whose <c>all</c> runs are there,
/// and the runs that are not planned yet. The other cells follow when theirs are.
/// </summary>
public sealed record StudyExtension(
    StudyExtended Extended, IReadOnlyList<Stage2Planned> Plans, IReadOnlyList<RunPlanned> NewRuns, StudyCompleted? Completed)
{
    /// <summary>In the order in which they are to be recorded.</summary>
    public IReadOnlyList<ILedgerEvent> Facts => FactsBy(null);

    /// <summary>The same, with who asked for it; null: the command line.</summary>
    public IReadOnlyList<ILedgerEvent> FactsBy(string? by) =>
        [Extended with { By = by }, .. Plans, .. NewRuns, .. Completed is null ? [] : new[] { Completed }];

    /// <summary>Whether a rule that says the same ranks the study's layers already: its own, or one that it was extended by.</summary>
    public static bool Has(StudyProgress study, AggregationRule rule)
    {
        var hash = rule.Hash;
        return study.Rules.Any(r => r.Hash == hash);
    }

    /// <summary>The study as it stands once it is asked to be extended, before anything is decided. Pure.</summary>
    /// <exception cref="RuleViolation">It cannot be.</exception>
    public static StudyProgress Asked(StudyProgress study, AggregationRule rule)
    {
        if (study.IsCancelled)
            throw new RuleViolation($"Study {study.StudyId} is cancelled, and cannot be extended.");
        if (!Stage2Decision.HasStage2(study.Submitted.Spec))
            throw new RuleViolation($"Study {study.StudyId} has no stage 2, so no rule adds a run to it.");
        if (study.Rules.FirstOrDefault(r => r.Name == rule.Name && r.Version == rule.Version) is not null)
            throw new RuleViolation(
                $"Study {study.StudyId} knows another rule by the name {rule.Reference}, from the ledger that it came from; "
                + "define yours under another name.");
        StudyPlan.CheckEpoch(study.Submitted.Spec, rule);
        if (WithIdOfItsOwn(study) is { } run)
            throw new RuleViolation(
                $"Study {study.StudyId} was written by hand, and run {run} has an id of its own, so that it cannot be told which of its "
                + $"runs rule {rule.Reference} asks for: it cannot be extended. ldc rules replay reads its events under the rule.");
        return study.After(new StudyExtended(study.StudyId, rule, []));
    }

    // A study that goes on finds its runs by ids that follow from what they adapt. One that was written by hand may have any others.
    private static Guid? WithIdOfItsOwn(StudyProgress study)
    {
        var known = StudyPlan.FirstRuns(study.Submitted).Select(r => r.RunId).ToHashSet();
        foreach (var plan in study.Stage2)
            known.UnionWith(plan.Runs.Where(r =>
                r.RunId == RunIdentity.Of(study.StudyId, plan.Model, plan.Domain, Tuning.Parse(r.Tuning), r.Seed)).Select(r => r.RunId));
        return study.Runs.Keys.Where(id => !known.Contains(id)).Order().Cast<Guid?>().FirstOrDefault();
    }

    /// <summary>Decides every cell that is ready. Pure.</summary>
    /// <param name="asked">As <see cref="Asked"/> gives it.</param>
    /// <param name="norms">Of the completed <c>all</c> runs of the ready cells, by run; what was not measured is left out.</param>
    /// <exception cref="RuleViolation">A run lacks what the rule asks for.</exception>
    public static StudyExtension Of(StudyProgress asked, IReadOnlyDictionary<Guid, RunNorms> norms)
    {
        var (study, rule, plans, newRuns) = (asked, asked.Rules[^1], new List<Stage2Planned>(), new List<RunPlanned>());
        foreach (var cell in Stage2Decision.Ready(asked).Where(c => c.Rules.Contains(rule)))
        {
            IReadOnlyList<RunNorms> measured = [.. cell.AllRuns.Select(norms.GetValueOrDefault).OfType<RunNorms>()];
            var (plan, missing) = Stage2Decision.Plan(study, cell, rule, measured);
            study = study.After(plan);
            plans.Add(plan);
            newRuns.AddRange(missing);
        }
        return new(new(asked.StudyId, rule, [.. newRuns.Select(r => r.RunId)]), plans, newRuns, Stage2Decision.Completion(study));
    }
}
