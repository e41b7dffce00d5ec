using LdcLedger.Web.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace LdcLedger.Web.Tests.Browser;

/// <summary>Debian's Chromium, one for the whole assembly; started when a test first asks for it.</summary>
public sealed class BrowserFixture : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";

    private readonly SemaphoreSlim _one = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A new, empty profile. Where there is no browser, the test is skipped and says so.</summary>
    public async Task<IBrowserContext> ContextAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not there: apt-get install chromium");
        await _one.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            // As root Chromium runs only without its sandbox.
            _browser ??= await _playwright.Chromium.LaunchAsync(
                new() { ExecutablePath = Program, Args = ["--no-sandbox", "--disable-gpu"] });
        }
        finally
        {
            _one.Release();
        }
        return await _browser.NewContextAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}

/// <summary>
/// A page of the dashboard in a browser that is signed in, and whatever went wrong on it: errors of scripts, refusals of the policy,
/// requests to elsewhere.
/// </summary>
public sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _wrong = [];

    private OpenPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <param name="server">Whose page it is.</param>
    /// <param name="path">Without its leading slash.</param>
    public static async Task<OpenPage> AtAsync(
        BrowserFixture browser, WebServer server, string path, BrowserNewContextOptions? options = null)
    {
        var context = await browser.ContextAsync(options);
        var open = new OpenPage(context, await context.NewPageAsync());
        open.Page.Console += (_, message) =>
        {
            if (message.Type == "error")
                open._wrong.Add($"console: {message.Text}");
        };
        open.Page.PageError += (_, error) => open._wrong.Add($"script: {error}");
        open.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.Url!.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
                && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                open._wrong.Add($"request to {request.Url}");
        };
        await open.Page.GotoAsync(server.Link());
        await open.Page.GotoAsync(new Uri(server.Url!, path).ToString());
        return open;
    }

    /// <summary>Empty: all is well.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
