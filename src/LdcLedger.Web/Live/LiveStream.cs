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
/// changed; <c>away</c> that the ledger cannot be asked; <c>out</c> that the session has ended; <c>bye</c> that too many tabs listen, and
/// this one is the oldest; <c>beat</c> that the line is alive.
/// </summary>
public sealed class LiveStream(PositionFeed feed, Viewers viewers)
{
    /// <param name="study">Null: whatever moves.</param>
    public async Task SendAsync(HttpContext context, Guid? study)
    {
        var viewer = Gate.ViewerOf(context);
        if (feed.Join(viewer.Token) is not { } channel)
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (StatusCodes.Status429TooManyRequests, "30");
            return;
        }
        context.Response.Headers["X-Accel-Buffering"] = "no";   // a proxy that gathers answers would hold it back
        await TypedResults.ServerSentEvents(ItemsAsync(channel, viewer, study, context.RequestAborted)).ExecuteAsync(context);
    }

    private async IAsyncEnumerable<SseItem<string>> ItemsAsync(
        Channel<Movement> channel, Viewer viewer, Guid? study, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var movement in Looking.AtAsync(feed, channel, viewers, viewer, cancellation))
            if (Told(movement, study) is { } item)
                yield return item;
        // Else the server ends, and the page asks again until one is there.
        if (await viewers.ByIdAsync(viewer.Token, cancellation) is null)
            yield return new("{}", "out");
    }

    /// <summary>Null where it is of other studies.</summary>
    private static SseItem<string>? Told(Movement? movement, Guid? study)
    {
        if (movement is null)
            return new("{}", "beat");
        if (movement == Movement.Bye)
            return new("{}", "bye");
        if (movement.Trouble is { } trouble)
            return new(JsonSerializer.Serialize(new { reason = trouble }), "away");
        if (study is { } one && movement.Studies.Count > 0 && !movement.Studies.Contains(one))
            return null;
        return new(
            JsonSerializer.Serialize(new { position = movement.Position, why = movement.Studies.Count > 0 ? "events" : "leases" }), "moved")
        {
            EventId = movement.Position.ToString(CultureInfo.InvariantCulture),
        };
    }
}
