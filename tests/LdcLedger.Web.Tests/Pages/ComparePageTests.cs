using System.Globalization;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Tests;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>Runs beside each other, as many as a filter chooses.</summary>
public sealed class ComparePageTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_stand_there_where_they_differ_with_norms_perplexity_and_losses()
    {
        var page = await PageAsync($"compare?study={ledger.Finished}&model=model-1&stage=1");
        var heads = page.QuerySelectorAll("#matrix thead th").Select(th => th.TextContent).ToList();
        Assert.Equal(
            ((string[])["Run", "role", "domain", "tuning", "dataSha256", "Status", "PPL"]).Order(StringComparer.Ordinal),
            heads.TakeWhile(h => !h.EndsWith("_proj", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
        var rows = page.QuerySelectorAll("#matrix tbody tr");
        Assert.Equal(facts.Runs.Count(r => r is { Model: "model-1", Stage: 1 }), rows.Length);
        foreach (var row in rows)
        {
            var id = Guid.Parse(row.QuerySelector("a")!.GetAttribute("href")!.Split('/')[^1]);
            var run = facts.Runs.Single(r => r.Id == id);
            var cells = heads.Skip(1).Zip(row.QuerySelectorAll("td").Select(td => td.TextContent)).ToDictionary();
            Assert.Equal((run.Role, run.Domain, Numbers.Perplexity(run.Perplexity!.Value)), (cells["role"], cells["domain"], cells["PPL"]));
            var modules = facts.Norms.Single(n => n.Id == id).Modules.Where(m => m.Epoch == 2).ToList();
            foreach (var projection in modules.GroupBy(m => m.Projection))
                Assert.Equal(Numbers.Norm(projection.Sum(m => m.UpdateFrobenius)), cells[projection.Key]);
        }
        Assert.Equal(2, page.QuerySelectorAll(".figure svg[role=img]").Length);   // of each domain

        var layers = await PageAsync($"compare?study={ledger.Finished}&model=model-1&stage=1&by=layer");
        Assert.Contains("layer 3", layers.QuerySelectorAll("#matrix thead th").Select(th => th.TextContent));
        var alone = await PageAsync($"compare?study={ledger.Finished}&model=model-1&domain=domain-1&role=all");
        Assert.Contains("All settings of these runs are the same.", alone.QuerySelector("#compare")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_chosen_one_by_one_by_the_beginnings_of_their_ids()
    {
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
        var list = await PageAsync($"runs?study={ledger.Finished}");
        var boxes = list.QuerySelectorAll("input[type=checkbox][form=chosen]").Select(box => box.GetAttribute("value")!).ToList();
        Assert.Equal(facts.Runs.Count, boxes.Count);
        Guid[] chosen = [facts.Runs[2].Id, facts.Runs[7].Id];
        var named = boxes.Where(box => chosen.Any(id => id.ToString("N").StartsWith(box, StringComparison.Ordinal))).ToList();
        foreach (var address in (string[])
            [$"run={named[0]}&run={named[1]}", $"run={named[0]},{named[1]}", $"run={chosen[0]}&run={chosen[1]:N}"])
        {
            var rows = (await PageAsync($"compare?{address}")).QuerySelectorAll("#matrix tbody th a");
            Assert.Equal(chosen.Order(), rows.Select(a => Guid.Parse(a.GetAttribute("href")!.Split('/')[^1])).Order());
        }
        using var client = ledger.Operator();
        var told = JsonDocument.Parse(await client.GetStringAsync($"api/v1/runs?run={named[0]},{named[1]}", Cancellation)).RootElement;
        Assert.Equal(chosen.Order(), told.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("id").GetGuid()).Order());
        // Another filter holds, too, and a filter of the form keeps what is chosen.
        var none = await PageAsync($"compare?run={named[0]}&model=model-9");
        Assert.Contains("No run is like that.", none.QuerySelector("#compare")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(named[0], none.QuerySelector("input[name=run]")!.GetAttribute("value"));
    }

    [Theory]
    [InlineData("run=ffffffffffffff", 404, "There is no run 'ffffffffffffff'.")]
    [InlineData("run=xyz", 404, "There is no run 'xyz'.")]
    [InlineData("run=", 400, "run names no run: tick those that are to be compared.")]
    public async Task A_chosen_run_that_is_not_there_is_named(string query, int status, string sentence)
    {
        using var client = ledger.Operator();
        using var answer = await client.GetAsync($"compare?{query}", Cancellation);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(
            sentence, new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Cancellation)).Body!.TextContent,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Part_after_part_all_runs_are_there_and_how_many_there_are_is_said()
    {
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
        foreach (var api in (bool[])[false, true])
        {
            var seen = new List<Guid>();
            for (var path = $"compare?study={ledger.Finished}&limit=5"; path is not null;)
                if (api)
                {
                    using var client = ledger.Operator();
                    var told = JsonDocument.Parse(await client.GetStringAsync($"api/v1/{path}", Cancellation)).RootElement;
                    seen.AddRange(told.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("run").GetProperty("id").GetGuid()));
                    Assert.Equal(facts.Runs.Count, told.GetProperty("count").GetInt64());
                    path = told.GetProperty("nextCursor").GetString() is { } next
                        ? $"compare?study={ledger.Finished}&limit=5&cursor={Uri.EscapeDataString(next)}" : null;
                }
                else
                {
                    var page = await PageAsync(path);
                    seen.AddRange(page.QuerySelectorAll("#matrix tbody a").Select(a => Guid.Parse(a.GetAttribute("href")!.Split('/')[^1])));
                    Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"of {facts.Runs.Count} runs"),
                        page.QuerySelector("#compare .note")!.TextContent, StringComparison.Ordinal);
                    path = page.QuerySelectorAll("#compare .note a").FirstOrDefault(a => a.TextContent == "Older ones")
                        ?.GetAttribute("href")!.TrimStart('/');
                }
            Assert.Equal(facts.Runs.Select(run => run.Id).Order(), seen.Order());
            Assert.Equal(seen.Count, seen.Distinct().Count());
        }
    }

    [Fact]
    public async Task What_a_run_measures_later_is_seen_though_others_are_kept()
    {
        var (study, runs) = Samples.Study("compared");
        await ledger.RecordAsync([study, .. runs]);
        var before = await PageAsync($"compare?study={study.StudyId}&role=all");
        Assert.Equal("–", before.QuerySelectorAll("#matrix tbody td")[^1].TextContent);
        var all = runs.First(run => run.Role == "all");
        await ledger.RecordAsync(Samples.Whole(all));
        var after = await PageAsync($"compare?study={study.StudyId}&role=all");
        Assert.Contains("e+", after.QuerySelectorAll("#matrix tbody td")[^1].TextContent, StringComparison.Ordinal);
        Assert.Equal(RunStatuses.Completed, after.QuerySelector("#matrix tbody span")!.TextContent);
    }

    [Fact]
    public async Task From_the_list_of_runs_the_same_filter_leads_there()
    {
        var list = await PageAsync($"runs?study={ledger.Finished}&stage=1&role=&limit=5");
        Assert.Contains(list.QuerySelectorAll("a"), a => a.GetAttribute("href") == $"/compare?study={ledger.Finished}&stage=1");
    }

    private async Task<IHtmlDocument> PageAsync(string path)
    {
        using var client = ledger.Operator();
        return new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
    }
}
