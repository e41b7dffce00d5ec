using System.Net;
using LdcLedger.Domain;
using LdcLedger.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LdcLedger.Web.Health;

/// <summary>How a role is doing right now.</summary>
/// <param name="IsHealthy">False: whoever watches should restart it, or look at what it says.</param>
/// <param name="Says">One line for people.</param>
public sealed record HealthState(bool IsHealthy, string Says);

/// <summary>
/// <c>GET /health</c>, for whoever watches a process: 200 while the role does its work, 503 while it does not, and why;
/// <c>/health/live</c> is 200 while the process answers at all. On an address of its own, so that it can be open where the dashboard is
/// not.
/// </summary>
public sealed class HealthServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HealthServer(WebApplication app) => _app = app;

    /// <param name="address">As <c>LDC_HEALTH</c> has it: <c>127.0.0.1:8080</c>, or <c>0.0.0.0:8080</c> for every interface.</param>
    /// <exception cref="RuleViolation">It is no address, or it is taken.</exception>
    public static async Task<HealthServer> StartAsync(
        string address, string role, Func<HealthState> state, CancellationToken cancellation = default)
    {
        if (!IPEndPoint.TryParse(address, out var at) || at.Port == 0)
            throw new RuleViolation($"LDC_HEALTH is '{address}'; it must be an address and a port, such as 127.0.0.1:8080.");
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            (kestrel.Limits.MaxRequestBodySize, kestrel.Limits.MaxConcurrentConnections) = (0, 50);
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Listen(at);
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var app = builder.Build();
        var hosts = new HostNames(at.Address, null);
        app.Run(context => AnswerAsync(context, hosts, role, state));
        try
        {
            await app.StartAsync(cancellation);
            return new(app);
        }
        catch (IOException cause)
        {
            await app.DisposeAsync();
            throw new RuleViolation($"LDC_HEALTH is '{address}', and nothing can listen there: {cause.GetBaseException().Message}");
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, HostNames hosts, string role, Func<HealthState> state)
    {
        ResponseHeaders.Set(context);
        var (request, response) = (context.Request, context.Response);
        // HTTP/1.0 names no host, and no browser speaks it.
        if (request.Host.HasValue && !hosts.Has(request.Host))
        {
            response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            await response.WriteAsync(HostNames.Refusal(request.Host) + "\n", context.RequestAborted);
            return;
        }
        if (request.Path == "/health/live")
        {
            await response.WriteAsJsonAsync(new { role, alive = true }, context.RequestAborted);
            return;
        }
        if (request.Path != "/health" && request.Path != "/health/ready" && request.Path != "/")
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var health = state();
        response.StatusCode = health.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await response.WriteAsJsonAsync(new { role, healthy = health.IsHealthy, says = health.Says }, context.RequestAborted);
    }
}
