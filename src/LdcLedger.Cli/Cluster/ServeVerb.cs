using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Processes;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Broker;
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

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var broker = ClusterSettings.Servers("serve");
        using var loggers = ClusterLog.For(arguments);
        await BrokerState.OfAsync(broker, cancellation);
        await using var ledger = await OpenLedger.OpenAsync(cancellation, loggers);
        await using var process = LdcProcess.Of(
            new("serve") { Broker = broker, Leads = true, Health = true, Telemetry = true }, ledger.Store, loggers);
        await process.StartAsync(cancellation);
        loggers.CreateLogger("ldc").LogInformation("ldc serve is up: {Broker}, vhost {Vhost}", broker, broker.Vhost);
        await process.UntilAskedAsync(cancellation);
        return ExitCodes.Done;
    }
}
