using LdcLedger.Ledger.Hosting;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using LdcLedger.Worker.Artifacts;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Journal;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Runs;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Studies;

/// <summary>Everything that runs a study, in this one process: projections, relay and saga of the ledger, a bus in memory, and a worker.</summary>
internal sealed class StudyHost : IAsyncDisposable
{
    private readonly IHost _host;

    private StudyHost(IHost host) => _host = host;

    public ProgressFeed Feed => _host.Services.GetRequiredService<ProgressFeed>();

    public WorkerStop Stop => _host.Services.GetRequiredService<WorkerStop>();

    public LedgerDaemon Daemon => _host.Services.GetRequiredService<LedgerDaemon>();

    public static StudyHost For(Guid study, LedgerStore store, ArtifactFolder artifacts, IReadOnlyList<string> names, ILoggerFactory loggers)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        var services = builder.Services;
        services.AddSingleton(loggers);
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(2));

        services.AddLedger(store).AddLedgerDaemon(new(RefillStudy: study));

        var devices = new TrainingDevices(names, Environment.ProcessorCount, Path.Combine(DataFolder.FromEnvironment(), "activations"));
        services.AddSingleton(_ => devices);
        services.AddSingleton(artifacts);
        services.AddSingleton(new JournalFolder(Path.Combine(DataFolder.FromEnvironment(), "journal")));
        services.AddSingleton(WorkerIdentity.OfThisProcess());
        services.AddSingleton<ProgressFeed>();
        services.AddSingleton<WorkerStop>();
        services.AddSingleton<RunWork>();

        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((context, transport) =>
            {
                transport.Stage2Endpoint(context);
                transport.ReceiveEndpoint("ldc-train", endpoint =>
                {
                    endpoint.PrefetchCount = devices.RunsAtATime;
                    endpoint.ConcurrentMessageLimit = devices.RunsAtATime;
                    endpoint.Consumer(() => new TrainRunConsumer(context.GetRequiredService<RunWork>(), context.GetRequiredService<WorkerStop>(), study));
                });
            });
        });
        return new(builder.Build());
    }

    public Task StartAsync(CancellationToken cancelled) => _host.StartAsync(cancelled);

    /// <summary>Lets runs stop at their next step and give themselves back, then takes everything down.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop.Ask();
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            _host.Dispose();
    }

    /// <summary>Ctrl-C is the command line's to handle, not the host's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
