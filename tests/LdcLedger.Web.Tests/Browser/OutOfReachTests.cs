using LdcLedger.Ledger.Tests;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>A page whose machine loses its network, or that is one of too many, says so, and follows again by itself.</summary>
public sealed class OutOfReachTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static readonly LocatorAssertionsToBeVisibleOptions Soon = new() { Timeout = 10_000 };
    private static readonly LocatorAssertionsToBeHiddenOptions SoonGone = new() { Timeout = 15_000 };

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
    public async Task As_the_oldest_of_seven_tabs()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        await Assertions.Expect(open.Page.Locator("#bar")).ToBeVisibleAsync();
        var tabs = new List<IPage> { open.Page };
        for (var i = 0; i < 6; i++)
        {
            tabs.Add(await open.Page.Context.NewPageAsync());
            await tabs[^1].GotoAsync(ledger.Web.Url!.ToString());
        }
        var oldest = tabs[0];
        await Assertions.Expect(oldest.Locator("#lost")).ToContainTextAsync("too many tabs are open", new() { Timeout = 10_000 });
        await ledger.RecordAsync([Samples.Study("seen in six tabs").Study]);
        foreach (var tab in tabs.Skip(1))
        {
            await Assertions.Expect(tab.Locator("#studies")).ToContainTextAsync("seen in six tabs");
            await Assertions.Expect(tab.Locator("#lost")).ToBeHiddenAsync();
        }
        // Whoever comes back to it has it live; another has to go.
        await oldest.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
        await Assertions.Expect(oldest.Locator("#lost")).ToBeHiddenAsync(SoonGone);
        await Assertions.Expect(oldest.Locator("#studies")).ToContainTextAsync("seen in six tabs", new() { Timeout = 10_000 });
        await Assertions.Expect(tabs[1].Locator("#lost")).ToBeVisibleAsync(Soon);
    }
}
