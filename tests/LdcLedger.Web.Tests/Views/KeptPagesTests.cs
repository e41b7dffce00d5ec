using System.Text.RegularExpressions;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Pages;
using Xunit;

namespace LdcLedger.Web.Tests.Views;

/// <summary>Pages of a study are drawn again when it has moved; when others have, their bar alone is another.</summary>
public sealed partial class KeptPagesTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IReadOnlyList<string> Pages =>
    [
        .. ledger.Web.Routes.Select(route => route.Metadata.GetMetadata<PageRoute>()).OfType<PageRoute>()
            .Where(page => page.Method == "GET" && page.Pattern.StartsWith("/studies/{study}", StringComparison.Ordinal))
            .Select(page => page.Pattern.TrimStart('/').Replace("{study}", $"{ledger.Finished}", StringComparison.Ordinal)),
    ];

    [Fact]
    public async Task Whoever_moves_a_page_is_what_a_server_shows_that_has_kept_nothing()
    {
        Assert.True(Pages.Count >= 6, string.Join(' ', Pages));
        using var client = ledger.Operator();
        var before = await PagesAsync(client);
        await ledger.RecordAsync([Samples.Study("moves beside them").Study]);
        var beside = await PagesAsync(client);
        Assert.Equal(before.Select(page => Bar().Replace(page, "")), beside.Select(page => Bar().Replace(page, "")));
        Assert.All(before.Zip(beside), pages => Assert.NotEqual(pages.First, pages.Second));   // the bar says how far the ledger has come

        await ledger.RecordAsync([new StudyNamed(ledger.Finished, 1, "called otherwise")]);
        Assert.All(await PagesAsync(client), page => Assert.Contains("called otherwise", page, StringComparison.Ordinal));

        await using var another = await ledger.StartAsync(new(Web.Access.ListenAddress.Usual with { Port = 0 }));
        using var fresh = new HttpClient { BaseAddress = another.Url };
        fresh.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Token.Text);
        Assert.Equal(await PagesAsync(fresh), await PagesAsync(client));
    }

    private async Task<IReadOnlyList<string>> PagesAsync(HttpClient client)
    {
        var pages = new List<string>();
        foreach (var path in Pages)
            pages.Add(await client.GetStringAsync(path, Cancellation));
        Assert.All(pages, page => Assert.Single(Bar().Matches(page)));
        return pages;
    }

    [GeneratedRegex("<p id=\"bar\".*?</p>", RegexOptions.Singleline)]
    private static partial Regex Bar();
}
