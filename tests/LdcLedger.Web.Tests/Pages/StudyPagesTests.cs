using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Tests;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>What the pages of a study, its runs and its events say is what the ledger says.</summary>
public sealed class StudyPagesTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_shows_its_cells_and_the_report_s_perplexities_each_with_the_run_that_it_is_of()
    {
        var page = await PageAsync($"studies/{ledger.Finished}");
        var facts = await FactsAsync();
        var table = PerplexityTable.Of(facts, facts.Study.Rule);

        Assert.Equal(
            ["Model", "Domain", .. table.Columns.Select(column => column.Title)],
            page.QuerySelectorAll("#perplexity thead th").Select(cell => cell.TextContent));
        foreach (var (row, shown) in table.Rows.Zip(page.QuerySelectorAll("#perplexity tbody tr")))
            foreach (var (cell, td) in row.Cells.Zip(shown.QuerySelectorAll("td.number")))
                if (cell.Value is { } ppl)
                {
                    var link = td.QuerySelector("a")!;
                    Assert.Equal(Numbers.Perplexity(ppl.Value), link.TextContent);
                    Assert.EndsWith($"/runs/{cell.Runs[0]}", link.GetAttribute("href"), StringComparison.Ordinal);
                }
                else
                    Assert.Equal(cell.Note, td.TextContent.Trim());
        Assert.Equal(2, page.QuerySelectorAll("table.cells tbody tr").Length);
        var bars = page.QuerySelectorAll("table.cells progress");
        Assert.Equal(
            facts.Runs.Count(run => RunStatuses.Rows[run.Status].IsEnded),
            bars.Sum(bar => int.Parse(bar.GetAttribute("value")!, null)));
        Assert.Contains(facts.Root, page.QuerySelector("footer")!.TextContent, StringComparison.Ordinal);
    }

    /// <summary>A line that came or went would move what is below it while somebody reads.</summary>
    [Fact]
    public async Task A_cell_has_the_same_lines_from_the_beginning_of_a_study_to_its_end()
    {
        var facts = await FactsAsync();
        var ends = await LinesAsync(facts.Position);
        Assert.All(ends, lines => Assert.Equal(["stage", "stage", "stage", "note"], lines));
        for (long at = 1; at < facts.Position; at += 7)
            Assert.Equal(ends, await LinesAsync(at));

        async Task<IReadOnlyList<string[]>> LinesAsync(long at) =>
        [
            .. (await PageAsync($"studies/{ledger.Finished}?at={at}")).QuerySelectorAll("table.cells td")
                .Select(cell => cell.Children.Select(line => line.ClassName!).ToArray()),
        ];
    }

    [Fact]
    public async Task A_study_that_nobody_drives_says_so_and_why()
    {
        var page = await PageAsync($"studies/{ledger.Open}");
        var status = page.QuerySelector("#study dd")!.TextContent;
        Assert.StartsWith("interrupted, ", status, StringComparison.Ordinal);
        Assert.True(status.Length > "interrupted, ".Length + 10, status);
    }

    [Fact]
    public async Task At_a_position_it_shows_that_position_for_ever_and_is_not_live()
    {
        const long at = 30;
        using var client = ledger.Operator();
        var path = $"studies/{ledger.Finished}?at={at}";
        var once = await client.GetStringAsync(path, Cancellation);
        await ledger.RecordAsync([Samples.Study("open").Runs.SelectMany(run => Samples.Whole(run)).First()]);
        Assert.Equal(once, await client.GetStringAsync(path, Cancellation));
        var page = new HtmlParser().ParseDocument(once);
        var then = await ledger.Past.FactsAsync(
            await ledger.Past.MomentAsync(ledger.Finished, Ledger.Replay.AsOf.At(at), Cancellation), [], Cancellation);
        Assert.Contains(then.Root, page.QuerySelector("#study")!.TextContent, StringComparison.Ordinal);
        Assert.Null(page.QuerySelector("[hx-get], #line"));

        using var beyond = await client.GetAsync($"studies/{ledger.Finished}?at=100000", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, beyond.StatusCode);
        Assert.Contains("has no position 100000", await beyond.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_shows_its_norms_each_with_its_event_its_attempt_and_every_event()
    {
        var facts = await FactsAsync();
        var norms = facts.Norms[0];
        var page = await PageAsync($"runs/{norms.Id}");
        var last = norms.Modules.Where(m => m.Epoch == norms.LastEpoch).ToList();
        var shown = page.QuerySelectorAll("#norms td a");
        Assert.Equal(last.Select(m => Numbers.Norm(m.UpdateFrobenius)).Order(), shown.Select(a => a.TextContent).Order());
        var events = await ledger.HistoryAsync(norms.Id);
        Assert.Equal(events.Select(e => $"/events/{e.Id}"), page.QuerySelectorAll("#events a").Select(a => a.GetAttribute("href")));
        Assert.Contains(shown[0].GetAttribute("href"), events.Where(e => e.Fact is LayerNormMeasured).Select(e => $"/events/{e.Id}"));
        Assert.Equal(["lab-07/1"], page.QuerySelectorAll("#attempts tbody td:nth-of-type(1)").Select(td => td.TextContent));
        Assert.NotNull(page.QuerySelector(".figure svg[role=img]"));
        Assert.Equal(2, (await PageAsync($"runs/{norms.Id}?after={events.Count - 2}")).QuerySelectorAll("#events tbody tr").Length);
    }

    [Fact]
    public async Task An_event_shows_what_was_hashed_its_neighbours_and_a_proof_that_holds()
    {
        var history = await ledger.HistoryAsync((await FactsAsync()).Norms[0].Id);
        var (before, e, after) = (history[1], history[2], history[3]);
        var page = await PageAsync($"events/{e.Id}");
        var proof = Ledger.Chain.InclusionProof.Read(System.Text.Encoding.UTF8.GetBytes(page.QuerySelector("#proof")!.TextContent));
        Assert.Empty(proof.Check());
        Assert.Equal(e.Id, proof.Event.Id);
        Assert.Equal(
            [$"/events/{before.Id}", $"/events/{after.Id}"],
            page.QuerySelectorAll("#chain li").Take(2).Select(li => li.QuerySelector("a")!.GetAttribute("href")));
        Assert.Equal(
            System.Text.Encoding.UTF8.GetString(Ledger.Chain.CanonicalJson.Of(proof.Event.Data)),
            page.QuerySelector("#canonical")!.TextContent);
        Assert.Null((await PageAsync($"events/{history[0].Id}")).QuerySelector("#chain li a[href$='" + history[0].Id + "']"));
    }

    [Fact]
    public async Task Rankings_stand_side_by_side_as_the_report_has_them_and_say_how_far_they_agree()
    {
        var page = await PageAsync($"studies/{ledger.Finished}/rankings?rule=block-sum,component-frobenius");
        var facts = await FactsAsync();
        var ranking = RankingTable.Of(facts, facts.Study.Rule).Rows;
        var tables = page.QuerySelectorAll("table.ranking");
        Assert.Equal(ranking.Count, tables.Length);
        foreach (var (row, table) in ranking.Zip(tables))
            Assert.Equal(
                row.Layers.Select(l => $"layer {l.Layer}"),
                table.QuerySelectorAll("tbody tr").Select(tr => tr.QuerySelector("td")!.TextContent));
        Assert.All(page.QuerySelectorAll("table.tau"), tau =>
            Assert.Equal("1.00", tau.QuerySelector("tbody tr td")!.TextContent));
        var slider = page.QuerySelector("input[name=at]")!;
        Assert.Equal(slider.GetAttribute("max"), slider.GetAttribute("value"));

        using var client = ledger.Operator();
        using var wrong = await client.GetAsync($"studies/{ledger.Finished}/rankings?rule=blok-sum", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
        Assert.Contains(
            "did you mean &#x27;block-sum&#x27;?", await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_map_has_the_report_s_numbers_each_with_the_event_that_states_it()
    {
        var page = await PageAsync($"studies/{ledger.Finished}/map");
        var facts = await FactsAsync();
        var maps = NormMap.ByDomain(facts, facts.Study.Rule).Concat(NormMap.ByProjection(facts, facts.Study.Rule)).ToList();
        var tables = page.QuerySelectorAll("table.heat");
        Assert.Equal(maps.Count, tables.Length);
        foreach (var (map, table) in maps.Zip(tables))
            Assert.Equal(
                map.Rows.SelectMany(row => row.Values).Select(value => Numbers.Norm(value!.Value)),
                table.QuerySelectorAll("td a").Select(a => a.TextContent));
        Assert.Equal(NormFigure.Of(facts, facts.Study.Rule).Count, page.QuerySelectorAll(".figure svg[role=img]").Length);
        var e = await PageAsync(tables[^1].QuerySelector("td a")!.GetAttribute("href")!.TrimStart('/'));
        Assert.Contains("\"layer\":0", e.QuerySelector("#canonical")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stage_2_says_what_each_decision_saw_and_why_others_wait()
    {
        var (study, runs) = Samples.Study("decided");
        await ledger.RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run))]);
        var waiting = await PageAsync($"studies/{study.StudyId}/stage2");
        Assert.Equal("model-1, domain-1: its ranking is there, and is looked at next", waiting.QuerySelector("#waiting li")!.TextContent);

        var (plan, targeted) = await Stage2.DecidedAsync(ledger, study);
        var cause = EventIds.Of(Samples.Whole(runs[^1])[^1]);
        await ledger.RecordAsync([plan], cause);
        await ledger.RecordAsync(targeted);
        var page = await PageAsync($"studies/{study.StudyId}/stage2");
        Assert.Null(page.QuerySelector("#waiting"));
        Assert.Equal(
            plan.Runs.Select(target => $"/runs/{target.RunId}"),
            page.QuerySelectorAll("#stage2 tbody th a").Select(a => a.GetAttribute("href")));
        Assert.Contains(
            $"mlp layers {string.Join(", ", plan.Rankings.First(r => r.Group == "mlp").Top(5))}",
            page.QuerySelector("#stage2")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(
            $"/events/{EventIds.Of(plan)}", page.QuerySelector("#stage2 a.decided")!.GetAttribute("href"));
        Assert.Equal($"/events/{cause}", page.QuerySelector("#stage2 a.cause")!.GetAttribute("href"));
        // What others would have decided is asked of the same position.
        using var client = ledger.Operator();
        var others = page.QuerySelectorAll("#stage2 .otherwise a").Select(a => a.GetAttribute("href")!).ToList();
        Assert.True(others.Count >= 3, string.Join(' ', others));
        foreach (var other in others)
        {
            var then = new HtmlParser().ParseDocument(await client.GetStringAsync(other, Cancellation));
            Assert.Contains(
                then.QuerySelectorAll("#rankings td.best").Select(td => td.TextContent),
                best => best == $"layer {plan.Rankings[0].Layers[0].Layer}");
            Assert.Equal(other.Contains("history=yes", StringComparison.Ordinal), then.QuerySelector(".settled") is not null);
        }
        await ledger.RecordAsync([.. targeted.Take(1).SelectMany(run => Samples.Whole(run))]);
        Assert.Contains(
            $"Trained and evaluated: 1 of {targeted.Count} runs",
            (await PageAsync($"studies/{study.StudyId}/stage2")).QuerySelector("#stage2")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_long_it_goes_on_is_told_by_the_runs_that_are_like_those_that_lack()
    {
        var (study, runs) = Samples.Study("goes on", seeds: 2);
        await ledger.RecordAsync([study, .. runs]);
        Assert.StartsWith("unknown until ", (await PageAsync($"studies/{study.StudyId}")).QuerySelector("#left")!.TextContent,
            StringComparison.Ordinal);
        var first = runs.Where(run => run.Seed is null or 1).ToList();
        var next = runs.First(run => run is { Seed: 2, Role: "all" });
        await ledger.RecordAsync(
        [
            .. first.SelectMany(run => Samples.Whole(run)),
            new RunClaimed(study.StudyId, next.RunId, 1, "lab-07/1", Samples.Environment), .. Samples.Epoch(next, 1),
        ]);
        // Three runs of 1.25 s are left, and one of them is 0.625 s on its way.
        var page = await PageAsync($"studies/{study.StudyId}");
        var open = runs.Count - first.Count;
        Assert.Equal(
            FormattableString.Invariant($"about {open * 1.25 - 0.625:0.0} s of one device, by what its runs took"),
            page.QuerySelector("#left")!.TextContent);
        Assert.Contains("left", page.QuerySelector("table.cells td > .note")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("nothing", (await PageAsync($"studies/{ledger.Finished}")).QuerySelector("#left")!.TextContent);
    }

    [Fact]
    public async Task Runs_are_listed_by_what_was_asked_for_page_after_page_and_none_is_lost()
    {
        var facts = await FactsAsync();
        var seen = new List<string>();
        for (var path = $"runs?study={ledger.Finished}&stage=1&limit=5"; path is not null;)
        {
            var page = await PageAsync(path);
            seen.AddRange(page.QuerySelectorAll("#runs tbody a").Select(a => a.GetAttribute("href")!));
            path = page.QuerySelector("#runs .note a")?.GetAttribute("href")?.TrimStart('/');
        }
        Assert.Equal(
            facts.Runs.Where(run => run.Stage == 1).Select(run => $"/runs/{run.Id}").Order(StringComparer.Ordinal),
            seen.Order(StringComparer.Ordinal));

        // By when they were planned, to the microsecond, in words as in a file.
        var planned = facts.Runs.Max(run => run.PlannedAt);
        var (at, later) = (Time(planned), Time(planned.AddMicroseconds(1)));
        var (these, none) = ($"runs?study={ledger.Finished}&since={at}&until={later}", $"runs?study={ledger.Finished}&since={later}");
        Assert.Equal(
            facts.Runs.Count(run => run.PlannedAt == planned), (await PageAsync(these)).QuerySelectorAll("#runs tbody tr").Length);
        Assert.Empty((await PageAsync(none)).QuerySelectorAll("#runs tbody tr"));
        Assert.Equal(
            facts.Runs.Count(run => run.PlannedAt == planned),
            (await PageAsync($"{these}&at={facts.Position}")).QuerySelectorAll("#runs tbody tr").Length);
        static string Time(DateTimeOffset at) => Uri.EscapeDataString(Ledger.Replay.AsOf.Text(at));

        using var client = ledger.Operator();
        using var wrong = await client.GetAsync("runs?status=runing", Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task To_a_bound_reader_a_page_leads_to_the_position_that_they_were_given_and_no_further()
    {
        using var client = ledger.Client(ledger.Bound);
        var page = new HtmlParser().ParseDocument(await client.GetStringAsync($"studies/{ledger.Finished}", Cancellation));
        Assert.Contains($"position {TestLedger.BoundAt}", page.QuerySelector("#bar")!.TextContent, StringComparison.Ordinal);
        var history = await ledger.HistoryAsync((await FactsAsync()).Norms[^1].Id);
        foreach (var path in (string[])
            [$"events/{history[^1].Id}", $"events/{ledger.FirstEvent}", $"runs/{ledger.FirstRun}", "runs", "ledger"])
        {
            using var hidden = await client.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        }
        var first = EventIds.Of(Samples.Study("finished", models: 2, domains: 2).Study);
        var shown = new HtmlParser().ParseDocument(await client.GetStringAsync($"events/{first}", Cancellation));
        var proof = Ledger.Chain.InclusionProof.Read(System.Text.Encoding.UTF8.GetBytes(shown.QuerySelector("#proof")!.TextContent));
        Assert.Equal(TestLedger.BoundAt, proof.InStudy!.Size);
        Assert.Null(proof.InSeal);
    }

    private async Task<IHtmlDocument> PageAsync(string path)
    {
        using var client = ledger.Operator();
        return new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
    }

    private Task<StudyFacts> FactsAsync() =>
        LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
}
