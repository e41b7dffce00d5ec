using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using LdcLedger.Specs.Resolution;
using LdcLedger.Web;
using LdcLedger.Web.Access;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Processes;

/// <summary>The dashboard of a process: how its options are read, and how it is begun and told of.</summary>
/// <param name="Settings">Null: there is to be none.</param>
/// <param name="IsChosen">Whether somebody chose where it listens.</param>
internal sealed record Dashboard(WebSettings? Settings, bool IsChosen)
{
    public static readonly Option<string?> Listen = new("--listen")
    {
        Description = "Where the dashboard listens: ADDRESS:PORT or unix:PATH (default: LDC_LISTEN, else 127.0.0.1:8123; off: nowhere).\n"
            + "Where other machines get it starts only when there is a token (`ldc token add`).",
        HelpName = "ADDRESS",
    };

    public static readonly Option<string?> PublicUrl = new("--public-url")
    {
        Description = "How others reach it, through a proxy: its name is answered to, its path is where everything lies below\n"
            + "(default: LDC_PUBLIC_URL).",
        HelpName = "URL",
    };

    public static readonly Option<string> Auth = new("--auth")
    {
        Description = "on (default), or off: whoever gets there is a reader. Only on an address of this machine alone.",
        HelpName = "ON|OFF",
        DefaultValueFactory = _ => "on",
    };

    public static readonly Option<string?> ProxyUserHeader = new("--proxy-user-header")
    {
        Description = "A header, such as X-Remote-User, in which a proxy says whom it has signed in: whoever has a token of that name.\n"
            + "Only with --listen unix:PATH, where nobody but the proxy gets.",
        HelpName = "HEADER",
    };

    public static readonly Option<string?> EmbedFrom = new("--embed-from")
    {
        Description = "An origin, such as https://lab.example, whose pages may frame the dashboard's; these then have no buttons.",
        HelpName = "ORIGIN",
    };

    public static readonly Option<bool> None = new("--no-dashboard") { Description = "Without the dashboard." };

    private static readonly TimeSpan TokenInterval = TimeSpan.FromSeconds(2);

    /// <summary>What the command line and the environment say.</summary>
    /// <exception cref="BadInputException">It is no address, no URL, neither on nor off.</exception>
    public static Dashboard Of(ParseResult arguments)
    {
        var (listen, what) = arguments.GetValue(Listen) is { } option ? (option, "--listen")
            : (Environment.GetEnvironmentVariable("LDC_LISTEN"), "LDC_LISTEN");
        if (arguments.GetValue(None) || listen == "off")
            return new(null, IsChosen: true);
        var (url, whatUrl) = arguments.GetValue(PublicUrl) is { } named ? (named, "--public-url")
            : (Environment.GetEnvironmentVariable("LDC_PUBLIC_URL"), "LDC_PUBLIC_URL");
        Uri? publicUrl = null;
        if (!string.IsNullOrEmpty(url) && (!Uri.TryCreate(url, UriKind.Absolute, out publicUrl)
            || publicUrl.Scheme is not ("http" or "https") || publicUrl.Query.Length > 0 || publicUrl.Fragment.Length > 0))
            throw new BadInputException($"{whatUrl} is '{url}'; it must be a URL such as https://lab.example/ldc.");
        var isOpen = (arguments.GetValue(Auth) ?? "on") switch
        {
            "on" => false,
            "off" => true,
            var other => throw new BadInputException($"--auth is '{other}'; it is on or off."),
        };
        var roots = SpecRoots.FromEnvironment();
        var settings = new WebSettings(
            string.IsNullOrEmpty(listen) ? ListenAddress.Usual : ListenAddress.Parse(listen, what), publicUrl, isOpen)
        {
            ProxyUserHeader = arguments.GetValue(ProxyUserHeader) is { } header ? HeaderOf(header) : null,
            EmbedFrom = arguments.GetValue(EmbedFrom) is { } origin ? Framing.Of(origin) : null,
            SpecRoots = () => roots,
            Artifact = sha256 => Artifacts.FromEnvironment() is var folder && folder.Contains(sha256) ? folder.PathOf(sha256) : null,
        };
        return new(settings, IsChosen: !string.IsNullOrEmpty(listen));
    }

    private static string HeaderOf(string name) => name.Length is > 0 and < 80 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        ? name : throw new BadInputException($"--proxy-user-header is '{name}'; it is the name of a header, such as X-Remote-User.");

    /// <summary>Starts it, says how to get there, and gives the sign by which <c>ldc web link</c> finds it.</summary>
    public async Task<IAsyncDisposable> StartAsync(LedgerStore store, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var data = DataFolder.FromEnvironment();
        var server = await WebServer.StartAsync(
            Settings! with { WarmsUp = true, ShownAt = () => ServerSign.Read(data) }, store, LocalToken.In(data), loggers,
            TimeProvider.System, cancellation);
        var running = new RunningDashboard(server, server.Url is { } url ? ServerSign.Give(data, url) : null);
        if (Settings!.IsOpen)
            Screen.Say("--auth off: every user of this machine sees everything that the dashboard shows.");
        if (!Settings.Listen.IsLocal && Settings.PublicUrl?.Scheme != "https")
            Screen.Say("The dashboard speaks plain HTTP to other machines, so that who listens on the way reads tokens: put a proxy with "
                + "TLS before it, and say so by --public-url https://...");
        Screen.Say(server.Url is null ? $"Dashboard: on {Settings.Listen}"
            : $"Dashboard: {server.Link()} (signs in once, within 10 minutes; `ldc web link` prints another)");
        return running;
    }

    /// <summary>
    /// The same for a process that does its work without it, too. Where nobody chose the address and it is taken, that is told in a
    /// sentence; where a token lacks, it begins when the first is made.
    /// </summary>
    public async Task<IAsyncDisposable?> BesideAsync(LedgerStore store, ILoggerFactory loggers, CancellationToken cancellation)
    {
        if (Settings is null)
            return null;
        try
        {
            return await StartAsync(store, loggers, cancellation);
        }
        catch (NoTokenYet wanted)
        {
            Screen.Say($"The dashboard waits: {wanted.Message}");
            return new LaterDashboard(stop => WhenThereIsATokenAsync(store, loggers, stop), cancellation);
        }
        catch (RuleViolation taken) when (!IsChosen)
        {
            Screen.Say($"No dashboard: {taken.Message}");
            return null;
        }
    }

    private async Task<IAsyncDisposable> WhenThereIsATokenAsync(LedgerStore store, ILoggerFactory loggers, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(TokenInterval, TimeProvider.System, cancellation);
            try
            {
                return await StartAsync(store, loggers, cancellation);
            }
            catch (Exception cause) when (cause is NoTokenYet or Npgsql.NpgsqlException)
            {
                // Not yet, or the ledger is away.
            }
        }
    }

    /// <summary>One that runs, until it is disposed of.</summary>
    private sealed class RunningDashboard(WebServer server, ServerSign? sign) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            sign?.Dispose();
            await server.DisposeAsync();
        }
    }

    /// <summary>One that is still to begin.</summary>
    private sealed class LaterDashboard : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly Task<IAsyncDisposable> _beginning;

        public LaterDashboard(Func<CancellationToken, Task<IAsyncDisposable>> begin, CancellationToken cancellation)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _beginning = begin(_stop.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            if (await Task.WhenAny(_beginning) is { IsCompletedSuccessfully: true } begun)
                await (await begun).DisposeAsync();
            _stop.Dispose();
        }
    }
}
