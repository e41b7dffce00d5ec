using System.Text.Json.Serialization;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Domain.Studies;

// The events of a study's own stream (stream id = study id), in the order in which they can happen.

/// <summary>A study was asked for: the whole spec, what it was resolved to, and the rule that will rank its layers.</summary>
/// <param name="Runs">Ids of the baselines and stage-1 runs, which are planned in the same transaction.</param>
/// <param name="By">Whose token asked for it, over HTTP; not written where the command line did, as in every ledger from before there was
/// a dashboard.</param>
public sealed record StudySubmitted(
    Guid StudyId, string Name, StudySpec Spec, IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains,
    AggregationRule Rule, IReadOnlyList<Guid> Runs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null) : IStudyEvent;

/// <summary>The very same study was asked for under another name: what it is called from now on. It is found under the earlier ones,
/// too.</summary>
/// <param name="Naming">1, 2, ...: how often it was renamed, this time included.</param>
public sealed record StudyNamed(Guid StudyId, int Naming, string Name) : IStudyEvent;

/// <summary>A run of this study came to an end; the saga counts these.</summary>
/// <param name="Retry">How many retries of the run had been asked for: 0 at first. A run settles once for each.</param>
/// <param name="Outcome">One of <see cref="Outcomes"/>.</param>
/// <param name="Perplexity">Held-out PPL after training (of a baseline: of the pretrained model); null unless completed.</param>
/// <param name="Reason">Why it did not complete; null where it did.</param>
public sealed record RunSettled(
    Guid StudyId, Guid RunId, string Model, string Domain, string Role, int? Seed, int Retry, string Outcome, double? Perplexity,
    string? Reason) : IStudyEvent
{
    /// <summary>What the study learns of a run's end; null while it has not ended.</summary>
    public static RunSettled? Of(RunProgress run) => run.Outcome is null ? null : new(
        run.Planned.StudyId, run.Planned.RunId, run.Planned.Model, run.Planned.Domain, run.Planned.Role, run.Planned.Seed, run.Retry,
        run.Outcome,
        run.Outcome == Outcomes.Completed && run.Perplexity is not null ? RunSummaryFold.PerplexityOf(run.Perplexity) : null, run.Reason);
}

/// <summary>A stage-2 run: the layers of a group that it alone adapts, for one seed.</summary>
/// <param name="Role">top-1-mlp, top-3-attention, ...</param>
/// <param name="Tuning">Canonical text of the tuning.</param>
public sealed record TargetedRun(Guid RunId, string Role, string Tuning, int Seed);

/// <summary>Stage 2 of one model and domain was decided: the rule, the rankings it saw, and the runs that follow from them.</summary>
/// <param name="Runs">Those that another rule asks for as well are the same runs.</param>
/// <param name="ByExtension">Whether the rule is one that the study was extended by. Not written where it is the study's own, as in every
/// ledger from before there were extensions.</param>
public sealed record Stage2Planned(
    Guid StudyId, string Model, string Domain, AggregationRule Rule, IReadOnlyList<GroupRanking> Rankings,
    IReadOnlyList<TargetedRun> Runs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool ByExtension = false) : IStudyEvent;

/// <summary>
/// A study was extended by another rule: its stage 2 under that rule is decided in the same transaction for every cell whose <c>all</c>
/// runs have completed, and for the others when theirs have.
/// </summary>
/// <param name="Runs">Ids of the runs that were planned in the same transaction.</param>
/// <param name="By">Whose token asked for it, over HTTP; not written where the command line did, as in every ledger from before there was
/// a dashboard.</param>
public sealed record StudyExtended(
    Guid StudyId, AggregationRule Rule, IReadOnlyList<Guid> Runs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null) : IStudyEvent;

/// <summary>The study is to end: nothing more is started, what runs is stopped.</summary>
/// <param name="By">Whose token asked for it, over HTTP; not written where the command line did, as in every ledger from before there was
/// a dashboard.</param>
public sealed record StudyCancelRequested(
    Guid StudyId, string Reason, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By = null) : IStudyEvent;

/// <summary>Every run of the study has ended.</summary>
/// <param name="Completion">1, 2, ...: after a retry or an extension a study completes again.</param>
/// <param name="Completed">Runs that completed; the others failed, were cancelled or abandoned.</param>
public sealed record StudyCompleted(Guid StudyId, int Completion, int Completed, int Failed, int Cancelled, int Abandoned) : IStudyEvent;
