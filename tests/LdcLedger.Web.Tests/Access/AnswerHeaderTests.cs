using System.Net;
using AngleSharp.Html.Parser;
using LdcLedger.Web.Access;
using Xunit;

namespace LdcLedger.Web.Tests.Access;

/// <summary>What the head of an answer says, whatever way it was asked for.</summary>
public sealed class AnswerHeaderTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A browser that has an answer already takes the head of the 304 for it: a report would leave its sandbox.</summary>
    [Theory]
    [Trait("Attack", "15")]
    [InlineData("studies/{study}/report/preview?at=30", true)]
    [InlineData("studies/{study}", false)]
    [InlineData("api/v1/studies/{study}", false)]
    [InlineData("api/v1/studies/{study}/report.html?at=30", true)]
    public async Task What_has_not_changed_keeps_the_policy_that_it_came_with(string path, bool isSandboxed)
    {
        using var client = ledger.Operator();
        path = path.Replace("{study}", ledger.Finished.ToString(), StringComparison.Ordinal);
        using var first = await client.GetAsync(path, Cancellation);
        var policy = Assert.Single(first.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(isSandboxed, policy.StartsWith("sandbox;", StringComparison.Ordinal));

        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.False(again.Headers.TryGetValues("Content-Security-Policy", out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("studies/{study}/report.pdf")]
    [InlineData("api/v1/studies/{study}/report.pdf")]
    [InlineData("api/v1/runs")]
    public async Task HEAD_says_what_GET_says_without_a_body(string path)
    {
        using var client = ledger.Operator();
        path = path.Replace("{study}", ledger.Finished.ToString(), StringComparison.Ordinal);
        using var get = await client.GetAsync(path, Cancellation);
        using var head = await client.SendAsync(new(HttpMethod.Head, path), Cancellation);

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task A_method_that_a_route_does_not_take_is_told_with_those_that_it_does()
    {
        using var client = ledger.Operator();
        foreach (var path in (string[])["runs", "api/v1/runs"])
        {
            using var answer = await client.DeleteAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
            Assert.Equal(["GET"], answer.Content.Headers.Allow);
            Assert.Contains("DELETE is not done here.", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_reader_of_one_study_begins_there_and_is_led_nowhere_that_they_may_not_go()
    {
        using var client = ledger.Client(ledger.Bound);
        using var home = await client.GetAsync("", Cancellation);
        Assert.Equal(HttpStatusCode.SeeOther, home.StatusCode);
        var place = home.Headers.Location!.OriginalString;
        Assert.Equal(FormattableString.Invariant($"/studies/{ledger.Finished}?at={TestLedger.BoundAt}"), place);
        using var form = new FormUrlEncodedContent([new("token", ledger.Bound), new("next", "/")]);
        form.Headers.Add("Origin", ledger.Web.Url!.GetLeftPart(UriPartial.Authority));
        using var signed = new HttpRequestMessage(HttpMethod.Post, "session") { Content = form };
        signed.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var anybody = ledger.Client();
        using var signedIn = await anybody.SendAsync(signed, Cancellation);
        Assert.Equal(place, signedIn.Headers.Location!.OriginalString);

        var page = new HtmlParser().ParseDocument(await client.GetStringAsync(place.TrimStart('/'), Cancellation));
        var links = page.QuerySelectorAll("header a").Select(a => a.GetAttribute("href")!).Distinct().ToList();
        Assert.NotEmpty(links);
        foreach (var link in links)
        {
            using var answer = await client.GetAsync(link.TrimStart('/'), Cancellation);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.SeeOther, $"{link}: {answer.StatusCode}");
        }
    }

    [Fact]
    public void Of_several_dashboards_of_a_folder_each_is_known_until_it_ends()
    {
        var folder = Directory.CreateTempSubdirectory("ldc-sign-").FullName;
        try
        {
            // A process that lives for as long as this test, and one that never did.
            File.WriteAllText(Path.Combine(folder, "web.url"), "http://127.0.0.1:1/\n1\nhttp://127.0.0.1:2/\n4194999\n");
            using (ServerSign.Give(folder, new("http://127.0.0.1:3/")))
                Assert.Equal(new("http://127.0.0.1:3/"), ServerSign.Read(folder));
            Assert.Equal(new("http://127.0.0.1:1/"), ServerSign.Read(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
