using System.Globalization;
using System.Runtime.CompilerServices;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Exchange;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Upgrades;

/// <summary>
/// Deployed ledgers open under this program. For every earlier version of the tables there is a dump of a small finished study (dump.sh
/// makes one); a new version of Marten changes tables as well, so the package is pinned beside the name of <see
/// cref="Marten_is_the_version_that_these_tests_were_run_with"/>.
/// </summary>
public sealed class UpgradeTests(TestServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int> EarlierVersions => [.. Enumerable.Range(1, TablesVersion.Current.Number - 1)];

    [Theory]
    [MemberData(nameof(EarlierVersions))]
    public async Task A_ledger_of_every_earlier_version_opens_reads_and_goes_on(int version)
    {
        var database = await RestoredAsync(version);
        await using (var connection = await NpgsqlDataSource.Create(database).OpenConnectionAsync(Cancellation))
            Assert.Equal(version, (await TablesVersion.OfAsync(connection, LedgerStore.DefaultSchema, Cancellation))!.Number);

        await using var store = await LedgerStore.OpenAsync(database, cancellation: Cancellation);
        await using (var connection = await store.DataSource.OpenConnectionAsync(Cancellation))
        {
            Assert.Equal(TablesVersion.Current, await TablesVersion.OfAsync(connection, store.Schema, Cancellation));
            // Version 2 had a function of its own in the place of Marten's, and version 1 and 2 the folds of whole studies.
            await using var function = new NpgsqlCommand(
                "select prosrc like '%with ordinality%' or to_regclass('ledger.mt_doc_studystate') is not null "
                + "from pg_proc where proname = 'mt_quick_append_events'", connection);
            Assert.Equal(false, await function.ExecuteScalarAsync(Cancellation));
        }
        var before = await ChainVerification.RunAsync(store, cancellation: Cancellation);
        Assert.Empty(before.Differences);

        var queries = new LedgerQueries(store, TimeProvider.System);
        var study = Assert.Single((await queries.StudiesAsync(cancellation: Cancellation)).Items);
        Assert.Equal(("completed", 3, 3), (study.Status, study.PlannedRuns, study.CompletedRuns));
        var facts = await queries.FactsAsync(study.Id, Cancellation);
        // Seals, which belong to no study, are no events of it; version 4 was the first that seals by itself.
        var seals = (await queries.HistoryAsync(LedgerIds.Seals, Cancellation)).Count;
        Assert.Equal((before.Events - seals, 3, 2), (facts.Position, facts.Perplexities.Count, facts.Norms.Count));
        Assert.Equal(3, (await store.StudyAsync(study.Id, Cancellation)).State!.Count(Outcomes.Completed));
        // Read models are made again where they say more than they did: seconds by attempt.
        Assert.All(facts.Runs, run => Assert.Equal((run.Seconds, true), (run.EarlierSeconds + run.AttemptSeconds, run.Seconds > 0)));

        // What earlier versions recorded goes to other ledgers, and what others recorded comes into this one.
        var exported = new MemoryStream();
        var part = Assert.Single(await new LedgerExport(store, TimeProvider.System).WriteAsync(exported, cancellation: Cancellation));
        exported.Position = 0;
        var readBack = Assert.Single(await StudyFile.ReadAsync(exported, "export", false, (_, _, _) => Task.CompletedTask, Cancellation));
        Assert.Equal((part.Study, part.Position, part.Root), (readBack.Study, readBack.Position, readBack.Root));
        await using (var byHand = File.OpenRead(StudyFileTests.ByHand))
            Assert.True(Assert.Single(await new LedgerImport(store, TimeProvider.System)
                .ReadAsync(byHand, "by hand", unchained: true, Cancellation)).IsNew);

        var (another, runs) = Samples.Study("after the upgrade");
        var writer = new LedgerWriter(store, TimeProvider.System);
        await writer.RecordAsync([another, .. runs], cancellation: Cancellation);
        await writer.RecordAsync([new StudyCancelRequested(study.Id, "too late")], cancellation: Cancellation);
        var (_, lease) = await new RunClaims(store, writer).ClaimAsync(runs[1].RunId, "w", Samples.Environment, cancellation: Cancellation);
        await using (lease)
            await lease!.RecordAsync([.. Samples.Whole(runs[1]).Skip(1)], Cancellation);
        Assert.Equal(RunStatuses.Completed, (await queries.FindRunAsync(runs[1].RunId.ToString(), Cancellation)).Status);
        Assert.True((await ChainVerification.RunAsync(store, cancellation: Cancellation)).IsIntact);

        var folder = TestFolder.Create();
        try
        {
            var keys = new SealKeys(folder, null);
            if (seals > 0)
            {
                // Its key was left on the machine that it is from.
                Assert.True(before.Sealed is { Position: > 0 });
                await Assert.ThrowsAsync<SealRefused>(() => new Sealing(store, writer, keys, TimeProvider.System).SealAsync(Cancellation));
                return;
            }
            var seal = await new Sealing(store, writer, keys, TimeProvider.System).SealAsync(Cancellation);
            var after = await ChainVerification.OfAsync(store, new(Against: Checkpoint.Parse(seal.Fact.Checkpoint), Keys: keys.Trusted()),
                Cancellation);
            Assert.Empty(after.Differences);
            Assert.Equal((null, seal.Fact.Position, after.Events - 1), (before.Sealed, after.Sealed!.Position, seal.Fact.Position));
            Assert.Equal(facts.Root, (await StudyRoot.OfAsync(store, study.Id, await LastAsync(store, before.Events), Cancellation)).Root);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_ledger_that_an_older_Marten_made_is_brought_up_to_ours()
    {
        var database = await OpenedAsync("update ledger.tables_version set marten = '9.1.0'; drop function ledger.mt_archive_stream(uuid)");
        await using var store = await LedgerStore.OpenAsync(database, cancellation: Cancellation);
        await using var command = store.DataSource.CreateCommand(
            "select to_regproc('ledger.mt_archive_stream') is not null and marten = $1 from ledger.tables_version");
        command.Parameters.Add(new() { Value = TablesVersion.Current.Marten!.ToString() });
        Assert.Equal(true, await command.ExecuteScalarAsync(Cancellation));
    }

    [Theory]
    [InlineData("update ledger.tables_version set version = version + 1, marten = '1.0.0'")]
    [InlineData("update ledger.tables_version set marten = '99.0.0'")]
    public async Task A_ledger_of_a_newer_ldc_or_a_newer_Marten_is_refused_and_left_as_it_is(string newer)
    {
        var database = await OpenedAsync(newer);
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(() => LedgerStore.OpenAsync(database, cancellation: Cancellation));
        Assert.Contains("install a newer ldc", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Marten_is_the_version_that_these_tests_were_run_with() =>
        Assert.Equal("9.58.0", TablesVersion.Current.Marten!.ToString());

    [Fact]
    public void Versions_are_ordered_by_ours_first()
    {
        TablesVersion[] rising = [new(2, null), new(2, new(9, 58, 0)), new(3, new(9, 2, 0)), new(3, new(9, 10, 0))];
        Assert.Equal(rising, rising.Reverse().Order());
        Assert.Equal("2, 3 (Marten 9.2.0)", string.Join(", ", rising[0], rising[2]));
    }

    private static async Task<long> LastAsync(LedgerStore store, long events)
    {
        await using var command = store.DataSource.CreateCommand("select seq_id from ledger.mt_events order by seq_id offset $1 limit 1");
        command.Parameters.Add(new() { Value = events - 1 });
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private async Task<string> OpenedAsync(string sql)
    {
        var database = await server.CreateDatabaseAsync($"upgrade_{Guid.CreateVersion7():N}");
        await using (await LedgerStore.OpenAsync(database, cancellation: Cancellation))
        {
            // Only its tables.
        }
        await ExecuteAsync(database, sql);
        return database;
    }

    private async Task<string> RestoredAsync(int version)
    {
        var database = await server.CreateDatabaseAsync(string.Create(CultureInfo.InvariantCulture, $"upgrade_from_{version}"));
        await ExecuteAsync(database, await File.ReadAllTextAsync(
            string.Create(CultureInfo.InvariantCulture, $"{Folder()}/tables-{version}.sql"), Cancellation));
        return database;
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
