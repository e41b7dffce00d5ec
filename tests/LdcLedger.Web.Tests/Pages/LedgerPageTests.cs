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
        Assert.Equal(2, bars.Count);
        Assert.Equal(
            int.Parse(bars[0].GetAttribute("x")!, null) + int.Parse(bars[0].GetAttribute("width")!, null),
            int.Parse(bars[1].GetAttribute("x")!, null));
        Assert.StartsWith("1 to ", bars[0].TextContent, StringComparison.Ordinal);
    }

    /// <summary>So many seconds later than it is.</summary>
    private sealed class Ahead : TimeProvider
    {
        public int Seconds { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddSeconds(Seconds);
    }
}
