using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Perplexities;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Domain.Studies;

/// <summary>A study as it stands: read model of its stream; the id is the study's.</summary>
/// <param name="Status">running, completed or cancelled.</param>
/// <param name="PlannedRuns">Baselines, stage 1, and stage 2 as far as it has been decided.</param>
/// <param name="SettledRuns">Of these, the ones that have ended.</param>
/// <param name="Stage2Planned">Cells (model x domain) whose stage 2 has been decided.</param>
public sealed record StudySummary(
    Guid Id, string Name, string Status, StudySpec Spec, IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains, AggregationRule Rule,
    int PlannedRuns, int SettledRuns, int CompletedRuns, int FailedRuns, int CancelledRuns, int AbandonedRuns, int Stage2Planned,
    DateTimeOffset SubmittedAt, DateTimeOffset? EndedAt);

/// <summary>Everything a report states, read from the read models at one position of the study.</summary>
/// <param name="Position">Number of the study's events, in ledger order.</param>
/// <param name="Root">RFC 6962 root over them, lower-case hexadecimal.</param>
/// <param name="AsOf">Time of the last of them; a report's only clock.</param>
public sealed record StudyFacts(
    StudySummary Study, IReadOnlyList<RunSummary> Runs, IReadOnlyList<RunNorms> Norms, IReadOnlyList<RunPerplexity> Perplexities,
    long Position, string Root, DateTimeOffset AsOf);
