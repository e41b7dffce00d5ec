using Npgsql;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// What PostgreSQL itself does beside Marten's tables: events are never changed or removed, a study's events are found in ledger order by one index, runs
/// in the order of planning by two more, and a transaction's events are appended at once.
/// </summary>
internal static class LedgerGuards
{
    public const string StudyIndex = "idx_ledger_events_of_study";
    public const string RunsIndex = "idx_ledger_runs_in_order";
    public const string RunsOfStatusIndex = "idx_ledger_runs_of_status";

    /// <summary>A run's status as its index has it.</summary>
    public const string RunStatus = """(data ->> 'status') collate "C" """;

    /// <summary>The order of planning, byte by byte whatever the database's language; plannedAt is UTC, so that its text is in order of time.</summary>
    public static readonly IReadOnlyList<string> RunOrder =
    [
        """(data ->> 'plannedAt') collate "C" """, """(data ->> 'model') collate "C" """, """(data ->> 'domain') collate "C" """,
        "((data ->> 'stage')::int)", """(data ->> 'role') collate "C" """, "((data ->> 'seed')::int)", "id",
    ];

    public static async Task RaiseAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"""
            create index if not exists {StudyIndex} on {schema}.mt_events (correlation_id, seq_id);
            create index if not exists {RunsIndex} on {schema}.mt_doc_runsummary ({string.Join(", ", RunOrder.Select(key => $"{key} nulls first"))});
            create index if not exists {RunsOfStatusIndex} on {schema}.mt_doc_runsummary ({string.Join(", ", RunOrder.Select(key => $"{key} nulls first").Prepend(RunStatus))});
            {SetBasedAppend.Function(schema)}
            -- Marten's foreign key would delete events with their stream, and costs an append a quarter of its time; the function above sees to the stream.
            alter table {schema}.mt_events drop constraint if exists fkey_mt_events_stream_id;

            create or replace function {schema}.refuse_change() returns trigger language plpgsql as $$
            begin
                raise exception 'The ledger is append-only: % on % is refused.', tg_op, tg_table_name;
            end $$;

            drop trigger if exists events_are_never_changed on {schema}.mt_events;
            create trigger events_are_never_changed before update or delete on {schema}.mt_events
                for each row execute function {schema}.refuse_change();
            drop trigger if exists events_are_never_truncated on {schema}.mt_events;
            create trigger events_are_never_truncated before truncate on {schema}.mt_events
                for each statement execute function {schema}.refuse_change();
            drop trigger if exists streams_are_never_removed on {schema}.mt_streams;
            create trigger streams_are_never_removed before delete on {schema}.mt_streams
                for each row execute function {schema}.refuse_change();
            drop trigger if exists streams_are_never_truncated on {schema}.mt_streams;
            create trigger streams_are_never_truncated before truncate on {schema}.mt_streams
                for each statement execute function {schema}.refuse_change();
            """, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
