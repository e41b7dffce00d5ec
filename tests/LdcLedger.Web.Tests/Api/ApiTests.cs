using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Tests;
using Xunit;

namespace LdcLedger.Web.Tests.Api;

public sealed class ApiTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerQueries Queries => new(ledger.Store, TimeProvider.System);

    [Fact]
    public async Task What_is_answered_of_a_study_is_what_a_report_states_at_its_position()
    {
        var facts = await Queries.FactsAsync(ledger.Finished, Cancellation);
        var answer = await GetAsync($"studies/{ledger.Finished}/perplexities");
        var at = answer.GetProperty("at");
        Assert.Equal((facts.Position, facts.Root), (at.GetProperty("position").GetInt64(), at.GetProperty("root").GetString()));
        var table = PerplexityTable.Of(facts, facts.Study.Rule);
        var rows = answer.GetProperty("tables")[0].GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(table.Rows.Count, rows.Count);
        foreach (var (row, told) in table.Rows.Zip(rows))
            Assert.Equal(
                row.Cells.Select(cell => cell.Value?.Value),
                told.GetProperty("cells").EnumerateArray().Select(cell => cell.GetProperty("ppl") is { ValueKind: JsonValueKind.Number } ppl
                    ? ppl.GetDouble() : (double?)null));

        var ranked = (await GetAsync($"studies/{ledger.Finished}/rankings?rule=block-sum,component-frobenius")).GetProperty("rankings");
        Assert.Equal(["block-sum", "component-frobenius"], ranked.EnumerateArray().Select(r => r.GetProperty("rule").GetString()));
        Assert.Equal(
            RankingTable.Of(facts, facts.Study.Rule).Rows.SelectMany(row => row.Layers.Select(layer => (layer.Layer, layer.Score))),
            ranked[0].GetProperty("rows").EnumerateArray().SelectMany(row => row.GetProperty("layers").EnumerateArray())
                .Select(layer => (layer.GetProperty("layer").GetInt32(), layer.GetProperty("score").GetDouble())));

        using var client = ledger.Operator();
        var csv = await client.GetStringAsync($"api/v1/studies/{ledger.Finished}/norms?format=csv", Cancellation);
        using var exported = new StringWriter();
        Reports.Exports.StudyTables.Norms(facts).WriteCsv(exported);
        Assert.Equal(exported.ToString(), csv);
    }

    [Fact]
    public async Task An_earlier_position_answers_what_stood_there_and_the_same_for_ever()
    {
        using var client = ledger.Operator();
        var first = await client.GetStringAsync($"api/v1/studies/{ledger.Open}/root?at=2", Cancellation);
        var (_, runs) = Samples.Study("open");
        await ledger.RecordAsync(Samples.Whole(runs[1]));
        Assert.Equal(first, await client.GetStringAsync($"api/v1/studies/{ledger.Open}/root?at=2", Cancellation));
        var now = await GetAsync($"studies/{ledger.Open}/root");
        Assert.True(now.GetProperty("position").GetInt64() > 2);
        Assert.True(now.GetProperty("isLive").GetBoolean());
        await ProblemAsync(
            $"studies/{ledger.Open}/root?at=99999", HttpStatusCode.NotFound, "has no position 99999; its positions are 1 to");
        await ProblemAsync($"studies/{ledger.Open}/root?at=yesterday", HttpStatusCode.BadRequest, "'yesterday' is no moment");
    }

    [Fact]
    public async Task Parts_of_a_list_are_all_of_it_once_each_in_order_whatever_their_size()
    {
        var expected = (await Queries.RunsAsync(cancellation: Cancellation)).Items.Reverse().Select(run => run.Id).ToList();
        foreach (var limit in (int[])[1, 3, 7, 1000])
        {
            var (found, cursor) = (new List<Guid>(), (string?)null);
            do
            {
                var part = await GetAsync($"runs?limit={limit}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
                found.AddRange(part.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("id").GetGuid()));
                cursor = part.GetProperty("nextCursor").GetString();
            }
            while (cursor is not null);
            Assert.Equal(expected, found);
        }
        var one = await GetAsync("studies?limit=1&count=true");
        var next = await GetAsync($"studies?limit=1&cursor={Uri.EscapeDataString(one.GetProperty("nextCursor").GetString()!)}");
        Assert.NotEqual(
            one.GetProperty("items")[0].GetProperty("id").GetGuid(), next.GetProperty("items")[0].GetProperty("id").GetGuid());
        Assert.Equal((await Queries.StudiesAsync(cancellation: Cancellation)).Of, one.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task The_head_of_a_part_links_the_next_and_that_of_the_last_none()
    {
        var expected = (await Queries.RunsAsync(cancellation: Cancellation)).Items.Count;
        using var client = ledger.Operator();
        var (address, found) = (new Uri(ledger.Web.Url!, "api/v1/runs?limit=7"), 0);
        for (Uri? next = address; next is not null; address = next ?? address)
        {
            using var answer = await client.GetAsync(next, Cancellation);
            using var part = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
            found += part.RootElement.GetProperty("items").GetArrayLength();
            next = answer.Headers.TryGetValues("Link", out var links) && links.Single() is var link && link.EndsWith(">; rel=\"next\"",
                StringComparison.Ordinal) ? new(address, link[1..link.IndexOf('>', StringComparison.Ordinal)]) : null;
        }
        Assert.Equal(expected, found);
    }

    [Fact]
    public async Task Rankings_are_given_as_the_command_exports_them()
    {
        using var client = ledger.Operator();
        var facts = await Queries.FactsAsync(ledger.Finished, [], Cancellation);
        using var exported = new StringWriter();
        Reports.Exports.StudyTables.Rankings(facts, [facts.Study.Rule]).WriteCsv(exported);
        Assert.Equal(
            exported.ToString(), await client.GetStringAsync($"api/v1/studies/{ledger.Finished}/rankings?format=csv", Cancellation));
        using var parquet = await client.GetAsync($"api/v1/studies/{ledger.Finished}/rankings?format=parquet", Cancellation);
        Assert.Equal("application/vnd.apache.parquet", parquet.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Filters_are_of_runs_and_a_cursor_goes_on_in_its_own_list_only()
    {
        var runs = (await GetAsync($"runs?study={ledger.Finished}&model=model-1&stage=1&role=all")).GetProperty("items");
        Assert.Equal(2, runs.GetArrayLength());
        Assert.All(runs.EnumerateArray(), run => Assert.Equal("model-1", run.GetProperty("model").GetString()));
        var part = await GetAsync("runs?limit=2&stage=1");
        var cursor = Uri.EscapeDataString(part.GetProperty("nextCursor").GetString()!);
        await ProblemAsync($"runs?limit=2&stage=0&cursor={cursor}", HttpStatusCode.BadRequest, "The cursor is none of this list");
        await ProblemAsync("runs?cursor=WyJhIl0.AAAA", HttpStatusCode.BadRequest, "The cursor is none of this list");
        await ProblemAsync("runs?status=done", HttpStatusCode.BadRequest, "'done' is not a status of a run; the statuses are planned");
        await ProblemAsync("runs?stautus=failed", HttpStatusCode.BadRequest, "did you mean 'status'?");
        await ProblemAsync("runs?limit=1001", HttpStatusCode.BadRequest, "limit is '1001'; it is a whole number from 1 to 1000.");
        await ProblemAsync("runs?limit=1&limit=2", HttpStatusCode.BadRequest, "stands in the address 2 times");
        await ProblemAsync("studies/nowhere", HttpStatusCode.NotFound, "There is no study 'nowhere'");
        await ProblemAsync("rules/block-sun", HttpStatusCode.NotFound, "did you mean 'block-sum'?");
    }

    [Fact]
    public async Task An_event_is_answered_with_its_very_bytes_and_a_proof_that_holds_until_a_byte_is_changed()
    {
        using var client = ledger.Operator();
        var events = (await GetAsync($"events?study={ledger.Finished}&type=run_completed&limit=3")).GetProperty("items");
        Assert.Equal(3, events.GetArrayLength());
        var id = events[0].GetProperty("id").GetGuid();
        var told = await GetAsync($"events/{id}");
        Assert.Equal(events[0].GetRawText(), told.GetRawText());
        var bytes = await client.GetByteArrayAsync($"api/v1/events/{id}/canonical", Cancellation);
        Assert.Equal(Ledger.Chain.CanonicalJson.Of(told.GetProperty("data")), bytes);

        var proof = await client.GetStringAsync($"api/v1/events/{id}/proof", Cancellation);
        var verdict = await CheckAsync(client, proof);
        Assert.True(verdict.GetProperty("holds").GetBoolean());
        var root = await GetAsync($"studies/{ledger.Finished}/root");
        Assert.Equal(root.GetProperty("root").GetString(), verdict.GetProperty("studyRoot").GetString());
        var changed = await CheckAsync(client, proof.Replace("\"seconds\":1.25", "\"seconds\":1.5", StringComparison.Ordinal));
        Assert.False(changed.GetProperty("holds").GetBoolean());
        Assert.NotEmpty(changed.GetProperty("wrong").EnumerateArray());

        static async Task<JsonElement> CheckAsync(HttpClient client, string proof)
        {
            using var answer = await client.PostAsync(
                "api/v1/proofs:check", new StringContent(proof, null, "application/json"), Cancellation);
            return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        }
    }

    [Fact]
    [Trait("Attack", "9")]
    public async Task Whoever_is_bound_to_a_position_of_a_study_sees_that_and_nothing_else_of_the_ledger()
    {
        using var client = ledger.Client(ledger.Bound);
        using var study = await client.GetAsync($"api/v1/studies/{ledger.Finished}", Cancellation);
        var shown = await study.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(TestLedger.BoundAt, shown.GetProperty("at").GetProperty("position").GetInt64());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"studies/{ledger.Finished}?at={TestLedger.BoundAt - 1}"));
        string[] absent =
        [
            $"studies/{ledger.Finished}?at={TestLedger.BoundAt + 1}", $"studies/{ledger.Open}", "studies/open",
            $"studies/{ledger.Open.ToString()[..4]}", "studies", "runs", "events", "workers",
        ];
        foreach (var path in absent)
            Assert.Equal((path, HttpStatusCode.NotFound), (path, await StatusAsync(path)));

        using var all = ledger.Operator();
        var events = (await GetAsync($"events?study={ledger.Finished}&limit=1000")).GetProperty("items").EnumerateArray().ToList();
        var (inside, after) = (events[(int)TestLedger.BoundAt - 1].GetProperty("id"), events[(int)TestLedger.BoundAt].GetProperty("id"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"events/{inside}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"events/{after}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"events/{after}/proof"));
        var proof = JsonDocument.Parse(await client.GetStringAsync($"api/v1/events/{inside}/proof", Cancellation)).RootElement;
        Assert.Equal(TestLedger.BoundAt, proof.GetProperty("study").GetProperty("size").GetInt64());
        Assert.Equal(shown.GetProperty("at").GetProperty("root").GetString(), proof.GetProperty("study").GetProperty("root").GetString());
        Assert.Equal(JsonValueKind.Null, proof.GetProperty("seal").ValueKind);
        var other = (await GetAsync($"runs?study={ledger.Open}")).GetProperty("items")[0].GetProperty("id");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"runs/{other}"));

        async Task<HttpStatusCode> StatusAsync(string path)
        {
            using var answer = await client.GetAsync($"api/v1/{path}", Cancellation);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task An_answer_that_is_known_is_not_sent_again_and_one_that_is_not_there_yet_is_waited_for()
    {
        using var client = ledger.Operator();
        using var first = await client.GetAsync($"api/v1/studies/{ledger.Finished}", Cancellation);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"api/v1/studies/{ledger.Finished}");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(again, Cancellation)).StatusCode);
        var position = long.Parse(first.Headers.GetValues("Ledger-Position").Single(), null);

        var waiting = client.GetAsync($"api/v1/ledger/position?wait={position + 1}", Cancellation);
        await ledger.RecordAsync([Samples.Study("is waited for").Study]);
        using var answer = await waiting;
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("position").GetInt64() > position);
    }

    [Fact]
    public async Task Nothing_that_is_read_is_projected_and_the_lag_is_told()
    {
        await new Ledger.Store.LedgerWriter(ledger.Store, TimeProvider.System)
            .RecordAsync([Samples.Study("not projected").Study], cancellation: Cancellation);
        var told = await GetAsync("ledger/position");
        Assert.True(told.GetProperty("last").GetInt64() > told.GetProperty("position").GetInt64());
        Assert.True(told.GetProperty("lagSeconds").GetDouble() >= 0);
        await ProblemAsync("studies/not%20projected", HttpStatusCode.NotFound, "There is no study 'not projected'");
        using var client = ledger.Operator();
        await client.GetStringAsync("", Cancellation);
        var later = await GetAsync("ledger/position");
        Assert.Equal(told.GetProperty("position").GetInt64(), later.GetProperty("position").GetInt64());
        await new ReadModelProgress(ledger.Store, TimeProvider.System).CatchUpAsync(Cancellation);
        Assert.Equal(JsonValueKind.Null, (await GetAsync("ledger/position")).GetProperty("lagSeconds").ValueKind);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var client = ledger.Operator();
        using var answer = await client.GetAsync($"api/v1/{path}", Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task ProblemAsync(string path, HttpStatusCode status, string says)
    {
        using var client = ledger.Operator();
        using var answer = await client.GetAsync($"api/v1/{path}", Cancellation);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("urn:ldcledger:problem:", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
    }
}
