using System.Text.Json;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>The bench gives a whole report. How fast anything is, is not for a test to say.</summary>
public sealed class LedgerBenchTests
{
    private static readonly string[] Figures =
    [
        "append-plain", "append-chained", "relay-latency", "stage2-latency", "plan-growth", "settle-growth", "recording-share",
        "study-list", "run-list", "verify",
    ];

    // One run for both: it starts a PostgreSQL and trains, and nothing else here takes longer.
    [Fact]
    public async Task A_small_bench_measures_every_figure_says_what_missed_its_target_and_leaves_nothing_behind()
    {
        using var folder = new Folder();
        var call = await Bench(
            "ledger", folder, "--events", "200", "--runs", "30", "--rounds", "1", "--json", "--at-least", "0.000001", "relay-latency=1000");

        Assert.True(call.Code == 1, call.Err);
        Assert.Equal("missed: relay-latency reaches", Assert.Single(MissedIn(call.Err))[..29]);
        var figures = call.Json.GetProperty("measured").EnumerateArray().ToList();
        Assert.Equal(Figures, figures.Select(f => f.GetProperty("name").GetString()));
        Assert.All(figures, f =>
        {
            Assert.True(f.GetProperty("value").GetDouble() > 0);
            Assert.True(f.GetProperty("target").GetDouble() > 0);
            Assert.NotEqual(JsonValueKind.Null, f.GetProperty("details").ValueKind);
        });
        Assert.Contains("PostgreSQL", call.Json.GetProperty("server").GetString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path, "ldc-bench-*"));

        static IEnumerable<string> MissedIn(string messages) =>
            messages.Split('\n').Where(line => line.StartsWith("missed: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_small_replay_measures_both_figures_and_leaves_nothing_behind()
    {
        using var folder = new Folder();
        var call = await Bench(
            "replay", folder, "--events", "300", "--rounds", "1", "--json", "--at-least", "0.000001", "replay-time=1000");

        Assert.True(call.Code == 1, call.Err);
        Assert.Contains("missed: replay-time reaches", call.Err, StringComparison.Ordinal);
        var figures = call.Json.GetProperty("measured").EnumerateArray().ToList();
        Assert.Equal(["replay-time", "replay-share"], figures.Select(f => f.GetProperty("name").GetString()));
        Assert.All(figures, f => Assert.True(f.GetProperty("value").GetDouble() > 0));
        Assert.True(figures[0].GetProperty("details").GetProperty("layer_norms").GetDouble() >= 300);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path, "ldc-bench-*"));
    }

    private static Task<Call> Bench(string bench, Folder folder, params string[] arguments) =>
        Ldc.RunIn(folder.Path, new Dictionary<string, string> { ["TMPDIR"] = folder.Path }, ["bench", bench, .. arguments]);
}
