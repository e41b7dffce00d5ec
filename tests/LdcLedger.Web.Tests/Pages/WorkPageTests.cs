using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Pages;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>Who trained what, and when: as bars, as a table, and over the API.</summary>
public sealed class WorkPageTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_attempt_is_a_bar_of_its_worker_s_lane_and_a_row_and_is_told_over_the_api()
    {
        var (study, runs) = Samples.Study("worked on", seeds: 2);
        var (lost, failed) = (runs[1], runs[2]);
        await ledger.RecordAsync(
        [
            study, .. runs, .. Samples.Whole(runs[0]),
            new RunClaimed(study.StudyId, lost.RunId, 1, "lab-07/1", Samples.Environment), .. Samples.Epoch(lost, 1),
            .. Samples.Whole(lost, 2).OfType<RunClaimed>().Select(claimed => claimed with { Worker = "lab-08/1" }),
            .. Samples.Epoch(lost, 2), .. Samples.End(lost, 2),
            new RunClaimed(study.StudyId, failed.RunId, 1, "lab-08/1", Samples.Environment),
            new RunFailed(study.StudyId, failed.RunId, 1, "the loss was NaN at step 17", 17, 3.9),
        ]);
        var told = await JsonAsync($"studies/{study.StudyId}/attempts");
        var attempts = told.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            [(runs[0].RunId, 1, "completed"), (lost.RunId, 1, "lost"), (lost.RunId, 2, "completed"), (failed.RunId, 1, "failed")],
            attempts.Select(a =>
                (a.GetProperty("runId").GetGuid(), a.GetProperty("attempt").GetInt32(), a.GetProperty("how").GetString()!)));
        Assert.Equal(1.25, attempts[0].GetProperty("seconds").GetDouble());

        var page = await PageAsync($"studies/{study.StudyId}/work");
        Assert.Equal(["lab-07/1", "lab-08/1"], page.QuerySelectorAll("#lanes tbody th").Select(th => th.TextContent));
        Assert.Equal(
            attempts.AsEnumerable().Reverse().Select(a => $"/runs/{a.GetProperty("runId").GetGuid()}"),
            page.QuerySelectorAll("#attempts tbody a").Select(a => a.GetAttribute("href")));
        var bars = page.QuerySelectorAll("#lanes .lane rect").ToList();
        Assert.Contains(bars, bar => bar.ClassName == "bar-failed");
        Assert.All(bars, bar => Assert.InRange(
            int.Parse(bar.GetAttribute("x")!, null) + int.Parse(bar.GetAttribute("width")!, null), 1, 1001));
        // Before the other took it over, nobody could know that it was lost.
        var before = await JsonAsync($"studies/{study.StudyId}/attempts?at={1 + runs.Count + 4}");
        Assert.Equal("running", before.GetProperty("items")[1].GetProperty("how").GetString());
        Assert.Equal(2, before.GetProperty("items").GetArrayLength());

        var run = await PageAsync($"runs/{lost.RunId}");
        Assert.Equal(
            ["lab-07/1", "lab-08/1"], run.QuerySelectorAll("#attempts tbody td:nth-of-type(1)").Select(td => td.TextContent));
        Assert.NotNull(run.QuerySelector("svg.lane rect.bar-stage-1"));
        Assert.Equal(
            [$"/api/v1/artifacts/{Samples.Sha($"{lost.RunId} adapter")}", $"/api/v1/artifacts/{Samples.Sha($"{lost.RunId} config")}"],
            run.QuerySelectorAll("#run a[href*=artifacts]").Select(a => a.GetAttribute("href")));
        Assert.Contains(
            $"/studies/{study.StudyId}/work", (await PageAsync("workers")).QuerySelectorAll("#work a").Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public async Task Of_many_attempts_the_newest_are_listed()
    {
        var (study, runs) = Samples.Study("many attempts");
        var run = runs[1];
        var attempts = Enumerable.Range(1, 201).SelectMany(i => (ILedgerEvent[])
        [
            new RunClaimed(study.StudyId, run.RunId, i, "lab-07/1", Samples.Environment),
            new RunReleased(study.StudyId, run.RunId, i, "the worker was asked to stop"),
        ]);
        await ledger.RecordAsync([study, .. runs, .. attempts]);
        var page = await PageAsync($"studies/{study.StudyId}/work");
        var rows = page.QuerySelectorAll("#attempts tbody tr").ToList();
        Assert.Equal((200, "201"), (rows.Count, rows[0].QuerySelector("td")!.TextContent));
        Assert.Contains("200 of 201.", page.QuerySelector("#work > .note")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lane_has_no_more_bars_than_places_and_hides_no_failure()
    {
        var noon = new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
        var attempts = Enumerable.Range(0, 50_000).Select(i => new RunAttempt(
            Guid.Empty, i + 1, "lab-07/1", "lab-07", "cpu", noon.AddSeconds(i), 1, i == 31_415 ? "failed" : "completed", null)).ToList();
        var bars = Lane.BarsOf(attempts, noon, noon.AddSeconds(50_000), a =>
            (a.How == "failed" ? Lane.FailedClass : "stage-1", $"{a.Attempt}"));
        Assert.Equal(Enumerable.Range(0, Lane.Width), bars.Select(bar => bar.Left));
        Assert.Equal((31_415 / 50, "31416, and 49 others"), (bars.Single(b => b.Class == Lane.FailedClass).Left, bars[628].Words));
        // One that was lost while it took most of the time, and the next that began meanwhile, are both seen.
        IReadOnlyList<RunAttempt> two =
        [
            new(Guid.Empty, 1, "lab-07/1", "lab-07", "cpu", noon, 100, RunAttempt.Lost, 800),
            new(Guid.Empty, 1, "lab-07/1", "lab-07", "cpu", noon.AddSeconds(500), 10, RunStatuses.Running, null),
        ];
        Assert.Equal(
            [(0, 100, "stage-1"), (100, 800, Lane.LostClass), (500, 500, "stage-1")],
            Lane.BarsOf(two, noon, noon.AddSeconds(1000), _ => ("stage-1", "")).Select(b => (b.Left, b.Width, b.Class)));
    }

    [Fact]
    public async Task A_study_that_nobody_has_begun_says_so()
    {
        var (study, runs) = Samples.Study("not begun");
        await ledger.RecordAsync([study, .. runs]);
        Assert.Equal(
            "No worker has taken a run of it yet.",
            (await PageAsync($"studies/{study.StudyId}/work")).QuerySelector("#work")!.TextContent.Trim());
    }

    private async Task<IHtmlDocument> PageAsync(string path)
    {
        using var client = ledger.Operator();
        return new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
    }

    private async Task<JsonElement> JsonAsync(string path)
    {
        using var client = ledger.Operator();
        return JsonDocument.Parse(await client.GetStringAsync($"api/v1/{path}", Cancellation)).RootElement;
    }
}
