using System.Globalization;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Events;

/// <summary>
/// Every kind of event that the ledger knows, a row for each. What else a new one takes: README, "Where to add".
/// </summary>
public static class EventKinds
{
    private static readonly object[] OncePerStream = [];

    /// <summary>In the order in which they can happen: the study's, the run's, the ledger's own.</summary>
    public static readonly IReadOnlyList<EventKind> All =
    [
        Row<StudySubmitted>("study_submitted", EventStream.Study, _ => OncePerStream,
            e => $"{e.Name}: {Plural.Of(e.Models.Count, "model")}, {Plural.Of(e.Domains.Count, "domain")}, "
                + $"{Plural.Of(e.Runs.Count, "run")} to begin with, rule {e.Rule.Reference}",
            names: e => e.Runs),
        Row<StudyNamed>("study_named", EventStream.Study, e => [e.Naming], e => $"is called {e.Name} from now on"),
        Row<RunSettled>("run_settled", EventStream.Study, e => [e.RunId, e.Retry],
            e => $"{RunTitle.Of(e.Model, e.Domain, e.Role, e.Seed)} {e.Outcome}"
                + (e.Perplexity is { } ppl ? Line($", PPL {ppl:0.####}") : "") + (e.Reason is { } reason ? $": {reason}" : ""),
            answers: Work.Settle, names: e => [e.RunId]),
        // The study's own rule decides a cell once, whatever it is called; so it did before there were extensions.
        Row<Stage2Planned>("stage2_planned", EventStream.Study,
            e => e.ByExtension ? [e.Model, e.Domain, e.Rule.Name, e.Rule.Version] : [e.Model, e.Domain],
            e => $"{e.Model} / {e.Domain} under rule {e.Rule.Reference}: " + string.Join("; ", e.Rankings.Select(r =>
                $"{r.Group} layers {string.Join(", ", r.Top(3))}{(r.Layers.Count > 3 ? ", ..." : "")}"))
                + $"; {Plural.Of(e.Runs.Count, "run")}",
            names: e => e.Runs.Select(run => run.RunId)),
        Row<StudyExtended>("study_extended", EventStream.Study, e => [e.Rule.Name, e.Rule.Version],
            e => $"by rule {e.Rule.Reference}: {Plural.Of(e.Runs.Count, "run")} planned at once",
            names: e => e.Runs),
        Row<StudyCancelRequested>("study_cancel_requested", EventStream.Study, _ => OncePerStream, e => e.Reason, asks: Work.EndStudy),
        Row<StudyCompleted>("study_completed", EventStream.Study, e => [e.Completion],
            e => Line($"{Plural.Of(e.Completed, "run")} completed, {e.Failed} failed, {e.Cancelled} cancelled, {e.Abandoned} abandoned"),
            answers: Work.EndStudy),

        Row<RunPlanned>("run_planned", EventStream.Run, _ => OncePerStream,
            e => Line($"{e.Role}, stage {e.Stage}, data {Hash(e.DataSha256)}, weights {Hash(e.WeightsSha256)}"), asks: Work.Train),
        Row<RunClaimed>("run_claimed", EventStream.Run, e => [e.Attempt], e => Line($"attempt {e.Attempt} by {e.Worker}")),
        Row<PerplexityEvaluated>("perplexity_evaluated", EventStream.Run, _ => OncePerStream,
            e => Line($"{e.TotalNats:0.######} nats over {e.ScoredTokens} tokens, {e.Bytes} bytes")),
        Row<EpochCompleted>("epoch_completed", EventStream.Run, e => [e.Epoch],
            e => Line($"epoch {e.Epoch}, step {e.Step}, {e.TotalNats:0.######} nats over {e.ScoredTokens} tokens")),
        Row<LayerNormMeasured>("layer_norm_measured", EventStream.Run, e => [e.Epoch, e.Layer],
            e => Line($"epoch {e.Epoch}, layer {e.Layer}: ") + string.Join(", ", e.Projections.Select(p =>
                Line($"{p.Projection.Replace("_proj", "", StringComparison.Ordinal)} {p.UpdateFrobenius:0.000}")))),
        Row<CheckpointSaved>("checkpoint_saved", EventStream.Run, e => [e.Step, e.Sha256],
            e => Line($"step {e.Step}, {Hash(e.Sha256)}, {e.Bytes} bytes")
                + (e.Seconds > 0 ? Line($", {e.TrainedTokens} tokens, {e.Seconds:0.0} s of attempt {e.Attempt}") : "")),
        Row<AdapterSaved>("adapter_saved", EventStream.Run, _ => OncePerStream, e => Line($"{Hash(e.WeightsSha256)}, {e.Bytes} bytes")),
        Row<ProjectionsSaved>("projections_saved", EventStream.Run, _ => OncePerStream, e => Line($"{Hash(e.Sha256)}, {e.Bytes} bytes")),
        Row<RunCompleted>("run_completed", EventStream.Run, _ => OncePerStream,
            e => Line($"{e.Steps} steps, {e.TrainedTokens} tokens, {e.Seconds:0.0} s of attempt {e.Attempt}"),
            asks: Work.Settle, answers: Work.Train),
        Row<RunFailed>("run_failed", EventStream.Run, e => [e.Attempt], e => e.Reason, asks: Work.Settle, answers: Work.Train),
        // Its worker has let the message go.
        Row<RunReleased>("run_released", EventStream.Run, e => [e.Attempt], e => e.Reason, asks: Work.Train),
        Row<RunCancelRequested>("run_cancel_requested", EventStream.Run, e => [e.Retry], e => e.Reason),
        Row<RunCancelled>("run_cancelled", EventStream.Run, e => [e.Retry],
            e => e.Attempt is { } attempt ? Line($"attempt {attempt} stopped") : "before any worker took it",
            asks: Work.Settle, answers: Work.Train),
        Row<RunAbandoned>("run_abandoned", EventStream.Run, e => [e.Attempts], e => e.Reason, asks: Work.Settle, answers: Work.Train),
        Row<RunRetryRequested>("run_retry_requested", EventStream.Run, e => [e.Retry], e => e.Reason, asks: Work.Train),

        Row<AggregationRuleDefined>("aggregation_rule_defined", EventStream.Rules, e => [e.Rule.Name, e.Rule.Version],
            e => RuleWords.Definition(e.Rule)),
        Row<LedgerSealed>("ledger_sealed", EventStream.Seals, e => [e.Position],
            e => Line($"{Plural.Of(e.Position, "event")} under root {Hash(e.Root)}")),
        Row<StudyImported>("study_imported", EventStream.Imports, e => [e.StudyId],
            e => Line($"{e.Name}: {Plural.Of(e.Position, "event")} under root {Hash(e.Root)}{(e.IsChainOurs ? ", chained here" : "")}")),
        Row<StudyAdopted>("study_adopted", EventStream.Imports, e => [e.StudyId], e => e.Reason),
        Row<AccessGranted>("access_granted", EventStream.Access, e => [e.Sha256],
            e => $"token {e.Name}, {e.Role}" + (e.OnlyStudy is { } study ? $", study {study}" : "")
                + (e.UpToPosition is { } position ? Line($" up to position {position}") : "")),
        Row<AccessRevoked>("access_revoked", EventStream.Access, e => [e.Sha256], e => $"token {e.Name}"),
    ];

    private static readonly Dictionary<Type, EventKind> ByRecord = All.ToDictionary(k => k.Record);
    private static readonly Dictionary<string, EventKind> ByAlias = All.ToDictionary(k => k.Alias);

    /// <exception cref="ArgumentException">The record has no row.</exception>
    public static EventKind Of(Type record) => ByRecord.TryGetValue(record, out var kind) ? kind
        : throw new ArgumentException($"{record.Name} is no event of the ledger: it has no row in {nameof(EventKinds)}.", nameof(record));

    /// <exception cref="RuleViolation">No kind is stored under this name: a newer ldc may know it.</exception>
    public static EventKind Of(string alias) => Find(alias)
        ?? throw new RuleViolation($"'{alias}' is no kind of event that this version of ldc knows; a newer one may. It knows "
            + $"{string.Join(", ", All.Select(kind => kind.Alias))}.");

    public static EventKind Of(ILedgerEvent fact) => Of(fact.GetType());

    /// <summary>The kind that is stored under a name; null where there is none.</summary>
    public static EventKind? Find(string alias) => ByAlias.GetValueOrDefault(alias);

    private static EventKind Row<T>(
        string alias, EventStream stream, Func<T, object[]> key, Func<T, string> sentence, Work? asks = null, Work? answers = null,
        Func<T, IEnumerable<Guid>>? names = null) where T : class, ILedgerEvent =>
        new(typeof(T), alias, stream, asks, answers)
        {
            Key = fact => key((T)fact),
            Sentence = fact => sentence((T)fact),
            Names = names is null ? null : fact => names((T)fact),
        };

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Hash(string sha256) => sha256.Length > 12 ? sha256[..12] : sha256;
}
