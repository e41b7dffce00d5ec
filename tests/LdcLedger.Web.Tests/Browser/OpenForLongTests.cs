using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Ledger.Tests;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>
/// The page of a study of 528 runs, left open while its workers record: how long the browser is busy at a time, how its memory grows, and
/// whether anything moves under the reader's eyes. <c>LDC_TEST_MINUTES=10</c> looks so long, and with the sharp limits: beside other tests
/// a task also waits for its turn, and in seconds a browser's heap has not come to rest.
/// </summary>
public sealed class OpenForLongTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private const int SharpTaskMs = 50, LooseTaskMs = 1_000;
    private const double SharpGrowth = 1.1, LooseGrowth = 1.6;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_of_a_large_study_that_goes_on_never_stutters_swells_or_jumps()
    {
        var minutes = double.TryParse(
            Environment.GetEnvironmentVariable("LDC_TEST_MINUTES"), CultureInfo.InvariantCulture, out var asked) ? asked : (double?)null;
        var (study, runs) = Samples.Study("open for long", models: 4, domains: 6, seeds: 7);
        Assert.Equal(528, runs.Count);
        await ledger.RecordAsync([study, .. runs, .. runs.Take(100).SelectMany(run => Samples.Whole(run))]);
        using var facts = FactsOf(runs.Skip(100)).GetEnumerator();

        await using var open = await OpenPage.AtAsync(browser, ledger.Web, $"studies/{study.StudyId}");
        var cdp = await open.Page.Context.NewCDPSessionAsync(open.Page);
        var bar = await open.Page.Locator("#bar").TextContentAsync();   // what Playwright brings into the page is there, too
        await GoAsync(facts, TimeSpan.FromSeconds(minutes is null ? 4 : 60));
        await Assertions.Expect(open.Page.Locator("#bar")).Not.ToHaveTextAsync(bar!);
        bar = await open.Page.Locator("#bar").TextContentAsync();
        await open.Page.EvaluateAsync("""
            () => {
              window.seen = { tasks: [], shifts: [] };
              new PerformanceObserver(list => seen.tasks.push(...list.getEntries().map(e => e.duration))).observe({ type: "longtask" });
              const place = rect => JSON.stringify(rect);
              new PerformanceObserver(list => seen.shifts.push(...list.getEntries().flatMap(e => e.sources.map(s =>
                `${e.value.toFixed(4)} ${s.node?.tagName}.${s.node?.className} ${place(s.previousRect)} to ${place(s.currentRect)}`))))
                .observe({ type: "layout-shift" });
            }
            """);
        var before = await HeapAsync(cdp);
        await GoAsync(facts, minutes is { } long_ ? TimeSpan.FromMinutes(long_) : TimeSpan.FromSeconds(5));
        await Assertions.Expect(open.Page.Locator("#bar")).Not.ToHaveTextAsync(bar!);
        var after = await HeapAsync(cdp);

        var tasks = await open.Page.EvaluateAsync<double[]>("seen.tasks");
        var shifts = await open.Page.EvaluateAsync<string[]>("seen.shifts");
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
            $"long tasks: {tasks.Length}, longest {tasks.DefaultIfEmpty(0).Max():0} ms; heap {before / 1e6:0.00} to {after / 1e6:0.00} MB; "
            + $"layout shifts: {shifts.Length}"));
        Assert.True(tasks.All(ms => ms <= (minutes is null ? LooseTaskMs : SharpTaskMs)), $"tasks of {string.Join(", ", tasks)} ms");
        Assert.True(after <= (minutes is null ? LooseGrowth : SharpGrowth) * before, $"the heap grew from {before:N0} to {after:N0} bytes");
        Assert.True(shifts.Length == 0, string.Join('\n', shifts));
        Assert.Empty(open.Wrong);
    }

    // Eight at work at a time, by turns.
    private static IEnumerable<ILedgerEvent> FactsOf(IEnumerable<Domain.Runs.RunPlanned> runs) => runs.Chunk(8).SelectMany(some =>
    {
        var histories = some.Select(run => Samples.Whole(run).ToList()).ToList();
        return Enumerable.Range(0, histories.Max(h => h.Count)).SelectMany(i => histories.Where(h => i < h.Count).Select(h => h[i]));
    });

    private async Task GoAsync(IEnumerator<ILedgerEvent> facts, TimeSpan span)
    {
        using var rhythm = new PeriodicTimer(Pace);
        for (var begun = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begun) < span && facts.MoveNext();)
        {
            await ledger.RecordAsync([facts.Current]);
            await rhythm.WaitForNextTickAsync(Cancellation);
        }
    }

    private static async Task<double> HeapAsync(ICDPSession cdp)
    {
        await cdp.SendAsync("HeapProfiler.collectGarbage");
        return (await cdp.SendAsync("Runtime.getHeapUsage"))!.Value.GetProperty("usedSize").GetDouble();
    }
}
