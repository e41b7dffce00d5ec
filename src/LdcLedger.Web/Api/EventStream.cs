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
        return Task.FromResult<object>(new StreamedAnswer(context => SendAsync(context, view, channel => OfLedger(channel, view, begin))));
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
            context, view, channel => OfStudy(channel, view, study, begin, after, last?.Sequence ?? long.MaxValue)));
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

    private async IAsyncEnumerable<SseItem<string>> OfLedger(
        Channel<Movement> channel, View view, long after, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellation, view.Cancellation);
        await foreach (var movement in Looking.AtAsync(parts.Feed, channel, parts.Viewers, view.Viewer, until.Token))
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
                var part = await view.Ledger.EventsAsync(null, null, after, movement.Position, EventsAtATime, until.Token);
                foreach (var e in part.Items)
                    yield return Item(EventAnswer.Of(e), e.Sequence);
                after = part.Next ?? movement.Position;
            }
        }
    }

    private async IAsyncEnumerable<SseItem<string>> OfStudy(
        Channel<Movement> channel, View view, Guid study, long position, long after, long last,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellation, view.Cancellation);
        await foreach (var movement in Looking.AtAsync(parts.Feed, channel, parts.Viewers, view.Viewer, until.Token))
        {
            if (movement == Movement.Bye)
                yield break;
            if (movement is null)
            {
                yield return new("{}", "beat");
                continue;
            }
            var upTo = Math.Min(movement.Position, last);
            while (after < upTo)
            {
                var part = await view.Ledger.EventsAsync(study, null, after, upTo, EventsAtATime, until.Token);
                foreach (var e in part.Items)
                    yield return Item(EventAnswer.Of(e), ++position);
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
