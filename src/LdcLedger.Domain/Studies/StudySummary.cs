using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Domain.Studies;

/// <summary>A study as it stands: read model of its stream; the id is the study's.</summary>
/// <param name="Name">What it is called now.</param>
/// <param name="Status">One of <see cref="StudyStatuses"/>; as it is stored, none of those that leases tell.</param>
/// <param name="Spec">As it was first asked for.</param>
/// <param name="PlannedRuns">Baselines, stage 1, and stage 2 as far as it has been decided.</param>
/// <param name="SettledRuns">Of these, the ones that have ended.</param>
/// <param name="Stage2Planned">Cells (model x domain) whose stage 2 has been decided under the study's own rule.</param>
public sealed record StudySummary(
    Guid Id, string Name, string Status, StudySpec Spec, IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains,
    AggregationRule Rule,
    int PlannedRuns, int SettledRuns, int CompletedRuns, int FailedRuns, int CancelledRuns, int AbandonedRuns, int Stage2Planned,
    DateTimeOffset SubmittedAt, DateTimeOffset? EndedAt)
{
    /// <summary>What it was called before, without what it is called now.</summary>
    public IReadOnlyList<string> FormerNames { get; init; } = [];

    /// <summary>Runs that ended in one of <see cref="Outcomes"/>.</summary>
    /// <exception cref="RuleViolation">There is no such outcome.</exception>
    public int Count(string outcome) => outcome switch
    {
        Outcomes.Completed => CompletedRuns,
        Outcomes.Failed => FailedRuns,
        Outcomes.Cancelled => CancelledRuns,
        Outcomes.Abandoned => AbandonedRuns,
        _ => throw new RuleViolation($"'{outcome}' is no outcome of a run."),
    };
}
