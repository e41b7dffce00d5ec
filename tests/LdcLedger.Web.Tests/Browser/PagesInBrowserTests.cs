using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Access;
using LdcLedger.Web.Pages;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>A page as these tests open it.</summary>
/// <param name="Pattern">Its row in <see cref="PageTable"/>.</param>
/// <param name="Path">An address of it, without the leading slash.</param>
/// <param name="Live">The id of what moves on it.</param>
public sealed record BrowsedPage(string Pattern, Func<TestLedger, string> Path, string Live);

/// <summary>Every page in a real browser.</summary>
public sealed class PagesInBrowserTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly IReadOnlyList<BrowsedPage> Pages =
    [
        new("/", _ => "", "studies"),
        new("/studies/{study}", ledger => $"studies/{ledger.Open}", "study"),
        new("/studies/{study}/rankings", ledger => $"studies/{ledger.Open}/rankings", "rankings"),
        new("/studies/{study}/map", ledger => $"studies/{ledger.Open}/map", "map"),
        new("/studies/{study}/stage2", ledger => $"studies/{ledger.Open}/stage2", "stage2"),
        new("/studies/{study}/work", ledger => $"studies/{ledger.Open}/work", "work"),
        new("/studies/{study}/report", ledger => $"studies/{ledger.Open}/report", "report"),
        new("/studies/{study}/playground", ledger => $"studies/{ledger.Open}/playground", "trial"),
        new("/reports/diff", ledger => $"reports/diff?left={ledger.Open}&right={ledger.Finished}", "diff"),
        new("/reports/verify", _ => "reports/verify", "verify"),
        new("/runs", _ => "runs", "runs"),
        new("/compare", ledger => $"compare?study={ledger.Finished}&stage=1", "compare"),
        new("/runs/{run}", ledger => $"runs/{ledger.FirstRun}", "run"),
        new("/events/{event}", ledger => $"events/{ledger.FirstEvent}", "chain"),
        new("/status", _ => "status", "status"),
        new("/reference", _ => "reference", "reference"),
        new("/workers", _ => "workers", "workers"),
        new("/ledger", _ => "ledger", "ledger"),
    ];

    // What is right is thousands of elements, each of which axe would describe.
    private static readonly HashSet<ResultType> OnlyWhatIsWrong = [ResultType.Violations];

    public static TheoryData<string> Patterns => [.. Pages.Select(page => page.Pattern)];

    private static BrowsedPage Of(string pattern) => Pages.Single(page => page.Pattern == pattern);

    [Fact]
    public void Every_page_is_opened() => Assert.Equal(
        ledger.Web.Routes.Select(route => route.Metadata.GetMetadata<PageRoute>()).Where(page => page is { Method: "GET" })
            .Select(page => page!.Pattern).Order(StringComparer.Ordinal),
        Pages.Select(page => page.Pattern).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task It_shows_what_happens_within_a_second_or_two_and_what_has_the_focus_keeps_it(string pattern)
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, Of(pattern).Path(ledger));
        var bar = open.Page.Locator("#bar");
        var before = await bar.TextContentAsync();
        await open.Page.Locator("header nav a").First.FocusAsync();
        await HappensAsync();
        await Assertions.Expect(bar).Not.ToHaveTextAsync(before!, new() { Timeout = 5_000 });
        Assert.Equal("A", await open.Page.EvaluateAsync<string>("document.activeElement.tagName"));
        Assert.Empty(open.Wrong);
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task Without_its_live_part_it_would_not(string pattern)
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, Of(pattern).Path(ledger));
        var bar = open.Page.Locator("#bar");
        await open.Page.EvaluateAsync("id => document.getElementById(id).remove()", Of(pattern).Live);
        await open.Page.EvaluateAsync("() => fetch(location.href)");   // what it asked for before that has been answered by now
        var before = await bar.TextContentAsync();
        // What happens is told to the page; another that is open beside it shows it, and this one could have, too.
        await using var beside = await OpenPage.AtAsync(browser, ledger.Web, Of(pattern).Path(ledger));
        var told = open.Page.EvaluateAsync("() => new Promise(done => document.addEventListener('moved', () => done(true), {once: true}))");
        await HappensAsync();
        await Assertions.Expect(beside.Page.Locator("#bar")).Not.ToHaveTextAsync(before!, new() { Timeout = 10_000 });
        await told.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await open.Page.EvaluateAsync("() => fetch(location.href)");   // what the page would have asked for has been answered by now
        Assert.Equal(before, await bar.TextContentAsync());
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task Nothing_on_it_keeps_anybody_out_by_day_or_night(string pattern)
    {
        await using var open = await OpenPage.AtAsync(
            browser, ledger.Web, Of(pattern).Path(ledger), new() { ColorScheme = ColorScheme.Light });
        // Where nothing may run, axe waits for ever: such a frame has a name, and what it shows is not this page's.
        Assert.True(await open.Page.EvaluateAsync<bool>("[...document.querySelectorAll('iframe')].every(frame => frame.title)"));
        await open.Page.EvaluateAsync("document.querySelectorAll('iframe').forEach(frame => frame.remove())");
        NothingFound("by day", await open.Page.RunAxe(new AxeRunOptions { ResultTypes = OnlyWhatIsWrong }));
        // Only colours are others by night.
        await open.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        NothingFound("by night", await open.Page.RunAxe(
            new AxeRunOptions { ResultTypes = OnlyWhatIsWrong, RunOnly = RunOnlyOptions.Rules("color-contrast") }));
        // What is wider than a telephone scrolls by itself, and the page does not.
        await open.Page.SetViewportSizeAsync(400, 800);
        Assert.InRange(await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, 400);
        Assert.Empty(open.Wrong);

        static void NothingFound(string when, AxeResult found) =>
            Assert.True(found.Violations.Length == 0, $"{when}:\n" + string.Join('\n', found.Violations.Select(v =>
                $"{v.Id}: {v.Help} ({string.Join(", ", v.Nodes.Select(n => n.Html))})")));
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task It_is_there_without_scripts_and_below_a_path_of_a_proxy_s(string pattern)
    {
        await using var below = await ledger.StartAsync(
            new(ListenAddress.Usual with { Port = 0 }, new Uri("http://127.0.0.1/lab/ldc")));
        var port = below.Port;
        var context = await browser.ContextAsync(new() { JavaScriptEnabled = false });
        await using (context)
        {
            var page = await context.NewPageAsync();
            var root = new Uri($"http://127.0.0.1:{port}/lab/ldc/");
            var link = new UriBuilder(below.Link()) { Port = port }.Uri;
            await page.GotoAsync(link.ToString());
            await page.GotoAsync(new Uri(root, Of(pattern).Path(ledger)).ToString());
            Assert.NotEqual("", await page.Locator($"#{Of(pattern).Live}").TextContentAsync());
            foreach (var address in await page.EvalOnSelectorAllAsync<string[]>(
                "a[href], link[href], script[src]", "all => all.map(e => e.href || e.src)"))
                Assert.True(
                    address.StartsWith(root.ToString(), StringComparison.Ordinal) || address.StartsWith("data:", StringComparison.Ordinal)
                        || address == $"{page.Url}#main", address);
        }
    }

    [Fact]
    public async Task Runs_with_a_tick_are_compared_and_a_tick_stays_where_it_is_while_the_ledger_moves()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, $"runs?study={ledger.Finished}");
        var bar = await open.Page.Locator("#bar").TextContentAsync();
        var boxes = open.Page.Locator("#runs input[type=checkbox]");
        var chosen = new List<string>();
        foreach (var place in (int[])[1, 4])
        {
            await boxes.Nth(place).CheckAsync();
            chosen.Add(await open.Page.Locator("#runs tbody th a").Nth(place).TextContentAsync() ?? "");
        }
        await HappensAsync();
        await Assertions.Expect(open.Page.Locator("#bar")).Not.ToHaveTextAsync(bar!, new() { Timeout = 5_000 });
        await Assertions.Expect(open.Page.Locator("#runs input:checked")).ToHaveCountAsync(2);
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Compare those with a tick" }).ClickAsync();
        await Assertions.Expect(open.Page.Locator("#matrix tbody th a")).ToHaveTextAsync(chosen);
        Assert.Empty(open.Wrong);
    }

    [Fact]
    public async Task Keys_open_a_list_of_keys_and_change_the_theme()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        await open.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(open.Page.Locator("#keys")).ToBeVisibleAsync();
        Assert.Contains("next row", await open.Page.Locator("#keys").TextContentAsync(), StringComparison.Ordinal);
        await open.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(open.Page.Locator("#keys")).ToBeHiddenAsync();
        await open.Page.Keyboard.PressAsync("t");
        Assert.Equal("dark", await open.Page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
        await open.Page.Keyboard.PressAsync("j");
        Assert.Equal("A", await open.Page.EvaluateAsync<string>("document.activeElement.tagName"));
        Assert.Empty(open.Wrong);
    }

    // Of another study each time, and of the open one, so that pages of the ledger and of that study move.
    private async Task HappensAsync()
    {
        var (_, runs) = Samples.Study("open");
        var known = new Ledger.Store.LedgerWriter(ledger.Store, TimeProvider.System);
        var facts = runs.SelectMany(run => Samples.Whole(run)).ToList();
        var there = await known.KnownAsync(facts.Select(Domain.Events.EventIds.Of), Cancellation);
        var next = facts.First(fact => !there.Contains(Domain.Events.EventIds.Of(fact)));
        await ledger.RecordAsync([next]);
    }
}
