using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Processes;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Settings;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Cluster;

/// <summary>
/// <c>ldc serve</c>: relay, saga and projections of a cluster, and the dashboard. Any number may run; one leads, the others stand by.
/// Without the settings of a cluster, the dashboard over this machine's ledger.
/// </summary>
internal static class ServeVerb
{
    public static Verb Verb() => new(
        "serve",
        """
        Show the dashboard; on a cluster, drive its studies: relay, stage-2 saga, read models.
        With LDC_POSTGRES and LDC_RABBITMQ it is a role of a cluster. Several may run: one leads, another takes over within 15 s when it is
        gone or frozen. Without either, the dashboard shows this machine's ledger.
        LDC_SPEC_ROOTS=/data/models:/data/corpora lets operators submit specs over HTTP that lead nowhere else.
        LDC_HEALTH=127.0.0.1:8080 answers GET /health; SIGTERM ends it in good order.
        """,
        Run, Dashboard.Listen, Dashboard.PublicUrl, Dashboard.Auth, Dashboard.ProxyUserHeader, Dashboard.EmbedFrom, Dashboard.None)
    {
        IsService = true,
        Examples = ["ldc serve", "ldc serve --listen 0.0.0.0:8123 --public-url https://lab.example/ldc",
            "LDC_POSTGRES='Host=db;Username=ldc;Password=...;Database=ldc' LDC_RABBITMQ=amqp://ldc:...@broker/ldc ldc serve"],
    };

    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(500);

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        using var loggers = ClusterLog.For(arguments);
        var wanted = Dashboard.Of(arguments);
        if (EnvironmentSecret.Read("LDC_POSTGRES") is null && EnvironmentSecret.Read("LDC_RABBITMQ") is null)
            return await ShowAsync(wanted, loggers, cancellation);
        var broker = ClusterSettings.Servers("serve");
        await BrokerState.OfAsync(broker, cancellation);
        await using var ledger = await OpenLedger.OpenAsync(cancellation, loggers);
        await using var process = LdcProcess.Of(
            new("serve") { Broker = broker, Leads = true, Health = true, Telemetry = true }, ledger.Store, loggers);
        await process.StartAsync(cancellation);
        var log = loggers.CreateLogger("ldc");
        log.LogInformation("ldc serve is up: {Broker}, vhost {Vhost}", broker, broker.Vhost);
        await using var dashboard = await (wanted with { Settings = wanted.Settings is { } pages
            ? pages with { Trouble = () => process.BrokerTrouble } : null }).BesideAsync(ledger.Store, loggers, cancellation);
        await process.UntilAskedAsync(cancellation);
        return ExitCodes.Done;
    }

    // One machine: whoever runs a study leads the ledger; this only shows it.
    private static async Task<int> ShowAsync(Dashboard wanted, ILoggerFactory loggers, CancellationToken cancellation)
    {
        if (wanted.Settings is null)
            throw new BadInputException(
                "--no-dashboard leaves nothing to serve: without LDC_POSTGRES and LDC_RABBITMQ there is only the dashboard.");
        await using var ledger = await OpenLedger.OpenAsync(cancellation, loggers);
        await using var dashboard = await wanted.StartAsync(ledger.Store, loggers, cancellation);
        await FollowAsync(ledger, loggers.CreateLogger("ldc"), cancellation);
        return ExitCodes.Done;
    }

    // Whoever looks on projects nothing; where no process leads, this one brings the read models up to date for them.
    private static async Task FollowAsync(OpenLedger ledger, ILogger log, CancellationToken cancellation)
    {
        var progress = new ReadModelProgress(ledger.Store, TimeProvider.System);
        var (isAway, isLost) = (false, false);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await progress.CatchUpAsync(cancellation);
                (isAway, isLost) = (false, false);
            }
            catch (Exception cause)
            {
                // A command that is called off fails in more ways than one.
                if (cancellation.IsCancellationRequested)
                    return;
                if (!isAway)
                    log.LogWarning("the read models do not get on: {Reason}", cause.Message);
                isAway = true;
                if (await TryReviveAsync(ledger, log, cancellation) is { } complaint && !isLost)
                {
                    log.LogWarning("the private PostgreSQL has ended and does not start again: {Reason}", complaint);
                    isLost = true;   // it is tried again all the same, and said once
                }
            }
            await Task.WhenAny(Task.Delay(FollowInterval, TimeProvider.System, cancellation));
        }
    }

    /// <returns>Why a server of our own does not start again; null: it does, or had not ended.</returns>
    private static async Task<string?> TryReviveAsync(OpenLedger ledger, ILogger log, CancellationToken cancellation)
    {
        try
        {
            if (await ledger.Database.ReviveAsync(cancellation))
                log.LogWarning("the private PostgreSQL had ended and was started again");
            return null;
        }
        // Whatever it is, what is shown goes on being shown. Asked to end, the loop ends.
        catch (Exception cause)
        {
            return cancellation.IsCancellationRequested ? null : cause.Message;
        }
    }
}
