using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Access;
using LdcLedger.Web.Live;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Api;

/// <summary>
/// <c>GET /api/v1/events/stream</c>: every event in ledger order, as it comes; the id is its place in the ledger. It goes on after
/// <c>Last-Event-ID</c>, or <c>?after=</c>, without a gap: nothing is sent that the read models have not reached.
/// </summary>
internal sealed class EventStream(LedgerViews ledger, PositionFeed feed, Viewers viewers)
{
    private const int EventsAtATime = 100;

    public async Task SendAsync(HttpContext context)
    {
        var position = (await ledger.StateAsync(context.RequestAborted)).Position;
        var text = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last
            : context.Request.Query["after"].ToString() is { Length: > 0 } after ? after : null;
        var begin = position;
        if (text is not null && (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out begin) || begin > position))
        {
            await Problem.SendAsync(context, StatusCodes.Status409Conflict, "not-there-yet", "Not there yet",
                $"'{text}' is no place of this ledger, whose read models are at {position}.");
            return;
        }
        var viewer = Gate.ViewerOf(context);
        if (feed.Join(viewer.Token) is not { } channel)
        {
            context.Response.Headers.RetryAfter = "30";
            await Problem.SendAsync(context, StatusCodes.Status429TooManyRequests, "too-many", "Too many", "Too many listen already.");
            return;
        }
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await TypedResults.ServerSentEvents(ItemsAsync(channel, viewer, begin, context.RequestAborted)).ExecuteAsync(context);
    }

    private async IAsyncEnumerable<SseItem<string>> ItemsAsync(
        Channel<Movement> channel, Viewer viewer, long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var movement in Looking.AtAsync(feed, channel, viewers, viewer, cancellation))
        {
            if (movement == Movement.Bye)
                yield break;
            if (movement is null)
            {
                yield return new("{}", "beat");
                continue;
            }
            while (after < movement.Position)
            {
                var part = await ledger.EventsAsync(null, null, after, movement.Position, EventsAtATime, cancellation);
                foreach (var e in part.Items)
                    yield return new(JsonSerializer.Serialize(EventAnswer.Of(e), ApiJson.Options), e.Type)
                    {
                        EventId = e.Sequence.ToString(CultureInfo.InvariantCulture),
                    };
                after = part.Next ?? movement.Position;
            }
        }
    }
}
