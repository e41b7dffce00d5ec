using System.Net;
using System.Net.Sockets;
using LdcLedger.Domain.Access;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Access;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>A page that is open while something goes away says so, shows no exception, and is live again by itself.</summary>
public sealed class LostLineTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly LocatorAssertionsToBeVisibleOptions Soon = new() { Timeout = 10_000 };
    private static readonly LocatorAssertionsToBeHiddenOptions SoonGone = new() { Timeout = 30_000 };

    [Fact]
    public async Task While_the_database_is_away()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        var (lost, bar) = (open.Page.Locator("#lost"), open.Page.Locator("#bar"));
        var before = await bar.TextContentAsync();
        var opened = await open.Page.Context.NewPageAsync();
        await ledger.GoAwayAsync();
        try
        {
            await opened.GotoAsync(new Uri(ledger.Web.Url!, "runs").ToString());
            await Assertions.Expect(opened.Locator("h1")).ToHaveTextAsync("The ledger is away");
            await open.Page.BringToFrontAsync();
            await Assertions.Expect(lost).ToBeVisibleAsync(Soon);
            Assert.Contains("the ledger cannot be reached at the moment", await lost.TextContentAsync(), StringComparison.Ordinal);
            // What was shown is still there, and a page that is opened now is a sentence.
            Assert.Contains("finished", await open.Page.Locator("#studies").TextContentAsync(), StringComparison.Ordinal);
            using var client = ledger.Operator();
            using var answer = await client.GetAsync("", Cancellation);
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Contains("cannot be reached at the moment", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Npgsql", text, StringComparison.Ordinal);
        }
        finally
        {
            await ledger.ComeBackAsync();
        }
        await Assertions.Expect(opened.Locator("h1")).ToHaveTextAsync("Runs", new() { Timeout = 15_000 });   // by itself
        await ledger.RecordAsync([Samples.Study("after the database was away").Study]);
        await Assertions.Expect(lost).ToBeHiddenAsync(SoonGone);
        await Assertions.Expect(bar).Not.ToHaveTextAsync(before!);
        await Assertions.Expect(open.Page.Locator("#studies")).ToContainTextAsync("after the database was away");
    }

    [Fact]
    public async Task While_the_server_is_away_and_started_again()
    {
        var listen = ListenAddress.Usual with { Port = FreePort() };
        var first = await ledger.StartAsync(new(listen));
        await using var open = await OpenPage.AtAsync(browser, first, "");
        await Assertions.Expect(open.Page.Locator("#bar")).ToBeVisibleAsync();
        await first.DisposeAsync();
        await Assertions.Expect(open.Page.Locator("#lost")).ToBeVisibleAsync(Soon);
        await ledger.RecordAsync([Samples.Study("while nobody served").Study]);
        await using var second = await ledger.StartAsync(new(listen));
        await Assertions.Expect(open.Page.Locator("#lost")).ToBeHiddenAsync(SoonGone);
        await Assertions.Expect(open.Page.Locator("#studies")).ToContainTextAsync("while nobody served", new() { Timeout = 10_000 });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_its_token_is_revoked(bool hasLine)
    {
        var name = hasLine ? "goes" : "goes without a line";
        var token = await ledger.MakeAsync(name, AccessRoles.Reader);
        var context = await browser.ContextAsync();
        await using (context)
        {
            var page = await context.NewPageAsync();
            if (!hasLine)
                await page.RouteAsync("**/live*", _ => Task.CompletedTask);   // never answered: the page asks by itself
            await page.GotoAsync(ledger.Web.Url!.ToString());
            await page.FillAsync("input[name=token]", token);
            await page.ClickAsync("button");
            await Assertions.Expect(page.Locator("#studies")).ToBeVisibleAsync();
            await ledger.Access.RevokeAsync(name, Cancellation);
            await Assertions.Expect(page.Locator("#lost")).ToContainTextAsync("signed out", new() { Timeout = 30_000 });
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
