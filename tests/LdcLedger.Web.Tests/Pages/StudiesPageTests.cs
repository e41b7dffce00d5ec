using System.Net;
using AngleSharp.Html.Parser;
using LdcLedger.Domain.Identity;
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
}
