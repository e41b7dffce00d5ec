using System.CommandLine;
using LdcLedger.Cli.Health;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Telemetry;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Hosting;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Runs;
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

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc worker</c>: trains the runs of a cluster, one at a time.</summary>
internal static class WorkerVerb
{
    private static readonly Option<string> Device = new("--device") { Description = "Where to train: cpu (default), or cuda:N.", HelpName = "D", DefaultValueFactory = _ => "cpu" };

    private static readonly Option<string[]> Labels = new("--labels")
    {
        Description = "Words that `ldc workers` shows of this worker, such as a100 or room-3.",
        HelpName = "WORD",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    public static Verb Verb() => new(
        "worker",
        """
        Train a cluster's runs on this machine, one at a time; start one per GPU.
        Needs LDC_POSTGRES, LDC_RABBITMQ, and LDC_ARTIFACTS (one folder shared by all machines).
        SIGTERM: the run keeps a checkpoint, is given back, and the worker leaves.
        While PostgreSQL is away, training goes on and facts wait in LDC_DATA/journal.
        """,
        Run, Device, Labels)
    {
        Examples = ["ldc worker", "ldc worker --device cuda:0 --labels a100 room-3"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancelled)
    {
        var broker = ClusterSettings.Servers("worker");
        var names = TrainingDevices.Named(arguments.GetValue(Device)!);
        if (names.Count > 1)
            throw new BadInputException($"device is {arguments.GetValue(Device)}; a worker has one: start one for each GPU.");
        var devices = new TrainingDevices(names, Environment.ProcessorCount, Path.Combine(DataFolder.FromEnvironment(), "activations"));
        using var telemetry = new TelemetryExport("worker");
        using var loggers = ClusterLog.For(arguments);
        var log = loggers.CreateLogger("ldc");
        await BrokerState.OfAsync(broker, cancelled);
        await using var ledger = await OpenLedger.OpenAsync(cancelled, loggers);
        var time = TimeProvider.System;
        var (feed, stop, identity) = (new ProgressFeed(), new WorkerStop(), WorkerIdentity.OfThisProcess());
        feed.Said += sentence => log.LogWarning("{Says}", sentence);
        var journals = new JournalFolder(Path.Combine(DataFolder.FromEnvironment(), "journal"));

        var builder = Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        var services = builder.Services;
        services.AddSingleton(loggers);
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(2));
        services.AddLedger(ledger.Store);
        services.AddSingleton(_ => devices);
        services.AddSingleton(s => new RunClaims(ledger.Store, s.GetRequiredService<LedgerWriter>())
        {
            MaxFruitlessAttempts = ClusterSettings.MaxAttempts(),
            Grace = 2.5 * RunWork.LookEvery,
        });
        services.AddSingleton(Ledgers.Artifacts.FromEnvironment());
        services.AddSingleton(journals);
        services.AddSingleton(identity);
        services.AddSingleton(feed);
        services.AddSingleton(stop);
        services.AddSingleton<InputSight>();
        services.AddSingleton<WorkerRegister>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<WorkerSigns>(s, devices.Names, (IReadOnlyList<string>)arguments.GetValue(Labels)!));
        services.AddHostedService(s => s.GetRequiredService<WorkerSigns>());
        services.AddSingleton(s => new RunWork(
            ledger.Store, s.GetRequiredService<RunClaims>(), devices, s.GetRequiredService<ArtifactFolder>(), journals,
            identity, feed, time) { CheckpointEvery = ClusterSettings.CheckpointEvery() });
        services.AddSingleton<ClusterConsumer>();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingCluster(broker, (context, rabbit) => rabbit.TrainEndpoint(endpoint => endpoint.Consumer(() => context.GetRequiredService<ClusterConsumer>())));
        });
        using var host = builder.Build();
        var signs = host.Services.GetRequiredService<WorkerSigns>();
        await using var health = new HealthEndpoint("worker", () => signs.Health(host.Services.GetRequiredService<IBusControl>()));
        await new JournalReplay(host.Services.GetRequiredService<RunClaims>(), journals, feed.Say).ReplayAsync(cancelled);
        await host.StartAsync(cancelled);
        log.LogInformation("worker {Name} is up on {Device}: {Broker}, vhost {Vhost}", identity.Name, devices.Names, broker, broker.Vhost);
        using (cancelled.Register(stop.Ask))
            await stop.AskedAsync();
        log.LogInformation("worker {Name} leaves", identity.Name);
        await host.StopAsync(CancellationToken.None);
        if (stop.Broken.IsFaulted)
            await stop.Broken;
        return ExitCodes.Done;
    }
}
