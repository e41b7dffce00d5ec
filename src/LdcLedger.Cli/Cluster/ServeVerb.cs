using System.CommandLine;
using LdcLedger.Cli.Health;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Telemetry;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc serve</c>: relay, saga and projections of a cluster. Any number may run; one leads, the others stand by.</summary>
internal static class ServeVerb
{
    public static Verb Verb() => new(
        "serve",
        """
        Drive a cluster's studies: relay, stage-2 saga, read models.
        Needs LDC_POSTGRES and LDC_RABBITMQ. Several may run: one leads, another takes over within 15 s when it is gone or frozen.
        LDC_HEALTH=127.0.0.1:8080 answers GET /health; SIGTERM ends it in good order.
        """,
        Run)
    {
        Examples = ["LDC_POSTGRES='Host=db;Username=ldc;Password=...;Database=ldc' LDC_RABBITMQ=amqp://ldc:...@broker/ldc ldc serve"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancelled)
    {
        var broker = ClusterSettings.Servers("serve");
        using var telemetry = new TelemetryExport("serve");
        using var loggers = ClusterLog.For(arguments);
        await BrokerState.OfAsync(broker, cancelled);
        await using var ledger = await OpenLedger.OpenAsync(cancelled, loggers);

        var builder = Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddLedger(ledger.Store).AddLedgerDaemon(new());
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingCluster(broker, (context, rabbit) => rabbit.Stage2Endpoint(context));
        });
        using var host = builder.Build();
        var daemon = host.Services.GetRequiredService<LedgerDaemon>();
        await using var health = new HealthEndpoint("serve", () => State(daemon, host.Services.GetRequiredService<IBusControl>()));
        await host.StartAsync(cancelled);
        loggers.CreateLogger("ldc").LogInformation("ldc serve is up: {Broker}, vhost {Vhost}", broker, broker.Vhost);
        await Forever(cancelled);
        await host.StopAsync(CancellationToken.None);
        return ExitCodes.Done;
    }

    private static HealthState State(LedgerDaemon daemon, IBusControl bus) =>
        bus.CheckHealth() is { Status: not BusHealthStatus.Healthy } sick ? new(false, $"RabbitMQ: {sick.Description}")
        : daemon.Trouble is { } trouble ? new(false, trouble)
        : new(true, daemon.IsLeading ? "leads" : "stands by");

    private static async Task Forever(CancellationToken cancelled)
    {
        var asked = new TaskCompletionSource();
        using (cancelled.Register(asked.SetResult))
            await asked.Task;
    }
}

/// <summary>Signals are the command line's to handle, not the host's.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
