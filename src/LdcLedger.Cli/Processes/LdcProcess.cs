using LdcLedger.Cli.Ledgers;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Hosting;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Torch.Devices;
using LdcLedger.Web.Health;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Journal;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Runs;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Processes;

/// <summary>A process that leads, trains, or both: <c>study run</c>, <c>serve</c> and <c>worker</c> differ in their parts alone.</summary>
internal sealed class LdcProcess : IAsyncDisposable
{
    private readonly ProcessParts _parts;
    private readonly IHost _host;
    private readonly TelemetryExport? _telemetry;
    private HealthServer? _health;
    private bool _isStopped;

    private LdcProcess(ProcessParts parts, IHost host, TelemetryExport? telemetry) =>
        (_parts, _host, _telemetry) = (parts, host, telemetry);

    /// <summary>The whole composition, top to bottom. The store and the log stay the caller's.</summary>
    public static LdcProcess Of(ProcessParts parts, LedgerStore store, ILoggerFactory loggers)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        var services = builder.Services;
        services.AddSingleton(loggers);
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.AddSingleton<WorkerStop>();
        services.AddSingleton<ProgressFeed>();
        services.AddLedger(store);

        if (parts.Leads)
            services.AddLedgerDaemon(new(parts.Study, parts.Broker, SealKeys.FromEnvironment()));

        if (parts.Training is { } training)
        {
            var data = DataFolder.FromEnvironment();
            var devices = new TrainingDevices(training.Devices, Environment.ProcessorCount, Path.Combine(data, "activations"));
            services.AddSingleton(_ => devices);   // by a function: so it is disposed of with the process
            services.AddSingleton(Artifacts.Writable());
            services.AddSingleton(new JournalFolder(Path.Combine(data, "journal")));
            services.AddSingleton(WorkerIdentity.OfThisProcess());
            services.AddSingleton<InputSight>();
            services.AddSingleton(s => new RunClaims(store, s.GetRequiredService<LedgerWriter>())
            {
                MaxFruitlessAttempts = training.MaxFruitlessAttempts,
                Grace = parts.Broker is null ? TimeSpan.Zero : 2.5 * RunWork.LookInterval,
            });
            services.AddSingleton(s => ActivatorUtilities.CreateInstance<RunWork>(s, training.Places, training.CheckpointInterval));
            services.AddSingleton(s => new TrainRunConsumer(
                s.GetRequiredService<RunWork>(), s.GetRequiredService<InputSight>(), s.GetRequiredService<WorkerStop>(),
                s.GetRequiredService<ProgressFeed>(), s.GetRequiredService<TimeProvider>(), parts.Study));
            // A run that is asked to stop keeps a checkpoint first.
            services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(2));

            if (parts.Labels is { } labels)
            {
                services.AddSingleton<WorkerRegister>();
                services.AddSingleton(s => ActivatorUtilities.CreateInstance<WorkerSigns>(s, devices.Names, labels));
                services.AddHostedService(s => s.GetRequiredService<WorkerSigns>());
            }
        }

        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (parts.Broker is { } broker)
                bus.UsingCluster(broker, (context, rabbit) =>
                {
                    if (parts.Leads)
                        rabbit.Stage2Endpoint(context);
                    if (parts.Training is not null)
                        rabbit.TrainEndpoint(endpoint => endpoint.Consumer(context.GetRequiredService<TrainRunConsumer>));
                });
            else
                bus.UsingInMemory((context, memory) =>
                {
                    if (parts.Leads)
                        memory.Stage2Endpoint(context);
                    if (parts.Training is not null)
                        memory.ReceiveEndpoint(TrainQueue.Name, endpoint =>
                        {
                            endpoint.PrefetchCount = context.GetRequiredService<TrainingDevices>().RunsAtATime;
                            endpoint.ConcurrentMessageLimit = endpoint.PrefetchCount;
                            endpoint.Consumer(context.GetRequiredService<TrainRunConsumer>);
                        });
                });
        });

        return new(parts, builder.Build(), parts.Telemetry ? new TelemetryExport(parts.Role) : null);
    }

    /// <summary>What its runs say of themselves.</summary>
    public ProgressFeed Feed => _host.Services.GetRequiredService<ProgressFeed>();

    /// <summary>Faults when a run met something that would stop the others as well.</summary>
    public Task Broken => Stop.Broken;

    /// <summary>Of a process that leads.</summary>
    public LedgerDaemon Daemon => _host.Services.GetRequiredService<LedgerDaemon>();

    private WorkerStop Stop => _host.Services.GetRequiredService<WorkerStop>();

    /// <summary>
    /// Health is answered at once; among other workers, what earlier ones left in this machine's journals comes before the first run.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_parts.Health && Environment.GetEnvironmentVariable("LDC_HEALTH") is { Length: > 0 } address)
            _health = await HealthServer.StartAsync(address, _parts.Role, State, cancellation);
        if (_parts is { Broker: not null, Training: not null })
            await ActivatorUtilities.CreateInstance<JournalReplay>(_host.Services, (Action<string>)Feed.Say).ReplayAsync(cancellation);
        foreach (var caveat in (_parts.Training?.Devices ?? []).Select(DeviceArithmetic.CaveatOn).OfType<string>())
            Feed.Say(caveat);
        await _host.StartAsync(cancellation);
    }

    /// <summary>Returns when the process is to end: it was asked to, or <see cref="Broken"/>.</summary>
    public async Task UntilAskedAsync(CancellationToken cancellation)
    {
        using (cancellation.Register(Stop.Ask))
            await Stop.AskedAsync();
    }

    /// <summary>Lets runs stop at their next step and give themselves back, then takes everything down.</summary>
    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        Stop.Ask();
        await _host.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            if (_health is not null)
                await _health.DisposeAsync();
            if (_host is IAsyncDisposable disposable)
                await disposable.DisposeAsync();
            else
                _host.Dispose();
            _telemetry?.Dispose();
        }
    }

    /// <summary>What everybody who looks at its pages is told; null: nothing. Without the broker the ledger is as readable as ever.</summary>
    public string? BrokerTrouble => _host.Services.GetRequiredService<IBusControl>().CheckHealth().Status == BusHealthStatus.Healthy ? null
        : "RabbitMQ cannot be reached: no run begins until it is back, and nothing that was recorded is lost";

    private HealthState State()
    {
        var bus = _host.Services.GetRequiredService<IBusControl>();
        return _host.Services.GetService<WorkerSigns>() is { } signs ? signs.Health(bus)
            : bus.CheckHealth() is { Status: not BusHealthStatus.Healthy } sick ? new(false, $"RabbitMQ: {sick.Description}")
            : Daemon.Trouble is { } trouble ? new(false, trouble)
            : new(true, Daemon.IsLeading ? "leads" : "stands by");
    }

    /// <summary>Signals are the command line's to handle, not the host's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
    }
}
