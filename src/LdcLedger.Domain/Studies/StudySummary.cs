using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Domain.Studies;

/// <summary>A study as it stands: read model of its stream; the id is the study's.</summary>
/// <param name="Status">One of <see cref="StudyStatuses"/>.</param>
/// <param name="PlannedRuns">Baselines, stage 1, and stage 2 as far as it has been decided.</param>
/// <param name="SettledRuns">Of these, the ones that have ended.</param>
/// <param name="Stage2Planned">Cells (model x domain) whose stage 2 has been decided under the study's own rule.</param>
public sealed record StudySummary(
    Guid Id, string Name, string Status, StudySpec Spec, IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains,
    AggregationRule Rule,
    int PlannedRuns, int SettledRuns, int CompletedRuns, int FailedRuns, int CancelledRuns, int AbandonedRuns, int Stage2Planned,
    DateTimeOffset SubmittedAt, DateTimeOffset? EndedAt);

/// <summary>Where a study stands.</summary>
public static class StudyStatuses
{
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
}
