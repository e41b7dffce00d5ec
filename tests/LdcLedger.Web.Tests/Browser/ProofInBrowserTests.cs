using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Web.Access;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>The reader's browser checks a proof by itself, and believes no other byte than the right one.</summary>
public sealed class ProofInBrowserTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_verified_and_says_so_no_more_when_one_byte_of_the_proof_is_another()
    {
        var folder = TestServer.Folder();
        try
        {
            var keys = new SealKeys(folder, null);
            await new Sealing(ledger.Store, new LedgerWriter(ledger.Store, TimeProvider.System), keys, TimeProvider.System)
                .SealAsync(Cancellation);
            await using var server = await ledger.StartAsync(
                new(ListenAddress.Usual with { Port = 0 }) { TrustedKeys = keys.Trusted });
            await using var open = await OpenPage.AtAsync(browser, server, $"events/{await ledger.NormEventAsync()}");
            await open.Page.ClickAsync("#verify");
            var last = open.Page.Locator("#verdict li:last-child");
            await Assertions.Expect(last).ToHaveTextAsync("✓ Verified in this browser");
            Assert.Contains("has signed the checkpoint", await open.Page.Locator("#verdict").TextContentAsync(), StringComparison.Ordinal);

            var believed = await open.Page.EvaluateAsync<string[]>("""
                async () => {
                  const shown = document.getElementById("proof"), text = shown.textContent, believed = [];
                  const verdict = async () => {
                    document.getElementById("verify").click();
                    for (;;) {
                      const last = document.querySelector("#verdict li:last-child")?.textContent ?? "";
                      if (/Verified|NOT verified/.test(last)) return last.startsWith("✓");
                      await new Promise(done => setTimeout(done, 0));
                    }
                  };
                  for (let i = 0; i < text.length; i += 5) {
                    shown.textContent = text.slice(0, i) + (text[i] === "0" ? "1" : "0") + text.slice(i + 1);
                    if (await verdict()) believed.push(text.slice(i - 40, i + 10));
                  }
                  shown.textContent = text;
                  return await verdict() ? believed : ["not even the right one"];
                }
                """);
            Assert.Empty(believed);
            Assert.Empty(open.Wrong);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
