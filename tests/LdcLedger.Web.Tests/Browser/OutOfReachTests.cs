using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Live;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>A page whose machine loses its network, or that is one of too many, says so, and follows again by itself.</summary>
public sealed class OutOfReachTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static readonly LocatorAssertionsToBeHiddenOptions SoonGone = new() { Timeout = 15_000 };

    private static bool IsLine(IResponse response) => new Uri(response.Url).AbsolutePath == "/live";

    [Fact]
    public async Task While_the_laptop_is_asleep()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        var lost = open.Page.Locator("#lost");
        await Assertions.Expect(open.Page.Locator("#bar")).ToBeVisibleAsync();
        await open.Page.Context.SetOfflineAsync(true);
        await Assertions.Expect(lost).ToContainTextAsync("no network", new() { Timeout = 10_000 });
        await ledger.RecordAsync([Samples.Study("while it slept").Study]);
        await open.Page.Context.SetOfflineAsync(false);
        await Assertions.Expect(lost).ToBeHiddenAsync(SoonGone);
        await Assertions.Expect(open.Page.Locator("#studies")).ToContainTextAsync("while it slept");
        // And it is live: what happens now comes by the line.
        await ledger.RecordAsync([Samples.Study("after it woke").Study]);
        await Assertions.Expect(open.Page.Locator("#studies")).ToContainTextAsync("after it woke");
    }

    [Fact]
    public async Task While_the_server_cannot_reach_what_runs_are_handed_out_by()
    {
        string? trouble = null;
        await using var server = await ledger.StartAsync(ledger.Settings with { Trouble = () => trouble });
        await using var open = await OpenPage.AtAsync(browser, server, $"studies/{ledger.Finished}");
        var bar = open.Page.Locator("#bar");
        await Assertions.Expect(bar).ToBeVisibleAsync();
        trouble = "RabbitMQ cannot be reached";
        await Assertions.Expect(bar).ToContainTextAsync("RabbitMQ cannot be reached", new() { Timeout = 10_000 });
        trouble = null;
        await Assertions.Expect(bar).Not.ToContainTextAsync("RabbitMQ", new() { Timeout = 10_000 });
        Assert.Empty(open.Wrong);
    }

    // Whoever leads tells what a study waits for: the page follows its leases without any event.
    [Fact]
    public async Task While_nobody_leads_and_when_somebody_does_again()
    {
        var (study, runs) = Samples.Study("led by turns");
        await ledger.RecordAsync([study, .. runs]);
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, $"studies/{study.StudyId}");
        var status = open.Page.Locator("#study dd").First;
        await Assertions.Expect(status).ToContainTextAsync("interrupted");
        for (var turn = 0; turn < 2; turn++)
        {
            await using (await LeaderLock.LeadAsync(ledger.Store, null, TimeProvider.System, TestContext.Current.CancellationToken))
                await Assertions.Expect(status).Not.ToContainTextAsync("interrupted", new() { Timeout = 10_000 });
            await Assertions.Expect(status).ToContainTextAsync("interrupted", new() { Timeout = 10_000 });
        }
        Assert.Empty(open.Wrong);
    }

    // A browser has six lines to a server. If all were held by tabs, the seventh would wait for ever, and say nothing.
    [Fact]
    public async Task As_one_of_seven_tabs_of_which_every_one_is_shown_and_the_newest_follow()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        var tabs = new List<IPage>();
        for (var i = 0; i < 7; i++)
        {
            // The newest is whose line came last.
            var tab = i == 0 ? open.Page : await open.Page.Context.NewPageAsync();
            await tab.RunAndWaitForResponseAsync(() => tab.GotoAsync(ledger.Web.Url!.ToString()), IsLine);
            tabs.Add(tab);
        }
        await Assertions.Expect(tabs[0].Locator("#lost")).ToContainTextAsync("too many tabs are open", new() { Timeout = 10_000 });
        await ledger.RecordAsync([Samples.Study("seen in the newest tabs").Study]);
        foreach (var tab in tabs.TakeLast(2))
        {
            await Assertions.Expect(tab.Locator("#studies")).ToContainTextAsync("seen in the newest tabs", new() { Timeout = 10_000 });
            await Assertions.Expect(tab.Locator("#lost")).ToBeHiddenAsync(SoonGone);
        }
    }

    // It is a file of its own. Where that came after the others, the page went on without it, and had no line.
    [Fact]
    public async Task While_what_htmx_knows_of_lines_comes_late()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "status");
        await open.Page.RouteAsync("**/hx-sse.min.js", async route =>
        {
            // The page and htmx are there, and whatever they do of themselves in the meantime is done.
            await open.Page.WaitForFunctionAsync("() => window.htmx && document.getElementById('foot')");
            for (var turn = 0; turn < 5; turn++)
                await open.Page.EvaluateAsync("() => new Promise(done => setTimeout(done, 0))");
            await route.ContinueAsync();
        });
        await open.Page.RunAndWaitForResponseAsync(() => open.Page.GotoAsync(ledger.Web.Url!.ToString()), IsLine);
        await Assertions.Expect(open.Page.Locator("#lost")).ToBeHiddenAsync(SoonGone);
    }

    [Fact]
    public async Task As_the_oldest_of_too_many_that_follow()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        var lost = open.Page.Locator("#lost");
        await ledger.RecordAsync([Samples.Study("while it follows").Study]);
        await Assertions.Expect(open.Page.Locator("#studies")).ToContainTextAsync("while it follows", new() { Timeout = 10_000 });
        // As many windows of the same session as may follow at a time.
        using var client = ledger.Operator();
        var others = new List<Stream>();
        for (var i = 0; i < PositionFeed.MostOfOneToken; i++)
            others.Add(await client.GetStreamAsync("live", TestContext.Current.CancellationToken));
        await Assertions.Expect(lost).ToContainTextAsync("too many tabs are open", new() { Timeout = 10_000 });
        // Whoever comes back to it has it live again.
        await open.Page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await Assertions.Expect(lost).ToBeHiddenAsync(SoonGone);
        await ledger.RecordAsync([Samples.Study("when it follows again").Study]);
        await Assertions.Expect(open.Page.Locator("#studies")).ToContainTextAsync("when it follows again", new() { Timeout = 10_000 });
        foreach (var other in others)
            await other.DisposeAsync();
    }
}
