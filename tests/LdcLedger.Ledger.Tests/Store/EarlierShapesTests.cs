using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Store;

/// <summary>
/// How the shape of a stored event may change, on a kind as it could have been: run_completed once had whole minutes. CONTRIBUTING, "How to
/// change an event", says what to do; <see cref="EventContractTests"/> holds what was ever stored.
/// </summary>
public sealed class EarlierShapesTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Today's JSON passes through as it is.
    private static readonly EventKind Upcasting = EventKinds.Of(typeof(RunCompleted)) with
    {
        Upcast = fields =>
        {
            if (fields.Remove("minutes", out var minutes))
                fields["seconds"] = 60 * minutes!.GetValue<double>();
        },
    };

    [Fact]
    public async Task An_event_of_an_earlier_shape_comes_out_of_the_ledger_as_today_s_and_its_chain_is_what_it_was()
    {
        var (study, runs) = Samples.Study("earlier shape");
        await ledger.Writer.RecordAsync([study, .. runs, .. Samples.Whole(runs[0]), .. Samples.Whole(runs[1])], cancellation: Cancellation);
        await StoreAsEarlierAsync(runs[0].RunId, $$"""
            {"studyId": "{{study.StudyId}}", "runId": "{{runs[0].RunId}}", "attempt": 1, "steps": 0, "trainedTokens": 0, "minutes": 1.5}
            """);

        await using var upcasting = ledger.Store.Configure(options => StoredFact.Map(options.Events, Upcasting));
        await using var session = upcasting.QuerySession();
        var earlier = (await session.Events.FetchStreamAsync(runs[0].RunId, token: Cancellation))[^1].Fact;
        Assert.Equal(new RunCompleted(study.StudyId, runs[0].RunId, 1, 0, 0, 90), earlier);
        var today = (await session.Events.FetchStreamAsync(runs[1].RunId, token: Cancellation))[^1].Fact;
        Assert.Equal(Samples.Whole(runs[1])[^1], today);

        Assert.Empty((await ChainVerification.RunAsync(ledger.Store, cancellation: Cancellation)).Differences);
    }

    [Fact]
    [Trait("Needs", "nothing")]
    public void Whoever_reads_stored_JSON_without_Marten_gets_the_same()
    {
        var (study, runs) = Samples.Study("read");
        var completed = new RunCompleted(study.StudyId, runs[0].RunId, 1, 0, 0, 90);
        var stored = JsonSerializer.SerializeToNode(completed, LedgerJson.Options)!.AsObject();
        Assert.Equal(completed, LedgerJson.Read(Upcasting, stored.ToJsonString()));
        stored.Remove("seconds");
        stored["minutes"] = 1.5;
        Assert.Equal(completed, LedgerJson.Read(Upcasting, stored.ToJsonString()));
    }

    private sealed record Grown(Guid StudyId, int First, string? Note, int Second = 7) : IStudyEvent;

    [Fact]
    [Trait("Needs", "nothing")]
    public void A_field_that_came_later_has_its_default_in_what_was_stored_before()
    {
        var kind = EventKinds.Of(typeof(RunCompleted)) with { Record = typeof(Grown) };
        Assert.Equal(
            new Grown(Guid.Empty, 3, null, 7), LedgerJson.Read(kind, $$"""{"studyId": "{{Guid.Empty}}", "first": 3}"""));
    }

    // As if an earlier ldc had recorded it: its JSON, chained as it is.
    private async Task StoreAsEarlierAsync(Guid run, string data)
    {
        var history = await new LedgerQueries(ledger.Store, TimeProvider.System).HistoryAsync(run, Cancellation);
        var (before, last) = (history[^2], history[^1]);
        using var json = JsonDocument.Parse(data);
        var link = new ChainLink(
            before.Chain, run, last.Version, last.Type, last.Id, last.Timestamp, last.Causation, json.RootElement);
        await ledger.TamperAsync($$"""
            update ledger.mt_events set data = '{{data}}', headers = '{"chain": "{{link.Hash()}}"}' where id = '{{last.Id}}'
            """);
    }
}
