using Npgsql;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// What PostgreSQL itself enforces beside Marten's tables: events are never changed or removed, and a study's events are found in ledger order by
/// one index.
/// </summary>
internal static class LedgerGuards
{
    public const string StudyIndex = "idx_ledger_events_of_study";

    public static async Task RaiseAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"""
            create index if not exists {StudyIndex} on {schema}.mt_events (correlation_id, seq_id);

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
