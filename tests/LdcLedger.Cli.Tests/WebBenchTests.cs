using LdcLedger.Web.Access;
using LdcLedger.Web.Api;
using LdcLedger.Web.Pages;
using LdcLedger.Web.Views;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>The bench of the dashboard asks every route there is. How fast they are, is not for a test to say.</summary>
public sealed class WebBenchTests
{
    [Fact]
    public async Task A_small_bench_measures_every_figure_and_every_route_and_says_what_missed()
    {
        using var folder = new Folder();
        // As root the server runs as another user, who has to get in.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        var call = await Ldc.RunIn(folder.Path, new Dictionary<string, string> { ["TMPDIR"] = folder.Path },
            ["bench", "web", "--runs", "100", "--viewers", "2", "--seconds", "0.01", "--json", "--at-least", "0.000001", "web-news=1000"]);

        Assert.True(call.Code == 1, call.Err);
        Assert.Contains("missed: web-news reaches", call.Err, StringComparison.Ordinal);
        var figures = call.Json.GetProperty("measured").EnumerateArray().ToList();
        Assert.Equal(
            [
                "web-pages", "web-answers", "web-frozen", "web-long", "web-news", "web-many", "web-first-page", "web-requests",
                "web-training",
            ],
            figures.Select(f => f.GetProperty("name").GetString()));
        Assert.All(figures, f => Assert.True(f.GetProperty("target").GetDouble() > 0));
        var asked = call.Json.GetProperty("routes").EnumerateArray().Select(r => r.GetProperty("route").GetString()).ToHashSet();
        var cursor = new Cursor(LocalToken.In(folder.Path));
        Assert.All(PageTable.All(cursor, () => null), page => Assert.Contains(page.Pattern, asked));
        Assert.All(
            ApiTable.All(cursor).Where(route => route.Method == "GET"), route => Assert.Contains($"/api/v1{route.Pattern}", asked));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path, "ldc-bench-*"));
    }
}
