using LdcLedger.Bench.Ledgers;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Bench.Dashboards;

/// <summary>
/// A study that goes on while somebody looks: hundreds of runs, a few of them at work, whose workers record one fact after another; and the
/// read models that follow, as in a process that leads.
/// </summary>
internal sealed class LiveStudy : IAsyncDisposable
{
    private const int Layers = 26, Epochs = 3, AtWork = 8;

    private readonly LedgerStore _store;
    private readonly LedgerWriter _writer;
    private readonly IAsyncDisposable _projecting;
    private readonly IDisposable _daemon;
    private readonly Func<Task> _stop;
    private readonly IEnumerator<ILedgerEvent> _facts;
    private readonly SemaphoreSlim _one = new(1);

    private LiveStudy(
        LedgerStore store, Guid id, long position, LedgerWriter writer, IEnumerator<ILedgerEvent> facts,
        (IAsyncDisposable Store, IDisposable Daemon, Func<Task> Stop) projecting)
    {
        (_store, Id, Position, _writer, _facts) = (store, id, position, writer, facts);
        (_projecting, _daemon, _stop) = projecting;
    }

    public Guid Id { get; }

    /// <summary>The number of its events.</summary>
    public long Position { get; private set; }

    /// <summary>The place of the last of them in the whole ledger.</summary>
    public long Place { get; private set; }

    /// <param name="runs">So many runs at least; 22 of each of up to 24 cells.</param>
    public static async Task<LiveStudy> BeginAsync(LedgerStore store, int runs, TimeProvider time, CancellationToken cancellation)
    {
        // Seven seeds: a baseline and 21 runs of each cell.
        var (study, planned) = runs >= 528
            ? MadeUpStudy.Of("live", 4, 6, 7, Layers, Epochs) : MadeUpStudy.Of("live", 1, Math.Max(1, runs / 22), 7, Layers, Epochs);
        var writer = new LedgerWriter(store, time);
        // Those at work have claimed their runs and measured something: whoever is quick to ask finds norms to rank by.
        var facts = FactsOf(planned).GetEnumerator();
        List<ILedgerEvent> begun = [study, .. planned];
        while (begun.Count < 1 + planned.Count + 2 * AtWork && facts.MoveNext())
            begun.Add(facts.Current);
        await writer.RecordAsync(begun, cancellation: cancellation);
        await new ReadModelProgress(store, time).CatchUpAsync(cancellation);
        var projecting = store.Configure(ReadModelProjection.AddTo);
        var daemon = await projecting.BuildProjectionDaemonAsync(logger: store.Loggers.CreateLogger<ReadModelProjection>());
        await daemon.StartAllAsync();
        return new(
            store, study.StudyId, begun.Count, writer, facts,
            (projecting, daemon, daemon.StopAllAsync));
    }

    /// <summary>A worker records its next fact.</summary>
    public async Task RecordAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (!_facts.MoveNext())
                throw new InvalidOperationException("Every run of the live study has ended; ask for less.");
            await _writer.RecordAsync([_facts.Current], cancellation: cancellation);
            Position++;
            await using var last = _store.DataSource.CreateCommand($"select max(seq_id) from {_store.Tables.Events}");
            Place = (long)(await last.ExecuteScalarAsync(cancellation))!;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Records at a steady pace until it is disposed of.</summary>
    public IAsyncDisposable Go(TimeSpan pace, TimeProvider time) => new Going(this, pace, time);

    public async ValueTask DisposeAsync()
    {
        await _stop();
        _daemon.Dispose();
        await _projecting.DisposeAsync();
        _facts.Dispose();
        _one.Dispose();
    }

    // So many runs at a time, by turns.
    private static IEnumerable<ILedgerEvent> FactsOf(IReadOnlyList<RunPlanned> planned)
    {
        foreach (var some in planned.Chunk(AtWork))
        {
            var histories = some.Select((run, i) => new Queue<ILedgerEvent>(
                MadeUpStudy.Facts(run, 1).Prepend(new RunClaimed(run.StudyId, run.RunId, 1, $"worker-{i}", MadeUpStudy.Machine)))).ToList();
            while (histories.Exists(history => history.Count > 0))
                foreach (var history in histories.Where(history => history.Count > 0))
                    yield return history.Dequeue();
        }
    }

    private sealed class Going : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _going;

        public Going(LiveStudy study, TimeSpan pace, TimeProvider time) => _going = Task.Run(async () =>
        {
            using var rhythm = new PeriodicTimer(pace, time);
            try
            {
                while (await rhythm.WaitForNextTickAsync(_stop.Token))
                    await study.RecordAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                // Enough.
            }
        });

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _going;
            _stop.Dispose();
        }
    }
}
