using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>
/// Pages of more than one study, and of single runs and events, at a moment that has passed: the same for ever, and not live.
/// </summary>
public sealed class EarlierMomentTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_are_listed_as_they_stood_at_a_time_or_of_one_study_at_a_position_of_it()
    {
        var (study, runs) = Samples.Study("stood");
        await ledger.RecordAsync([study, .. runs]);
        var then = Time(TimeProvider.System.GetUtcNow());
        var whole = Samples.Whole(runs[0]);
        await ledger.RecordAsync(whole);
        var position = 1 + runs.Count;
        var (ofStudy, first) = ($"runs?study={study.StudyId}", $"{runs[0].RunId}"[..8]);
        foreach (var path in (string[])[$"{ofStudy}&at={position}", $"{ofStudy}&at={then}", $"runs?at={then}"])
        {
            var page = await PageAsync(path);
            Assert.Null(page.QuerySelector("[hx-get], #line"));
            var row = page.QuerySelectorAll("#runs tbody tr").Single(tr => tr.TextContent.Contains(first, StringComparison.Ordinal));
            Assert.Equal("planned", row.QuerySelector("td span")!.TextContent);
            Assert.Contains("at=", row.QuerySelector("a")!.GetAttribute("href"), StringComparison.Ordinal);
        }
        var filtered = await PageAsync($"{ofStudy}&at={position + whole.Count}&status=completed&stage=0");
        Assert.Equal(
            [first], filtered.QuerySelectorAll("#runs tbody th").Select(th => th.TextContent.Trim()));
        Assert.Contains("1 run of 1.", filtered.QuerySelector("#runs .note")!.TextContent, StringComparison.Ordinal);
        var once = await TextAsync($"runs?at={then}");
        await ledger.RecordAsync([Samples.Study("came later").Study]);
        Assert.Equal(once, await TextAsync($"runs?at={then}"));
        await RefusedAsync("runs?at=7", HttpStatusCode.BadRequest, "positions are of a single study");
        await RefusedAsync($"runs?at={then}&cursor=x", HttpStatusCode.BadRequest, "cursor goes on in the list of now");
    }

    [Fact]
    public async Task A_run_and_its_events_are_shown_at_a_position_or_a_time_and_not_before_they_were()
    {
        var (study, runs) = Samples.Study("one by one");
        await ledger.RecordAsync([study, .. runs]);
        await ledger.RecordAsync(Samples.Whole(runs[1]));
        var history = await ledger.HistoryAsync(runs[1].RunId);
        var at = 1 + runs.Count + 2;   // the claim, and one norm
        var shown = await PageAsync($"events/{history[1].Id}?at={at}");
        Assert.Null(shown.QuerySelector("[hx-get], #line"));
        var after = shown.QuerySelectorAll("#chain li")[1].QuerySelector("a")!;
        Assert.Equal($"/events/{history[2].Id}?at={at}", after.GetAttribute("href"));
        var proof = Ledger.Chain.InclusionProof.Read(System.Text.Encoding.UTF8.GetBytes(shown.QuerySelector("#proof")!.TextContent));
        Assert.Equal(at, proof.InStudy!.Size);
        var last = await PageAsync($"events/{history[2].Id}?at={at}");
        Assert.Contains("nothing yet", last.QuerySelectorAll("#chain li")[1].TextContent, StringComparison.Ordinal);
        await RefusedAsync($"events/{history[3].Id}?at={at}", HttpStatusCode.NotFound, "was not recorded yet at position");
        var time = Time(TimeProvider.System.GetUtcNow());
        Assert.NotNull((await PageAsync($"events/{history[3].Id}?at={time}")).QuerySelector("#proof"));
        Assert.Equal(3, (await PageAsync($"runs/{runs[1].RunId}?at={at}")).QuerySelectorAll("#events tbody tr").Length);
        Assert.Equal(
            history.Count, (await PageAsync($"runs/{runs[1].RunId}?at={time}")).QuerySelectorAll("#events tbody tr").Length);
    }

    [Fact]
    public async Task The_ledger_is_shown_as_it_was_sealed_then_and_what_is_no_study_s_takes_a_time()
    {
        await new Sealing(ledger.Store, new LedgerWriter(ledger.Store, TimeProvider.System), ledger.Keys, TimeProvider.System)
            .SealAsync(Cancellation);
        await ledger.CatchUpAsync();
        var then = Time(TimeProvider.System.GetUtcNow());
        var seals = (await PageAsync($"ledger?at={then}")).QuerySelectorAll("#seals tbody tr").Length;
        var seal = (await ledger.HistoryAsync(Domain.Identity.LedgerIds.Seals))[^1].Id;
        await ledger.RecordAsync([Samples.Study("sealed later").Study]);
        await new Sealing(ledger.Store, new LedgerWriter(ledger.Store, TimeProvider.System), ledger.Keys, TimeProvider.System)
            .SealAsync(Cancellation);
        await ledger.CatchUpAsync();
        var page = await PageAsync($"ledger?at={then}");
        Assert.Equal(seals, page.QuerySelectorAll("#seals tbody tr").Length);
        Assert.Equal(seals + 1, (await PageAsync("ledger")).QuerySelectorAll("#seals tbody tr").Length);
        Assert.Null(page.QuerySelector("[hx-get], #line, form[method=post]"));
        Assert.NotNull((await PageAsync($"events/{seal}?at={then}")).QuerySelector("#canonical"));
        await RefusedAsync("ledger?at=7", HttpStatusCode.BadRequest, "positions are of a single study");
        await RefusedAsync($"events/{seal}?at=7", HttpStatusCode.BadRequest, "this event belongs to none");
        await RefusedAsync($"workers?at={then}", HttpStatusCode.BadRequest, "Workers are shown as they are now");
    }

    private static string Time(DateTimeOffset at) => Uri.EscapeDataString(AsOf.Text(at));

    private async Task<string> TextAsync(string path)
    {
        using var client = ledger.Operator();
        return await client.GetStringAsync(path, Cancellation);
    }

    private async Task<IHtmlDocument> PageAsync(string path) => new HtmlParser().ParseDocument(await TextAsync(path));

    private async Task RefusedAsync(string path, HttpStatusCode status, string says)
    {
        using var client = ledger.Operator();
        using var answer = await client.GetAsync(path, Cancellation);
        Assert.Equal((path, status), (path, answer.StatusCode));
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }
}
