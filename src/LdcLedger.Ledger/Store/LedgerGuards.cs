using LdcLedger.Domain.Runs;
using Npgsql;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// What PostgreSQL itself does beside Marten's tables: events and the trees over them are never changed or removed, no stream's version
/// goes back, a study's events are found in ledger order by one index, and runs in the order of planning by two more.
/// </summary>
internal static class LedgerGuards
{
    public const string StudyIndex = "idx_ledger_events_of_study";
    public const string RunsIndex = "idx_ledger_runs_wanted";
    public const string RunsOfStatusIndex = "idx_ledger_runs_of_status";

    /// <summary>A run's status and worker as the indexes have them.</summary>
    public const string RunStatus = """(data ->> 'status') collate "C" """, RunWorker = """(data ->> 'worker') collate "C" """;

    /// <summary>
    /// The order of planning, byte by byte whatever the database's language; plannedAt is UTC, so that its text is in order of time.
    /// </summary>
    public static readonly IReadOnlyList<string> RunOrder =
    [
        """(data ->> 'plannedAt') collate "C" """, """(data ->> 'model') collate "C" """, """(data ->> 'domain') collate "C" """,
        "((data ->> 'stage')::int)", """(data ->> 'role') collate "C" """, "((data ->> 'seed')::int)", "id",
    ];

    public static async Task RaiseAsync(
        NpgsqlConnection connection, string schema, MartenTables tables, TreeTables trees, CancellationToken cancellation)
    {
        var runOrder = string.Join(", ", RunOrder.Select(key => $"{key} nulls first"));
        var runs = tables.Documents<RunSummary>();
        await using var command = new NpgsqlCommand($"""
            create index if not exists {StudyIndex} on {tables.Events} (correlation_id, seq_id);
            drop index if exists {schema}.idx_ledger_runs_in_order;   -- of version 4
            -- The order, and behind it what else runs are wanted by: those that a filter passes over are never looked at themselves.
            create index if not exists {RunsIndex} on {runs} ({runOrder}, {RunWorker});
            create index if not exists {RunsOfStatusIndex} on {runs} ({RunStatus}, {runOrder});
            -- Marten's foreign key would delete events with their stream, and costs an append a quarter of its time. Whoever
            -- appends sees to the stream in the same transaction.
            alter table {tables.Events} drop constraint if exists {tables.StreamForeignKey};

            create or replace function {schema}.refuse_change() returns trigger language plpgsql as $$
            begin
                raise exception 'The ledger is append-only: % on % is refused.', tg_op, tg_table_name;
            end $$;

            {Guard(tables.Events, "events_are_never_changed", "update or delete")}
            {Guard(tables.Events, "events_are_never_truncated", "truncate")}
            {Guard(tables.Streams, "streams_are_never_removed", "delete")}
            {Guard(tables.Streams, "streams_are_never_truncated", "truncate")}
            {Guard(tables.Streams, "streams_never_go_back", "update",
                "new.id <> old.id or coalesce(new.version, -1) < old.version or new.is_archived is distinct from old.is_archived")}
            {string.Concat(new[] { trees.Blocks, trees.Nodes, trees.Identity }.Select(table =>
                Guard(table, "trees_are_never_changed", "update or delete") + Guard(table, "trees_are_never_truncated", "truncate")))}
            """, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Guard(string table, string name, string change, string? when = null) => $"""
        drop trigger if exists {name} on {table};
        create trigger {name} before {change} on {table}
            for each {(change == "truncate" ? "statement" : "row")} {(when is null ? "" : $"when ({when})")}
            execute function {table[..table.IndexOf('.', StringComparison.Ordinal)]}.refuse_change();

        """;
}
