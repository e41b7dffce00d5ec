using System.Net.ServerSentEvents;
using LdcLedger.Ledger.Tests;
using Xunit;

namespace LdcLedger.Web.Tests.Live;

public sealed class LiveStreamTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_is_told_when_its_study_has_moved_and_not_when_another_has()
    {
        using var client = ledger.Operator();
        await using var ours = await Listen(client, $"live?study={ledger.Open}");
        await using var all = await Listen(client, "live");
        var first = await ours.NextAsync();
        Assert.Equal("moved", first.EventType);
        await all.NextAsync();

        var (other, others) = Samples.Study("moves elsewhere");
        await ledger.RecordAsync([other, .. others]);
        var moved = await all.EventsAsync();

        var (_, planned) = Samples.Study("open");
        await ledger.RecordAsync(Samples.Whole(planned[0]));
        var told = await ours.EventsAsync();
        Assert.True(long.Parse(told.EventId!, null) > long.Parse(moved.EventId!, null));   // the first that it heard of is its own
        // What is fetched now contains what was told.
        var runs = await client.GetStringAsync($"api/v1/runs?study={ledger.Open}&status=completed", Cancellation);
        Assert.Contains(planned[0].RunId.ToString(), runs, StringComparison.Ordinal);
    }

    private static async Task<Listener> Listen(HttpClient client, string path)
    {
        var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());
        return new(await response.Content.ReadAsStreamAsync(Cancellation));
    }

    private sealed class Listener(Stream stream) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _items =
            SseParser.Create(stream).EnumerateAsync(Cancellation).GetAsyncEnumerator(Cancellation);

        public async Task<SseItem<string>> NextAsync() =>
            await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation) ? _items.Current
                : throw new InvalidOperationException("The stream ended.");

        /// <summary>The next movement by events; a lease that was taken or lost is of every study.</summary>
        public async Task<SseItem<string>> EventsAsync()
        {
            while (true)
                if (await NextAsync() is { EventType: "moved" } moved && moved.Data.Contains("\"events\"", StringComparison.Ordinal))
                    return moved;
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
