using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Tests.Pages;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>Rankings follow the slider, whether a hand moves it or it plays; and what is copied is what was asked for.</summary>
public sealed class PlayTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_its_address_and_what_it_cites_follow_the_slider_and_play_goes_through_the_milestones()
    {
        var (study, runs) = Samples.Study("played");
        await ledger.RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run))]);
        var (plan, targeted) = await Stage2.DecidedAsync(ledger, study);
        await ledger.RecordAsync([plan, .. targeted]);
        var decided = 1 + runs.Count + runs.Sum(run => Samples.Whole(run).Count) + 1;

        await using var open = await OpenPage.AtAsync(browser, ledger.Web, $"studies/{study.StudyId}/rankings");
        var (bar, slider) = (open.Page.Locator("#bar"), open.Page.Locator("input[name=at]"));
        await slider.FillAsync("9");
        await Assertions.Expect(bar).ToContainTextAsync("as of position 9");
        await Assertions.Expect(open.Page.Locator("#foot")).ToContainTextAsync("position 9");
        await Assertions.Expect(open.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("[?&]at=9(&|$)"));

        // What happens now changes nothing of what stood then.
        var told = open.Page.EvaluateAsync("() => new Promise(done => document.addEventListener('moved', () => done(true), {once: true}))");
        await ledger.RecordAsync([new Domain.Studies.StudyNamed(study.StudyId, 1, "called otherwise")]);
        await told.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await open.Page.EvaluateAsync("() => fetch(location.href)");   // what the page would have asked for has been answered by now
        await Assertions.Expect(bar).ToContainTextAsync("as of position 9");

        await open.Page.ClickAsync("#play");
        await Assertions.Expect(bar).ToContainTextAsync($"as of position {decided}");
        await Assertions.Expect(open.Page.Locator("#foot")).ToContainTextAsync($"position {decided}");
        await Assertions.Expect(open.Page.Locator("#play")).ToHaveTextAsync("Play");   // it was the last
        Assert.Empty(open.Wrong);
    }

    [Fact]
    public async Task The_table_for_a_paper_is_copied_whole()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, $"studies/{ledger.Finished}");
        await open.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var button = open.Page.Locator("button[data-copies]");
        var address = (await button.GetAttributeAsync("data-copies"))!;
        await button.ClickAsync();
        await Assertions.Expect(button).ToHaveTextAsync("Copied");
        using var client = ledger.Operator();
        Assert.Equal(
            await client.GetStringAsync(address, Cancellation), await open.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        Assert.Empty(open.Wrong);
    }
}
