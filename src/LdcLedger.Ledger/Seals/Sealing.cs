using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Trees;
using LdcLedger.Ledger.Verification;
using Npgsql;

namespace LdcLedger.Ledger.Seals;

/// <param name="IsNew">False: there was nothing but seals to seal, and this is the newest there is.</param>
/// <param name="MadeKey">What to tell of the key, where it was made for this seal.</param>
public sealed record Seal(LedgerSealed Fact, bool IsNew, string? MadeKey)
{
    /// <summary>One line for the person who asked.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{(IsNew ? "sealed" : "already sealed")}: {Fact.Position:N0} events under root {Fact.Root}");
}

/// <summary>
/// Seals the ledger: looks at every event since the seal before, lets the trees grow by them, and signs the root over all of them. One at a
/// time, and whole or not at all.
/// </summary>
public sealed class Sealing(LedgerStore store, LedgerWriter writer, SealKeys keys, TimeProvider time)
{
    private const int AtOnce = 8_192;

    private MartenTables Tables => store.Tables;

    /// <summary>Seals everything up to the high-water mark.</summary>
    /// <exception cref="SealRefused">Something differs from what was recorded, or the key is not the ledger's.</exception>
    /// <exception cref="RuleViolation">The ledger has no event.</exception>
    public async Task<Seal> SealAsync(CancellationToken cancellation = default)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var one = new NpgsqlCommand($"""
            set local idle_in_transaction_session_timeout = 0;
            select pg_advisory_xact_lock(hashtextextended('ldc seals of {store.Schema}', 0))
            """, connection))
            await one.ExecuteNonQueryAsync(cancellation);
        var mark = await HighWater.MarkAsync(connection, Tables, time, cancellation);
        var end = (await StoredTree.EndsAsync(connection, store.Trees, [LedgerIds.Seals], cancellation))[LedgerIds.Seals];
        var newest = await NewestAsync(connection, Tables, cancellation);
        if (newest?.Position != (end.Size == 0 ? null : end.Size))
            throw Differs($"its newest seal is over {newest?.Position ?? 0} events, and its tree has {end.Size}");
        if (newest is not null && !await IsAsSealedAsync(connection, newest, cancellation))
            throw Differs($"its tree is not the one that was sealed at event {newest.Position}");
        // Also where nothing but seals came since: what is handed out again must be what was signed.
        var events = await ReadAsync(connection, end, mark, cancellation);
        if (!await HasNewsAsync(connection, end.LastSequence, mark, cancellation))
            return newest is not null ? new(newest, false, null)
                : throw new RuleViolation("There is nothing to seal: the ledger has no event.");

        var (key, made) = keys.ForSealing(newest is null ? [] : [.. Checkpoint.Parse(newest.Checkpoint).Signatures.Select(s => s.KeyId)]);
        using (key)
        {
            var growth = new TreeGrowth(connection, store.Trees);
            foreach (var some in Leaves(events).Chunk(AtOnce))
                await growth.AddAsync(some, cancellation);
            await growth.FinishAsync(cancellation);
            var tree = await StoredTree.OpenAsync(connection, store.Trees, LedgerIds.Seals, cancellation);
            var root = Convert.ToHexStringLower(await tree.RootAsync(tree.Size, cancellation));
            var proof = newest is null ? [] : await tree.ConsistencyAsync(newest.Position, tree.Size, cancellation);
            var checkpoint = Checkpoint.Of(await store.Trees.LedgerAsync(connection, cancellation), tree.Size, root).SignedBy(key);
            var fact = new LedgerSealed(
                tree.Size, root, newest?.Position ?? 0, newest?.Root, [.. proof.Select(Convert.ToHexStringLower)], checkpoint.ToString());
            await writer.AppendAsync(transaction, [fact], await writer.HeadsAsync([LedgerIds.Seals], cancellation), cancellation);
            await transaction.CommitAsync(cancellation);
            return new(fact, true, made);
        }
    }

    /// <summary>The newest seal; null where there is none.</summary>
    public async Task<LedgerSealed?> NewestAsync(CancellationToken cancellation = default)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        return await NewestAsync(connection, Tables, cancellation);
    }

    /// <summary>Whether a study has completed since the newest seal.</summary>
    public async Task<bool> IsDueAsync(CancellationToken cancellation = default)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select exists (
                select from {Tables.Events} where type = '{EventKinds.Of(typeof(StudyCompleted)).Alias}'
                    and seq_id > (select coalesce(max(seq_id), 0) from {Tables.Events} where stream_id = $1))
            """);
        command.Parameters.Add(new() { Value = LedgerIds.Seals });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    internal static async Task<LedgerSealed?> NewestAsync(NpgsqlConnection connection, MartenTables tables, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select data::text from {tables.Events} where stream_id = $1 order by version desc limit 1", connection);
        command.Parameters.Add(new() { Value = LedgerIds.Seals });
        return await command.ExecuteScalarAsync(cancellation) is string data
            ? (LedgerSealed)LedgerJson.Read(EventKinds.Of(typeof(LedgerSealed)), data)
            : null;
    }

    // The tree still gives the sealed root, and its last leaf is the event that stands at that place.
    private async Task<bool> IsAsSealedAsync(NpgsqlConnection connection, LedgerSealed newest, CancellationToken cancellation)
    {
        var tree = await StoredTree.OpenAsync(connection, store.Trees, LedgerIds.Seals, cancellation);
        if (Convert.ToHexStringLower(await tree.RootAsync(newest.Position, cancellation)) != newest.Root)
            return false;
        await using var command = new NpgsqlCommand($"""
            select e.headers ->> '{LedgerWriter.ChainHeader}' = encode(substring(b.hashes from length(b.hashes) - 31), 'hex')
            from {store.Trees.Blocks} b left join {Tables.Events} e on e.seq_id = b.last_sequence
            where b.tree = $1 order by b.first desc limit 1
            """, connection);
        command.Parameters.Add(new() { Value = LedgerIds.Seals });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    // Anything but seals, and fillers of unused places.
    private async Task<bool> HasNewsAsync(NpgsqlConnection connection, long after, long upTo, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"""
            select exists (
                select from {Tables.Events}
                where seq_id > $1 and seq_id <= $2 and stream_id <> $3 and type <> '{MartenTables.Tombstone}')
            """, connection);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = upTo });
        command.Parameters.Add(new() { Value = LedgerIds.Seals });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    // A seal over something that was changed would make it look right for ever: it is looked at first.
    private async Task<EventScan> ReadAsync(NpgsqlConnection connection, TreeEnd end, long mark, CancellationToken cancellation)
    {
        var before = await HeadsBeforeAsync(connection, end, mark, cancellation);
        var events = await EventScan.OfAsync(
            EventRow.ReadAsync(connection, Tables, "where seq_id > $1 and seq_id <= $2 order by seq_id", [end.LastSequence, mark],
                EventScan.PageSize, cancellation), before, cancellation);
        if (events.Differences.Count > 0)
            throw Differs(events.Differences[0].ToString());
        if (events.Suspicious.Count > 0)
            throw Differs($"the events of stream {events.Suspicious.First()} do not follow from each other");
        if (await UnequalEndAsync(connection, end, cancellation) is { } stream)
            throw Differs($"stream {stream} does not end where its row says");
        return events;
    }

    private async Task<IReadOnlyDictionary<Guid, (long, byte[]?)>> HeadsBeforeAsync(
        NpgsqlConnection connection, TreeEnd end, long mark, CancellationToken cancellation)
    {
        var heads = new Dictionary<Guid, (long, byte[]?)>();
        if (end.Size == 0)
            return heads;
        await using var command = new NpgsqlCommand($"""
            select e.stream_id, e.version, e.headers ->> '{LedgerWriter.ChainHeader}'
            from (select stream_id, min(version) as version from {Tables.Events} where seq_id > $1 and seq_id <= $2 group by stream_id) s
            join {Tables.Events} e on e.stream_id = s.stream_id and e.version = s.version - 1
            """, connection);
        command.Parameters.Add(new() { Value = end.LastSequence });
        command.Parameters.Add(new() { Value = mark });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            heads[reader.GetGuid(0)] = (reader.GetInt64(1), Convert.FromHexString(reader.GetString(2)));
        return heads;
    }

    // Of the streams that were appended to since the seal before: by their time, which also those have whose last event is gone, and by
    // their events, since those that were imported have the times of another ledger.
    private async Task<Guid?> UnequalEndAsync(NpgsqlConnection connection, TreeEnd end, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"""
            select s.id from {Tables.Streams} s, lateral (
                select version, type from {Tables.Events} where stream_id = s.id order by version desc limit 1) e
            where (s.timestamp > coalesce(
                    (select timestamp - interval '1 day' from {Tables.Events} where seq_id = $1), '-infinity')
                or s.id in (select stream_id from {Tables.Events} where seq_id > $1))
              and s.version <> e.version and e.type <> '{MartenTables.Tombstone}' limit 1
            """, connection);
        command.Parameters.Add(new() { Value = end.LastSequence });
        return (Guid?)await command.ExecuteScalarAsync(cancellation);
    }

    private static IEnumerable<(byte[] Chain, LeafEntry Entry, Guid? Study, long Sequence)> Leaves(EventScan events)
    {
        var studies = new Guid?[events.Count];
        foreach (var (study, indexes) in events.Studies)
            foreach (var index in indexes)
                studies[index] = study;
        for (var i = 0L; i < events.Count; i++)
            yield return (events.Chain(i).ToArray(), events.Entry(i), studies[i], events.Sequence(i));
    }

    private static SealRefused Differs(string what) =>
        new($"The ledger was not sealed, because it is not what was recorded: {what}. `ldc ledger verify` names everything that differs.");
}
