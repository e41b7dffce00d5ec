using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Runs;

/// <summary>How a worker stands with its run after each look at the ledger.</summary>
public enum LeaseState
{
    /// <summary>Go on.</summary>
    Held,

    /// <summary>Stop, and say so by <see cref="RunLease.CancelAsync"/>.</summary>
    CancelRequested,

    /// <summary>This attempt is over: what was to be recorded is in the ledger, the end or the release with it.</summary>
    Over,

    /// <summary>A newer attempt has the run, or somebody else ended it: stop. Nothing was recorded.</summary>
    Lost,
}

/// <summary>
/// A worker's right to record a run's facts. Every append expects the stream where this attempt left it, so that a worker which was
/// superseded while it was away can add nothing; a fact that an earlier attempt recorded is left out quietly.
/// </summary>
public sealed class RunLease : IAsyncDisposable
{
    private readonly LedgerStore _store;
    private readonly LedgerWriter _writer;
    private SessionLease? _alive;
    private readonly Guid _claimed;
    private readonly SemaphoreSlim _one = new(1);
    private readonly HashSet<Guid> _known;
    private StreamState<RunProgress> _seen;

    internal RunLease(
        LedgerStore store, LedgerWriter writer, StudySubmitted study, StreamState<RunProgress> seen, IEnumerable<Guid> before,
        SessionLease? alive)
    {
        (_store, _writer, Study, _seen, _alive) = (store, writer, study, seen, alive);
        (Run, Attempt, Retry, Checkpoint) = (seen.State!.Planned, seen.State.Attempt, seen.State.Retry, seen.State.Checkpoint);
        EarlierSeconds = seen.State.Time.Earlier;
        _claimed = EventIds.Of(seen.State.Claimed!);
        _known = [.. before, .. seen.Known];
    }

    /// <summary>What to train.</summary>
    public RunPlanned Run { get; }

    /// <summary>The study it belongs to: where its model and corpus lie.</summary>
    public StudySubmitted Study { get; }

    /// <summary>1, 2, ...</summary>
    public int Attempt { get; }

    /// <summary>How many retries had been asked for.</summary>
    public int Retry { get; }

    /// <summary>Where an earlier attempt left off; null = from the beginning.</summary>
    public CheckpointSaved? Checkpoint { get; }

    /// <summary>How long earlier attempts worked on it.</summary>
    public double EarlierSeconds { get; }

    /// <summary>Whether this very fact (its identity, not its content) is in the ledger already.</summary>
    public bool Has(ILedgerEvent fact) => _known.Contains(EventIds.Of(fact));

    /// <summary>
    /// Records facts of this run in one transaction, each once. After an error nobody knows whether they were recorded: call again with the
    /// same facts.
    /// </summary>
    /// <returns>
    /// <see cref="LeaseState.Lost"/>: nothing was recorded. Otherwise all is in the ledger, also where a stop is asked for.
    /// </returns>
    public async Task<LeaseState> RecordAsync(IReadOnlyList<ILedgerEvent> facts, CancellationToken cancellation = default)
    {
        if (facts.FirstOrDefault(f => EventIds.StreamOf(f) != Run.RunId) is { } stray)
            throw new ArgumentException($"{stray.GetType().Name} is no fact of run {Run.RunId}.", nameof(facts));
        await _one.WaitAsync(cancellation);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var missing = facts.Where(f => !Has(f)).DistinctBy(EventIds.Of).ToList();
                if (missing.Count == 0)
                    return Standing;
                if (Standing is LeaseState.Lost or LeaseState.Over)
                    return LeaseState.Lost;
                try
                {
                    var heads = await _writer.AppendAsync(
                        missing, new Dictionary<Guid, StreamHead> { [Run.RunId] = _seen.Head }, _claimed, cancellation);
                    // When they were recorded is not known here, and decides nothing of this attempt.
                    var begun = _seen.State!.Time.ClaimedAt!.Value;
                    _seen = new(
                        missing.Aggregate(_seen.State, (state, fact) => RunProgress.Evolve(state, fact, begun)!), heads[Run.RunId]);
                    _known.UnionWith(missing.Select(EventIds.Of));
                    return Standing;
                }
                catch (LedgerConflict) when (attempt < LedgerConflict.MostTries)
                {
                    await SeeAsync(cancellation);
                }
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public Task<LeaseState> RecordAsync(params ILedgerEvent[] facts) => RecordAsync(facts, CancellationToken.None);

    /// <summary>
    /// Looks whether somebody asked to cancel, or took the run: once every logging interval. The sign of life that went with a broken
    /// connection is taken again.
    /// </summary>
    public async Task<LeaseState> LookAsync(CancellationToken cancellation = default)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await SeeAsync(cancellation);
            if (Standing is LeaseState.Held or LeaseState.CancelRequested)
                await StayAliveAsync(cancellation);
            return Standing;
        }
        finally
        {
            _one.Release();
        }
    }

    public Task<LeaseState> CompleteAsync(int steps, long trainedTokens, double seconds, CancellationToken cancellation = default) =>
        RecordAsync([new RunCompleted(Run.StudyId, Run.RunId, Attempt, steps, trainedTokens, seconds)], cancellation);

    /// <summary>The run cannot complete, and another attempt would end the same way.</summary>
    public Task<LeaseState> FailAsync(
        string reason, int? step = null, double? lastGoodLossNats = null, CancellationToken cancellation = default) =>
        RecordAsync([new RunFailed(Run.StudyId, Run.RunId, Attempt, reason, step, lastGoodLossNats)], cancellation);

    /// <summary>Says that training stopped because it was asked to.</summary>
    public Task<LeaseState> CancelAsync(CancellationToken cancellation = default) =>
        RecordAsync([new RunCancelled(Run.StudyId, Run.RunId, Attempt, Retry)], cancellation);

    /// <summary>Gives the run back in good order, for another worker or a later time.</summary>
    public Task<LeaseState> ReleaseAsync(string reason, CancellationToken cancellation = default) =>
        RecordAsync([new RunReleased(Run.StudyId, Run.RunId, Attempt, reason)], cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_alive is not null)
            await _alive.DisposeAsync();
        _one.Dispose();
    }

    private async Task StayAliveAsync(CancellationToken cancellation)
    {
        if (_alive is { } alive)
        {
            if (await alive.IsHeldAsync(cancellation))
                return;
            _alive = null;
            await alive.DisposeAsync();
        }
        _alive = await RunLock.TryTakeAsync(_store, Run.RunId, cancellation);
    }

    private async Task SeeAsync(CancellationToken cancellation)
    {
        _seen = await _store.RunAsync(Run.RunId, _seen, cancellation);
        _known.UnionWith(_seen.Known);
    }

    private LeaseState Standing => _seen.State switch
    {
        { } run when run.Attempt != Attempt => LeaseState.Lost,
        { IsClaimed: false } => LeaseState.Over,
        { CancelRequested: not null } => LeaseState.CancelRequested,
        { CancelRequested: null } => LeaseState.Held,
        null => throw new InvalidOperationException($"Run {Run.RunId} is leased, but not in the ledger."),
    };
}
