using System.Net;
using LdcLedger.Domain;
using LdcLedger.Web.Access;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>A page of ours in a frame of somebody else's: none, but for those whom the server names, and then nothing that can be
/// clicked.</summary>
public sealed class FrameTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "26")]
    public async Task Only_the_origin_that_is_named_frames_pages_and_they_have_no_buttons()
    {
        await using var friend = await OtherSite.StartAsync(Cancellation);
        await using var stranger = await OtherSite.StartAsync(Cancellation);
        await using var server = await ledger.StartAsync(ledger.Settings with { EmbedFrom = Framing.Of(friend.Origin) });
        await using var open = await OpenPage.AtAsync(browser, server, "");
        friend.Html = stranger.Html = $"<iframe id=frame width=900 height=600 src=\"{server.Url}studies/{ledger.Open}\"></iframe>";

        await open.Page.GotoAsync(friend.Origin);
        var frame = open.Page.FrameLocator("#frame");
        await Microsoft.Playwright.Assertions.Expect(frame.Locator("h1")).ToHaveTextAsync("open");
        Assert.Equal(0, await frame.Locator("form[method=post], details.ask").CountAsync());

        await open.Page.GotoAsync(stranger.Origin);
        var refused = open.Page.Frames.Single(f => f != open.Page.MainFrame);
        Assert.DoesNotContain("LdcLedger", await refused.ContentAsync(), StringComparison.Ordinal);

        using var client = new HttpClient { BaseAddress = server.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Token.Text);
        using var cancel = await client.PostAsync($"studies/{ledger.Open}/cancel", null, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, cancel.StatusCode);
        // Answers of the API, and a page that asks for a token, are in nobody's frame.
        using var answer = await client.GetAsync("api/v1/studies", Cancellation);
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lab.example")]
    [InlineData("https://lab.example/path")]
    [InlineData("https://lab.example; script-src *")]
    [InlineData("https://user@lab.example")]
    [InlineData("*")]
    [InlineData("ftp://lab.example")]
    public void What_is_no_origin_is_refused_in_a_sentence(string text) => Assert.Contains(
        $"--embed-from is '{text}'; it is an origin", Assert.Throws<RuleViolation>(() => Framing.Of(text)).Message,
        StringComparison.Ordinal);
}
