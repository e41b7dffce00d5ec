using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using LdcLedger.Web.Access;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Live;

/// <summary>
/// <c>GET /live?study=ID</c>: what a page listens to. <c>moved</c> (its id is the ledger's position) says that what the page shows may have
/// changed; <c>away</c> that the ledger cannot be asked; <c>out</c> that the session has ended; <c>beat</c> that the line is alive.
/// </summary>
public sealed class LiveStream(PositionFeed feed, Viewers viewers, TimeProvider time)
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SessionInterval = TimeSpan.FromSeconds(1);

    /// <param name="study">Null: whatever moves.</param>
    public async Task SendAsync(HttpContext context, Guid? study)
    {
        context.Response.Headers["X-Accel-Buffering"] = "no";   // a proxy that gathers answers would hold it back
        await TypedResults.ServerSentEvents(ItemsAsync(Gate.ViewerOf(context), study, context.RequestAborted)).ExecuteAsync(context);
    }

    private async IAsyncEnumerable<SseItem<string>> ItemsAsync(
        Viewer viewer, Guid? study, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = feed.Join();
        try
        {
            for (var (spoke, looked) = (time.GetTimestamp(), time.GetTimestamp()); ;)
            {
                var (isOpen, movement) = await NextAsync(channel.Reader, cancellation);
                if (!isOpen)
                    yield break;
                if (time.GetElapsedTime(looked) >= SessionInterval)
                {
                    if (await viewers.ByIdAsync(viewer.Token, cancellation) is null)
                    {
                        yield return new("{}", "out");
                        yield break;
                    }
                    looked = time.GetTimestamp();
                }
                var item = movement is not null ? Told(movement, study)
                    : time.GetElapsedTime(spoke) >= BeatInterval ? new SseItem<string>("{}", "beat") : (SseItem<string>?)null;
                if (item is not { } said)
                    continue;
                yield return said;
                spoke = time.GetTimestamp();
            }
        }
        finally
        {
            feed.Leave(channel);
        }
    }

    /// <summary>Null where it is of other studies.</summary>
    private static SseItem<string>? Told(Movement movement, Guid? study)
    {
        if (movement.Trouble is { } trouble)
            return new(JsonSerializer.Serialize(new { reason = trouble }), "away");
        if (study is { } one && movement.Studies.Count > 0 && !movement.Studies.Contains(one))
            return null;
        return new(JsonSerializer.Serialize(new { position = movement.Position, why = movement.Studies.Count > 0 ? "events" : "leases" }), "moved")
        {
            EventId = movement.Position.ToString(CultureInfo.InvariantCulture),
        };
    }

    // A second of silence is no movement.
    private static async Task<(bool IsOpen, Movement? Movement)> NextAsync(ChannelReader<Movement> reader, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(SessionInterval);
        try
        {
            return (true, await reader.ReadAsync(limit.Token));
        }
        catch (OperationCanceledException)
        {
            return (!cancellation.IsCancellationRequested, null);
        }
        catch (ChannelClosedException)
        {
            return (false, null);
        }
    }
}
