using System.Net;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Pages;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

public sealed class StudiesPageTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Studies_are_listed_newest_first_with_where_they_stand()
    {
        using var client = ledger.Operator();
        var page = new HtmlParser().ParseDocument(await client.GetStringAsync("", Cancellation));
        var rows = page.QuerySelectorAll("#studies tbody tr").ToList();
        Assert.Equal(
            [NameBasedGuid.Short(ledger.Open), NameBasedGuid.Short(ledger.Finished)],
            rows.Select(row => row.QuerySelector(".exact")!.TextContent));
        Assert.Contains("ldc study list", page.QuerySelector("footer pre")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_known_is_not_sent_again_and_a_filter_that_is_not_known_is_refused()
    {
        using var client = ledger.Operator();
        using var first = await client.GetAsync("", Cancellation);
        Assert.Equal("no-cache, private", first.Headers.CacheControl!.ToString());
        using var again = new HttpRequestMessage(HttpMethod.Get, "");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var known = await client.SendAsync(again, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);

        using var lost = await client.GetAsync("?limt=3", Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, lost.StatusCode);
        Assert.Contains("did you mean &#x27;limit&#x27;?", await lost.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_moves_of_each_is_told_and_what_is_sealed_and_a_name_finds_it()
    {
        var (study, runs) = Samples.Study("Moves & is 100% found_");
        await ledger.RecordAsync([study, .. runs, new RunClaimed(study.StudyId, runs[0].RunId, 1, "lab-07/1", Samples.Environment)]);
        var keys = new Ledger.Seals.SealKeys(ledger.Data, null);
        var sealing = new Ledger.Seals.Sealing(
            ledger.Store, new Ledger.Store.LedgerWriter(ledger.Store, TimeProvider.System), keys, TimeProvider.System);
        Assert.Equal("–", Told(await PageAsync("?name=open"), 3));
        await sealing.SealAsync(Cancellation);
        await ledger.CatchUpAsync();

        var found = await PageAsync("?name=100%25%20FOUND_");
        Assert.Equal(study.Name, Assert.Single(found.QuerySelectorAll("#studies tbody th a")).TextContent);
        Assert.Contains("1 of 1.", found.QuerySelector("#studies .note")!.TextContent, StringComparison.Ordinal);
        // Nobody holds its run: it is not running, whatever its last event says.
        Assert.Equal(("0", "all"), (Told(found, 0), Told(found, 3)));
        var last = (await ledger.HistoryAsync(runs[0].RunId))[^1];
        Assert.Equal(
            last.Timestamp.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), Told(found, 2));
        Assert.Equal("–", Told(found, 1));
        // It has moved, and is summed up again; the others are not.
        await ledger.RecordAsync([.. Samples.End(runs[0])]);
        var later = await PageAsync("?name=100%25%20FOUND_");
        Assert.Equal(("1.3 s", "not all"), (Told(later, 1), Told(later, 3)));
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
        Assert.Equal(Took.Of(facts.Runs.Sum(run => run.Seconds ?? 0)), Told(await PageAsync("?name=finished"), 1));
        Assert.Contains("No study is called anything with “nowhere” in it.", (await PageAsync("?name=nowhere")).Body!.TextContent,
            StringComparison.Ordinal);

        using var client = ledger.Operator();
        var answer = JsonDocument.Parse(await client.GetStringAsync("api/v1/studies?name=%25&count=true", Cancellation)).RootElement;
        Assert.Equal(
            (study.StudyId, 1L), (answer.GetProperty("items")[0].GetProperty("id").GetGuid(), answer.GetProperty("count").GetInt64()));
    }

    /// <summary>A cell of what moves of the first study of a page.</summary>
    private static string Told(IHtmlDocument page, int column) =>
        page.QuerySelectorAll("#studies tbody tr:first-child td")[4 + column].TextContent.Trim();

    private async Task<IHtmlDocument> PageAsync(string path)
    {
        using var client = ledger.Operator();
        return new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
    }
}
