using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LdcLedger.Cli.Terminal;

namespace LdcLedger.Cli.Processes;

/// <summary>How a role is doing right now.</summary>
/// <param name="IsHealthy">False: whoever watches should restart it, or look at what it says.</param>
/// <param name="Says">One line for people.</param>
internal sealed record HealthState(bool IsHealthy, string Says);

/// <summary>
/// <c>GET /health</c> on the address that <c>LDC_HEALTH</c> names (<c>127.0.0.1:8080</c>, or <c>0.0.0.0:8080</c> for every interface):
/// 200 while the role does its work, 503 while it does not, and why. Without the variable nothing listens.
/// </summary>
internal sealed class HealthEndpoint : IAsyncDisposable
{
    private readonly HttpListener? _listener;
    private readonly Task _answering = Task.CompletedTask;

    /// <exception cref="BadInputException">LDC_HEALTH is no address, or it is taken.</exception>
    public HealthEndpoint(string role, Func<HealthState> state)
    {
        if (Environment.GetEnvironmentVariable("LDC_HEALTH") is not { Length: > 0 } address)
            return;
        if (!IPEndPoint.TryParse(address, out var at) || at.Port == 0)
            throw new BadInputException($"LDC_HEALTH is '{address}'; it must be an address and a port, such as 127.0.0.1:8080.");
        var host = at.Address.Equals(IPAddress.Any) || at.Address.Equals(IPAddress.IPv6Any) ? "*"
            : at.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{at.Address}]" : at.Address.ToString();
        _listener = new HttpListener();
        try
        {
            _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://{host}:{at.Port}/"));
            _listener.Start();
        }
        catch (HttpListenerException cause)
        {
            throw new BadInputException($"LDC_HEALTH is '{address}', and nothing can listen there: {cause.Message}");
        }
        _answering = AnswerAsync(_listener, role, state);
    }

    private static async Task AnswerAsync(HttpListener listener, string role, Func<HealthState> state)
    {
        while (listener.IsListening)
        {
            try
            {
                var request = await listener.GetContextAsync();
                var health = state();
                var known = request.Request.Url?.AbsolutePath is "/health" or "/";
                request.Response.StatusCode = !known ? 404 : health.IsHealthy ? 200 : 503;
                request.Response.ContentType = "application/json";
                var body = JsonSerializer.SerializeToUtf8Bytes(new { role, healthy = health.IsHealthy, health.Says }, Screen.Json);
                await request.Response.OutputStream.WriteAsync(known ? body : []);
                request.Response.Close();
            }
            catch (Exception cause)
                when (cause is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // The asker went away, or we do.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener?.Close();
        await _answering;
    }
}
