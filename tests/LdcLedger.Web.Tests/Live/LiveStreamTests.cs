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

    [Fact]
    public async Task Of_seven_tabs_the_oldest_are_told_to_go_and_the_others_stay_live()
    {
        var token = await ledger.MakeAsync("seven tabs", Domain.Access.AccessRoles.Reader);
        using var client = ledger.Client(token);
        var tabs = new List<Listener>();
        for (var i = 0; i < 7; i++)
        {
            tabs.Add(await Listen(client, "live"));
            Assert.Equal("moved", (await tabs[^1].NextAsync()).EventType);
        }
        var gone = tabs.Count - Web.Live.PositionFeed.MostOfOneToken;
        foreach (var tab in tabs.Take(gone))
            Assert.Equal("bye", (await tab.LastAsync()).EventType);
        await ledger.RecordAsync([Samples.Study("moves seven tabs").Study]);
        foreach (var tab in tabs.Skip(gone))
            await tab.EventsAsync();
        foreach (var tab in tabs)
            await tab.DisposeAsync();
    }

    [Fact]
    public async Task The_events_of_the_ledger_come_one_by_one_without_a_gap_from_wherever_a_script_stopped()
    {
        using var client = ledger.Operator();
        await using var stream = await Listen(client, "api/v1/events/stream?after=0");
        var seen = new List<long>();
        while (seen.Count < 30)
            if (await stream.NextAsync() is { EventId: { } id })
                seen.Add(long.Parse(id, null));
        var expected = await new Ledger.Views.LedgerViews(ledger.Store, TimeProvider.System)
            .EventsAsync(null, null, 0, long.MaxValue, 30, Cancellation);
        Assert.Equal(expected.Items.Select(e => e.Sequence), seen);
        using var resumed = new HttpRequestMessage(HttpMethod.Get, "api/v1/events/stream");
        resumed.Headers.Add("Last-Event-ID", "999999999");
        Assert.Equal(System.Net.HttpStatusCode.Conflict, (await client.SendAsync(resumed, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_script_that_asks_without_a_pause_is_told_to_wait_and_its_neighbour_is_not()
    {
        await using var usual = await ledger.StartAsync(new(Web.Access.ListenAddress.Usual with { Port = 0 }));
        using var client = new HttpClient { BaseAddress = usual.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Reader);
        var statuses = new List<int>();
        for (var i = 0; i < 200 && !statuses.Contains(429); i++)
        {
            using var answer = await client.GetAsync("api/v1/session", Cancellation);
            statuses.Add((int)answer.StatusCode);
            if (statuses[^1] == 429)
                Assert.Equal("1", answer.Headers.GetValues("Retry-After").Single());
        }
        Assert.Contains(429, statuses);
        Assert.True(statuses.Count > 60);
        client.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Token.Text);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync("api/v1/session", Cancellation)).StatusCode);
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

        /// <summary>The last before the end of the stream.</summary>
        public async Task<SseItem<string>> LastAsync()
        {
            var last = default(SseItem<string>);
            while (await _items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation))
                last = _items.Current;
            return last;
        }

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
