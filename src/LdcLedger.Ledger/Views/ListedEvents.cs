using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Views;

/// <summary>A part of the ledger's events, in its order.</summary>
/// <param name="Next">The place after which the next part begins; null: there is no more up to now.</param>
public sealed record EventPart(IReadOnlyList<LedgerEvent> Items, long? Next);

/// <summary>
/// Events in ledger order, a part after the other. Of one kind of a large ledger there may be few: a part looks at so many places and no
/// more, and may be short, or empty, though others follow.
/// </summary>
internal static class ListedEvents
{
    private const long PlacesAPart = 20_000;

    /// <summary>An event, by its id or an unambiguous prefix of it.</summary>
    /// <exception cref="RuleViolation">There is none, or there are several.</exception>
    public static async Task<LedgerEvent> FindAsync(LedgerStore store, string named, long upTo, CancellationToken cancellation)
    {
        var digits = named.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        if (digits.Length is 0 or > 32 || !digits.All(char.IsAsciiHexDigit))
            throw new RuleViolation($"'{named}' is no id of an event.");
        List<LedgerEvent> found = [];
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        // Materialised, so that the index of ids is taken and not that of places.
        var ids = $"(select seq_id from {store.Tables.Events} where id between $1 and $2 and seq_id <= $3 and type <> $4 limit 3)";
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, $"seq_id = any(array{ids})",
            [Guid.Parse(digits.PadRight(32, '0')), Guid.Parse(digits.PadRight(32, 'f')), upTo, MartenTables.Tombstone], cancellation))
            found.Add(e);
        return found switch
        {
            [] => throw new RuleViolation($"There is no event '{named}'."),
            [var only] => only,
            _ => throw new RuleViolation(
                $"'{named}' is the beginning of several event ids, such as {found[0].Id} and {found[1].Id}: give more digits."),
        };
    }

    /// <param name="upTo">The place up to which the read models have come: nothing is told of what comes after.</param>
    public static async Task<EventPart> ListAsync(
        LedgerStore store, Guid? study, string? type, long after, long upTo, int limit, CancellationToken cancellation)
    {
        if (type is not null)
            EventKinds.Of(type);
        var end = study is null && type is not null ? Math.Min(upTo, after + PlacesAPart) : upTo;
        var (where, values) = ("seq_id > $1 and seq_id <= $2", new List<object> { after, end });
        if (study is { } one)
        {
            values.Add(one.ToString("D"));
            where += $" and correlation_id = ${values.Count}";
        }
        if (type is not null)
        {
            values.Add(type);
            where += $" and type = ${values.Count}";
        }
        else
        {
            values.Add(MartenTables.Tombstone);
            where += $" and type <> ${values.Count}";
        }
        var items = new List<LedgerEvent>();
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, where, values, cancellation, limit + 1))
            items.Add(e);
        return items.Count > limit ? new([.. items.Take(limit)], items[limit - 1].Sequence) : new(items, end < upTo ? end : null);
    }

    /// <summary>The event of a stream at one of its versions; null where it has none there up to a place in the whole ledger.</summary>
    public static async Task<LedgerEvent?> AtAsync(
        LedgerStore store, Guid stream, long version, long upTo, CancellationToken cancellation)
    {
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "stream_id = $1 and version = $2 and seq_id <= $3", [stream, version, upTo], cancellation))
            return e;
        return null;
    }

    /// <summary>Those of some ids that there are up to a place in the whole ledger.</summary>
    public static async Task<IReadOnlyList<LedgerEvent>> ByIdAsync(
        LedgerStore store, IReadOnlyList<Guid> ids, long upTo, CancellationToken cancellation)
    {
        var found = new List<LedgerEvent>();
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "id = any($1) and seq_id <= $2", [ids.ToArray(), upTo], cancellation))
            found.Add(e);
        return found;
    }

    /// <summary>Those of some kinds of some streams, up to a place in the whole ledger, in its order.</summary>
    public static async Task<IReadOnlyList<LedgerEvent>> OfStreamsAsync(
        LedgerStore store, IReadOnlyList<Guid> streams, IReadOnlyList<string> types, long upTo, CancellationToken cancellation)
    {
        var found = new List<LedgerEvent>();
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "stream_id = any($1) and type = any($2) and seq_id <= $3",
            [streams.ToArray(), types.ToArray(), upTo], cancellation))
            found.Add(e);
        return found;
    }

    /// <summary>Those of some kinds of a study, in ledger order.</summary>
    /// <param name="after">A place in the whole ledger.</param>
    public static async Task<IReadOnlyList<LedgerEvent>> OfStudyAsync(
        LedgerStore store, Guid study, IReadOnlyList<string> types, long after, long upTo, CancellationToken cancellation)
    {
        var found = new List<LedgerEvent>();
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "correlation_id = $1 and seq_id > $2 and seq_id <= $3 and type = any($4)",
            [study.ToString("D"), after, upTo, types.ToArray()], cancellation))
            found.Add(e);
        return found;
    }

    /// <summary>The first events of a study that an event led to.</summary>
    public static async Task<IReadOnlyList<LedgerEvent>> CausedByAsync(
        LedgerStore store, Guid study, Guid id, long upTo, int limit, CancellationToken cancellation)
    {
        var caused = new List<LedgerEvent>();
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "correlation_id = $1 and causation_id = $2 and seq_id <= $3",
            [study.ToString("D"), id.ToString("D"), upTo], cancellation, limit))
            caused.Add(e);
        return caused;
    }

    /// <summary>When the norms of each epoch of some runs were all recorded, in the order of the study's positions.</summary>
    public static async Task<IReadOnlyList<MeasuredEpoch>> MeasuredAsync(
        LedgerStore store, Guid study, IReadOnlyList<Guid> runs, long upTo, CancellationToken cancellation)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select placed.stream_id, (e.data ->> 'epoch')::int as epoch, max(placed.position) as position from (
                select seq_id, stream_id, type, row_number() over (order by seq_id) as position from {store.Tables.Events}
                where correlation_id = $1 and seq_id <= $2) placed
            join {store.Tables.Events} e on e.seq_id = placed.seq_id
            where placed.type = $3 and placed.stream_id = any($4)
            group by placed.stream_id, epoch order by position
            """);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = upTo });
        command.Parameters.Add(new() { Value = EventKinds.Of(typeof(LayerNormMeasured)).Alias });
        command.Parameters.Add(new() { Value = runs.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var measured = new List<MeasuredEpoch>();
        while (await reader.ReadAsync(cancellation))
            measured.Add(new(reader.GetInt64(2), reader.GetGuid(0), reader.GetInt32(1)));
        return measured;
    }

    /// <summary>Some kinds of events of a study's own stream, each with its position in the study.</summary>
    /// <param name="after">One that is known, with its position, to go on from; null: from the beginning.</param>
    public static async Task<IReadOnlyList<(long Position, LedgerEvent Event)>> MilestonesAsync(
        LedgerStore store, Guid study, IReadOnlyList<string> types, (long Position, long Sequence)? after, long upTo,
        CancellationToken cancellation)
    {
        var (position, from) = after ?? (0, 0);
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        var found = new List<LedgerEvent>();
        await foreach (var e in LedgerEvents.ReadAsync(
            connection, store.Tables, "stream_id = $1 and seq_id > $2 and seq_id <= $3 and type = any($4)",
            [study, from, upTo, types.ToArray()], cancellation))
            found.Add(e);
        if (found.Count == 0)
            return [];
        // Of the places alone, which their index has: the events themselves are not looked at.
        await using var command = new NpgsqlCommand($"""
            select position from (
                select seq_id, row_number() over (order by seq_id) as position from {store.Tables.Events}
                where correlation_id = $1 and seq_id > $2 and seq_id <= $3) placed
            where seq_id = any($4) order by seq_id
            """, connection);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = found[^1].Sequence });
        command.Parameters.Add(new() { Value = found.Select(e => e.Sequence).ToArray() });
        var positions = new List<long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            positions.Add(position + reader.GetInt64(0));
        return [.. positions.Zip(found)];
    }
}
