using LdcLedger.Ledger.Views;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>
/// A page of somebody else's on another port of this machine, open in the browser of somebody who is signed in: to the browser it is of the
/// same site, so that cookies are sent along.
/// </summary>
public sealed class OtherOriginTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Attack", "2")]
    [InlineData("form", """
        <form id=f method=post action="{0}session/end"></form><script>document.getElementById('f').submit()</script>
        """)]
    [InlineData("plain text", """
        <form id=f method=post enctype="text/plain" action="{0}session/end"><input name=a value=b></form>
        <script>document.getElementById('f').submit()</script>
        """)]
    [InlineData("fetch", """
        <script>fetch('{0}session/end', {{method: 'POST', credentials: 'include'}}).finally(() => document.title = 'done')</script>
        """)]
    [InlineData("no-cors", """
        <script>fetch('{0}api/v1/proofs:check', {{method: 'POST', mode: 'no-cors', credentials: 'include', body: '{{}}'}})
            .finally(() => document.title = 'done')</script>
        """)]
    [InlineData("beacon", """
        <script>navigator.sendBeacon('{0}session/end', 'x'); setTimeout(() => document.title = 'done', 500)</script>
        """)]
    [InlineData("cancel", """
        <form id=f method=post action="{0}studies/{1}/cancel"><input name=reason value=evil></form>
        <script>document.getElementById('f').submit()</script>
        """)]
    [InlineData("cancel by the API", """
        <script>fetch('{0}api/v1/studies/{1}/cancel', {{method: 'POST', mode: 'no-cors', credentials: 'include', body: '{{}}'}})
            .finally(() => document.title = 'done')</script>
        """)]
    [InlineData("seal as JSON", """
        <script>fetch('{0}api/v1/ledger/seals', {{method: 'POST', credentials: 'include', headers: {{'Content-Type': 'application/json'}},
            body: '{{}}'}}).finally(() => document.title = 'done')</script>
        """)]
    [InlineData("a rule by PUT", """
        <script>fetch('{0}api/v1/rules/mine', {{method: 'PUT', credentials: 'include', body: '{{}}'}})
            .finally(() => document.title = 'done')</script>
        """)]
    public async Task It_changes_nothing(string how, string html)
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        var before = await PositionAsync();
        await using var evil = await OtherSite.StartAsync(Cancellation);
        evil.Html = string.Format(null, html, ledger.Web.Url, ledger.Open);
        await open.Page.GotoAsync(evil.Origin);
        // It has done what it can: gone to the answer of its form, or said so.
        await open.Page.WaitForFunctionAsync("() => document.title !== 'x'", null, new() { Timeout = 10_000 });
        Assert.Equal(before, await PositionAsync());
        var answer = await open.Page.GotoAsync(ledger.Web.Url!.ToString());
        Assert.True(answer!.Status == 200, $"{how}: {answer.Status}");   // still signed in
    }

    [Fact]
    [Trait("Attack", "25")]
    [Trait("Attack", "26")]
    public async Task It_reads_nothing_and_shows_nothing_of_ours()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        await using var evil = await OtherSite.StartAsync(Cancellation);
        evil.Html = string.Format(null, """
            <script>window.read = [];</script>
            <script src="{0}api/v1/studies" onload="window.read.push('script ran')"></script>
            <img src="{0}api/v1/studies" onload="window.read.push('image')">
            <iframe id=frame src="{0}"></iframe>
            <script>
                fetch('{0}api/v1/studies', {{credentials: 'include'}}).then(r => r.text())
                    .then(t => window.read.push('fetch ' + t)).catch(() => 0);
                fetch('{0}', {{credentials: 'include', mode: 'no-cors'}}).then(r => r.text())
                    .then(t => t && window.read.push('no-cors ' + t)).catch(() => 0);
                const stream = new EventSource('{0}live', {{withCredentials: true}});
                stream.addEventListener('moved', () => window.read.push('stream'));
            </script>
            """, ledger.Web.Url);
        await open.Page.GotoAsync(evil.Origin);
        await open.Page.WaitForTimeoutAsync(2_000);
        Assert.Empty(await open.Page.EvaluateAsync<string[]>("window.read"));
        var frame = open.Page.Frames.Single(f => f != open.Page.MainFrame);
        Assert.DoesNotContain("LdcLedger", await frame.ContentAsync(), StringComparison.Ordinal);
    }

    private async Task<long> PositionAsync() =>
        (await new LedgerViews(ledger.Store, TimeProvider.System).StateAsync(Cancellation)).Last;
}
