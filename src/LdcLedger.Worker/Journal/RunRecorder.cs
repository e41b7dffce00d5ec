using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Runs;

namespace LdcLedger.Worker.Journal;

/// <summary>
/// Where a run's facts go: into the ledger, and while that is away into the attempt's journal, from which they follow in order, once each,
/// when it is back. Training never waits for a database. It also looks at the run's stream in every interval, so that a cancelled or
/// superseded run stops within one.
/// </summary>
public sealed class RunRecorder : IAsyncDisposable
{
    /// <summary>How long one try to reach the ledger may take before the facts go to the journal.</summary>
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(20);

    private readonly RunLease _lease;
    private readonly JournalFolder _journals;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private readonly Queue<IReadOnlyList<ILedgerEvent>> _waiting = new();
    private readonly SemaphoreSlim _draining = new(1);
    private readonly Task _watching;
    private JournalFile? _journal;

    /// <param name="interval">Between two looks at the ledger: the logging interval.</param>
    /// <param name="say">Tells people that the ledger is away, and that it is back.</param>
    public RunRecorder(RunLease lease, JournalFolder journals, TimeSpan interval, TimeProvider time, Action<string> say)
    {
        (_lease, _journals, _interval, _time, _say) = (lease, journals, interval, time, say);
        _watching = WatchAsync();
    }

    /// <summary>How the run stands by the last look; it only gets worse.</summary>
    public LeaseState Standing { get; private set; } = LeaseState.Held;

    /// <summary>Cancelled when training is to stop: somebody asked for it, or a newer attempt has the run.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Transactions that wait in the journal.</summary>
    public int Waiting
    {
        get { lock (_gate) return _waiting.Count; }
    }

    /// <summary>Returns when the facts are in the ledger or on disk. Of a superseded attempt nothing is kept.</summary>
    public LeaseState Record(IReadOnlyList<ILedgerEvent> facts)
    {
        lock (_gate)
        {
            if (Standing is LeaseState.Lost or LeaseState.Over)
                return LeaseState.Lost;
            if (_waiting.Count > 0)
                return Keep(facts);
        }
        try
        {
            using var limit = new CancellationTokenSource(TryTimeout, _time);
            return Stand(_lease.RecordAsync(facts, limit.Token).GetAwaiter().GetResult());
        }
        catch (Exception cause) when (LedgerAbsence.Is(cause) || cause is OperationCanceledException)
        {
            LeaseState kept;
            lock (_gate)
                kept = Keep(facts);
            // Said when it is so: who reads it may pull the plug.
            _say($"the ledger cannot be reached ({Innermost(cause)}): run {_lease.Run.RunId} goes on, its facts wait in {_journals.Path}");
            return kept;
        }
    }

    /// <summary>Returns when no fact waits any more: all are in the ledger, or the attempt was superseded and they are discarded.</summary>
    public async Task<LeaseState> SettleAsync(CancellationToken cancellation = default)
    {
        while (Waiting > 0)
        {
            if (!await DrainAsync(cancellation))
                await Task.Delay(_interval, _time, cancellation);
        }
        return Standing;
    }

    /// <summary>Ends the looking; what still waits stays on disk for <see cref="JournalReplay"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _journal?.Dispose();
        _draining.Dispose();
        _stop.Dispose();
        _ended.Dispose();
    }

    private LeaseState Keep(IReadOnlyList<ILedgerEvent> facts)
    {
        _journal ??= _journals.Open(_lease.Run.RunId, _lease.Attempt);
        _journal.Append(JournalledFacts.Write(facts));
        _waiting.Enqueue(facts);
        return Standing;
    }

    /// <returns>False while the ledger is away.</returns>
    private async Task<bool> DrainAsync(CancellationToken cancellation)
    {
        await _draining.WaitAsync(cancellation);
        try
        {
            while (true)
            {
                IReadOnlyList<ILedgerEvent>? next;
                lock (_gate)
                    if (!_waiting.TryPeek(out next))
                        break;
                if (Stand(await _lease.RecordAsync(next, cancellation)) is LeaseState.Lost)
                    break;
                lock (_gate)
                {
                    _waiting.Dequeue();
                    if (_waiting.Count > 0)
                        continue;
                    Discard();
                    _say("the ledger is back, and has every fact that waited");
                }
            }
            return true;
        }
        catch (Exception cause) when (LedgerAbsence.Is(cause))
        {
            return false;
        }
        finally
        {
            _draining.Release();
        }
    }

    private async Task WatchAsync()
    {
        using var rhythm = new PeriodicTimer(_interval, _time);
        try
        {
            while (await rhythm.WaitForNextTickAsync(_ended.Token))
            {
                try
                {
                    if (Waiting > 0)
                        await DrainAsync(_ended.Token);
                    else
                        Stand(await _lease.LookAsync(_ended.Token));
                }
                catch (Exception cause) when (LedgerAbsence.Is(cause))
                {
                    // Nothing to record and nobody to ask: the next look will tell.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
    }

    private LeaseState Stand(LeaseState state)
    {
        lock (_gate)
        {
            if (state <= Standing)
                return Standing;
            Standing = state;
            if (state is LeaseState.Lost && _waiting.Count > 0)
            {
                _say($"run {_lease.Run.RunId}: a newer attempt has it, the journal of attempt {_lease.Attempt} is discarded");
                _waiting.Clear();
                Discard();
            }
        }
        _stop.Cancel();
        return state;
    }

    private void Discard()
    {
        _journal?.Dispose();
        _journal = null;
        _journals.Discard(_lease.Run.RunId, _lease.Attempt);
    }

    private static string Innermost(Exception cause) => cause.WithCauses().Last().Message.TrimEnd('.');
}
