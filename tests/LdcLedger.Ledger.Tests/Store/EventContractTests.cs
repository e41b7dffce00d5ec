using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
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
        var read = JsonSerializer.SerializeToElement(LedgerJson.Read(kind, stored), kind.Record, LedgerJson.Options);
        using var golden = JsonDocument.Parse(stored);
        // An earlier form lacks what was added since; what it has stays.
        Assert.All(golden.RootElement.EnumerateObject(), field =>
            Assert.Equal(Canonical(field.Value), Canonical(read.GetProperty(field.Name))));
        if (Forms.Select(row => row.Data).Where(other => AliasOf(other) == AliasOf(form)).Max(StringComparer.Ordinal) == form)
            Assert.Equal(Canonical(golden.RootElement), Canonical(read));
    }

    [Fact]
    public void There_is_a_golden_event_for_every_alias_and_no_other() =>
        Assert.Equal(EventKinds.All.Select(k => k.Alias).Order(StringComparer.Ordinal),
            Forms.Select(row => AliasOf(row.Data)).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_form_that_was_ever_stored_is_whole_when_today_s_code_has_read_it() => Assert.All(Forms.Select(r => r.Data), form =>
    {
        var kind = EventKinds.Of(AliasOf(form));
        var read = LedgerJson.Read(kind, File.ReadAllText(Path.Combine(Golden, form + ".json")));
        FactShape.Of(kind.Record).Check(JsonSerializer.SerializeToElement(read, kind.Record, LedgerJson.Options), form);
    });

    [Fact]
    public void An_epoch_or_checkpoint_from_before_seconds_were_stated_states_none()
    {
        var checkpoint = Read<CheckpointSaved>("checkpoint_saved");
        var epoch = Read<EpochCompleted>("epoch_completed");
        Assert.Equal((0, 0L, 0, 0L), (checkpoint.Seconds, checkpoint.TrainedTokens, epoch.Seconds, epoch.TrainedTokens));
        Assert.Equal((0.625, 16_256L), Read<CheckpointSaved>("checkpoint_saved.2") is var now ? (now.Seconds, now.TrainedTokens) : default);

        static T Read<T>(string form) =>
            JsonSerializer.Deserialize<T>(File.ReadAllText(Path.Combine(Golden, form + ".json")), LedgerJson.Options)!;
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
        Assert.True((await ChainVerification.RunAsync(ledger.Store, cancellation: cancellation)).IsIntact);
    }

    private static string Json(ILedgerEvent fact) => Canonical(JsonSerializer.SerializeToElement(fact, fact.GetType(), LedgerJson.Options));

    private static string Canonical(JsonElement element) => Encoding.UTF8.GetString(CanonicalJson.Of(element));
}
