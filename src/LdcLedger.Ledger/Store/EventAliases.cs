using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Seals;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// The stored name of every event. These are contracts: a name is never changed or used again, and an event that changes its shape
/// gets a new field with a default, or a new event and an upcaster.
/// </summary>
public static class EventAliases
{
    public static readonly IReadOnlyDictionary<Type, string> All = new Dictionary<Type, string>
    {
        [typeof(StudySubmitted)] = "study_submitted",
        [typeof(RunSettled)] = "run_settled",
        [typeof(Stage2Planned)] = "stage2_planned",
        [typeof(StudyExtended)] = "study_extended",
        [typeof(StudyCancelRequested)] = "study_cancel_requested",
        [typeof(StudyCompleted)] = "study_completed",
        [typeof(RunPlanned)] = "run_planned",
        [typeof(RunClaimed)] = "run_claimed",
        [typeof(PerplexityEvaluated)] = "perplexity_evaluated",
        [typeof(EpochCompleted)] = "epoch_completed",
        [typeof(LayerNormMeasured)] = "layer_norm_measured",
        [typeof(CheckpointSaved)] = "checkpoint_saved",
        [typeof(AdapterSaved)] = "adapter_saved",
        [typeof(RunCompleted)] = "run_completed",
        [typeof(RunFailed)] = "run_failed",
        [typeof(RunReleased)] = "run_released",
        [typeof(RunCancelRequested)] = "run_cancel_requested",
        [typeof(RunCancelled)] = "run_cancelled",
        [typeof(RunAbandoned)] = "run_abandoned",
        [typeof(RunRetryRequested)] = "run_retry_requested",
        [typeof(AggregationRuleDefined)] = "aggregation_rule_defined",
        [typeof(LedgerSealed)] = "ledger_sealed",
    };

    public static string Of(Type type) =>
        All.TryGetValue(type, out var alias) ? alias : throw new ArgumentException($"{type.Name} is no event of the ledger: it has no alias.", nameof(type));
}
