using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Web.Live;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Api;

/// <summary>
/// Events in ledger order, as they come: of the whole ledger, each with its place in it as its id, or of one study, each with its position
/// in that. A stream goes on after <c>Last-Event-ID</c>, or <c>?after=</c>, without a gap: nothing is sent that the read models have not
/// reached.
/// </summary>
internal sealed class EventStream(ApiParts parts)
{
    private const int EventsAtATime = 100;

    public Task<object> OfLedgerAsync(View view)
    {
        var begin = BeginOf(view) ?? view.State.Position;
        if (begin > view.State.Position)
            throw NotThereYet(FormattableString.Invariant(
                $"{begin} is no place of this ledger, whose read models are at {view.State.Position}."));
        return Task.FromResult<object>(new StreamedAnswer(context => SendAsync(
            context, view, channel => EventsAsync(channel, view, null, begin, long.MaxValue, 0))));
    }

    /// <summary>To somebody who is bound to a position, it ends there.</summary>
    public async Task<object> OfStudyAsync(View view)
    {
        var study = await view.StudyIdAsync();
        var last = view.Viewer.At is { } bound ? await view.Ledger.Past.MomentAsync(study, AsOf.At(bound), view.Cancellation) : null;
        var now = await view.Ledger.PositionAsync(study, last?.Sequence ?? view.State.Position, view.Cancellation);
        var begin = BeginOf(view) ?? now;
        if (begin > now)
            throw NotThereYet(FormattableString.Invariant($"{begin} is no position of study {study}, which is at {now}."));
        var after = begin == 0 ? 0 : (await view.Ledger.Past.MomentAsync(study, AsOf.At(begin), view.Cancellation)).Sequence;
        return new StreamedAnswer(context => SendAsync(
            context, view, channel => EventsAsync(channel, view, study, after, last?.Sequence ?? long.MaxValue, begin)));
    }

    private async Task SendAsync(HttpContext context, View view, Func<Channel<Movement>, IAsyncEnumerable<SseItem<string>>> items)
    {
        if (parts.Feed.Join(view.Viewer.Token) is not { } channel)
        {
            context.Response.Headers.RetryAfter = "30";
            await Problem.SendAsync(context, StatusCodes.Status429TooManyRequests, "too-many", "Too many", "Too many listen already.");
            return;
        }
        context.Response.Headers["X-Accel-Buffering"] = "no";   // a proxy that gathers answers would hold it back
        await TypedResults.ServerSentEvents(items(channel)).ExecuteAsync(context);
    }

    /// <param name="study">Whose events; null: everybody's.</param>
    /// <param name="after">The place in the ledger that they begin behind.</param>
    /// <param name="last">The place that they end at.</param>
    /// <param name="position">The study's at the beginning.</param>
    private async IAsyncEnumerable<SseItem<string>> EventsAsync(
        Channel<Movement> channel, View view, Guid? study, long after, long last, long position,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellation, view.Cancellation);
        var isBegun = false;
        await foreach (var movement in Looking.AtAsync(parts.Feed, channel, parts.Viewers, view.Viewer, until.Token))
        {
            if (movement == Movement.Bye)
                yield break;
            // At once, too: whoever listens knows that the line is there before anything happens.
            if (movement is null || !isBegun)
                yield return new("{}", "beat");
            isBegun = true;
            if (movement is null)
                continue;
            for (var upTo = Math.Min(movement.Position, last); after < upTo;)
            {
                var part = await view.Ledger.EventsAsync(study, null, after, upTo, EventsAtATime, until.Token);
                foreach (var e in part.Items)
                    yield return Item(EventAnswer.Of(e), study is null ? e.Sequence : ++position);
                after = part.Next ?? upTo;
            }
            if (after >= last)
                yield break;
        }
    }

    private static SseItem<string> Item(EventAnswer e, long id) => new(JsonSerializer.Serialize(e, ApiJson.Options), e.Type)
    {
        EventId = id.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Null: from now on.</summary>
    private static long? BeginOf(View view)
    {
        if (view.Request.Headers["Last-Event-ID"].ToString() is not { Length: > 0 } last)
            return view.Whole("after", 0, long.MaxValue);
        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var begin) ? begin
            : throw NotThereYet($"'{last}' is no place of this ledger.");
    }

    private static RequestRefused NotThereYet(string sentence) =>
        new(StatusCodes.Status409Conflict, "not-there-yet", "Not there yet", sentence);
}
