using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests;
using LdcLedger.Specs;
using Xunit;

namespace LdcLedger.Web.Tests.Api;

/// <summary>What an operator asks for over HTTP is what the command line would have recorded, and can be shown to have been asked
/// for.</summary>
public sealed class WriteTests(TestLedger ledger, TestServer server) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_is_cancelled_once_by_whoever_asked_and_the_receipt_is_the_same_whenever_it_is_asked_for_again()
    {
        var study = await SubmittedAsync("cancelled");
        var ada = await ledger.MakeAsync("ada", AccessRoles.Operator);
        var (status, receipt, place) = await AskAsync(HttpMethod.Post, $"studies/{study}/cancel", new { reason = "a wrong corpus" }, ada);
        Assert.Equal((HttpStatusCode.Created, $"/api/v1/studies/{study}"), (status, place));
        var request = Assert.IsType<StudyCancelRequested>(await SaysAsync(receipt));
        Assert.Equal((study, "a wrong corpus", "ada"), (request.StudyId, request.Reason, request.By));
        Assert.Contains("is being cancelled with", receipt.GetProperty("says").GetString(), StringComparison.Ordinal);
        Assert.Contains("--reason 'a wrong corpus'", receipt.GetProperty("command").GetString(), StringComparison.Ordinal);

        var last = await ledger.LastAsync();
        var (again, same, _) = await AskAsync(HttpMethod.Post, $"studies/{study}/cancel", new { reason = "another reason" });
        Assert.Equal(HttpStatusCode.OK, again);
        Assert.Equal(receipt.GetRawText(), same.GetRawText());
        Assert.Equal(last, await ledger.LastAsync());
        await RefusedAsync(
            HttpMethod.Post, $"studies/{ledger.Finished}/cancel", new { reason = new string('x', 1_001) }, HttpStatusCode.BadRequest,
            "reason has 1001 letters");
        await RefusedAsync(HttpMethod.Post, "studies/nowhere/cancel", new { }, HttpStatusCode.NotFound, "There is no study 'nowhere'");
    }

    [Fact]
    public async Task What_has_ended_by_itself_cannot_be_cancelled_and_nothing_is_recorded()
    {
        var (study, runs) = Samples.Study("ended", regimes: ["attention"]);
        await ledger.RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run)), .. runs.Select(Settled),
            new StudyCompleted(study.StudyId, 1, runs.Count, 0, 0, 0)]);
        var last = await ledger.LastAsync();
        await RefusedAsync(
            HttpMethod.Post, $"studies/{study.StudyId}/cancel", new { }, HttpStatusCode.Conflict, "has ended already, and there is");
        Assert.Equal(last, await ledger.LastAsync());
    }

    [Fact]
    public async Task A_study_is_extended_by_a_rule_that_the_ledger_has()
    {
        var study = await SubmittedAsync("extended");
        var (status, receipt, _) = await AskAsync(HttpMethod.Post, $"studies/{study}/extend", new { rule = "component-frobenius" });
        Assert.Equal(HttpStatusCode.Created, status);
        var extended = Assert.IsType<StudyExtended>(await SaysAsync(receipt));
        Assert.Equal((study, AggregationRule.ComponentFrobenius, "this machine"), (extended.StudyId, extended.Rule, extended.By));
        Assert.Contains("No worker is running", receipt.GetProperty("says").GetString(), StringComparison.Ordinal);
        var (again, same, _) = await AskAsync(HttpMethod.Post, $"studies/{study}/extend", new { rule = "component-frobenius@1" });
        Assert.Equal((HttpStatusCode.OK, Ids(receipt)), (again, Ids(same)));
        // What its own rule says already, its submission says.
        var (own, submitted, _) = await AskAsync(HttpMethod.Post, $"studies/{study}/extend", new { rule = "block-sum" });
        Assert.Equal(HttpStatusCode.OK, own);
        Assert.IsType<StudySubmitted>(await SaysAsync(submitted));
        await RefusedAsync(
            HttpMethod.Post, $"studies/{study}/extend", new { rule = "blok-sum" }, HttpStatusCode.BadRequest, "did you mean 'block-sum'?");
        await RefusedAsync(HttpMethod.Post, $"studies/{study}/extend", new { }, HttpStatusCode.BadRequest, "rule is missing");
    }

    [Fact]
    public async Task A_run_that_failed_is_retried_and_one_that_did_not_is_not()
    {
        var (study, runs) = Samples.Study("retried");
        var run = runs[1];
        await ledger.RecordAsync([study, .. runs, new RunClaimed(study.StudyId, run.RunId, 1, "lab-07/1", Samples.Environment),
            new RunFailed(study.StudyId, run.RunId, 1, "the loss was NaN at step 3", 3, 2.5)]);
        var (status, receipt, place) = await AskAsync(HttpMethod.Post, $"runs/{run.RunId}/retry", new { });
        Assert.Equal((HttpStatusCode.Created, $"/api/v1/runs/{run.RunId}"), (status, place));
        Assert.Equal(
            new RunRetryRequested(study.StudyId, run.RunId, 1, "requested by a user", "this machine"), await SaysAsync(receipt));
        var (again, same, _) = await AskAsync(HttpMethod.Post, $"runs/{run.RunId}/retry", new { reason = "please" });
        Assert.Equal((HttpStatusCode.OK, Ids(receipt)), (again, Ids(same)));
        await RefusedAsync(
            HttpMethod.Post, $"runs/{runs[0].RunId}/retry", new { }, HttpStatusCode.BadRequest,
            "only a failed, cancelled or abandoned run");
    }

    [Fact]
    public async Task A_rule_is_there_once_whatever_it_is_asked_for_and_other_content_is_its_next_version()
    {
        static object Rule(int top, string name = "mine") =>
            new { rule = RuleFile.Text(AggregationRule.BlockSum with { Name = name, Top = top }) };
        var (first, receipt, place) = await AskAsync(HttpMethod.Put, "rules/mine", Rule(2));
        Assert.Equal((HttpStatusCode.Created, "/api/v1/rules/mine@1"), (first, place));
        Assert.Equal(
            new AggregationRuleDefined(AggregationRule.BlockSum with { Name = "mine", Top = 2 }, "this machine"), await SaysAsync(receipt));
        Assert.Equal(JsonValueKind.Null, receipt.GetProperty("studyPosition").ValueKind);
        var (again, same, _) = await AskAsync(HttpMethod.Put, "rules/mine", Rule(2));
        Assert.Equal((HttpStatusCode.OK, Ids(receipt)), (again, Ids(same)));
        var (second, _, next) = await AskAsync(HttpMethod.Put, "rules/mine", Rule(4));
        Assert.Equal((HttpStatusCode.Created, "/api/v1/rules/mine@2"), (second, next));
        using var client = ledger.Operator();
        var shown = await client.GetFromJsonAsync<JsonElement>("api/v1/rules/mine", Cancellation);
        Assert.Equal(4, shown.GetProperty("rule").GetProperty("top").GetInt32());

        var (builtIn, none, _) = await AskAsync(HttpMethod.Put, "rules/block-sum", Rule(3, "block-sum"));
        Assert.Equal((HttpStatusCode.OK, 0), (builtIn, none.GetProperty("eventIds").GetArrayLength()));
        await RefusedAsync(HttpMethod.Put, "rules/block-sum", Rule(2, "block-sum"), HttpStatusCode.BadRequest, "is built in and stays");
        await RefusedAsync(
            HttpMethod.Put, "rules/yours", Rule(2), HttpStatusCode.BadRequest, "names rule 'yours', and the text rule 'mine'");
        var problem = await RefusedAsync(
            HttpMethod.Put, "rules/mine", new { rule = "name: mine\nmeasure: frobeniu\n" }, HttpStatusCode.BadRequest, "rule:2:10: ");
        Assert.Equal(
            (2, 10), (problem.GetProperty("findings")[0].GetProperty("line").GetInt32(),
                problem.GetProperty("findings")[0].GetProperty("column").GetInt32()));
    }

    [Fact]
    public async Task A_request_is_taken_only_while_the_study_is_where_it_was_seen()
    {
        var study = await SubmittedAsync("moves");
        using var client = ledger.Operator();
        var seen = (await client.GetFromJsonAsync<JsonElement>($"api/v1/studies/{study}", Cancellation))
            .GetProperty("at").GetProperty("position").GetInt64();
        var last = await ledger.LastAsync();
        await RefusedAsync(
            HttpMethod.Post, $"studies/{study}/cancel", new { }, HttpStatusCode.PreconditionFailed, $"is at position {seen} and not at",
            match: $"\"{seen - 1}\"");
        await RefusedAsync(
            HttpMethod.Post, $"studies/{study}/cancel", new { }, HttpStatusCode.BadRequest, "it is a position in quotes", match: "\"x\"");
        Assert.Equal(last, await ledger.LastAsync());
        var (status, receipt, _) = await AskAsync(HttpMethod.Post, $"studies/{study}/cancel", new { }, match: $"\"{seen}\"");
        Assert.Equal((HttpStatusCode.Created, seen + 1), (status, receipt.GetProperty("studyPosition").GetInt64()));
    }

    [Fact]
    public async Task What_is_sent_is_JSON_with_the_fields_that_there_are_and_nobody_but_an_operator_writes()
    {
        var study = await SubmittedAsync("guarded");
        var last = await ledger.LastAsync();
        await RefusedAsync(
            HttpMethod.Post, $"studies/{study}/cancel", new { reasn = "x" }, HttpStatusCode.BadRequest, "did you mean 'reason'?");
        await RefusedAsync(
            HttpMethod.Post, $"studies/{study}/cancel", new { reason = 3 }, HttpStatusCode.BadRequest, "reason holds something");
        using var client = ledger.Operator();
        foreach (var type in (string[])["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
        {
            using var sent = await client.PostAsync(
                $"api/v1/studies/{study}/cancel", new StringContent("{\"reason\":\"x\"}", null, type), Cancellation);
            Assert.Equal((type, HttpStatusCode.UnsupportedMediaType), (type, sent.StatusCode));
        }
        foreach (var (token, expected) in ((string, HttpStatusCode)[])
            [(ledger.Reader, HttpStatusCode.Forbidden), (ledger.Bound, HttpStatusCode.NotFound)])
        {
            using var other = ledger.Client(token);
            using var refused = await other.PostAsJsonAsync($"api/v1/studies/{study}/cancel", new { }, Cancellation);
            Assert.Equal(expected, refused.StatusCode);
        }
        Assert.Equal(last, await ledger.LastAsync());
    }

    [Fact]
    public async Task The_ledger_is_sealed_listed_and_verified_while_others_look_on()
    {
        await SubmittedAsync("sealed");
        var (status, receipt, _) = await AskAsync(HttpMethod.Post, "ledger/seals", null);
        Assert.Equal(HttpStatusCode.Created, status);
        var seal = Assert.IsType<LedgerSealed>(await SaysAsync(receipt));
        Assert.Equal(SignatureState.Good, Checkpoint.Parse(seal.Checkpoint).By(ledger.Keys.Trusted()!));
        await ledger.CatchUpAsync();
        using var client = ledger.Operator();
        var listed = (await client.GetFromJsonAsync<JsonElement>("api/v1/ledger/seals", Cancellation)).GetProperty("items")[0];
        Assert.Equal((seal.Root, seal.Checkpoint), (listed.GetProperty("root").GetString(), listed.GetProperty("checkpoint").GetString()));

        using var begun = await client.PostAsync("api/v1/ledger/verifications", null, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        var found = await EndOfAsync(client, begun.Headers.Location!.OriginalString);
        Assert.Equal("intact", found.GetProperty("status").GetString());
        Assert.True(found.GetProperty("events").GetInt64() > 10);
        Assert.Equal(seal.Root, found.GetProperty("sealed").GetProperty("root").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("api/v1/ledger/verifications/99", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_verification_names_what_was_edited_behind_the_ledger_s_back()
    {
        var own = new TestLedger(server);
        await using (own)
        {
            await own.InitializeAsync();
            await using (var edit = own.Store.DataSource.CreateCommand($"""
                set session_replication_role = replica;
                update {own.Store.Tables.Events} set data = jsonb_set(data, array['steps'], '33')
                where seq_id = (select min(seq_id) from {own.Store.Tables.Events} where type = 'run_completed' and data ->> 'steps' = '32');
                set session_replication_role = origin;
                """))
                await edit.ExecuteNonQueryAsync(Cancellation);
            using var client = own.Operator();
            using var begun = await client.PostAsync("api/v1/ledger/verifications", null, Cancellation);
            var found = await EndOfAsync(client, begun.Headers.Location!.OriginalString);
            Assert.Equal(("differs", 1), (found.GetProperty("status").GetString(), found.GetProperty("count").GetInt32()));
            Assert.Equal("edited", found.GetProperty("differences")[0].GetProperty("kind").GetString());
        }
    }

    private static async Task<JsonElement> EndOfAsync(HttpClient client, string place)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var told = await client.GetFromJsonAsync<JsonElement>(place, limit.Token);
            if (told.GetProperty("status").GetString() != "running")
                return told;
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }

    private async Task<Guid> SubmittedAsync(string name)
    {
        var (study, runs) = Samples.Study(name);
        await ledger.RecordAsync([study, .. runs]);
        return study.StudyId;
    }

    private static RunSettled Settled(RunPlanned run) => new(
        run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Seed, 0, Outcomes.Completed, 12.5, null);

    /// <summary>The event that a receipt names, which has the chain hash and the place that it says.</summary>
    private async Task<ILedgerEvent> SaysAsync(JsonElement receipt)
    {
        await ledger.CatchUpAsync();
        using var client = ledger.Operator();
        var e = await client.GetFromJsonAsync<JsonElement>($"api/v1/events/{receipt.GetProperty("eventIds")[0].GetGuid()}", Cancellation);
        Assert.Equal(
            (receipt.GetProperty("chainHash").GetString(), receipt.GetProperty("position").GetInt64()),
            (e.GetProperty("chain").GetString(), e.GetProperty("sequence").GetInt64()));
        return LedgerJson.Read(EventKinds.Of(e.GetProperty("type").GetString()!), e.GetProperty("data"));
    }

    private static string Ids(JsonElement receipt) => receipt.GetProperty("eventIds").GetRawText();

    private async Task<(HttpStatusCode Status, JsonElement Receipt, string Place)> AskAsync(
        HttpMethod method, string path, object? body, string? token = null, string? match = null)
    {
        using var answer = await SendAsync(method, path, body, token, match);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {text}");
        return (answer.StatusCode, JsonDocument.Parse(text).RootElement, answer.Headers.Location!.OriginalString);
    }

    private async Task<JsonElement> RefusedAsync(
        HttpMethod method, string path, object? body, HttpStatusCode status, string says, string? match = null)
    {
        using var answer = await SendAsync(method, path, body, null, match);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((path, status), (path, answer.StatusCode));
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        return problem;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, string? token, string? match)
    {
        using var client = ledger.Client(token ?? ledger.Token.Text);
        using var request = new HttpRequestMessage(method, $"api/v1/{path}");
        if (body is not null)
            request.Content = JsonContent.Create(body);
        if (match is not null)
            request.Headers.TryAddWithoutValidation("If-Match", match);
        return await client.SendAsync(request, Cancellation);
    }
}
