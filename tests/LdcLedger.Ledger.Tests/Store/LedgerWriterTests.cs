using System.Diagnostics;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Npgsql;
using Weasel.Core;
using Xunit;

namespace LdcLedger.Ledger.Tests.Store;

public sealed class LedgerWriterTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fact_recorded_again_counts_once()
    {
        var (study, runs) = Samples.Study("again");
        ILedgerEvent[] facts = [study, .. runs];
        Assert.Equal(new Recorded(facts.Length, 0), await ledger.Writer.RecordAsync(facts, cancellation: Cancellation));
        Assert.Equal(new Recorded(0, facts.Length), await ledger.Writer.RecordAsync(facts, cancellation: Cancellation));
        var more = Samples.Epoch(runs[1], 1);
        Assert.Equal(new Recorded(more.Count, 1), await ledger.Writer.RecordAsync([runs[1], .. more], cancellation: Cancellation));
        Assert.Equal(
            facts.Length + more.Count, (await StudyRoot.OfAsync(ledger.Store, study.StudyId, cancellation: Cancellation)).Position);
    }

    [Fact]
    public async Task Many_who_record_the_same_at_once_record_it_once()
    {
        var (study, runs) = Samples.Study("at once", domains: 2);
        ILedgerEvent[] facts = [study, .. runs];
        var recorded = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => ledger.Writer.RecordAsync(facts, cancellation: Cancellation))));
        Assert.Equal(facts.Length, recorded.Sum(r => r.New));
        Assert.True((await ChainVerification.RunAsync(ledger.Store, study.StudyId, Cancellation)).IsIntact);
    }

    [Fact]
    public async Task Many_who_append_to_one_stream_make_one_chain()
    {
        var (study, runs) = Samples.Study("one chain");
        var run = runs[1];
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        await Task.WhenAll(Enumerable.Range(1, 6).Select(
            epoch => Task.Run(() => ledger.Writer.RecordAsync(Samples.Epoch(run, epoch), cancellation: Cancellation))));
        var verified = await ChainVerification.RunAsync(ledger.Store, run.StudyId, Cancellation);
        Assert.Empty(verified.Differences);
        Assert.Equal(1 + runs.Count + 6 * (Samples.Layers + 2), verified.Events);
    }

    [Fact]
    public async Task What_was_decided_on_an_older_state_is_refused_whole()
    {
        var (study, runs) = Samples.Study("older state");
        await ledger.Writer.RecordAsync([study, runs[0]], cancellation: Cancellation);
        var seen = await ledger.Writer.HeadsAsync([study.StudyId, runs[0].RunId], Cancellation);
        await ledger.Writer.RecordAsync([new RunCancelRequested(study.StudyId, runs[0].RunId, 0, "first")], cancellation: Cancellation);

        await Assert.ThrowsAsync<LedgerConflict>(
            () => ledger.Writer.AppendAsync([runs[1], .. Samples.End(runs[0])], seen, cancellation: Cancellation));
        Assert.Equal(3, (await StudyRoot.OfAsync(ledger.Store, study.StudyId, cancellation: Cancellation)).Position);
    }

    [Fact]
    public async Task An_appender_that_knows_the_heads_needs_not_read_them_again()
    {
        var (study, runs) = Samples.Study("heads");
        var run = runs[1];
        var heads = await ledger.Writer.AppendAsync([study, .. runs], new Dictionary<Guid, StreamHead>(), cancellation: Cancellation);
        heads = await ledger.Writer.AppendAsync(Samples.Epoch(run, 1), heads, EventIds.Of(run), Cancellation);
        heads = await ledger.Writer.AppendAsync(Samples.Epoch(run, 2), heads, EventIds.Of(run), Cancellation);
        Assert.Equal(heads[run.RunId], (await ledger.Writer.HeadsAsync([run.RunId], Cancellation))[run.RunId]);
        Assert.True((await ChainVerification.RunAsync(ledger.Store, run.StudyId, Cancellation)).IsIntact);
    }

    [Fact]
    public async Task A_trace_that_is_being_taken_leaves_no_mark_in_the_ledger()
    {
        using var trace = new Activity("a request").Start();
        var defined = new AggregationRuleDefined(AggregationRule.BlockSum with { Name = "traced" });
        var (study, runs) = Samples.Study("traced");
        await ledger.Writer.RecordAsync([defined, study, .. runs], cancellation: Cancellation);
        await using var session = ledger.Store.Marten.QuerySession();
        var stored = await session.Events.LoadAsync(EventIds.Of(defined), Cancellation);
        Assert.Equal((null, null), (stored!.CorrelationId, stored.CausationId));
        Assert.DoesNotContain((await ChainVerification.RunAsync(ledger.Store, cancellation: Cancellation)).Differences,
            d => d.Kind is not DifferenceKind.Missing);   // other tests plan a part of a study's runs
    }

    [Theory]
    [InlineData("update ledger.mt_events set data = '{}'")]
    [InlineData("delete from ledger.mt_events")]
    [InlineData("truncate ledger.mt_events")]
    [InlineData("delete from ledger.mt_streams")]
    [InlineData("truncate ledger.mt_streams cascade")]
    public async Task The_database_itself_refuses_to_change_the_past(string sql)
    {
        await ledger.Writer.RecordAsync([Samples.Study("the past").Study], cancellation: Cancellation);
        await using var command = ledger.Store.DataSource.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation));
        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tables_are_what_Marten_expects_but_for_the_foreign_key()
    {
        var migration = await ledger.Store.Marten.Storage.Database.CreateMigrationAsync(Cancellation);
        var changed =
            migration.Deltas.Where(d => d.Difference != SchemaPatchDifference.None).ToDictionary(d => d.SchemaObject.Identifier.Name);
        Assert.Equal(["mt_events"], changed.Keys);
        var events = new StringWriter();
        changed["mt_events"].WriteUpdate(ledger.Store.Marten.Options.Advanced.Migrator, events);
        Assert.StartsWith("ALTER TABLE ledger.mt_events\nADD CONSTRAINT fkey_mt_events_stream_id",
            events.ToString().ReplaceLineEndings("\n").Trim(), StringComparison.Ordinal);
        Assert.Single(events.ToString().Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task A_ledger_is_opened_again_as_it_is()
    {
        await using var again = await LedgerStore.OpenAsync(ledger.Store.ConnectionString, cancellation: Cancellation);
        Assert.Equal(ledger.Store.Schema, again.Schema);
    }
}
