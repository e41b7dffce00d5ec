using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// What somebody who looks on may ask: answered at once from what is there. Nothing here projects, waits for a read model, or writes.
/// </summary>
public sealed class LedgerViews(LedgerStore store, TimeProvider time)
{
    public LedgerStore Store => store;

    /// <summary>The questions of the command line, of this moment.</summary>
    public LedgerQueries Now { get; } = LedgerQueries.AsTheyStand(store, time);

    /// <summary>The same of earlier ones.</summary>
    public PastQueries Past { get; } = new(store, time, asTheyStand: true);

    public async Task<LedgerState> StateAsync(CancellationToken cancellation = default)
    {
        await using var command = store.DataSource.CreateCommand($"""
            with at as (select coalesce(max(last_seq_id), 0) as position from {store.Tables.Progress}
                        where name = '{ReadModelProjection.Progress}')
            select at.position, (select coalesce(max(seq_id), 0) from {store.Tables.Events}),
                   (select extract(epoch from clock_timestamp() - timestamp)::float8
                    from {store.Tables.Events} where seq_id > at.position order by seq_id limit 1),
                   (select md5(coalesce(string_agg(concat(classid, '.', objid, '.', mode), ' ' order by classid, objid, mode), ''))
                    from pg_locks where locktype = 'advisory' and granted)
            from at
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(
            reader.GetInt64(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(2))),
            reader.GetString(3));
    }

    /// <summary>The studies that have events after one place in the whole ledger and up to another.</summary>
    public async Task<IReadOnlySet<Guid>> MovedAsync(long after, long upTo, CancellationToken cancellation = default)
    {
        await using var command = store.DataSource.CreateCommand($"""
            select distinct correlation_id::uuid from {store.Tables.Events}
            where seq_id > $1 and seq_id <= $2 and correlation_id is not null
            """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var moved = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellation))
            moved.Add(reader.GetGuid(0));
        return moved;
    }
}
