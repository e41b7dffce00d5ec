using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Tests;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>How rankings came about: by position, with the events that moved them.</summary>
public sealed class RankingHistoryTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_point_is_the_ranking_and_what_stayed_since_when_is_told_with_its_event()
    {
        var (study, facts) = await TurnedAsync("turned");
        var official = RankingTable.Of(facts, facts.Study.Rule).Rows;
        var told = await JsonAsync($"studies/{study.StudyId}/rankings/history");
        var items = told.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(official.Count, items.Count);
        foreach (var (row, item) in official.Zip(items))
        {
            var points = item.GetProperty("points").EnumerateArray().ToList();
            Assert.Equal([1, 2], points.Select(p => p.GetProperty("epoch").GetInt32()));
            Assert.Equal(
                row.Layers.Select(l => (l.Layer, l.Score)),
                points[^1].GetProperty("layers").EnumerateArray()
                    .Select(l => (l.GetProperty("layer").GetInt32(), l.GetProperty("score").GetDouble())));
            // The first epoch said the opposite, so nothing stayed from there on but the set of all four.
            Assert.All(item.GetProperty("settled").EnumerateArray(), top => Assert.Equal(
                points[1].GetProperty("position").GetInt64(), top.GetProperty("since").GetProperty("position").GetInt64()));
        }
        var first = items[0].GetProperty("points")[0].GetProperty("position").GetInt64();
        var early = await JsonAsync($"studies/{study.StudyId}/rankings/history?to={first}");
        Assert.All(early.GetProperty("items").EnumerateArray(), item => Assert.Equal(1, item.GetProperty("points").GetArrayLength()));
        var then = await JsonAsync($"studies/{study.StudyId}/rankings/history?at={first}");
        Assert.All(then.GetProperty("items").EnumerateArray(), item => Assert.All(
            item.GetProperty("settled").EnumerateArray(),
            top => Assert.Equal(1, top.GetProperty("since").GetProperty("epoch").GetInt32())));

        var page = await PageAsync($"studies/{study.StudyId}/rankings?history=yes&since={first}");
        Assert.Equal(official.Count, page.QuerySelectorAll(".settled").Length);
        Assert.All(page.QuerySelectorAll(".settled li"), li =>
            Assert.Contains("epoch 2 of 2", li.TextContent, StringComparison.Ordinal));
        Assert.Equal(official.Count, page.QuerySelectorAll(".figure svg[role=img]").Length);
        var move = page.QuerySelector("table.moves tbody tr")!;
        var e = await PageAsync(move.QuerySelector("td:last-child a")!.GetAttribute("href")!.TrimStart('/'));
        var layer = move.QuerySelector("th")!.TextContent["layer ".Length..];
        Assert.Contains($"\"epoch\":2,\"layer\":{layer},", e.QuerySelector("#canonical")!.TextContent, StringComparison.Ordinal);
        Assert.Contains($"At position {first}: ", page.QuerySelector("#rankings")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decisions_and_milestones_are_told_as_the_page_shows_them()
    {
        var (study, facts) = await TurnedAsync("decided, too");
        var waiting = await JsonAsync($"studies/{study.StudyId}/decisions");
        Assert.Equal("its ranking is there, and is looked at next", waiting.GetProperty("waiting")[0].GetProperty("why").GetString());
        var (rankings, targets) = Domain.Stage2.Stage2Plan.For(
            study.StudyId, "model-1", "domain-1", study.Rule, study.Spec.Stage2, study.Spec.Seeds,
            [.. facts.Norms.Where(norms => norms.Role == "all")]);
        var plan = new Stage2Planned(study.StudyId, "model-1", "domain-1", study.Rule, rankings, targets);
        await ledger.RecordAsync(
            [plan, .. targets.Select(target => StudyPlan.Targeted(study, "model-1", "domain-1", target))]);
        var told = await JsonAsync($"studies/{study.StudyId}/decisions");
        var decision = told.GetProperty("items")[0];
        Assert.Equal(EventIds.Of(plan), decision.GetProperty("event").GetGuid());
        Assert.Equal(facts.Position + 1, decision.GetProperty("position").GetInt64());
        Assert.Equal(
            targets.Select(t => t.RunId), decision.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetGuid()));
        Assert.Equal(0, told.GetProperty("waiting").GetArrayLength());
        var milestones = (await JsonAsync($"studies/{study.StudyId}/milestones")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            [(1, "study_submitted"), (facts.Position + 1, "stage2_planned")],
            milestones.Select(m => (m.GetProperty("position").GetInt64(), m.GetProperty("event").GetProperty("type").GetString()!)));
        var before = await JsonAsync($"studies/{study.StudyId}/milestones?at={facts.Position}");
        Assert.Equal(1, before.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Two_rules_are_said_to_share_so_many_of_the_highest_layers()
    {
        var page = await PageAsync($"studies/{ledger.Finished}/rankings?rule=block-sum,component-frobenius");
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
        var diff = RuleDiff.Of(facts, Domain.Rules.AggregationRule.BlockSum, Domain.Rules.AggregationRule.ComponentFrobenius);
        Assert.Equal(
            diff.Rankings.Select(row => string.Join(", ", row.Overlaps.Select(o => $"top {o.K}: {o.Shared}/{o.K}"))),
            page.QuerySelectorAll("table.tau").Select(table => table.QuerySelector("tbody .note")!.TextContent));
        using var client = ledger.Operator();
        using var alone = await client.GetAsync($"studies/{ledger.Finished}/rankings?since=4", Cancellation);
        Assert.Contains("history=yes", await alone.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    /// <summary>A study whose first epoch ranks the layers the other way round than its second.</summary>
    private async Task<(StudySubmitted Study, StudyFacts Facts)> TurnedAsync(string name)
    {
        var (study, runs) = Samples.Study(name);
        await ledger.RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run)).Select(Turned)]);
        return (study, await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(study.StudyId, Cancellation));

        static ILedgerEvent Turned(ILedgerEvent fact) => fact is LayerNormMeasured { Epoch: 1 } measured ? measured with
        {
            Projections = [.. measured.Projections.Select(p => p with { UpdateFrobenius = 3 - p.UpdateFrobenius })],
        } : fact;
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
