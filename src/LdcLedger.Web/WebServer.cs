using System.Net.Sockets;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Ledger.Access;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Access;
using LdcLedger.Web.Api;
using LdcLedger.Web.Assets;
using LdcLedger.Web.Live;
using LdcLedger.Web.Pages;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Web;

/// <summary>The dashboard and its API over one ledger, in this process. The store stays the caller's.</summary>
public sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly WebSettings _settings;
    private readonly LoginLinks _links;
    private readonly ApiParts _parts;
    private readonly FailureLog _failures;
    private readonly RequestRate _rate;
    private WarmUp? _warmUp;

    private WebServer(
        WebApplication app, WebSettings settings, LoginLinks links, ApiParts parts, FailureLog failures, RequestRate rate) =>
        (_app, _settings, _links, _parts, _failures, _rate) = (app, settings, links, parts, failures, rate);

    /// <summary>Its address for a browser; null where it listens on a Unix socket and has no public one.</summary>
    public Uri? Url { get; private set; }

    /// <summary>The port that it took; 0 where it listens on a Unix socket.</summary>
    internal int Port { get; private set; }

    /// <summary>Every route that it answers; the tests go through them all.</summary>
    internal IReadOnlyList<RouteEndpoint> Routes =>
        [.. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    /// <summary>A link that signs whoever follows it in, once, within ten minutes.</summary>
    public string Link() => $"{Url}login?t={_links.New()}";

    /// <summary>The whole composition, top to bottom.</summary>
    /// <exception cref="NoTokenYet">Others get there, and there is no token that would let them in.</exception>
    /// <exception cref="RuleViolation">Nothing can listen there, or it may not be open there.</exception>
    public static async Task<WebServer> StartAsync(
        WebSettings settings, LedgerStore store, LocalToken token, ILoggerFactory loggers, TimeProvider time,
        CancellationToken cancellation = default)
    {
        if (settings is { IsOpen: true, Listen.IsLocal: false })
            throw new RuleViolation(
                $"{settings.Listen} is open to other machines, where --auth off is refused: make tokens (`ldc token add`).");
        if (settings is { ProxyUserHeader: { } header, Listen.Socket: null })
            throw new RuleViolation($"--proxy-user-header {header} is refused on {settings.Listen}: whoever gets there could send it. "
                + "Let the proxy reach ldc by --listen unix:PATH, in a folder that it alone may enter.");
        var access = new LedgerAccess(store, new(store, time), time);
        if (!settings.Listen.IsLocal && !(await access.BookAsync(cancellation)).All.Any(grant => grant.IsInForce(time.GetUtcNow())))
            throw new NoTokenYet(settings.Listen);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, settings.Listen));
        builder.Services.AddSingleton<ILoggerFactory>(new WithoutHostLog(loggers)).AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddRazorComponents();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();   // nothing is protected with it: no file of keys
        ApiDocument.Add(builder.Services);
        builder.Services.AddResponseCompression(compression => compression.EnableForHttps = true);   // pages hold no secret
        var app = builder.Build();

        var ledger = new LedgerViews(store, time, settings.Trouble);
        var sessions = new Sessions(token, time);
        var viewers = new Viewers(token, access, sessions, settings.IsOpen, settings.ProxyUserHeader, time);
        var links = new LoginLinks(token, time);
        var rate = new RequestRate(settings.RequestsPerSecond);
        var gate = new Gate(new(settings.Listen.Address, settings.PublicUrl), viewers, rate);
        var failures = new FailureLog(viewers, time, loggers.CreateLogger<FailureLog>());
        var feed = new PositionFeed(ledger, time, loggers.CreateLogger<PositionFeed>());
        var live = new LiveStream(feed, viewers);

        app.Use((context, next) => Place(context, next, settings));
        app.Use((context, next) => AsGet(context, next));
        app.UseRouting();
        app.Use((context, next) => PassAsync(context, next, gate));
        app.UseResponseCompression();
        app.MapGet("/assets/{hash}/{name}", AssetFiles.SendAsync).WithMetadata(RouteAccess.Anybody);
        app.MapSessions(links, sessions, viewers);
        app.MapGet("/live", context => live.SendAsync(
            context, Guid.TryParse(context.Request.Query["study"], out var study) ? study : null)).WithMetadata(RouteAccess.Readers);
        var (rules, log) = (new LedgerRules(store, new(store, time)), loggers.CreateLogger<WebServer>());
        var document = new Lazy<Task<JsonElement>>(() => ApiDocument.OfAsync(app.Services, CancellationToken.None));   // always the same
        var shown = new WebParts(
            new(token), settings.TrustedKeys, new(new()), new(), settings.Findings, stop => document.Value.WaitAsync(stop));
        var parts = new ApiParts(
            shown, feed, viewers, new(settings.SpecRoots),
            new(store, ledger, settings.TrustedKeys, time, loggers.CreateLogger<Verifications>()), settings.SealKeys, settings.Artifact);
        var pages = PageTable.All(shown, parts.Verifications);
        app.MapPages(pages, settings.EmbedFrom, ledger, rules, shown.Reports, log);
        if (settings.EmbedFrom is null)
            app.MapForms(FormTable.All(parts.Verifications, settings.SealKeys), ledger, rules, log);
        app.MapApi(ledger, rules, parts, log);
        app.MapOpenApi($"{ApiEndpoints.Root}/openapi.json").WithMetadata(RouteAccess.BoundReaders);

        var server = new WebServer(app, settings, links, parts, failures, rate);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException cause)
        {
            await server.DisposeAsync();
            var elsewhere = settings.ShownAt() is { } there
                ? $" This ledger is shown at {there} already (`ldc web link` signs in)." : "";
            throw new RuleViolation($"Nothing can listen on {settings.Listen}: {Innermost(cause).TrimEnd('.')}.{elsewhere} "
                + "`--listen ADDRESS:PORT` takes another address.");
        }
        var at = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Port = settings.Listen.Socket is not null ? 0 : new Uri(at.Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
        server.Url = settings.PublicUrl is { } url ? new(url.AbsoluteUri.TrimEnd('/') + "/")
            : settings.Listen.Socket is not null ? null : settings.Listen.UrlAt(server.Port);
        if (settings.WarmsUp)
            server._warmUp = new(settings.Listen, server.Port, token, ledger, pages, log);
        return server;
    }

    /// <summary>Ends when what draws the pages is compiled, some seconds after the start.</summary>
    public Task Warm => _warmUp?.Done ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_warmUp is not null)
            await _warmUp.DisposeAsync();
        await _failures.DisposeAsync();
        await _parts.Feed.DisposeAsync();   // streams end, so that nothing is waited for
        await _app.DisposeAsync();
        await _parts.Verifications.DisposeAsync();
        _parts.Specs.Dispose();
        _rate.Dispose();
        if (_settings.Listen.Socket is { } socket)
            File.Delete(socket);
    }

    private static void Configure(KestrelServerOptions kestrel, ListenAddress listen)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = 1 << 20;
        limits.MaxConcurrentConnections = 500;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        if (listen.Socket is { } socket)
            kestrel.ListenUnixSocket(socket);
        else
            kestrel.Listen(listen.Address!, listen.Port);
    }

    /// <summary>
    /// Where a request is, whatever a proxy made of it: the path base, taken off or not, and the scheme of the public name.
    /// </summary>
    private static Task Place(HttpContext context, RequestDelegate next, WebSettings settings)
    {
        ResponseHeaders.Set(context);
        var request = context.Request;
        if (settings.PathBase.Length > 0)
        {
            if (request.Path.StartsWithSegments(settings.PathBase, out var rest))
                request.Path = rest.HasValue ? rest : "/";
            request.PathBase = settings.PathBase;
        }
        if (settings.PublicUrl is { } url && string.Equals(request.Host.Host, url.Host, StringComparison.OrdinalIgnoreCase))
            request.Scheme = url.Scheme;
        return next(context);
    }

    /// <summary>HEAD is answered as GET is; the server itself leaves the body out.</summary>
    private static Task AsGet(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
            context.Request.Method = HttpMethods.Get;
        return next(context);
    }

    private static async Task PassAsync(HttpContext context, RequestDelegate next, Gate gate)
    {
        if (await gate.RefusalAsync(context) is not { } refusal)
        {
            await next(context);
            return;
        }
        if (refusal.Status == StatusCodes.Status404NotFound && context.Request.Path == "/"
            && Gate.MaybeViewerOf(context) is { IsBound: true } bound)
        {
            SessionEndpoints.SeeOther(context, SessionEndpoints.HomeOf(bound));
            return;
        }
        if (refusal.Status == StatusCodes.Status405MethodNotAllowed)
            await context.GetEndpoint()!.RequestDelegate!(context);   // says what is allowed
        if (refusal.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        if (refusal.Status == StatusCodes.Status429TooManyRequests)
            context.Response.Headers.RetryAfter = "1";
        if (context.Request.Path.StartsWithSegments("/api"))
        {
            await Problem.SendAsync(context, refusal.Status, refusal.Word, refusal.Title, refusal.Sentence);
            return;
        }
        await PageEndpoints.MessageAsync(
            context, refusal.Status, refusal.Title, refusal.Sentence,
            signIn: refusal.Status == StatusCodes.Status401Unauthorized,
            next: HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString.Value : "/");
    }

    private static string Innermost(Exception cause) =>
        cause.InnerException is { } inner ? inner is SocketException refused ? refused.Message : Innermost(inner) : cause.Message;
}
