using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Seals;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Identity;

/// <summary>
/// The id of every fact, its stream and its study: a fact that somebody tries to record twice, in whichever attempt, has one id and
/// counts once. An event of a new kind gets its line in each of the three.
/// </summary>
public static class EventIds
{
    /// <summary>Built from what tells facts of one kind apart: run, epoch, layer; the attempt only where the attempt itself is the fact.</summary>
    public static Guid Of(object fact) => fact switch
    {
        StudySubmitted e => Id(e, "study_submitted"),
        RunSettled e => Id(e, "run_settled", e.RunId, e.Retry),
        Stage2Planned e => Id(e, "stage2_planned", e.Model, e.Domain),
        StudyExtended e => Id(e, "study_extended", e.Rule.Name, e.Rule.Version),
        StudyCancelRequested e => Id(e, "study_cancel_requested"),
        StudyCompleted e => Id(e, "study_completed", e.Completion),
        RunPlanned e => Id(e, "run_planned"),
        RunClaimed e => Id(e, "run_claimed", e.Attempt),
        PerplexityEvaluated e => Id(e, "perplexity_evaluated"),
        EpochCompleted e => Id(e, "epoch_completed", e.Epoch),
        LayerNormMeasured e => Id(e, "layer_norm_measured", e.Epoch, e.Layer),
        CheckpointSaved e => Id(e, "checkpoint_saved", e.Step, e.Sha256),
        AdapterSaved e => Id(e, "adapter_saved"),
        RunCompleted e => Id(e, "run_completed"),
        RunFailed e => Id(e, "run_failed", e.Attempt),
        RunReleased e => Id(e, "run_released", e.Attempt),
        RunCancelRequested e => Id(e, "run_cancel_requested", e.Retry),
        RunCancelled e => Id(e, "run_cancelled", e.Retry),
        RunAbandoned e => Id(e, "run_abandoned", e.Attempts),
        RunRetryRequested e => Id(e, "run_retry_requested", e.Retry),
        AggregationRuleDefined e => Id(e, "aggregation_rule_defined", e.Rule.Name, e.Rule.Version),
        LedgerSealed e => Id(e, "ledger_sealed", e.Position),
        _ => throw Unknown(fact),
    };

    /// <summary>The stream a fact belongs to: its run, its study, the rules or the seals.</summary>
    public static Guid StreamOf(object fact) => fact switch
    {
        StudySubmitted or RunSettled or Stage2Planned or StudyExtended or StudyCancelRequested or StudyCompleted => StudyOf(fact)!.Value,
        RunPlanned e => e.RunId,
        RunClaimed e => e.RunId,
        PerplexityEvaluated e => e.RunId,
        EpochCompleted e => e.RunId,
        LayerNormMeasured e => e.RunId,
        CheckpointSaved e => e.RunId,
        AdapterSaved e => e.RunId,
        RunCompleted e => e.RunId,
        RunFailed e => e.RunId,
        RunReleased e => e.RunId,
        RunCancelRequested e => e.RunId,
        RunCancelled e => e.RunId,
        RunAbandoned e => e.RunId,
        RunRetryRequested e => e.RunId,
        AggregationRuleDefined => LedgerIds.Rules,
        LedgerSealed => LedgerIds.Seals,
        _ => throw Unknown(fact),
    };

    /// <summary>The study a fact is part of; null for rules and seals, which are the whole ledger's.</summary>
    public static Guid? StudyOf(object fact) => fact switch
    {
        StudySubmitted e => e.StudyId,
        RunSettled e => e.StudyId,
        Stage2Planned e => e.StudyId,
        StudyExtended e => e.StudyId,
        StudyCancelRequested e => e.StudyId,
        StudyCompleted e => e.StudyId,
        RunPlanned e => e.StudyId,
        RunClaimed e => e.StudyId,
        PerplexityEvaluated e => e.StudyId,
        EpochCompleted e => e.StudyId,
        LayerNormMeasured e => e.StudyId,
        CheckpointSaved e => e.StudyId,
        AdapterSaved e => e.StudyId,
        RunCompleted e => e.StudyId,
        RunFailed e => e.StudyId,
        RunReleased e => e.StudyId,
        RunCancelRequested e => e.StudyId,
        RunCancelled e => e.StudyId,
        RunAbandoned e => e.StudyId,
        RunRetryRequested e => e.StudyId,
        AggregationRuleDefined or LedgerSealed => null,
        _ => throw Unknown(fact),
    };

    private static Guid Id(object fact, string kind, params ReadOnlySpan<object> parts) => LedgerIds.Event(StreamOf(fact), kind, parts);

    private static ArgumentException Unknown(object fact) => new($"{fact.GetType().Name} is no event of the ledger.", nameof(fact));
}
