using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>How the read models follow, and that they do not, is said in words.</summary>
public sealed class LedgerPageTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_models_that_stand_still_are_said_to_and_no_longer_when_they_are_brought_on()
    {
        var time = new Ahead();
        await using var web = await WebServer.StartAsync(
            new(ListenAddress.Usual with { Port = 0 }), ledger.Store, ledger.Token, NullLoggerFactory.Instance, time, Cancellation);
        using var client = new HttpClient { BaseAddress = web.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Token.Text);
        async Task<IHtmlDocument> PageAsync() => new HtmlParser().ParseDocument(await client.GetStringAsync("ledger", Cancellation));
        async Task<JsonElement> PositionAsync() =>
            JsonDocument.Parse(await client.GetStringAsync("api/v1/ledger/position", Cancellation)).RootElement;

        Assert.Contains("never a second behind", (await PageAsync()).QuerySelector("#lag")!.TextContent, StringComparison.Ordinal);
        await using (await LeaderLock.TakeAsync(ledger.Store, TimeProvider.System, Cancellation))
        {
            var (study, _) = Samples.Study("nobody brings it on");
            await new LedgerWriter(ledger.Store, TimeProvider.System).RecordAsync([study], cancellation: Cancellation);
            Assert.Null((await PageAsync()).QuerySelector("#still"));
            time.Seconds = 11;
            var still = (await PageAsync()).QuerySelector("#still")!;
            Assert.Contains("They stand still at event", still.TextContent, StringComparison.Ordinal);
            Assert.Contains(" to come:", still.TextContent, StringComparison.Ordinal);
            Assert.Equal(JsonValueKind.String, (await PositionAsync()).GetProperty("stillSince").ValueKind);
        }
        await ledger.CatchUpAsync();
        Assert.Null((await PageAsync()).QuerySelector("#still"));
        Assert.Equal(JsonValueKind.Null, (await PositionAsync()).GetProperty("stillSince").ValueKind);
    }

    /// <summary>PostgreSQL gives out places ahead: after a crash, and for what was not recorded after all, some stay empty.</summary>
    [Fact]
    public async Task Events_are_counted_and_not_the_places_that_they_could_have()
    {
        await using (var skip = ledger.Store.DataSource.CreateCommand(
            $"select setval('{ledger.Store.Schema}.mt_events_sequence', nextval('{ledger.Store.Schema}.mt_events_sequence') + 32)"))
            await skip.ExecuteNonQueryAsync(Cancellation);
        await ledger.RecordAsync([Samples.Study("after a crash").Study]);
        await using var counted = ledger.Store.DataSource.CreateCommand($"select count(*) from {ledger.Store.Schema}.mt_events");
        var events = (long)(await counted.ExecuteScalarAsync(Cancellation))!;

        using var client = ledger.Operator();
        var page = new HtmlParser().ParseDocument(await client.GetStringAsync("ledger", Cancellation));
        Assert.StartsWith($"{events:N0}, the newest at place ", page.QuerySelector("#ledger dd")!.TextContent, StringComparison.Ordinal);
        await new Sealing(
            ledger.Store, new LedgerWriter(ledger.Store, TimeProvider.System), new SealKeys(ledger.Data, null), TimeProvider.System)
            .SealAsync(Cancellation);
        await ledger.CatchUpAsync();
        page = new HtmlParser().ParseDocument(await client.GetStringAsync("ledger", Cancellation));
        Assert.Contains($"{events:N0} of {events + 1:N0} events", page.QuerySelector("#ledger")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seals_are_drawn_as_the_ranges_that_they_are_over()
    {
        var sealing = new Sealing(
            ledger.Store, new LedgerWriter(ledger.Store, TimeProvider.System), new SealKeys(ledger.Data, null), TimeProvider.System);
        for (var i = 0; i < 2; i++)
        {
            await ledger.RecordAsync([.. Samples.Study($"sealed {i}").Runs]);
            await sealing.SealAsync(Cancellation);
            await ledger.CatchUpAsync();
        }
        using var client = ledger.Operator();
        var page = new HtmlParser().ParseDocument(await client.GetStringAsync("ledger", Cancellation));
        var bars = page.QuerySelectorAll("svg.lane rect").ToList();
        Assert.Equal(page.QuerySelectorAll("#seals tbody tr").Length, bars.Count);
        Assert.True(bars.Count >= 2, "another test may have sealed, too");
        Assert.All(bars.Zip(bars.Skip(1)), pair => Assert.Equal(
            int.Parse(pair.First.GetAttribute("x")!, null) + int.Parse(pair.First.GetAttribute("width")!, null),
            int.Parse(pair.Second.GetAttribute("x")!, null)));
        Assert.StartsWith("1 to ", bars[0].TextContent, StringComparison.Ordinal);
    }

    /// <summary>So many seconds later than it is.</summary>
    private sealed class Ahead : TimeProvider
    {
        public int Seconds { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddSeconds(Seconds);
    }
}
