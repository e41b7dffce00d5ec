using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Tests;
using LdcLedger.Reports;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>What a study supports so far, in the report's own words, and its numbers as a paper takes them.</summary>
public sealed partial class FindingsTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_s_page_and_its_map_say_together_what_the_api_and_the_report_s_summary_say()
    {
        var facts = await FactsAsync(ledger.Finished);
        var expected = Findings.Of(RuleResults.Of(facts, facts.Study.Rule, withStability: false)).ToList();
        Assert.True(expected.Count >= 3, string.Join('\n', expected));
        Assert.Equal(expected, await FindingsAsync($"studies/{ledger.Finished}/findings"));
        var summary = StudyReport.Build(facts).Sections[0].Blocks.OfType<Reports.Documents.BulletList>().Single();
        // The report says where it shows the numbers.
        Assert.Subset(summary.Items.Select(item => Place().Replace(item, "")).ToHashSet(), expected.ToHashSet());

        var study = Listed(await PageAsync($"studies/{ledger.Finished}"));
        var map = Listed(await PageAsync($"studies/{ledger.Finished}/map"));
        // Without norms it is not told how many parameters were trained.
        var gains = TargetedGains.Of(facts with { Norms = [] }, PerplexityTable.Of(facts, facts.Study.Rule));
        Assert.Equal(Findings.OfPerplexities(gains), study);
        Assert.NotEmpty(study);
        Assert.Equal(study, Listed(await PageAsync($"studies/{ledger.Finished}?at={facts.Position}")));
        Assert.Subset(expected.ToHashSet(), map.ToHashSet());
        Assert.Contains("needs held-out perplexities", (await PageAsync($"studies/{ledger.Open}")).QuerySelector("#findings")!.TextContent,
            StringComparison.Ordinal);
        Assert.Equal([], await FindingsAsync($"studies/{ledger.Finished}/findings?at=3"));
    }

    [Fact]
    public async Task The_perplexities_as_latex_are_the_report_s_file_byte_for_byte()
    {
        var page = await PageAsync($"studies/{ledger.Finished}");
        var address = page.QuerySelector("button[data-copies]")!.GetAttribute("data-copies")!;
        Assert.Equal(address, page.QuerySelectorAll("a").Single(a => a.TextContent == "As LaTeX").GetAttribute("href"));
        using var client = ledger.Operator();
        using var answer = await client.GetAsync(address, Cancellation);
        var report = StudyReport.Build(await FactsAsync(ledger.Finished));
        Assert.Equal(
            ReportFiles.Content(report, ["latex"]).Single(file => file.Path == "tables/perplexity.tex").Content(),
            await answer.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        foreach (var (query, says) in new[]
        {
            ("format=docx", "it is json or tex"), ("format=tex&rule=block-sum,component-frobenius", "a table for a paper is of one"),
        })
        {
            using var wrong = await client.GetAsync($"api/v1/studies/{ledger.Finished}/perplexities?{query}", Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            Assert.Contains(says, await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_map_is_of_the_epoch_and_the_seed_that_were_chosen_and_so_are_its_figures_and_events()
    {
        var (study, runs) = Samples.Study("seeds and epochs", seeds: 2);
        await ledger.RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run))]);
        var facts = await FactsAsync(study.StudyId);
        var rule = AggregationRule.BlockSum with { Epoch = 1 };
        var run = facts.Runs.Single(r => r is { Role: Regimes.All, Stage: 1, Seed: 2 });
        var alone = facts with
        {
            Study = facts.Study with { Spec = facts.Study.Spec with { Seeds = [2] } }, Rankings = [],
            Runs = [.. facts.Runs.Where(r => r.Seed is null or 2)], Norms = [.. facts.Norms.Where(n => n.Seed == 2)],
        };
        var expected = NormMap.ByDomain(alone, rule).Concat(NormMap.ByProjection(alone, rule)).ToList();
        var page = await PageAsync($"studies/{study.StudyId}/map?epoch=1&seed=2");
        foreach (var (map, table) in expected.Zip(page.QuerySelectorAll("table.heat")))
            Assert.Equal(
                map.Rows.SelectMany(row => row.Values).Select(value => Numbers.Norm(value!.Value)),
                table.QuerySelectorAll("td a").Select(a => a.TextContent));
        var all = await PageAsync($"studies/{study.StudyId}/map?epoch=&seed=");
        Assert.NotEqual(Cells(all), Cells(page));
        var norm = await PageAsync(page.QuerySelector("table.heat td a")!.GetAttribute("href")!.TrimStart('/'));
        Assert.Contains(
            (await ledger.HistoryAsync(run.Id)).Where(e => e.Fact is LayerNormMeasured { Epoch: 1, Layer: 0 }).Select(e => $"{e.Id}"),
            id => norm.QuerySelector("dd.exact")!.TextContent == id);
        var csv = page.QuerySelectorAll("a[href*='fig_norm_'][href*='.csv']")[0].GetAttribute("href")!;
        Assert.Contains("epoch=1&seed=2", csv, StringComparison.Ordinal);
        using var client = ledger.Operator();
        Assert.NotEqual(
            await client.GetStringAsync(csv, Cancellation),
            await client.GetStringAsync(csv.Replace("&seed=2", "&seed=1", StringComparison.Ordinal), Cancellation));
        foreach (var query in (string[])["epoch=3", "seed=7"])
        {
            using var wrong = await client.GetAsync($"studies/{study.StudyId}/map?{query}", Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }
    }

    private static IEnumerable<string> Cells(IHtmlDocument page) =>
        page.QuerySelectorAll("table.heat td").Select(td => td.TextContent.Trim());

    private static IEnumerable<string> Listed(IHtmlDocument page) => page.QuerySelectorAll("#findings li").Select(li => li.TextContent);

    private Task<StudyFacts> FactsAsync(Guid study) =>
        LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(study, Cancellation);

    private async Task<IHtmlDocument> PageAsync(string path)
    {
        using var client = ledger.Operator();
        return new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
    }

    private async Task<IReadOnlyList<string>> FindingsAsync(string path)
    {
        using var client = ledger.Operator();
        return [.. JsonDocument.Parse(await client.GetStringAsync($"api/v1/{path}", Cancellation)).RootElement.GetProperty("items")
            .EnumerateArray().Select(item => item.GetString()!)];
    }

    [GeneratedRegex(@"; (?:Table|Section) [0-9.]+(?=\)\.$)| \((?:Table|Section) [0-9.]+\)(?=\.$)")]
    private static partial Regex Place();
}
