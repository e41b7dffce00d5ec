using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Tests.Seals;
using LdcLedger.Ledger.Verification;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Verification;

/// <summary>What somebody with the database's owner's rights can do to a finished study, one by one, and what it is called.</summary>
public sealed class TamperingTests(SealedLedger ledger) : IClassFixture<SealedLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // {run}: a run of the large study with 16 events; {study}: that study; {other}: another one.
    private async Task<(string Sql, Guid Run, Guid Study, Guid Other)> FillAsync(string tampering)
    {
        await using var command = ledger.Store.DataSource.CreateCommand("""
            select (select stream_id from ledger.mt_events where type = 'run_completed' and version = 17 and correlation_id = $1
                    order by seq_id limit 1),
                   (select stream_id from ledger.mt_events where type = 'study_submitted' order by seq_id offset 1 limit 1)
            """);
        command.Parameters.Add(new() { Value = ledger.Large.StudyId.ToString() });
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        await reader.ReadAsync(Cancellation);
        var (run, other) = (reader.GetGuid(0), reader.GetGuid(1));
        return (tampering.Replace("{run}", $"'{run}'", StringComparison.Ordinal)
            .Replace("{study}", $"'{ledger.Large.StudyId}'", StringComparison.Ordinal)
            .Replace("{other}", $"'{other}'", StringComparison.Ordinal), run, ledger.Large.StudyId, other);
    }

    [Fact]
    public async Task A_ledger_that_nobody_touched_is_intact_and_says_up_to_where_it_is_sealed()
    {
        var verified = await ledger.VerifyAfterAsync("select 1");
        Assert.Empty(verified.Differences);
        Assert.Equal(
            (ledger.Checkpoint.Size, ledger.Checkpoint.Root, 3), (verified.Sealed!.Position, verified.Sealed.Root, verified.Sealed.Seals));
        Assert.True(verified.Events > verified.Sealed.Position);
        Assert.Empty((await ledger.VerifyAfterAsync("select 1", new(Against: ledger.Checkpoint))).Differences);
        foreach (var study in new[] { ledger.Large.StudyId })
            Assert.Empty((await ledger.VerifyAfterAsync("select 1", new(study))).Differences);
    }

    [Theory]
    [InlineData("the last event of a run deleted", "delete from ledger.mt_events where stream_id = {run} and version = 17",
        DifferenceKind.Missing, "run", 17, "id")]
    [InlineData("and its stream's version set back", """
        delete from ledger.mt_events where stream_id = {run} and version = 17; update ledger.mt_streams set version = 16 where id = {run}
        """, DifferenceKind.Missing, "run", 17, "id")]
    [InlineData("an event in the middle deleted", "delete from ledger.mt_events where stream_id = {run} and version = 5",
        DifferenceKind.Missing, "run", 5, "id")]
    [InlineData("the end of the study deleted", """
        delete from ledger.mt_events where stream_id = {study} and type = 'study_completed';
        update ledger.mt_streams set version = version - 1 where id = {study}
        """, DifferenceKind.Missing, "study", 29, "id")]
    [InlineData("a whole run deleted", "delete from ledger.mt_events where stream_id = {run}", DifferenceKind.Missing, "run", null, "id")]
    [InlineData("a whole run deleted with its stream's row", """
        delete from ledger.mt_events where stream_id = {run}; delete from ledger.mt_streams where id = {run}
        """, DifferenceKind.Missing, "run", null, "id")]
    [InlineData("the study's own stream deleted", """
        delete from ledger.mt_events where stream_id = {study}; delete from ledger.mt_streams where id = {study}
        """, DifferenceKind.Missing, "study", null, "id")]
    [InlineData("an event moved to another study",
        "update ledger.mt_events set correlation_id = {other} where stream_id = {run} and version = 3",
        DifferenceKind.Membership, "run", 3, "correlation_id")]
    [InlineData("the .NET type changed", "update ledger.mt_events set mt_dotnet_type = 'X, Y' where stream_id = {run} and version = 3",
        DifferenceKind.DotnetType, "run", 3, "mt_dotnet_type")]
    [InlineData("the archived flag set", "update ledger.mt_events set is_archived = true where stream_id = {run} and version = 3",
        DifferenceKind.Archived, "run", 3, "is_archived")]
    [InlineData("a stream archived", "update ledger.mt_streams set is_archived = true where id = {run}",
        DifferenceKind.Archived, "run", null, "mt_streams.is_archived")]
    [InlineData("an event moved to the end of the ledger",
        "update ledger.mt_events set seq_id = 1000000 where stream_id = {run} and version = 1",
        DifferenceKind.Order, "run", 1, "seq_id")]
    [InlineData("a header added",
        "update ledger.mt_events set headers = headers || '{\"note\": 1}' where stream_id = {run} and version = 3",
        DifferenceKind.Headers, "run", 3, "headers.note")]
    [InlineData("a chain hash changed",
        "update ledger.mt_events set headers = jsonb_set(headers, '{chain}', to_jsonb(reverse(headers ->> 'chain'))) "
        + "where stream_id = {run} and version = 3", DifferenceKind.Headers, "run", 3, "headers.chain")]
    [InlineData("a stream's version set back", "update ledger.mt_streams set version = 12 where id = {run}",
        DifferenceKind.StreamEnd, "run", null, "mt_streams.version")]
    [InlineData("a stream's row deleted", "delete from ledger.mt_streams where id = {run}",
        DifferenceKind.StreamEnd, "run", null, "mt_streams.id")]
    [InlineData("a number changed",
        "update ledger.mt_events set data = jsonb_set(data, '{totalNats}', '1') where stream_id = {run} and type = 'perplexity_evaluated'",
        DifferenceKind.Edited, "run", 15, "data")]
    [InlineData("a time changed",
        "update ledger.mt_events set timestamp = timestamp - interval '1 day' where stream_id = {run} and version = 15",
        DifferenceKind.Edited, "run", 15, "timestamp")]
    [InlineData("a type changed", "update ledger.mt_events set type = 'run_failed' where stream_id = {run} and version = 17",
        DifferenceKind.Edited, "run", 17, "type")]
    [InlineData("a cause changed", "update ledger.mt_events set causation_id = null where stream_id = {run} and version = 17",
        DifferenceKind.Edited, "run", 17, "causation_id")]
    [InlineData("an id changed", "update ledger.mt_events set id = gen_random_uuid() where stream_id = {run} and version = 17",
        DifferenceKind.Edited, "run", 17, "id")]
    public async Task Whatever_is_done_to_a_finished_study_is_found_and_called_by_its_name(
        string what, string tampering, DifferenceKind kind, string stream, int? version, string field)
    {
        Assert.NotEmpty(what);
        var (sql, run, study, _) = await FillAsync(tampering);
        var id = stream == "run" ? run : study;

        var difference = Assert.Single((await ledger.VerifyAfterAsync(sql)).Differences);
        Assert.Equal((kind, id, version, field), (difference.Kind, difference.Stream, (int?)difference.Version, difference.Field));
        // The study alone says the same.
        difference = Assert.Single((await ledger.VerifyAfterAsync(sql, new(study, Keys: ledger.Keys.Trusted()))).Differences);
        Assert.Equal((kind, id, version, field), (difference.Kind, difference.Stream, (int?)difference.Version, difference.Field));
    }

    // What no seal covers has its chain, its columns and its streams' rows. Of the run that came after the seals there are four events:
    // planned, claimed, its perplexity, completed.
    [Theory]
    [InlineData("delete from ledger.mt_events where stream_id = {new} and version = 4", DifferenceKind.StreamEnd, 4, "mt_streams.version")]
    [InlineData("delete from ledger.mt_events where stream_id = {new} and version = 2", DifferenceKind.Missing, 2, "id")]
    [InlineData("delete from ledger.mt_events where stream_id = {new}; delete from ledger.mt_streams where id = {new}",
        DifferenceKind.Missing, null, "id")]
    [InlineData("update ledger.mt_events set correlation_id = {study} where stream_id = {new} and version = 2",
        DifferenceKind.Membership, 2, "correlation_id")]
    [InlineData("update ledger.mt_events set mt_dotnet_type = null where stream_id = {new} and version = 2",
        DifferenceKind.DotnetType, 2, "mt_dotnet_type")]
    [InlineData("update ledger.mt_events set is_archived = true where stream_id = {new} and version = 2", DifferenceKind.Archived, 2,
        "is_archived")]
    [InlineData("update ledger.mt_events set headers = headers || '{\"by\": 1}' where stream_id = {new} and version = 2",
        DifferenceKind.Headers, 2, "headers.by")]
    [InlineData("update ledger.mt_events set headers = '{\"chain\": \"0\"}' where stream_id = {new} and version = 2",
        DifferenceKind.Headers, 2, "headers.chain")]
    [InlineData("update ledger.mt_events set headers = jsonb_set(headers, '{chain}', to_jsonb(reverse(headers ->> 'chain'))) "
        + "where stream_id = {new} and version = 2", DifferenceKind.Headers, 2, "headers.chain")]
    [InlineData("update ledger.mt_events set seq_id = seq_id + 1000 where stream_id = {new} and version = 2", DifferenceKind.Order, 2,
        "seq_id")]
    [InlineData("update ledger.mt_streams set version = 3 where id = {new}", DifferenceKind.StreamEnd, null, "mt_streams.version")]
    [InlineData("update ledger.mt_events set type = 'run_failed' where stream_id = {new} and version = 4", DifferenceKind.Edited, 4,
        "type")]
    [InlineData("update ledger.mt_events set id = gen_random_uuid() where stream_id = {new} and version = 2", DifferenceKind.Edited, 2,
        "id")]
    [InlineData("update ledger.mt_events set causation_id = 'me' where stream_id = {new} and version = 2", DifferenceKind.Edited, 2,
        "causation_id")]
    [InlineData("update ledger.mt_events set timestamp = now() where stream_id = {new} and version = 3", DifferenceKind.Edited, 3,
        "timestamp")]
    [InlineData("update ledger.mt_events set data = jsonb_set(data, '{bytes}', '1') where stream_id = {new} and version = 3",
        DifferenceKind.Edited, 3, "data")]
    public async Task What_came_after_the_newest_seal_is_looked_at_as_well(string tampering, DifferenceKind kind, int? version,
        string field)
    {
        await using var command = ledger.Store.DataSource.CreateCommand(
            "select stream_id from ledger.mt_events where type = 'run_completed' order by seq_id desc limit 1");
        var run = (Guid)(await command.ExecuteScalarAsync(Cancellation))!;
        var (sql, _, _, _) = await FillAsync(tampering.Replace("{new}", $"'{run}'", StringComparison.Ordinal));

        var difference = Assert.Single((await ledger.VerifyAfterAsync(sql)).Differences);
        Assert.Equal((kind, run, version, field), (difference.Kind, difference.Stream, (int?)difference.Version, difference.Field));
    }

    [Fact]
    public async Task A_whole_run_filed_under_another_study_is_found_event_by_event()
    {
        var (sql, run, study, _) = await FillAsync("update ledger.mt_events set correlation_id = {other} where stream_id = {run}");
        var found = (await ledger.VerifyAfterAsync(sql)).Differences;
        Assert.Equal(17, found.Count);
        Assert.All(found, d => Assert.Equal((DifferenceKind.Membership, run, "correlation_id"), (d.Kind, d.Stream, d.Field)));
        Assert.Equal(17, (await ledger.VerifyAfterAsync(sql, new(study))).Differences.Count);
    }

    // Whoever rewrites a stream to its end can give it a chain that is right in itself: the tree still knows the hashes that were sealed.
    [Fact]
    public async Task A_stream_that_was_rewritten_with_a_chain_of_its_own_is_found_event_by_event()
    {
        var (_, run, _, _) = await FillAsync("");
        await using var connection = await ledger.Store.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(connection, $"""
            set local session_replication_role = replica;
            update ledger.mt_events set data = jsonb_set(data, '{"{totalNats}"}', '1') where stream_id = '{run}' and version = 15
            """);
        await RechainAsync(connection, run);

        var found = (await ChainVerification.OfAsync(connection, ledger.Store.Tables, ledger.Store.Trees, new(), Cancellation)).Differences;
        Assert.Equal(
            [(15, "headers.chain"), (15, "data"), (16, "headers.chain"), (17, "headers.chain")],
            found.Select(d => ((int)d.Version!, d.Field)));
        Assert.All(found, d => Assert.Equal(run, d.Stream));
    }

    private static async Task RechainAsync(NpgsqlConnection connection, Guid stream)
    {
        List<(long Version, EventLine Line)> lines = [];
        await using (var command = new NpgsqlCommand($"""
            select version, type, id, timestamp, causation_id, data::text
            from ledger.mt_events where stream_id = '{stream}' order by version
            """, connection))
        {
            await using var reader = await command.ExecuteReaderAsync(Cancellation);
            while (await reader.ReadAsync(Cancellation))
            {
                using var data = System.Text.Json.JsonDocument.Parse(reader.GetString(5));
                lines.Add((reader.GetInt64(0), new(stream, reader.GetInt64(0), reader.GetString(1), reader.GetGuid(2),
                    reader.GetFieldValue<DateTimeOffset>(3), reader.IsDBNull(4) ? null : reader.GetString(4), data.RootElement.Clone(),
                        "")));
            }
        }
        string? previous = null;
        foreach (var (version, line) in lines)
        {
            previous = line.HashAfter(previous);
            await ExecuteAsync(connection, $$"""
                update ledger.mt_events set headers = '{"chain": "{{previous}}"}' where stream_id = '{{stream}}' and version = {{version}}
                """);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    // The end cut off whole, seals and trees with it: nothing in the database says that there was more.
    [Fact]
    public async Task A_ledger_whose_end_was_cut_off_is_found_with_a_checkpoint_and_only_so()
    {
        var cut = $"""
            delete from ledger.mt_events where seq_id > (
                select last_sequence from ledger.tree_blocks where tree = '{LedgerIds.Seals}' order by first limit 1);
            delete from ledger.tree_blocks where last_sequence > (select max(seq_id) from ledger.mt_events);
            delete from ledger.tree_nodes;
            delete from ledger.mt_streams s where not exists (select from ledger.mt_events e where e.stream_id = s.id);
            update ledger.mt_streams s set version = (select max(version) from ledger.mt_events e where e.stream_id = s.id)
            """;
        var without = await ledger.VerifyAfterAsync(cut, new());
        // Blocks are left over the first 256 events, which no seal covers any more.
        Assert.DoesNotContain(without.Differences, d => d.Kind is DifferenceKind.Checkpoint);
        var with = await ledger.VerifyAfterAsync(cut, new(Against: ledger.Checkpoint));
        var difference = Assert.Single(with.Differences, d => d.Kind is DifferenceKind.Checkpoint);
        Assert.Contains($"the checkpoint knows {ledger.Checkpoint.Size} events", difference.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_that_was_rewritten_whole_is_found_with_a_checkpoint()
    {
        using var key = SealKey.Create();
        var elsewhere = Checkpoint.Of(Guid.Empty, ledger.Checkpoint.Size, new string('a', 64)).SignedBy(key);
        var difference = Assert.Single((await ledger.VerifyAfterAsync("select 1", new(Against: elsewhere))).Differences);
        Assert.Equal((DifferenceKind.Checkpoint, "root"), (difference.Kind, difference.Field));
    }

    // Nobody who reads the ledger sees a difference: none of it enters what is recorded, and nothing goes by it.
    [Theory]
    [InlineData("a stream's own times", "update ledger.mt_streams set timestamp = now(), created = now() where id = {run}")]
    [InlineData("another spelling of the same JSON", """
        update ledger.mt_events set data = replace(data::text, '"bytes": 36310', '"bytes": 36310.0')::jsonb
        where stream_id = {run} and version = 15
        """)]
    [InlineData("a place that keeps the order", """
        update ledger.mt_events set seq_id = seq_id + 2000000;
        update ledger.tree_blocks set last_sequence = last_sequence + 2000000
        """)]
    public async Task What_no_reader_can_notice_is_not_told(string what, string tampering)
    {
        Assert.NotEmpty(what);
        Assert.Empty((await ledger.VerifyAfterAsync((await FillAsync(tampering)).Sql)).Differences);
    }

    [Theory]
    [InlineData("update ledger.mt_events set version = version")]
    [InlineData("delete from ledger.mt_events")]
    [InlineData("truncate ledger.mt_events")]
    [InlineData("update ledger.mt_streams set version = version - 1")]
    [InlineData("update ledger.mt_streams set version = null")]
    [InlineData("update ledger.mt_streams set is_archived = true")]
    [InlineData("update ledger.mt_streams set id = gen_random_uuid()")]
    [InlineData("delete from ledger.mt_streams")]
    [InlineData("truncate ledger.mt_streams")]
    [InlineData("update ledger.tree_blocks set first = first")]
    [InlineData("delete from ledger.tree_nodes")]
    [InlineData("truncate ledger.tree_blocks")]
    [InlineData("update ledger.ledger_identity set id = gen_random_uuid()")]
    [InlineData("delete from ledger.ledger_identity")]
    public async Task The_database_itself_refuses_what_no_program_of_ours_does(string statement)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ledger.VerifyAfterAsync(statement, ignoresTriggers: false));
        Assert.StartsWith("The ledger is append-only", refused.MessageText, StringComparison.Ordinal);
    }
}
