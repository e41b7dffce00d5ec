using System.Collections.Concurrent;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Hosting;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// How long the machinery takes to react, in a process like <c>ldc serve</c>: from a run's planning to the worker that gets it, and from
/// the last stage-1 run's end to the workers that get all of its cell's stage-2 runs. Both from before the append begins.
/// </summary>
/// <param name="broker">Null: a bus in memory. On RabbitMQ queues and exchanges have names of their own and are deleted afterwards.</param>
public sealed class RelayBench(LedgerStore store, BrokerAddress? broker, TimeProvider time)
{
    public const double RelayTargetMilliseconds = 100, Stage2TargetMilliseconds = 1_000;

    private const int Layers = 16;

    private static readonly TimeSpan ArrivalTimeout = TimeSpan.FromSeconds(30);

    private readonly LedgerWriter _writer = new(store, time);
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> _arrivals = [];

    /// <param name="relays">Runs that are planned one after another.</param>
    /// <param name="cells">Models x domains whose stage 2 is waited for: 24 are a study like the reference study.</param>
    public async Task<IReadOnlyList<Measurement>> RunAsync(int relays, int cells, CancellationToken cancellation = default)
    {
        var prefix = $"{store.Schema}-";
        try
        {
            using var host = Host(prefix);
            await host.StartAsync(cancellation);
            await host.Services.GetRequiredService<LedgerDaemon>().LeadingAsync(cancellation);
            var relayed = await RelayAsync(relays, cancellation);
            var fired = new List<double>();
            for (var study = 0; fired.Count < cells; study++)
                fired.AddRange(await Stage2Async(study, Math.Min(24, cells - fired.Count), cancellation));
            await host.StopAsync(cancellation);
            return
            [
                new("relay-latency", "p95 from append to consumer", Sample.P95(relayed),
                    "ms", RelayTargetMilliseconds, false, Details(relayed)),
                new("stage2-latency", "p95 from the last stage-1 completion to the workers that get its stage-2 runs",
                    Sample.P95(fired), "ms", Stage2TargetMilliseconds, false, Details(fired)),
            ];
        }
        finally
        {
            if (broker is not null)
                await ClusterTransport.RemoveAsync(broker, prefix, CancellationToken.None);
        }
    }

    private static Dictionary<string, double> Details(List<double> sample) =>
        new()
        {
            ["samples"] = sample.Count, ["median_ms"] = Sample.Median(sample),
            ["p95_ms"] = Sample.P95(sample), ["longest_ms"] = sample.Max(),
        };

    private async Task<List<double>> RelayAsync(int count, CancellationToken cancellation)
    {
        var (study, runs) = MadeUpStudy.Of("relay", 1, count, 1, Layers, 1);
        await _writer.RecordAsync([study with { Runs = [] }], cancellation: cancellation);
        var pause = new Random(1);
        var taken = new List<double>();
        foreach (var run in runs.Where(r => r.Stage == 0))
        {
            // As it comes: sometimes at once, sometimes into silence.
            await Task.Delay(TimeSpan.FromMilliseconds(pause.Next(150)), time, cancellation);
            var begun = time.GetTimestamp();
            await _writer.AppendAsync([run], new Dictionary<Guid, StreamHead>(), cancellation: cancellation);
            taken.Add(time.GetElapsedTime(begun, await ArrivalAsync(run.RunId, cancellation)).TotalMilliseconds);
        }
        return taken;
    }

    private async Task<List<double>> Stage2Async(int number, int cells, CancellationToken cancellation)
    {
        var (study, runs) = cells == 24
            ? MadeUpStudy.Of($"stage 2 {number}", 4, 6, 1, Layers, 1)
            : MadeUpStudy.Of($"stage 2 {number}", 1, cells, 1, Layers, 1);
        await _writer.AppendAsync([study, .. runs], new Dictionary<Guid, StreamHead>(), cancellation: cancellation);
        var claims = new RunClaims(store, _writer);
        var taken = new List<double>();
        foreach (var cell in runs.GroupBy(r => (r.Model, r.Domain)))
        {
            var begun = 0L;
            foreach (var run in cell.OrderBy(r => r.Role == Regimes.All))
            {
                await ArrivalAsync(run.RunId, cancellation);
                var (_, lease) = await claims.ClaimAsync(run.RunId, "bench", MadeUpStudy.Machine, cancellation: cancellation);
                await using (lease)
                {
                    begun = time.GetTimestamp();
                    await lease!.RecordAsync(MadeUpStudy.Facts(run, lease.Attempt), cancellation);
                }
            }
            var last = begun;
            foreach (var run in await Stage2RunsAsync(study.StudyId, cell.Key, cancellation))
                last = Math.Max(last, await ArrivalAsync(run, cancellation));
            taken.Add(time.GetElapsedTime(begun, last).TotalMilliseconds);
        }
        return taken;
    }

    private async Task<IEnumerable<Guid>> Stage2RunsAsync(Guid study, (string Model, string Domain) cell, CancellationToken cancellation)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20), time);
        while (true)
        {
            var now = (await store.StudyAsync(study, cancellation)).State!;
            if (now.Stage2.FirstOrDefault(p => (p.Model, p.Domain) == cell) is { } planned)
                return planned.Runs.Select(r => r.RunId);
            await look.WaitForNextTickAsync(cancellation);
        }
    }

    private async Task<long> ArrivalAsync(Guid run, CancellationToken cancellation) =>
        await Expected(run).Task.WaitAsync(ArrivalTimeout, time, cancellation);

    private TaskCompletionSource<long> Expected(Guid run) =>
        _arrivals.GetOrAdd(run, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private Task ArriveAsync(ConsumeContext<TrainRun> message)
    {
        Expected(message.Message.RunId).TrySetResult(time.GetTimestamp());
        return Task.CompletedTask;
    }

    private IHost Host(string prefix)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        builder.Services.AddSingleton(store.Loggers);
        builder.Services.AddLedger(store).AddLedgerDaemon(new());
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (broker is null)
                bus.UsingInMemory((context, transport) =>
                {
                    transport.Stage2Endpoint(context);
                    transport.ReceiveEndpoint(TrainQueue.Name, endpoint => endpoint.Handler<TrainRun>(ArriveAsync));
                });
            else
                bus.UsingCluster(broker, (context, rabbit) =>
                {
                    rabbit.Stage2Endpoint(context, prefix);
                    rabbit.TrainEndpoint(endpoint => endpoint.Handler<TrainRun>(ArriveAsync), prefix);
                }, prefix);
        });
        return builder.Build();
    }
}
