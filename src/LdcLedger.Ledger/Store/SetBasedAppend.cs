namespace LdcLedger.Ledger.Store;

/// <summary>
/// Marten's own function appends a transaction's events one INSERT each; this one, which takes its place, is one INSERT for all: half the
/// server's time. What it refuses, and what it answers, are the same.
/// </summary>
internal static class SetBasedAppend
{
    // MT001 and MT003 are Marten's codes, which its client understands. The answer: the stream's new version, then the sequence numbers.
    public static string Function(MartenTables tables) => $"""
        create or replace function {tables.AppendFunction}(
            stream uuid, stream_type character varying, tenantid character varying, event_ids uuid[],
            event_types character varying[], dotnet_types character varying[],
            bodies jsonb[], bdatas bytea[], causation_ids character varying[], correlation_ids character varying[], headers jsonb[],
            timestamps timestamp with time zone[], expected_version bigint default null) returns bigint[] language plpgsql as $$
        declare
            head bigint;
            archived boolean;
            added int := coalesce(array_length(event_ids, 1), 0);
            numbers bigint[];
        begin
            if expected_version is not null then
                select version, is_archived into head, archived from {tables.Streams} where id = stream for update;
                if coalesce(head, 0) != expected_version then
                    raise exception 'Stream version mismatch on ''%'': expected %, actual %', stream, expected_version, coalesce(head, 0)
                        using errcode = 'MT003';
                end if;
            else
                select version, is_archived into head, archived from {tables.Streams} where id = stream;
            end if;
            if archived then
                raise exception 'Attempted to append event to archived stream with Id ''%''.', stream using errcode = 'MT001';
            end if;
            if head is null then
                insert into {tables.Streams} (id, type, version, timestamp, tenant_id) values (stream, stream_type, added, now(), tenantid);
            elsif added > 0 then
                update {tables.Streams} set version = greatest(version, head + added), timestamp = now() where id = stream;
            end if;
            numbers := array(select nextval('{tables.EventsSequence}') from generate_series(1, added));
            insert into {tables.Events}
                (seq_id, id, stream_id, version, data, bdata, type, tenant_id, timestamp, {MartenTables.DotnetType},
                 is_archived, causation_id, correlation_id, headers)
            select e.seq, e.id, stream, coalesce(head, 0) + e.place, e.body, e.bdata, e.type, tenantid, e.at, e.dotnet,
                false, e.causation, e.correlation, e.header
            from unnest(numbers, event_ids, bodies, bdatas, event_types, timestamps, dotnet_types, causation_ids, correlation_ids, headers)
                with ordinality as e(seq, id, body, bdata, type, at, dotnet, causation, correlation, header, place)
            order by e.place;
            return array_prepend(coalesce(head, 0) + added, numbers);
        end $$;
        """;
}
