using LdcLedger.Ledger.Postgres;
using Npgsql;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// The high-water mark: the place in the whole ledger up to which every event is there that ever will be. Places are drawn before they are
/// committed, so that above it a lower one can still appear after a higher one.
/// </summary>
internal static class HighWater
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    // An append that stands still for longer is ended by the server (idle_in_transaction_session_timeout).
    private static readonly TimeSpan AppendsEndTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Takes the last place that was drawn, and waits until whoever may have drawn one by then has committed or given up. Nobody waits for
    /// this: an append locks its stream's row before it draws, and keeps the table's lock, which is only looked at here, to its end.
    /// </summary>
    /// <exception cref="LedgerUnavailable">Somebody's transaction does not end.</exception>
    public static async Task<long> MarkAsync(
        NpgsqlConnection connection, MartenTables tables, TimeProvider time, CancellationToken cancellation)
    {
        await using var drawn =
            new NpgsqlCommand($"select case when is_called then last_value else 0 end from {tables.EventsSequence}", connection);
        var mark = (long)(await drawn.ExecuteScalarAsync(cancellation))!;
        var open = await AppendingAsync(connection, tables, cancellation);
        for (var begun = time.GetTimestamp(); open.Count > 0;)
        {
            if (time.GetElapsedTime(begun) > AppendsEndTimeout)
                throw new LedgerUnavailable(
                    "An append to the ledger has been open for half a minute; "
                    + "end the session that holds it (pg_stat_activity) and try again.");
            await Task.Delay(PollInterval, time, cancellation);
            open.IntersectWith(await AppendingAsync(connection, tables, cancellation));
        }
        return mark;
    }

    private static async Task<HashSet<string>> AppendingAsync(
        NpgsqlConnection connection, MartenTables tables, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select virtualtransaction from pg_locks
            where locktype = 'relation' and granted and pid <> pg_backend_pid()
              and database = (select oid from pg_database where datname = current_database())
              and relation in ($1::regclass, $2::regclass) and mode in ('RowShareLock', 'RowExclusiveLock')
            """, connection);
        command.Parameters.Add(new() { Value = tables.Streams });
        command.Parameters.Add(new() { Value = tables.Events });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var appending = new HashSet<string>();
        while (await reader.ReadAsync(cancellation))
            appending.Add(reader.GetString(0));
        return appending;
    }
}
