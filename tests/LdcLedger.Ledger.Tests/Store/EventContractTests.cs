using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Store;

public sealed class EventContractTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static readonly string Golden = FindGolden();

    /// <summary>Golden files: alias.json, and for every later form of the event alias.2.json, ...: the last is today's.</summary>
    public static TheoryData<string> Forms =>
        [.. Directory.GetFiles(Golden).Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    private static string AliasOf(string form) => form.Split('.')[0];

    private static string FindGolden([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Golden");

    [Theory]
    [MemberData(nameof(Forms))]
    public void What_was_stored_reads_into_today_s_event_without_loss(string form)
    {
        var stored = File.ReadAllText(Path.Combine(Golden, form + ".json"));
        var kind = EventKinds.Of(AliasOf(form));
        var (type, read) = (kind.Record, LedgerJson.Read(kind, stored));
        using var golden = JsonDocument.Parse(stored);
        var today = JsonSerializer.SerializeToNode(read, type, LedgerJson.Options)!;
        DropLaterFields(today, JsonNode.Parse(stored)!);
        Assert.Equal(Canonical(golden.RootElement), Canonical(JsonSerializer.SerializeToElement(today)));
    }

    /// <summary>What came after the event was stored has its default, and is no loss.</summary>
    private static void DropLaterFields(JsonNode today, JsonNode stored)
    {
        if (today is JsonArray items && stored is JsonArray storedItems)
            foreach (var (item, storedItem) in items.Zip(storedItems))
            {
                if (item is not null && storedItem is not null)
                    DropLaterFields(item, storedItem);
            }
        if (today is not JsonObject fields || stored is not JsonObject storedFields)
            return;
        foreach (var name in fields.Select(field => field.Key).ToList())
            if (!storedFields.TryGetPropertyValue(name, out var storedField))
                fields.Remove(name);
            else if (fields[name] is { } field && storedField is not null)
                DropLaterFields(field, storedField);
    }

    [Fact]
    public void There_is_a_golden_event_for_every_alias_and_no_other() =>
        Assert.Equal(EventKinds.All.Select(k => k.Alias).Order(StringComparer.Ordinal),
            Forms.Select(row => AliasOf(row.Data)).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_form_that_was_ever_stored_is_whole_when_today_s_code_has_read_it() =>
        Assert.All(Forms.Select(row => row.Data), form =>
    {
        var kind = EventKinds.Of(AliasOf(form));
        var read = LedgerJson.Read(kind, File.ReadAllText(Path.Combine(Golden, form + ".json")));
        FactShape.Of(kind.Record).Check(JsonSerializer.SerializeToElement(read, kind.Record, LedgerJson.Options), form);
    });

    [Fact]
    public void A_checkpoint_from_before_seconds_were_stated_states_none()
    {
        var (before, now) = (Read("checkpoint_saved"), Read("checkpoint_saved.2"));
        Assert.Equal((0, 0L), (before.Seconds, before.TrainedTokens));
        Assert.Equal((0.625, 16_256L), (now.Seconds, now.TrainedTokens));

        static CheckpointSaved Read(string form) => JsonSerializer.Deserialize<CheckpointSaved>(
            File.ReadAllText(Path.Combine(Golden, form + ".json")), LedgerJson.Options)!;
    }

    [Fact]
    public void The_plan_of_an_extension_says_so_and_that_of_the_own_rule_is_stored_as_it_always_was()
    {
        var (own, extension) = (Read("stage2_planned"), Read("stage2_planned.2"));
        Assert.Equal((false, true), (own.ByExtension, extension.ByExtension));
        Assert.DoesNotContain("byExtension", JsonSerializer.Serialize(own, LedgerJson.Options), StringComparison.Ordinal);
        Assert.NotEqual(EventIds.Of(own), EventIds.Of(extension));

        static Stage2Planned Read(string form) => JsonSerializer.Deserialize<Stage2Planned>(
            File.ReadAllText(Path.Combine(Golden, form + ".json")), LedgerJson.Options)!;
    }

    [Theory]
    [InlineData("study_submitted")]
    [InlineData("study_extended")]
    [InlineData("study_cancel_requested")]
    [InlineData("run_retry_requested")]
    [InlineData("aggregation_rule_defined")]
    public void Who_asked_over_HTTP_is_stated_changes_no_id_and_what_nobody_s_token_asked_for_is_stored_as_it_always_was(string alias)
    {
        var (before, now) = (Read(alias), Read(alias + ".2"));
        var by = before.GetType().GetProperty("By")!;
        Assert.Equal((null, "ada"), (by.GetValue(before), by.GetValue(now)));
        Assert.DoesNotContain("\"by\"", JsonSerializer.Serialize(before, before.GetType(), LedgerJson.Options), StringComparison.Ordinal);
        Assert.Equal(EventIds.Of(before), EventIds.Of(now));

        static ILedgerEvent Read(string form) =>
            LedgerJson.Read(EventKinds.Of(AliasOf(form)), File.ReadAllText(Path.Combine(Golden, form + ".json")));
    }

    [Fact]
    public void Every_event_has_an_id_a_stream_and_a_sample()
    {
        Assert.Equal(
            EventKinds.All.Select(k => k.Record).OrderBy(t => t.Name), Samples.EveryEvent().Select(e => e.GetType()).OrderBy(t => t.Name));
        Assert.All(Samples.EveryEvent(), e => Assert.NotEqual(EventIds.StreamOf(e), EventIds.Of(e)));
        Assert.Equal(Samples.EveryEvent().Count, Samples.EveryEvent().Select(EventIds.Of).Distinct().Count());
    }

    [Fact]
    public void The_id_of_every_event_is_what_it_was_when_it_was_released()
    {
        // alias, then id: written down once. A change here would let facts that are in the ledger be recorded a second time.
        var pinned = File.ReadAllText(Path.Combine(Golden, "..", "Store", "event-ids.txt"));
        Assert.Equal(pinned, string.Concat(Samples.EveryEvent().Select(e => $"{EventKinds.Of(e).Alias} {EventIds.Of(e)}\n")));
    }

    [Fact]
    public void Every_event_says_what_it_states_in_one_line() => Assert.All(Samples.EveryEvent(), e =>
    {
        var sentence = EventKinds.Of(e).Sentence(e);
        Assert.NotEmpty(sentence);
        Assert.DoesNotContain('\n', sentence);
        Assert.DoesNotContain('{', sentence);
    });

    [Fact]
    public void An_attempt_is_part_of_a_fact_s_id_only_where_it_is_the_fact()
    {
        var run = Samples.Study("attempts").Runs[1];
        var first = new CheckpointSaved(run.StudyId, run.RunId, 1, 16, "ab", 1);
        Assert.Equal(EventIds.Of(first), EventIds.Of(first with { Attempt = 2 }));
        Assert.NotEqual(EventIds.Of(first), EventIds.Of(first with { Step = 32 }));
        var claim = new RunClaimed(run.StudyId, run.RunId, 1, "w", Samples.Environment);
        Assert.NotEqual(EventIds.Of(claim), EventIds.Of(claim with { Attempt = 2 }));
    }

    [Fact]
    public async Task Every_event_goes_into_the_ledger_and_comes_out_as_it_was()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await ledger.Writer.RecordAsync(Samples.EveryEvent(), cancellation: cancellation);
        await using var session = ledger.Store.Marten.QuerySession();
        foreach (var recorded in Samples.EveryEvent())
        {
            var stored = await session.Events.LoadAsync(EventIds.Of(recorded), cancellation);
            Assert.Equal(EventKinds.Of(recorded).Alias, stored!.EventTypeName);
            Assert.Equal(Json(recorded), Json((ILedgerEvent)stored.Data));
        }
        // Made up as they are, the study has a run that was not planned, and the seal is over nothing. All else is as it should be.
        Assert.All((await ChainVerification.RunAsync(ledger.Store, cancellation: cancellation)).Differences,
            d => Assert.True(d.Kind is DifferenceKind.Missing or DifferenceKind.Seal, d.ToString()));
    }

    private static string Json(ILedgerEvent fact) => Canonical(JsonSerializer.SerializeToElement(fact, fact.GetType(), LedgerJson.Options));

    private static string Canonical(JsonElement element) => Encoding.UTF8.GetString(CanonicalJson.Of(element));
}
