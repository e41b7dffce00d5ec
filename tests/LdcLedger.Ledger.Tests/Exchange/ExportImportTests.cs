using System.Text;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Exchange;

/// <summary>A ledger that studies come from and one that they go to.</summary>
public sealed class TwoLedgers(TestServer server) : IAsyncLifetime
{
    public EmptyLedger Here { get; } = new(server);

    public EmptyLedger There { get; } = new(server);

    public async ValueTask InitializeAsync()
    {
        await Here.InitializeAsync();
        await There.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Here.DisposeAsync();
        await There.DisposeAsync();
    }
}

public sealed class ExportImportTests(TwoLedgers ledgers, TestServer server) : IClassFixture<TwoLedgers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerStore Here => ledgers.Here.Store;

    private LedgerStore There => ledgers.There.Store;

    [Fact]
    public async Task A_study_is_the_same_in_the_ledger_that_it_was_taken_to()
    {
        var study = await RecordedAsync("taken", domains: 2);
        var file = await ExportedAsync(Here, study);
        var part = Assert.Single(await ImportedAsync(file));
        Assert.Equal((study, "taken", true, false), (part.Study, part.Name, part.IsNew, part.IsChainOurs));

        Assert.Equal(file, await ExportedAsync(There, study));
        Assert.Equal(await FactsAsync(Here, study), await FactsAsync(There, study));
        var (root, here) = (await RootAsync(There, study), await RootAsync(Here, study));
        Assert.Equal((here.Position, here.Root, here.AsOf), (root.Position, root.Root, root.AsOf));
        Assert.Equal((part.Position, part.Root), (root.Position, root.Root));
        Assert.Empty((await ChainVerification.RunAsync(There, cancellation: Cancellation)).Differences);
        var note = (await There.ImportNoteAsync(study, Cancellation))!;
        Assert.Equal((root.Position, root.Root, null), (note.Imported.Position, note.Imported.Root, note.AdoptedAt));
        Assert.Null(await Here.ImportNoteAsync(study, Cancellation));
    }

    [Fact]
    public async Task An_event_that_was_imported_is_stored_as_if_it_had_been_appended_there()
    {
        var study = await RecordedAsync("stored alike");
        await ImportedAsync(await ExportedAsync(Here, study));
        Assert.Equal(await RowsAsync(Here), await RowsAsync(There));

        async Task<string> RowsAsync(LedgerStore store)
        {
            // Everything of a row but its place in the whole ledger.
            await using var command = store.DataSource.CreateCommand($"""
                select (select string_agg((to_jsonb(e) - 'seq_id')::text, E'\n' order by seq_id)
                        from {store.Tables.Events} e where correlation_id = '{study}')
                    || (select string_agg((to_jsonb(s) - 'timestamp' - 'created')::text, E'\n' order by id) from {store.Tables.Streams} s
                        where id in (select stream_id from {store.Tables.Events} where correlation_id = '{study}'))
                """);
            return (string)(await command.ExecuteScalarAsync(Cancellation))!;
        }
    }

    [Fact]
    public async Task A_whole_ledger_goes_over_with_its_studies_in_the_order_in_which_they_were_submitted()
    {
        await using var from = new EmptyLedger(server);
        await using var to = new EmptyLedger(server);
        await from.InitializeAsync();
        await to.InitializeAsync();
        var studies = new[] { "first", "second", "third" }.Select(name => Samples.Study(name)).ToList();
        foreach (var (study, runs) in studies)
            await from.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        foreach (var run in studies.SelectMany(s => s.Runs).OrderBy(r => r.RunId))   // interleaved
            await from.Writer.RecordAsync(Samples.Whole(run), EventIds.Of(run), Cancellation);
        await from.Writer.RecordAsync([.. Samples.EveryEvent().Where(e => EventIds.StudyOf(e) is null)], cancellation: Cancellation);

        var file = await ExportedAsync(from.Store, null);
        var parts = await new LedgerImport(to.Store, TimeProvider.System).ReadAsync(new MemoryStream(file), "file", false, Cancellation);
        Assert.Equal(studies.Select(s => s.Study.StudyId), parts.Select(p => p.Study));
        Assert.Equal(file, await ExportedAsync(to.Store, null));
        Assert.DoesNotContain("ledger_sealed", Encoding.UTF8.GetString(file), StringComparison.Ordinal);
        await Assert.ThrowsAsync<RuleViolation>(() => ExportedAsync(from.Store, Guid.Empty));
    }

    [Fact]
    public async Task What_is_there_already_stays_and_what_is_there_with_other_events_is_refused_by_name()
    {
        var (submitted, runs) = Samples.Study("again");
        var study = submitted.StudyId;
        await ledgers.Here.Writer.RecordAsync([submitted, .. runs], cancellation: Cancellation);
        var early = await ExportedAsync(Here, study);
        await ledgers.Here.Writer.RecordAsync(Samples.Whole(runs[0]), cancellation: Cancellation);
        var late = await ExportedAsync(Here, study);

        Assert.True(Assert.Single(await ImportedAsync(late)).IsNew);
        var count = await CountAsync(There);
        Assert.False(Assert.Single(await ImportedAsync(late)).IsNew);
        Assert.False(Assert.Single(await ImportedAsync(early)).IsNew);   // the beginning of what is there
        Assert.Equal(count, await CountAsync(There));

        await ledgers.Here.Writer.RecordAsync(Samples.Whole(runs[1]), cancellation: Cancellation);
        var other = await ExportedAsync(Here, await RecordedAsync("beside the conflict"));
        var refused = await Assert.ThrowsAsync<RuleViolation>(
            async () => await ImportedAsync([.. other, .. await ExportedAsync(Here, study)]));
        Assert.Contains(
            $"Study again ({study}) is in this ledger with other events: position 8", refused.Message, StringComparison.Ordinal);
        Assert.Equal(count, await CountAsync(There));   // nothing of the other study, either
    }

    [Fact]
    public async Task A_run_that_is_another_study_s_here_is_refused_by_name()
    {
        await ImportedAsync(await File.ReadAllBytesAsync(StudyFileTests.ByHand, Cancellation), unchained: true);
        var text = await File.ReadAllTextAsync(StudyFileTests.ByHand, Cancellation);
        var stolen = text.Replace("aaaaaaaa-0000-4000-8000-000000000001", "cccccccc-0000-4000-8000-000000000001", StringComparison.Ordinal);
        var count = await CountAsync(There);
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => ImportedAsync(Encoding.UTF8.GetBytes(stolen), unchained: true));
        Assert.Contains(
            "is in this ledger as one of study aaaaaaaa-0000-4000-8000-000000000001", refused.Message, StringComparison.Ordinal);
        Assert.Equal(count, await CountAsync(There));
    }

    [Fact]
    public async Task A_study_written_by_hand_has_tables_and_goes_on_to_other_ledgers_with_the_chain_that_it_got()
    {
        await using var other = new EmptyLedger(server);
        await other.InitializeAsync();
        var part = Assert.Single(await new LedgerImport(other.Store, TimeProvider.System)
            .ReadAsync(File.OpenRead(StudyFileTests.ByHand), "by-hand.jsonl", unchained: true, Cancellation));
        var facts = await new LedgerQueries(other.Store, TimeProvider.System).FactsAsync(part.Study, Cancellation);
        Assert.All(facts.Runs, r => Assert.Equal(RunStatuses.Completed, r.Status));
        Assert.Equal(StudyStatuses.Running, facts.Study.Status);   // nobody said that it is complete
        var table = Domain.Tables.PerplexityTable.Of(facts, facts.Study.Rule);
        var titles = table.Columns.Zip(Assert.Single(table.Rows).Cells).Where(c => c.Second.Value is not null).Select(c => c.First.Title);
        Assert.Equal(["PT", "Both", "Top-1 MLP"], titles);
        // Its runs have ids of somebody's own, and are found by what they train.
        Assert.All(Domain.Tables.RankingTable.Of(facts, facts.Study.Rule).Rows, r => Assert.Equal([1, 0], r.Layers.Select(l => l.Layer)));

        var file = await ExportedAsync(other.Store, part.Study);
        await using var third = new EmptyLedger(server);
        await third.InitializeAsync();
        var again = Assert.Single(await new LedgerImport(third.Store, TimeProvider.System)
            .ReadAsync(new MemoryStream(file), "file", unchained: false, Cancellation));
        Assert.Equal((part.Position, part.Root, false), (again.Position, again.Root, again.IsChainOurs));
    }

    [Fact]
    public async Task An_import_that_breaks_off_leaves_nothing_behind()
    {
        var study = await RecordedAsync("breaks off");
        var file = await ExportedAsync(Here, study);
        var before = await CountAsync(There);
        var import = new LedgerImport(There, TimeProvider.System);

        await Assert.ThrowsAsync<RuleViolation>(() => ImportedAsync([.. file[..^80]]));
        await Assert.ThrowsAsync<IOException>(() => import.ReadAsync(
            new BreaksAt(file, file.Length / 2, () => throw new IOException("the disk is gone")), "file", false, Cancellation));
        // As when the process is killed: its session ends while the file is being read.
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => import.ReadAsync(
            new BreaksAt(file, file.Length / 2, () => ExecuteAsync(There, """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and query ilike 'copy pg_temp.%'
                """)),
            "file", false, Cancellation));
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => import.ReadAsync(
            new BreaksAt(file, file.Length / 2, cancelled.Cancel), "file", false, cancelled.Token));
        // And while the events enter the ledger: the last of them is refused.
        await ExecuteAsync(There, $"""
            create function ledger.refuse_one() returns trigger language plpgsql as
            $$ begin if new.correlation_id = '{study}' and new.version > 3 then raise exception 'no more'; end if; return new; end $$;
            create trigger refuse_one before insert on ledger.mt_events for each row execute function ledger.refuse_one()
            """);
        await Assert.ThrowsAsync<PostgresException>(() => ImportedAsync(file));
        await ExecuteAsync(There, "drop trigger refuse_one on ledger.mt_events");

        Assert.Equal(before, await CountAsync(There));
        Assert.True(Assert.Single(await ImportedAsync(file)).IsNew);
        Assert.Empty((await ChainVerification.RunAsync(There, cancellation: Cancellation)).Differences);
    }

    [Fact]
    public async Task What_was_tampered_with_is_not_exported()
    {
        var study = await RecordedAsync("tampered");
        await ledgers.Here.TamperAsync(
            $"update ledger.mt_events set data = data || '{{\"bytes\": 1}}' where correlation_id = '{study}' and type = 'adapter_saved'");
        var refused = await Assert.ThrowsAsync<LedgerDamaged>(() => ExportedAsync(Here, study));
        Assert.Contains("adapter_saved", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_at_an_earlier_moment_is_the_export_that_was_written_then()
    {
        var (submitted, runs) = Samples.Study("earlier");
        await ledgers.Here.Writer.RecordAsync([submitted, .. runs], cancellation: Cancellation);
        var then = await ExportedAsync(Here, submitted.StudyId);
        var position = (await RootAsync(Here, submitted.StudyId)).Position;
        await ledgers.Here.Writer.RecordAsync(Samples.Whole(runs[0]), cancellation: Cancellation);
        Assert.Equal(then, await ExportedAsync(Here, submitted.StudyId, AsOf.At(position)));
        Assert.NotEqual(then, await ExportedAsync(Here, submitted.StudyId));
    }

    private async Task<Guid> RecordedAsync(string name, int domains = 1)
    {
        var (study, runs) = Samples.Study(name, domains: domains);
        await ledgers.Here.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        foreach (var run in runs)
        {
            await ledgers.Here.Writer.RecordAsync(Samples.Whole(run), EventIds.Of(run), Cancellation);
            var settled = RunSettled.Of((await Here.RunAsync(run.RunId, Cancellation)).State!)!;
            await ledgers.Here.Writer.RecordAsync([settled], EventIds.Of(Samples.Whole(run)[^1]), Cancellation);
        }
        await ledgers.Here.Writer.RecordAsync([new StudyCompleted(study.StudyId, 1, runs.Count, 0, 0, 0)], cancellation: Cancellation);
        return study.StudyId;
    }

    private static async Task<byte[]> ExportedAsync(LedgerStore store, Guid? study, AsOf? asOf = null)
    {
        var file = new MemoryStream();
        await new LedgerExport(store, TimeProvider.System).WriteAsync(file, study, asOf, Cancellation);
        return file.ToArray();
    }

    private Task<IReadOnlyList<ImportedPart>> ImportedAsync(byte[] file, bool unchained = false) =>
        new LedgerImport(There, TimeProvider.System).ReadAsync(new MemoryStream(file), "file", unchained, Cancellation);

    private static Task<StudyRoot> RootAsync(LedgerStore store, Guid study) =>
        StudyRoot.OfAsync(store, study, cancellation: Cancellation);

    private static async Task<string> FactsAsync(LedgerStore store, Guid study) => JsonSerializer.Serialize(
        await new LedgerQueries(store, TimeProvider.System).FactsAsync(study, Cancellation), LedgerJson.Options);

    private static async Task<long> CountAsync(LedgerStore store)
    {
        await using var command = store.DataSource.CreateCommand(
            $"select (select count(*) from {store.Tables.Events}) + 1000000 * (select count(*) from {store.Tables.Streams})");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task ExecuteAsync(LedgerStore store, string sql)
    {
        await using var command = store.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>Something happens once so much of the file has been read.</summary>
    private sealed class BreaksAt(byte[] file, int at, Func<Task> happens) : MemoryStream(file)
    {
        private bool _happened;

        public BreaksAt(byte[] file, int at, Action happens) : this(file, at, () =>
        {
            happens();
            return Task.CompletedTask;
        })
        {
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_happened && Position >= at)
            {
                _happened = true;
                await happens();
            }
            return await base.ReadAsync(buffer[..Math.Min(buffer.Length, 512)], cancellationToken);
        }
    }
}
