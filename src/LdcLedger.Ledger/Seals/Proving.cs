using System.Data;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Trees;
using LdcLedger.Ledger.Verification;
using Npgsql;

namespace LdcLedger.Ledger.Seals;

/// <summary>Proofs that events are in their studies and under the newest seal, from the stored trees.</summary>
public sealed class Proving(LedgerStore store, TimeProvider time)
{
    private const long EarliestTime = 0, LatestTime = 253_402_300_799_999_999;   // 1970 to 9999, in microseconds since 1970

    /// <summary>The proof for one event.</summary>
    /// <param name="named">Its id, or an unambiguous beginning of it.</param>
    /// <param name="upTo">The place in the whole ledger up to which its study's events count, at most the high-water mark; null: that
    /// mark, which may have to be waited for.</param>
    /// <exception cref="RuleViolation">There is no such event, or there are several.</exception>
    /// <exception cref="BrokenTree">The ledger is not what was sealed.</exception>
    public async Task<InclusionProof> ProveAsync(string named, long? upTo, CancellationToken cancellation = default)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        var mark = upTo ?? await HighWater.MarkAsync(connection, store.Tables, time, cancellation);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var row = await FindAsync(connection, named, cancellation);
        if (row.Sequence > mark)
            throw new RuleViolation(
                $"Event {row.Id} was appended just now, and an earlier append is still open: try again in a moment.");
        var chain = EventVerdict.ChainIn(row) ?? throw new BrokenTree($"Event {row.Id} has no chain hash");
        if (row.Microseconds is < EarliestTime or > LatestTime)
            throw new BrokenTree($"Event {row.Id} has a time that no event has");
        using var data = JsonDocument.Parse(row.Data);
        var line = new EventLine(
            row.Stream, row.Version, row.Type, row.Id, DateTimeOffset.UnixEpoch.AddMicroseconds(row.Microseconds), row.Causation,
            data.RootElement.Clone(), Convert.ToHexStringLower(chain));
        var previous = row.Version == 1 ? null : await ChainOfAsync(connection, row.Stream, row.Version - 1, cancellation);
        var study = Guid.TryParse(row.Study, out var id) ? await InStudyAsync(connection, row, chain, id, mark, cancellation) : null;
        var newest = await Sealing.NewestAsync(connection, store.Tables, cancellation);
        var seal = newest is null ? null : await InSealAsync(connection, row, chain, newest.Position, cancellation);
        if (study is null && seal is null)
            throw new RuleViolation($"Event {row.Id} belongs to no study and is under no seal yet, so that there is no root that a proof "
                + "could lead to; `ldc ledger seal` makes one, once there is anything new beside seals.");
        var proof = new InclusionProof(line, previous, study, seal, seal is null ? null : newest!.Checkpoint);
        return proof.Check().FirstOrDefault() is { } wrong
            ? throw new BrokenTree($"No proof can be given for event {row.Id}: {wrong}") : proof;
    }

    /// <summary>The same of all events so far.</summary>
    public Task<InclusionProof> ProveAsync(string named, CancellationToken cancellation = default) =>
        ProveAsync(named, null, cancellation);

    private async Task<EventRow> FindAsync(NpgsqlConnection connection, string named, CancellationToken cancellation)
    {
        var (first, last) = IdPrefix.Parse(named)
            ?? throw new RuleViolation($"'{named}' is no id of an event; `ldc run show RUN --json` lists them.");
        List<EventRow> found = [];
        await foreach (var page in EventRow.ReadAsync(
            connection, store.Tables, "where id between $1 and $2 order by id limit 3", [first, last], EventScan.PageSize, cancellation))
            found.AddRange(page.Where(row => !row.IsTombstone));
        return found switch
        {
            [] => throw new RuleViolation($"There is no event '{named}'; `ldc run show RUN --json` lists those of a run."),
            [var only] => only,
            _ => throw new RuleViolation(
                $"'{named}' is the beginning of several event ids, such as {found[0].Id} and {found[1].Id}: give more digits."),
        };
    }

    private async Task<string?> ChainOfAsync(NpgsqlConnection connection, Guid stream, long version, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select headers ->> '{LedgerWriter.ChainHeader}' from {store.Tables.Events} where stream_id = $1 and version = $2",
            connection);
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = version });
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    // All of the study's events so far, sealed or not.
    private async Task<TreePlace> InStudyAsync(
        NpgsqlConnection connection, EventRow row, byte[] chain, Guid study, long mark, CancellationToken cancellation)
    {
        var (tree, end, tail) = await StudyTree.OpenAsync(connection, store, study, mark, cancellation);
        var index = row.Sequence <= end.LastSequence
            ? await IndexAsync(connection, study, row, chain, cancellation)
            : end.Size + tail.FindIndex(hash => hash.AsSpan().SequenceEqual(chain));
        return new(
            index, tree.Size, await tree.InclusionAsync(index, tree.Size, cancellation),
            Convert.ToHexStringLower(await tree.RootAsync(tree.Size, cancellation)));
    }

    private async Task<TreePlace?> InSealAsync(
        NpgsqlConnection connection, EventRow row, byte[] chain, long size, CancellationToken cancellation)
    {
        var tree = await StoredTree.OpenAsync(connection, store.Trees, LedgerIds.Seals, cancellation);
        var end = (await StoredTree.EndsAsync(connection, store.Trees, [LedgerIds.Seals], cancellation))[LedgerIds.Seals];
        if (row.Sequence > end.LastSequence)
            return null;
        var index = await IndexAsync(connection, LedgerIds.Seals, row, chain, cancellation);
        return index >= size ? null : new(
            index, size, await tree.InclusionAsync(index, size, cancellation),
            Convert.ToHexStringLower(await tree.RootAsync(size, cancellation)));
    }

    private async Task<long> IndexAsync(NpgsqlConnection connection, Guid tree, EventRow row, byte[] chain, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select first, hashes from {store.Trees.Blocks} where tree = $1 and last_sequence >= $2 order by first limit 1", connection);
        command.Parameters.Add(new() { Value = tree });
        command.Parameters.Add(new() { Value = row.Sequence });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (await reader.ReadAsync(cancellation))
        {
            var (first, hashes) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
            for (var i = 0; i < hashes.Length / 32; i++)
                if (hashes.AsSpan(32 * i, 32).SequenceEqual(chain))
                    return first + i;
        }
        throw new BrokenTree($"Event {row.Id} is not in the tree where it should be");
    }
}
