using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Stage2;

namespace LdcLedger.Domain.Studies;

// The events of a study's own stream (stream id = study id), in the order in which they can happen.

/// <summary>A study was asked for: the whole spec, what it was resolved to, and the rule that will rank its layers.</summary>
/// <param name="Runs">Ids of the baselines and stage-1 runs, which are planned in the same transaction.</param>
public sealed record StudySubmitted(
    Guid StudyId, string Name, StudySpec Spec, IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains,
    AggregationRule Rule, IReadOnlyList<Guid> Runs);

/// <summary>A run of this study came to an end; the saga counts these.</summary>
/// <param name="Retry">How many retries of the run had been asked for: 0 at first. A run settles once for each.</param>
/// <param name="Outcome">One of <see cref="Outcomes"/>.</param>
/// <param name="Perplexity">Held-out PPL after training (of a baseline: of the pretrained model); null unless completed.</param>
/// <param name="Reason">Why it did not complete; null where it did.</param>
public sealed record RunSettled(
    Guid StudyId, Guid RunId, string Model, string Domain, string Role, int? Seed, int Retry, string Outcome, double? Perplexity, string? Reason);

/// <summary>How a run can end.</summary>
public static class Outcomes
{
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string Abandoned = "abandoned";
}

/// <summary>Stage 2 of one model and domain was decided: the rule, the rankings it saw, and the runs that follow from them.</summary>
public sealed record Stage2Planned(
    Guid StudyId, string Model, string Domain, AggregationRule Rule, IReadOnlyList<GroupRanking> Rankings, IReadOnlyList<TargetedRun> Runs);

/// <summary>Stage-2 runs that another rule asks for were added to a study.</summary>
public sealed record StudyExtended(Guid StudyId, AggregationRule Rule, IReadOnlyList<Guid> Runs);

/// <summary>The study is to end: nothing more is started, what runs is stopped.</summary>
public sealed record StudyCancelRequested(Guid StudyId, string Reason);

/// <summary>Every run of the study has ended.</summary>
/// <param name="Completion">1, 2, ...: after a retry or an extension a study completes again.</param>
/// <param name="Completed">Runs that completed; the others failed, were cancelled or abandoned.</param>
public sealed record StudyCompleted(Guid StudyId, int Completion, int Completed, int Failed, int Cancelled, int Abandoned);
