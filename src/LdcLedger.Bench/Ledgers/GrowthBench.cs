using System.Diagnostics.Metrics;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Hosting;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Telemetry;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// Whether the time of a run grows with its study: the last runs of a large study are settled by turns with those of one of a tenth its
/// size, and studies of both sizes are planned. A ratio of 1 means that n runs take n times as long as one.
/// </summary>
public sealed class GrowthBench(LedgerStore store, TimeProvider time)
{
    public const double Target = 1.5;

    private const int Layers = 4, Seeds = 3;
    private const int RunsOfACell = 22, FirstRunsOfACell = 10;   // with its stage 2, and without

    /// <param name="runs">Of the large study, about: whole cells.</param>
    /// <param name="rounds">How often the planning of both sizes is compared.</param>
    public async Task<IReadOnlyList<Measurement>> RunAsync(int runs, int rounds, CancellationToken cancellation = default)
    {
        var settle = await SettleAsync(runs, cancellation);   // first: its studies are copied into the empty ledger
        return [await PlanAsync(runs, rounds, cancellation), settle];
    }

    private static (int Small, int Large) Cells(int runs, int ofACell) => (Math.Max(1, runs / ofACell / 10), Math.Max(2, runs / ofACell));

    private async Task<Measurement> PlanAsync(int runs, int rounds, CancellationToken cancellation)
    {
        var cells = Cells(runs, FirstRunsOfACell);
        List<double> small = [], large = [];
        for (var round = 0; round <= rounds; round++)   // the first time warms up
        {
            small.Add(await PlannedAsync($"plan small {round}", cells.Small, cancellation));
            large.Add(await PlannedAsync($"plan large {round}", cells.Large, cancellation));
        }
        (small, large) = (small[1..], large[1..]);
        return new(
            "plan-growth", "time to plan a run of a large study, over one of a study of a tenth its size",
            Sample.Median(large.Zip(small, (a, b) => a / b)),
            "ratio", Target, false, new Dictionary<string, double>
            {
                ["large_runs"] = cells.Large * FirstRunsOfACell,
                ["small_ms_per_run"] = Sample.Median(small), ["large_ms_per_run"] = Sample.Median(large),
            });
    }

    private async Task<double> PlannedAsync(string name, int cells, CancellationToken cancellation)
    {
        var (study, runs) = MadeUpStudy.Of(name, 1, cells, Seeds, Layers, 1);
        var begun = time.GetTimestamp();
        await new LedgerWriter(store, time).AppendAsync([study, .. runs], new Dictionary<Guid, StreamHead>(), cancellation: cancellation);
        return time.GetElapsedTime(begun).TotalMilliseconds / runs.Count;
    }

    private async Task<Measurement> SettleAsync(int runs, CancellationToken cancellation)
    {
        var cells = Cells(runs, RunsOfACell);
        var bulk = new BulkEvents(store);
        var warmUp = await OpenAsync(bulk, "settle warm-up", 1, 0, cancellation);
        var small = await OpenAsync(bulk, "settle small", cells.Small, 0, cancellation);
        var large = await OpenAsync(bulk, "settle large", cells.Large, cells.Large - cells.Small, cancellation);
        await bulk.FinishAsync(cancellation);

        using var saga = new Saga(store);
        await saga.StartAsync(cancellation);
        foreach (var cell in warmUp)
            await saga.SettleAsync(cell, cancellation);
        var (smallMilliseconds, smallRead, largeMilliseconds, largeRead) = (0.0, 0L, 0.0, 0L);
        foreach (var (smallCell, largeCell) in small.Zip(large))
        {
            var (took, read) = await MeasureAsync(saga, smallCell, cancellation);
            (smallMilliseconds, smallRead) = (smallMilliseconds + took, smallRead + read);
            (took, read) = await MeasureAsync(saga, largeCell, cancellation);
            (largeMilliseconds, largeRead) = (largeMilliseconds + took, largeRead + read);
        }
        await saga.StopAsync(cancellation);
        double settled = small.Sum(cell => cell.Count);
        return new(
            "settle-growth", "the same to settle one", largeMilliseconds / smallMilliseconds,
            "ratio", Target, false, new Dictionary<string, double>
            {
                ["large_runs"] = cells.Large * RunsOfACell, ["settled"] = settled,
                ["small_ms_per_run"] = smallMilliseconds / settled, ["large_ms_per_run"] = largeMilliseconds / settled,
                ["small_events_read_per_run"] = smallRead / settled, ["large_events_read_per_run"] = largeRead / settled,
            });
    }

    /// <summary>A study whose first cells are done, and whose other cells' runs have ended and wait to be settled.</summary>
    /// <returns>These runs, cell by cell.</returns>
    private static async Task<IReadOnlyList<IReadOnlyList<RunPlanned>>> OpenAsync(
        BulkEvents bulk, string name, int cells, int done, CancellationToken cancellation)
    {
        var (study, runs) = MadeUpStudy.Of(name, 1, cells, Seeds, Layers, 1);
        IReadOnlyList<IReadOnlyList<RunPlanned>> open = [.. runs.GroupBy(r => r.Domain).Skip(done).Select(cell => cell.ToList())];
        var ends = open.SelectMany(cell => cell).SelectMany(run =>
            MadeUpStudy.Facts(run, 1).Prepend(new RunClaimed(run.StudyId, run.RunId, 1, "bench", MadeUpStudy.Machine)));
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await bulk.WriteAsync(
            [.. ListBench.History(study, runs, done).Concat(ends).Select((fact, i) => (fact, at.AddSeconds(i)))], cancellation);
        return open;
    }

    private async Task<(double Milliseconds, long EventsRead)> MeasureAsync(
        Saga saga, IReadOnlyList<RunPlanned> cell, CancellationToken cancellation)
    {
        await store.StudyAsync(cell[0].StudyId, cancellation);   // the first look at a study reads all of it, once
        var (begun, before) = (time.GetTimestamp(), saga.EventsRead);
        await saga.SettleAsync(cell, cancellation);
        return (time.GetElapsedTime(begun).TotalMilliseconds, saga.EventsRead - before);
    }

    /// <summary>The saga on a bus in memory, without relay and projections, so that nothing else takes part.</summary>
    private sealed class Saga : IReceiveObserver, IDisposable
    {
        private readonly IHost _host;
        private readonly MeterListener _listener = new();
        private long _eventsRead;
        private int _open;
        private TaskCompletionSource _handled = new();

        public Saga(LedgerStore store)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
            builder.Services.AddSingleton(store.Loggers);
            builder.Services.AddLedger(store);
            builder.Services.AddMassTransit(bus =>
            {
                bus.DisableUsageTelemetry();
                bus.UsingInMemory((context, transport) => transport.Stage2Endpoint(context));
            });
            _host = builder.Build();
            Bus.ConnectReceiveObserver(this);
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == StudyTrace.Name && instrument.Name == StreamStates.EventsReadName)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, events, _, _) => Interlocked.Add(ref _eventsRead, events));
            _listener.Start();
        }

        public long EventsRead => Interlocked.Read(ref _eventsRead);

        private IBusControl Bus => _host.Services.GetRequiredService<IBusControl>();

        public Task StartAsync(CancellationToken cancellation) => _host.StartAsync(cancellation);

        public Task StopAsync(CancellationToken cancellation) => _host.StopAsync(cancellation);

        public async Task SettleAsync(IReadOnlyList<RunPlanned> runs, CancellationToken cancellation)
        {
            (_open, _handled) = (runs.Count, new(TaskCreationOptions.RunContinuationsAsynchronously));
            foreach (var run in runs)
                await Bus.Publish(new RunEnded(run.StudyId, run.RunId), cancellation);
            await _handled.Task.WaitAsync(TimeSpan.FromMinutes(1), cancellation);
        }

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context)
        {
            if (Interlocked.Decrement(ref _open) == 0)
                _handled.TrySetResult();
            return Task.CompletedTask;
        }

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(
            ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
            Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception)
        {
            _handled.TrySetException(exception);
            return Task.CompletedTask;
        }

        public void Dispose()
        {
            _listener.Dispose();
            _host.Dispose();
        }
    }
}
