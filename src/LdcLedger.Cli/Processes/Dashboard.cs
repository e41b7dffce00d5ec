using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using LdcLedger.Web;
using LdcLedger.Web.Access;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Processes;

/// <summary>The dashboard of a process: how its options are read, and how it is begun and told of.</summary>
internal static class Dashboard
{
    public static readonly Option<string?> Listen = new("--listen")
    {
        Description = "Where the dashboard listens: ADDRESS:PORT or unix:PATH (default: LDC_LISTEN, else 127.0.0.1:8123). Elsewhere than on\n"
            + "this machine it starts only where a token was made (`ldc token add`).",
        HelpName = "ADDRESS",
    };

    public static readonly Option<string?> PublicUrl = new("--public-url")
    {
        Description = "How others reach it, through a proxy: its name is answered to, its path is where everything lies below\n"
            + "(default: LDC_PUBLIC_URL).",
        HelpName = "URL",
    };

    public static readonly Option<bool> None = new("--no-dashboard") { Description = "Without the dashboard." };

    /// <summary>What the command line and the environment say.</summary>
    /// <exception cref="BadInputException">It is no address, or no URL.</exception>
    public static (WebSettings Settings, bool IsChosen) Settings(ParseResult arguments)
    {
        var (listen, what) = arguments.GetValue(Listen) is { } option ? (option, "--listen")
            : (Environment.GetEnvironmentVariable("LDC_LISTEN"), "LDC_LISTEN");
        var (url, whatUrl) = arguments.GetValue(PublicUrl) is { } named ? (named, "--public-url")
            : (Environment.GetEnvironmentVariable("LDC_PUBLIC_URL"), "LDC_PUBLIC_URL");
        Uri? publicUrl = null;
        if (!string.IsNullOrEmpty(url) && (!Uri.TryCreate(url, UriKind.Absolute, out publicUrl)
            || publicUrl.Scheme is not ("http" or "https") || publicUrl.Query.Length > 0 || publicUrl.Fragment.Length > 0))
            throw new BadInputException($"{whatUrl} is '{url}'; it must be a URL such as https://lab.example/ldc.");
        return string.IsNullOrEmpty(listen) ? (new(ListenAddress.Usual, publicUrl), false)
            : (new(ListenAddress.Parse(listen, what), publicUrl), true);
    }

    /// <summary>Starts it, and gives the sign by which <c>ldc web link</c> finds it.</summary>
    public static async Task<RunningDashboard> StartAsync(
        WebSettings settings, LedgerStore store, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var data = DataFolder.FromEnvironment();
        var server = await WebServer.StartAsync(settings, store, LocalToken.In(data), loggers, TimeProvider.System, cancellation);
        return new(server, server.Url is { } url ? ServerSign.Give(data, url) : null);
    }

    /// <summary>
    /// The same for a process that does its work without it as well: where nobody chose the address and it is taken, that is told in a
    /// sentence.
    /// </summary>
    public static async Task<RunningDashboard?> TryStartAsync(
        WebSettings settings, bool isChosen, LedgerStore store, ILoggerFactory loggers, CancellationToken cancellation)
    {
        try
        {
            return await StartAsync(settings, store, loggers, cancellation);
        }
        catch (RuleViolation taken) when (!isChosen)
        {
            Screen.Say($"No dashboard: {taken.Message} `--listen ADDRESS:PORT` gives it another.");
            return null;
        }
    }
}

/// <summary>A dashboard that runs, until it is disposed of.</summary>
internal sealed record RunningDashboard(WebServer Server, ServerSign? Sign) : IAsyncDisposable
{
    /// <summary>How to get there.</summary>
    public string Says => Server.Url is null ? "Dashboard: on its Unix socket"
        : $"Dashboard: {Server.Link()} (signs in once, within 10 minutes; `ldc web link` prints another)";

    public async ValueTask DisposeAsync()
    {
        Sign?.Dispose();
        await Server.DisposeAsync();
    }
}
