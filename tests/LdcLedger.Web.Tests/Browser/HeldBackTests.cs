using LdcLedger.Ledger.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>Behind a proxy that passes an answer on when it is whole, and so never the line for news.</summary>
public sealed class HeldBackTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    [Fact]
    public async Task A_page_says_that_nothing_comes_through_and_asks_by_itself()
    {
        await using var proxy = await GatheringProxyAsync(ledger.Web.Url!);
        var address = new Uri(proxy.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        await using var context = await browser.ContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(address, new Uri(ledger.Web.Link()).PathAndQuery).ToString());
        await Assertions.Expect(page.Locator("#lost")).ToContainTextAsync("a proxy between holds it back", new() { Timeout = 15_000 });
        await ledger.RecordAsync([Samples.Study("held back").Study]);
        await Assertions.Expect(page.Locator("#studies")).ToContainTextAsync("held back", new() { Timeout = 15_000 });
    }

    private static async Task<WebApplication> GatheringProxyAsync(Uri server)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server };
        app.Lifetime.ApplicationStopped.Register(client.Dispose);
        app.Run(context => PassAsync(context, client));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task PassAsync(HttpContext context, HttpClient client)
    {
        using var request = new HttpRequestMessage(new(context.Request.Method), context.Request.Path + context.Request.QueryString);
        foreach (var (name, values) in context.Request.Headers)
            request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
                if (name is not ("Transfer-Encoding" or "Connection"))
                    context.Response.Headers[name] = values.ToArray();
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The browser did not wait for the end.
        }
    }
}
