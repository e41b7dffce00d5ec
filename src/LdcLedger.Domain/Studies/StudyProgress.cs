using System.Collections.Immutable;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Studies;

/// <summary>
/// Where a study stands: the fold of its stream. The saga decides by it, and the read model <see cref="StudySummary"/> is a view of it.
/// </summary>
/// <param name="Runs">Every planned run, and how it last settled; null while it has not.</param>
/// <param name="Stage2">The cells whose stage 2 has been decided, once for each rule.</param>
/// <param name="Rules">The study's own, then those it was extended by.</param>
/// <param name="Completions">How often the study has completed: again after a retry or an extension.</param>
/// <param name="EndedAt">Null while a run has not settled. A retried run does not reopen its study: it settles once more.</param>
public sealed record StudyProgress(
    StudySubmitted Submitted, ImmutableDictionary<Guid, RunSettled?> Runs, ImmutableList<Stage2Planned> Stage2,
    ImmutableList<AggregationRule> Rules,
    StudyCancelRequested? CancelRequested, int Completions, DateTimeOffset SubmittedAt, DateTimeOffset? EndedAt)
{
    public Guid StudyId => Submitted.StudyId;

    /// <summary>What it has been called, in order; at least one.</summary>
    public ImmutableList<string> Names { get; private init; } = [Submitted.Name];

    /// <summary>What it is called now.</summary>
    public string Name => Names[^1];

    public bool IsCancelled => CancelRequested is not null;

    public bool IsEnded => EndedAt is not null;

    // Changed by Evolve alone, which counts along.
    public ImmutableDictionary<Guid, RunSettled?> Runs { get; private init; } = Runs;

    /// <summary>Whether every planned run has settled.</summary>
    public bool IsSettled => Settled == Runs.Count;

    public int Count(string outcome) => CountOf.GetValueOrDefault(outcome);

    private int Settled => CountOf.Values.Sum();

    // How many runs settled with each outcome: counted once, then carried from state to state.
    private ImmutableDictionary<string, int> CountOf => _countOf ??= Runs.Values.OfType<RunSettled>()
        .GroupBy(settled => settled.Outcome).ToImmutableDictionary(outcome => outcome.Key, outcome => outcome.Count());

    private ImmutableDictionary<string, int>? _countOf;

    /// <summary>The next state. A fact that is already in it changes nothing; one that is none of the study's stream, neither.</summary>
    public static StudyProgress? Evolve(StudyProgress? study, ILedgerEvent fact, DateTimeOffset at) => (study, fact) switch
    {
        (null, StudySubmitted submitted) => new(
            submitted, submitted.Runs.ToImmutableDictionary(id => id, _ => (RunSettled?)null), [], [submitted.Rule], null, 0, at, null),
        (null, _) => null,
        (_, StudyNamed named) when named.Naming >= study.Names.Count => study with { Names = study.Names.Add(named.Name) },
        (_, RunSettled settled) when (study.Runs.GetValueOrDefault(settled.RunId)?.Retry ?? -1) < settled.Retry =>
            study with { Runs = study.Runs.SetItem(settled.RunId, settled), _countOf = study.Recounted(settled) },
        (_, Stage2Planned planned) when !study.HasStage2(planned) =>
            study.WithRuns(planned.Runs.Select(r => r.RunId)) with { Stage2 = study.Stage2.Add(planned) },
        // It completes again, also where every run that the new rule asks for is there.
        (_, StudyExtended extended) when !study.Rules.Contains(extended.Rule) =>
            study.WithRuns(extended.Runs) with { Rules = study.Rules.Add(extended.Rule), EndedAt = null },
        (_, StudyCancelRequested cancel) => study with { CancelRequested = study.CancelRequested ?? cancel },
        (_, StudyCompleted completed) when completed.Completion > study.Completions =>
            study with { Completions = completed.Completion, EndedAt = at },
        _ => study,
    };

    /// <summary>
    /// The next state when a fact is being decided. Its time is not known before it is recorded, and decides nothing.
    /// </summary>
    public StudyProgress After(ILedgerEvent fact) => Evolve(this, fact, SubmittedAt)!;

    /// <param name="rule">The study's own, or one that it was extended by.</param>
    public bool HasStage2(string model, string domain, AggregationRule rule) =>
        Stage2.Any(p => p.Model == model && p.Domain == domain && (p.ByExtension ? p.Rule == rule : rule == Submitted.Rule));

    private bool HasStage2(Stage2Planned planned) =>
        HasStage2(planned.Model, planned.Domain, planned.ByExtension ? planned.Rule : Submitted.Rule);

    public string Status => !IsEnded ? StudyStatuses.Running : IsCancelled ? StudyStatuses.Cancelled : StudyStatuses.Completed;

    public StudySummary Summary => new(
        StudyId, Name, Status, Submitted.Spec, Submitted.Models, Submitted.Domains,
        Submitted.Rule, Runs.Count, Settled, Count(Outcomes.Completed), Count(Outcomes.Failed),
        Count(Outcomes.Cancelled), Count(Outcomes.Abandoned), Stage2.Count(p => !p.ByExtension), SubmittedAt, EndedAt)
    {
        FormerNames = [.. Names.Distinct().Where(name => name != Name)],
    };

    private ImmutableDictionary<string, int> Recounted(RunSettled settled)
    {
        var counts = CountOf.SetItem(settled.Outcome, Count(settled.Outcome) + 1);
        return Runs.GetValueOrDefault(settled.RunId) is { Outcome: var before } ? counts.SetItem(before, counts[before] - 1) : counts;
    }

    private StudyProgress WithRuns(IEnumerable<Guid> planned)
    {
        var added = planned.Where(id => !Runs.ContainsKey(id)).ToList();
        return added.Count == 0 ? this
            : this with { Runs = Runs.AddRange(added.Select(id => KeyValuePair.Create(id, (RunSettled?)null))), EndedAt = null };
    }
}
