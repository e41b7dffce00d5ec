using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.Tests;
using Xunit;

namespace LdcLedger.Web.Tests.Api;

/// <summary>What leaves the ledger whole: a study's events, as a file and as they come, proofs between its roots, what its runs
/// left.</summary>
public sealed class FilesTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_is_exported_as_the_command_line_writes_it_at_any_position()
    {
        using var client = ledger.Operator();
        foreach (var at in (long?[])[null, 25])
        {
            using var written = new MemoryStream();
            await new LedgerExport(ledger.Store, TimeProvider.System).WriteAsync(
                written, ledger.Finished, at is { } position ? Ledger.Replay.AsOf.At(position) : null, Cancellation);
            using var answer = await client.GetAsync(
                $"api/v1/studies/{ledger.Finished}/export.jsonl{(at is null ? "" : $"?at={at}")}", Cancellation);
            Assert.Equal(Encoding.UTF8.GetString(written.ToArray()), await answer.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        }
        using var bound = ledger.Client(ledger.Bound);
        var lines = (await bound.GetStringAsync($"api/v1/studies/{ledger.Finished}/export.jsonl", Cancellation)).Trim().Split('\n');
        Assert.Equal(TestLedger.BoundAt + 1, lines.Length);
        Assert.Equal(
            HttpStatusCode.NotFound, (await bound.GetAsync($"api/v1/studies/{ledger.Open}/export.jsonl", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Between_any_two_roots_of_a_study_there_is_a_proof_that_one_goes_on_from_the_other()
    {
        using var client = ledger.Operator();
        var shown = await client.GetFromJsonAsync<JsonElement>($"api/v1/studies/{ledger.Finished}/root", Cancellation);
        var last = shown.GetProperty("position").GetInt64();
        foreach (var (from, to) in ((long, long)[])[(1, last), (7, 8), (20, 41), (last, last)])
        {
            var told = await client.GetFromJsonAsync<JsonElement>(
                $"api/v1/studies/{ledger.Finished}/consistency?from={from}&to={to}", Cancellation);
            var (first, second) = (Hash(told, "fromRoot"), Hash(told, "toRoot"));
            var proof = told.GetProperty("proof").EnumerateArray().Select(h => Convert.FromHexString(h.GetString()!)).ToList();
            Assert.True(MerkleProofs.Continues(from, first, to, second, proof));
            Assert.Equal(
                (await RootAsync(from), await RootAsync(to)),
                (told.GetProperty("fromRoot").GetString(), told.GetProperty("toRoot").GetString()));
        }
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync(
            $"api/v1/studies/{ledger.Finished}/consistency?from=9&to=8", Cancellation)).StatusCode);
        using var bound = ledger.Client(ledger.Bound);
        Assert.Equal(HttpStatusCode.OK, (await bound.GetAsync(
            $"api/v1/studies/{ledger.Finished}/consistency?from=2", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await bound.GetAsync(
            $"api/v1/studies/{ledger.Finished}/consistency?from=2&to={TestLedger.BoundAt + 1}", Cancellation)).StatusCode);

        async Task<string?> RootAsync(long at) => (await client.GetFromJsonAsync<JsonElement>(
            $"api/v1/studies/{ledger.Finished}/root?at={at}", Cancellation)).GetProperty("root").GetString();

        static byte[] Hash(JsonElement told, string name) => Convert.FromHexString(told.GetProperty(name).GetString()!);
    }

    [Fact]
    public async Task A_file_is_given_out_only_where_an_event_names_it_and_it_is_what_the_event_says()
    {
        var (study, runs) = Samples.Study("with files");
        var content = Encoding.UTF8.GetBytes("weights of an adapter");
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        var secret = Convert.ToHexStringLower(SHA256.HashData("another file of the folder"u8));
        var missing = Samples.Sha("not on this machine");
        await ledger.RecordAsync([study, .. runs, new AdapterSaved(study.StudyId, runs[1].RunId, sha256, missing, content.Length)]);
        await File.WriteAllBytesAsync(Path.Combine(ledger.Data, sha256), content, Cancellation);
        await File.WriteAllTextAsync(Path.Combine(ledger.Data, secret), "another file of the folder", Cancellation);

        using var client = ledger.Operator();
        using var answer = await client.GetAsync($"api/v1/artifacts/{sha256}", Cancellation);
        Assert.Equal(content, await answer.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(
            ("attachment", "adapter_model.safetensors", "nosniff"),
            (answer.Content.Headers.ContentDisposition!.DispositionType, answer.Content.Headers.ContentDisposition.FileName,
                answer.Headers.GetValues("X-Content-Type-Options").Single()));
        foreach (var other in (string[])[secret, "web.token", sha256.ToUpperInvariant(), "..%2fweb.token", new string('0', 64)])
            Assert.Equal(
                (other, HttpStatusCode.NotFound), (other, (await client.GetAsync($"api/v1/artifacts/{other}", Cancellation)).StatusCode));
        Assert.Contains("is not on this machine", await (await client.GetAsync($"api/v1/artifacts/{missing}", Cancellation))
            .Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var bound = ledger.Client(ledger.Bound);
        Assert.Equal(HttpStatusCode.NotFound, (await bound.GetAsync($"api/v1/artifacts/{sha256}", Cancellation)).StatusCode);

        await File.WriteAllTextAsync(Path.Combine(ledger.Data, sha256), "something else", Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, (await client.GetAsync($"api/v1/artifacts/{sha256}", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task The_events_of_a_study_come_with_their_positions_and_go_on_from_any_of_them()
    {
        var (study, runs) = Samples.Study("streams");
        await ledger.RecordAsync([study, .. runs]);
        using var client = ledger.Operator();
        await using var stream = await ListenAsync(client, $"api/v1/studies/{study.StudyId}/stream?after=2");
        await ledger.RecordAsync([Samples.Study("streams elsewhere").Study, .. Samples.Whole(runs[0])]);
        var seen = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Cancellation))
        {
            if (item.EventType != "beat")
                seen.Add(item);
            if (item.EventType == "run_completed")
                break;
        }
        Assert.Equal(Enumerable.Range(3, seen.Count).Select(i => $"{i}"), seen.Select(item => item.EventId));
        Assert.Equal(1 + runs.Count + Samples.Whole(runs[0]).Count, int.Parse(seen[^1].EventId!, null));
        Assert.Equal(HttpStatusCode.Conflict, (await client.GetAsync(
            $"api/v1/studies/{study.StudyId}/stream?after=99999", HttpCompletionOption.ResponseHeadersRead, Cancellation)).StatusCode);

        // To whoever is bound to a position it ends there.
        using var bound = ledger.Client(ledger.Bound);
        await using var theirs = await ListenAsync(bound, $"api/v1/studies/{ledger.Finished}/stream?after=0");
        using var text = new StreamReader(theirs);
        var all = await text.ReadToEndAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.Contains($"id: {TestLedger.BoundAt}\n", all, StringComparison.Ordinal);
        Assert.DoesNotContain($"id: {TestLedger.BoundAt + 1}\n", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_rules_are_laid_beside_each_other_as_the_command_line_does()
    {
        using var client = ledger.Operator();
        var told = await client.GetFromJsonAsync<JsonElement>(
            $"api/v1/rules/diff?a=block-sum&b=component-frobenius&study={ledger.Finished}", Cancellation);
        var facts = await Ledger.ReadModels.LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System)
            .FactsAsync(ledger.Finished, [Domain.Rules.AggregationRule.ComponentFrobenius], Cancellation);
        var diff = Domain.Tables.RuleDiff.Of(facts, facts.Study.Rule, Domain.Rules.AggregationRule.ComponentFrobenius);
        Assert.Equal(
            diff.Rankings.Select(r => r.TauB),
            told.GetProperty("rankings").EnumerateArray().Select(r => (double?)r.GetProperty("tauB").GetDouble()));
        Assert.Equal(
            diff.MissingRuns.Select(r => r.Id),
            told.GetProperty("missingRuns").EnumerateArray().Select(r => r.GetProperty("id").GetGuid()));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("api/v1/rules/diff?a=block-sum", Cancellation)).StatusCode);
    }

    private static async Task<Stream> ListenAsync(HttpClient client, string path)
    {
        var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return await answer.Content.ReadAsStreamAsync(Cancellation);
    }
}
