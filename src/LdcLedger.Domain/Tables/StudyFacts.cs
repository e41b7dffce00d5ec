using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Tables;

/// <summary>Everything a report states, read from the read models at one position of the study.</summary>
/// <param name="Position">Number of the study's events, in ledger order.</param>
/// <param name="Root">RFC 6962 root over them, lower-case hexadecimal.</param>
/// <param name="AsOf">Time of the last of them; a report's only clock.</param>
public sealed record StudyFacts(
    StudySummary Study, IReadOnlyList<RunSummary> Runs, IReadOnlyList<RunNorms> Norms, IReadOnlyList<RunPerplexity> Perplexities,
    long Position, string Root, DateTimeOffset AsOf);
