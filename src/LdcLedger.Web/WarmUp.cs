using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Access;
using LdcLedger.Web.Pages;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Web;

/// <summary>
/// Every page asked for once after the start, over the server's own line, so that nobody waits while what draws it is compiled. One after
/// another, with pauses three times as long: most of a core stays with what trains.
/// </summary>
internal sealed class WarmUp : IAsyncDisposable
{
    private const int PauseShare = 3;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;

    /// <param name="port">That it took; of no meaning on a Unix socket.</param>
    public WarmUp(ListenAddress listen, int port, LocalToken token, LedgerViews ledger, IReadOnlyList<PageRoute> pages, ILogger log) =>
        _asking = Task.Run(() => AskAsync(listen, port, token, ledger, pages, log));

    /// <summary>Ends when every page was asked for, or could not be.</summary>
    public Task Done => _asking;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        _stop.Dispose();
    }

    private async Task AskAsync(
        ListenAddress listen, int port, LocalToken token, LedgerViews ledger, IReadOnlyList<PageRoute> pages, ILogger log)
    {
        try
        {
            using var handler = new SocketsHttpHandler { ConnectCallback = (_, stop) => ConnectAsync(listen, port, stop) };
            using var client = new HttpClient(handler) { BaseAddress = new("http://localhost/") };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Text);
            foreach (var page in await PagesAsync(ledger, pages))
            {
                var begun = Stopwatch.GetTimestamp();
                using (await client.GetAsync(page.TrimStart('/'), _stop.Token))
                    await Task.Delay(PauseShare * Stopwatch.GetElapsedTime(begun), TimeProvider.System, _stop.Token);
            }
        }
        catch (Exception cause)
        {
            if (!_stop.IsCancellationRequested)
                log.LogDebug("pages could not be made ready: {Reason}", cause.Message);   // whoever asks first is told, or waits
        }
    }

    /// <summary>An address of every page that has one: of the newest study, its newest run, the last event.</summary>
    private async Task<IReadOnlyList<string>> PagesAsync(LedgerViews ledger, IReadOnlyList<PageRoute> pages)
    {
        var parts = new Dictionary<string, string>();
        if ((await ledger.StudiesAsync(null, 1, _stop.Token)).Studies is [var newest])
        {
            parts["{study}"] = newest.Study.Id.ToString("D");
            if ((await ledger.RunsAsync(new(newest.Study.Id), null, 1, _stop.Token)).Runs is [var run])
                parts["{run}"] = run.Id.ToString("D");
            if ((await ledger.EventsAsync(newest.Study.Id, null, 0, long.MaxValue, 1, _stop.Token)).Items is [var e])
                parts["{event}"] = e.Id.ToString("D");
        }
        return
        [
            .. pages.Where(page => page.Method == "GET")
                .Select(page => parts.Aggregate(page.Pattern, (path, part) => path.Replace(part.Key, part.Value, StringComparison.Ordinal)))
                .Where(path => !path.Contains('{', StringComparison.Ordinal)),
        ];
    }

    private static async ValueTask<Stream> ConnectAsync(ListenAddress listen, int port, CancellationToken cancellation)
    {
        var address = listen.Address is not { } ip ? null
            : ip.Equals(IPAddress.Any) ? IPAddress.Loopback : ip.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : ip;
        EndPoint end = address is null ? new UnixDomainSocketEndPoint(listen.Socket!) : new IPEndPoint(address, port);
        var socket = address is null
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(end, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
