using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>The bench of the dashboard asks every route there is. How fast they are, is not for a test to say.</summary>
public sealed class WebBenchTests
{
    [Fact]
    public async Task A_small_bench_measures_every_figure_and_every_route_and_says_what_missed()
    {
        using var folder = new Folder();
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
        Assert.Superset(
            new HashSet<string?>
            {
                "/", "/studies/{study}", "/studies/{study}/playground", "/compare", "/api/v1/compare", "/api/v1/rules/diff",
                "/api/v1/studies/{study}/report.json", "/api/v1/studies/{study}/export.jsonl", "/live",
            },
            asked);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path, "ldc-bench-*"));
    }
}
