CREATE SCHEMA ledger;
CREATE FUNCTION ledger.mt_archive_stream(streamid uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
  update ledger.mt_streams set is_archived = TRUE where id = streamid ;
  update ledger.mt_events set is_archived = TRUE where stream_id = streamid ;
END;
$$;
CREATE FUNCTION ledger.mt_grams_array(words text, use_unaccent boolean DEFAULT false) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$
        DECLARE
result text[];
        DECLARE
word text;
        DECLARE
clean_word text;
BEGIN
                FOREACH
word IN ARRAY string_to_array(words, ' ')
                LOOP
                     clean_word = regexp_replace(ledger.mt_safe_unaccent(use_unaccent, word), '[^a-zA-Z0-9]+', '','g');
FOR i IN 1 .. length(clean_word)
                     LOOP
                         result := result || quote_literal(substr(lower(clean_word), i, 1));
                         result
:= result || quote_literal(substr(lower(clean_word), i, 2));
                         result
:= result || quote_literal(substr(lower(clean_word), i, 3));
END LOOP;
END LOOP;
RETURN ARRAY(SELECT DISTINCT e FROM unnest(result) AS a(e) ORDER BY e);
END;
$$;
CREATE FUNCTION ledger.mt_grams_query(text, use_unaccent boolean DEFAULT false) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $_$
BEGIN
RETURN (SELECT array_to_string(ledger.mt_grams_array($1, use_unaccent), ' & ') ::tsquery);
END
$_$;
CREATE FUNCTION ledger.mt_grams_vector(text, use_unaccent boolean DEFAULT false) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $_$
BEGIN
RETURN (SELECT array_to_string(ledger.mt_grams_array($1, use_unaccent), ' ') ::tsvector);
END
$_$;
CREATE FUNCTION ledger.mt_immutable_date(value text) RETURNS date
    LANGUAGE sql IMMUTABLE
    AS $$
select value::date
$$;
CREATE FUNCTION ledger.mt_immutable_time(value text) RETURNS time without time zone
    LANGUAGE sql IMMUTABLE
    AS $$
select value::time
$$;
CREATE FUNCTION ledger.mt_immutable_timestamp(value text) RETURNS timestamp without time zone
    LANGUAGE sql IMMUTABLE
    AS $$
select value::timestamp
$$;
CREATE FUNCTION ledger.mt_immutable_timestamptz(value text) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $$
select value::timestamptz
$$;
CREATE FUNCTION ledger.mt_jsonb_append(jsonb, text[], jsonb, boolean, jsonb DEFAULT NULL::jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    location ALIAS FOR $2;
    val ALIAS FOR $3;
    if_not_exists ALIAS FOR $4;
    patch_expression ALIAS FOR $5;
    tmp_value jsonb;
BEGIN
    tmp_value = retval #> location;
    IF tmp_value IS NOT NULL AND jsonb_typeof(tmp_value) = 'array' THEN
        CASE
            WHEN NOT if_not_exists THEN
                retval = jsonb_set(retval, location, tmp_value || val, FALSE);
            WHEN patch_expression IS NULL AND jsonb_typeof(val) = 'object' AND NOT tmp_value @> jsonb_build_array(val) THEN
                retval = jsonb_set(retval, location, tmp_value || val, FALSE);
            WHEN patch_expression IS NULL AND jsonb_typeof(val) <> 'object' AND NOT tmp_value @> val THEN
                retval = jsonb_set(retval, location, tmp_value || val, FALSE);
            WHEN patch_expression IS NOT NULL AND jsonb_typeof(patch_expression) = 'array' AND jsonb_array_length(patch_expression) = 0 THEN
                retval = jsonb_set(retval, location, tmp_value || val, FALSE);
            ELSE NULL;
            END CASE;
    END IF;
    RETURN retval;
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_append_key_value(jsonb, text[], jsonb, boolean) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    location ALIAS FOR $2;
    val ALIAS FOR $3;
    if_not_exists ALIAS FOR $4;
    tmp_value jsonb;
    _key text;
BEGIN
    tmp_value = retval #> location;
    IF tmp_value IS NOT NULL AND jsonb_typeof(tmp_value) = 'object' THEN
        CASE
            WHEN NOT if_not_exists THEN
                retval = jsonb_set(retval, location, tmp_value || val, FALSE);
            WHEN NOT tmp_value ?| ARRAY(SELECT jsonb_object_keys(val)) THEN
                retval = jsonb_set(retval, location, tmp_value || val, FALSE);
            ELSE NULL;
        END CASE;
    END IF;
    RETURN retval;
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_copy(jsonb, text[], text[]) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    src_path ALIAS FOR $2;
    dst_path ALIAS FOR $3;
    tmp_value jsonb;
BEGIN
    tmp_value = retval #> src_path;
    retval = ledger.mt_jsonb_fix_null_parent(retval, dst_path);
    RETURN jsonb_set(retval, dst_path, tmp_value::jsonb, TRUE);
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_duplicate(jsonb, text[], jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    location ALIAS FOR $2;
    targets ALIAS FOR $3;
    tmp_value jsonb;
    target_path text[];
    target text;
BEGIN
    FOR target IN SELECT jsonb_array_elements_text(targets)
    LOOP
        target_path = ledger.mt_jsonb_path_to_array(target, '\.');
        retval = ledger.mt_jsonb_copy(retval, location, target_path);
    END LOOP;
    RETURN retval;
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_fix_null_parent(jsonb, text[]) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
retval ALIAS FOR $1;
    dst_path ALIAS FOR $2;
    dst_path_segment text[] = ARRAY[]::text[];
    dst_path_array_length integer;
    i integer = 1;
BEGIN
    dst_path_array_length = array_length(dst_path, 1);
    WHILE i <=(dst_path_array_length - 1)
    LOOP
        dst_path_segment = dst_path_segment || ARRAY[dst_path[i]];
        IF retval #> dst_path_segment IS NULL OR retval #> dst_path_segment = 'null'::jsonb THEN
            retval = jsonb_set(retval, dst_path_segment, '{}'::jsonb, TRUE);
        END IF;
        i = i + 1;
    END LOOP;
    RETURN retval;
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_increment(jsonb, text[], numeric) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
retval ALIAS FOR $1;
    location ALIAS FOR $2;
    increment_value ALIAS FOR $3;
    tmp_value jsonb;
BEGIN
    tmp_value = retval #> location;
    IF tmp_value IS NULL THEN
        tmp_value = to_jsonb(0);
END IF;
RETURN jsonb_set(retval, location, to_jsonb(tmp_value::numeric + increment_value), TRUE);
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_insert(jsonb, text[], jsonb, integer, boolean, jsonb DEFAULT NULL::jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    location ALIAS FOR $2;
    val ALIAS FOR $3;
    elm_index ALIAS FOR $4;
    if_not_exists ALIAS FOR $5;
    patch_expression ALIAS FOR $6;
    tmp_value jsonb;
BEGIN
    tmp_value = retval #> location;
    IF tmp_value IS NOT NULL AND jsonb_typeof(tmp_value) = 'array' THEN
        IF elm_index IS NULL THEN
            elm_index = jsonb_array_length(tmp_value) + 1;
        END IF;
        CASE
            WHEN NOT if_not_exists THEN
                retval = jsonb_insert(retval, location || elm_index::text, val);
            WHEN patch_expression IS NULL AND jsonb_typeof(val) = 'object' AND NOT tmp_value @> jsonb_build_array(val) THEN
                retval = jsonb_insert(retval, location || elm_index::text, val);
            WHEN patch_expression IS NULL AND jsonb_typeof(val) <> 'object' AND NOT tmp_value @> val THEN
                retval = jsonb_insert(retval, location || elm_index::text, val);
            WHEN patch_expression IS NOT NULL AND jsonb_typeof(patch_expression) = 'array' AND jsonb_array_length(patch_expression) = 0 THEN
                retval = jsonb_insert(retval, location || elm_index::text, val);
            ELSE NULL;
        END CASE;
    END IF;
    RETURN retval;
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_move(jsonb, text[], text) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    src_path ALIAS FOR $2;
    dst_name ALIAS FOR $3;
    dst_path text[];
    tmp_value jsonb;
BEGIN
    tmp_value = retval #> src_path;
    retval = retval #- src_path;
    dst_path = src_path;
    dst_path[array_length(dst_path, 1)] = dst_name;
    retval = ledger.mt_jsonb_fix_null_parent(retval, dst_path);
    RETURN jsonb_set(retval, dst_path, tmp_value, TRUE);
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_patch(jsonb, jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    patchset ALIAS FOR $2;
    patch jsonb;
    patch_path text[];
    patch_expression jsonb;
    value jsonb;
BEGIN
    FOR patch IN SELECT * from jsonb_array_elements(patchset)
    LOOP
        patch_path = ledger.mt_jsonb_path_to_array((patch->>'path')::text, '\.');
        patch_expression = null;
        IF (patch->>'type') IN ('remove', 'append_if_not_exists', 'insert_if_not_exists') AND (patch->>'expression') IS NOT NULL THEN
            patch_expression = jsonb_path_query_array(retval #> patch_path, (patch->>'expression')::jsonpath);
        END IF;
        CASE patch->>'type'
            WHEN 'set' THEN
                retval = jsonb_set(retval, patch_path, (patch->'value')::jsonb, TRUE);
            WHEN 'delete' THEN
                retval = retval#-patch_path;
            WHEN 'append' THEN
                retval = ledger.mt_jsonb_append(retval, patch_path, (patch->'value')::jsonb, FALSE);
            WHEN 'append_if_not_exists' THEN
                retval = ledger.mt_jsonb_append(retval, patch_path, (patch->'value')::jsonb, TRUE, patch_expression);
            WHEN 'append_key_value' THEN
                retval = ledger.mt_jsonb_append_key_value(retval, patch_path, (patch->'key_value')::jsonb, FALSE);
            WHEN 'append_key_value_if_not_exists' THEN
                retval = ledger.mt_jsonb_append_key_value(retval, patch_path, (patch->'key_value')::jsonb, TRUE);
            WHEN 'insert' THEN
                retval = ledger.mt_jsonb_insert(retval, patch_path, (patch->'value')::jsonb, (patch->>'index')::integer, FALSE);
            WHEN 'insert_if_not_exists' THEN
                retval = ledger.mt_jsonb_insert(retval, patch_path, (patch->'value')::jsonb, (patch->>'index')::integer, TRUE, patch_expression);
            WHEN 'remove' THEN
                retval = ledger.mt_jsonb_remove(retval, patch_path, COALESCE(patch_expression, (patch->'value')::jsonb));
            WHEN 'remove_key' THEN
                retval = ledger.mt_jsonb_remove_key(retval, patch_path, (patch->>'key'));
            WHEN 'duplicate' THEN
                retval = ledger.mt_jsonb_duplicate(retval, patch_path, (patch->'targets')::jsonb);
            WHEN 'rename' THEN
                retval = ledger.mt_jsonb_move(retval, patch_path, (patch->>'to')::text);
            WHEN 'increment' THEN
                retval = ledger.mt_jsonb_increment(retval, patch_path, (patch->>'increment')::numeric);
            WHEN 'increment_float' THEN
                retval = ledger.mt_jsonb_increment(retval, patch_path, (patch->>'increment')::numeric);
            ELSE NULL;
        END CASE;
    END LOOP;
    RETURN retval;
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_path_to_array(text, character) RETURNS text[]
    LANGUAGE plpgsql
    AS $_$
DECLARE
    location ALIAS FOR $1;
    regex_pattern ALIAS FOR $2;
BEGIN
RETURN regexp_split_to_array(location, regex_pattern)::text[];
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_remove(jsonb, text[], jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    location ALIAS FOR $2;
    val ALIAS FOR $3;
    tmp_value jsonb;
    tmp_remove jsonb;
    patch_remove jsonb;
BEGIN
    tmp_value = retval #> location;
    IF tmp_value IS NOT NULL AND jsonb_typeof(tmp_value) = 'array' THEN
        IF jsonb_typeof(val) = 'array' THEN
            tmp_remove = val;
        ELSE
            tmp_remove = jsonb_build_array(val);
        END IF;
        FOR patch_remove IN SELECT * FROM jsonb_array_elements(tmp_remove)
        LOOP
            tmp_value =(SELECT jsonb_agg(elem)
            FROM jsonb_array_elements(tmp_value) AS elem
            WHERE elem <> patch_remove);
        END LOOP;
        IF tmp_value IS NULL THEN
            tmp_value = '[]'::jsonb;
        END IF;
    END IF;
    RETURN jsonb_set(retval, location, tmp_value, FALSE);
END;
$_$;
CREATE FUNCTION ledger.mt_jsonb_remove_key(jsonb, text[], text) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
DECLARE
    retval ALIAS FOR $1;
    location ALIAS FOR $2;
    _key ALIAS FOR $3;
    tmp_value jsonb;
    tmp_remove jsonb;
    patch_remove jsonb;
BEGIN
    tmp_value = retval #> location;
    IF tmp_value IS NOT NULL AND jsonb_typeof(tmp_value) = 'object' THEN
        RETURN jsonb_set(retval, location, tmp_value - _key, FALSE);
    END IF;
    RETURN retval;
END;
$_$;
CREATE FUNCTION ledger.mt_mark_event_progression(name character varying, last_encountered bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
INSERT INTO ledger.mt_event_progression (name, last_seq_id, last_updated)
VALUES (name, last_encountered, transaction_timestamp())
ON CONFLICT ON CONSTRAINT pk_mt_event_progression
    DO
UPDATE SET last_seq_id = last_encountered, last_updated = transaction_timestamp();
END;
$$;
CREATE FUNCTION ledger.mt_mark_progression_with_skip(shard_name character varying, ending_sequence bigint, starting_sequence bigint) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    current_value bigint;
BEGIN
    select last_seq_id into current_value from ledger.mt_event_progression where name = shard_name;
    IF current_value is null then
        -- Bootstrap the high-water row on first invocation. Previously this branch
        -- returned 0, which left HighWaterAgent.CheckNowAsync polling forever because
        -- statistics.CurrentMark never advanced. Issue #4425.
        INSERT INTO ledger.mt_event_progression (name, last_seq_id, last_updated)
        VALUES (shard_name, ending_sequence, transaction_timestamp())
        ON CONFLICT ON CONSTRAINT pk_mt_event_progression
            DO UPDATE SET last_seq_id = ending_sequence, last_updated = transaction_timestamp();
        IF ending_sequence > starting_sequence THEN
            -- Idempotent: a rebuild/replay re-marks the same skip (ending_sequence is the
            -- PK). Re-recording an existing gap is a no-op. Conflict target is the PK
            -- constraint (the bare column name collides with the function parameter). #4530.
            insert into ledger.mt_high_water_skips (ending_sequence, starting_sequence) values (ending_sequence, starting_sequence)
                on conflict on constraint pkey_mt_high_water_skips_ending_sequence do nothing;
        END IF;
        return ending_sequence;
    ELSIF current_value = starting_sequence THEN
        update ledger.mt_event_progression SET last_seq_id = ending_sequence, last_updated = transaction_timestamp() where shard_name = name;
        insert into ledger.mt_high_water_skips (ending_sequence, starting_sequence) values (ending_sequence, starting_sequence)
            on conflict on constraint pkey_mt_high_water_skips_ending_sequence do nothing;
        return ending_sequence;
    ELSE
        return current_value;
    END IF;
END
$$;
CREATE FUNCTION ledger.mt_quick_append_events(stream uuid, stream_type character varying, tenantid character varying, event_ids uuid[], event_types character varying[], dotnet_types character varying[], bodies jsonb[], bdatas bytea[], causation_ids character varying[], correlation_ids character varying[], headers jsonb[], timestamps timestamp with time zone[], expected_version bigint DEFAULT NULL::bigint) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
	event_version bigint;
	stream_is_archived boolean;
	event_type varchar;
	event_id uuid;
	body jsonb;
	index int;
	seq bigint;
    actual_tenant varchar;
    is_new_stream boolean := false;
	return_value bigint[];
BEGIN
    if expected_version IS NOT NULL then
        -- COALESCE turns the NULL we get for a brand-new stream into 0, so a
        -- FetchForWriting against a non-existent stream (which sets
        -- ExpectedVersionOnServer = 0) and a StartStream(id, version: 0) both
        -- land on the new-stream branch instead of mis-firing the guard.
        select version, is_archived into event_version, stream_is_archived from ledger.mt_streams where id = stream for update;
        if COALESCE(event_version, 0) != expected_version then
            RAISE EXCEPTION 'Stream version mismatch on ''%'': expected %, actual %', stream, expected_version, COALESCE(event_version, 0) USING ERRCODE = 'MT003';
        end if;
    else
        select version, is_archived into event_version, stream_is_archived from ledger.mt_streams where id = stream;
    end if;
	if event_version IS NULL then
		event_version = 0;
		is_new_stream := true;
		-- #5456 follow-up: insert the FINAL version straight away rather than 0 plus a
		-- trailing UPDATE of the row we just wrote in this same transaction. That UPDATE
		-- is a second heap tuple + WAL record per stream creation for no observable gain
		-- -- nothing outside this transaction can see the intermediate 0. The trailing
		-- UPDATE below is skipped for this branch via is_new_stream.
		insert into ledger.mt_streams (id, type, version, timestamp, tenant_id) values (stream, stream_type, COALESCE(array_length(event_ids, 1), 0), now(), tenantid);
    else
        if stream_is_archived then
            RAISE EXCEPTION 'Attempted to append event to archived stream with Id ''%''.', stream USING ERRCODE = 'MT001';
        end if;
        if tenantid IS NOT NULL then
            select tenant_id into actual_tenant from ledger.mt_streams where id = stream;
            if actual_tenant != tenantid then
                RAISE EXCEPTION 'The tenantid does not match the existing stream';
            end if;
        end if;
	end if;
	index := 1;
	-- #5062: array_length('{}', 1) is NULL in PostgreSQL, not 0, so a call with an
	-- empty event array used to return ARRAY[NULL] -- a bigint[] whose only element
	-- is NULL, which Npgsql cannot read into long[] ('Cannot read a non-nullable
	-- collection of elements because the returned array contains nulls'). COALESCE
	-- makes the empty case mean what it says: zero events appended, so the final
	-- version is the stream's current version.
	return_value := ARRAY[event_version + COALESCE(array_length(event_ids, 1), 0)];
	foreach event_id in ARRAY event_ids
	loop
        seq := nextval('ledger.mt_events_sequence');
		return_value := array_append(return_value, seq);
	    event_version := event_version + 1;
		event_type = event_types[index];
		body = bodies[index];
		-- #4515 / #4578 / Phase 2: bdatas[index] carries the binary payload
		-- for events opted in to binary serialization (NULL otherwise).
		-- bodies[index] is the {} JSON placeholder for those events so the
		-- existing data jsonb NOT NULL constraint stays intact.
		insert into ledger.mt_events
			(seq_id, id, stream_id, version, data, bdata, type, tenant_id, timestamp, mt_dotnet_type, is_archived, causation_id, correlation_id, headers)
		values
			(seq, event_id, stream, event_version, body, bdatas[index], event_type, tenantid, timestamps[index], dotnet_types[index], FALSE, causation_ids[index], correlation_ids[index], headers[index]);
		index := index + 1;
	end loop;
	-- A brand-new stream already carries its final version from the insert above, so the
	-- UPDATE is only needed when we appended onto a stream that already existed.
	--
	-- #5539: and only when we actually appended something. With ZERO events this was a BLIND write-back
	-- of the version read at the top of the function, and under READ COMMITTED that is a lost update: the
	-- UPDATE waits on a concurrent appender's row lock, the winner commits, the WHERE clause is
	-- re-evaluated against the new row, and `set version = <the stale value>` lands -- leaving
	-- mt_streams.version BELOW the stream's own events. Every later append then computes a version that
	-- already exists and dies on pk_mt_events_stream_and_version, forever, until the row is repaired by
	-- hand. A non-empty call cannot do this: its first INSERT collides with the winner on that same
	-- primary key and rolls the whole thing back, which is why only the empty case was exposed.
	--
	-- Two independent guards, because either alone would have been enough and the cost of both is nil:
	--   * the append count -- appending nothing has nothing to write, so the correct number of statements
	--     is zero rather than one that happens to be harmless;
	--   * greatest(), so the write-back can never LOWER a stream's version whoever calls it. An append
	--     only ever moves a version forward, so this is a no-op on every correct path and a backstop on
	--     any future caller that reads the version and then writes it back.
	if not is_new_stream and COALESCE(array_length(event_ids, 1), 0) > 0 then
		update ledger.mt_streams set version = greatest(version, event_version), timestamp = now() where id = stream;
	end if;
	return return_value;
END
$$;
CREATE FUNCTION ledger.mt_safe_unaccent(use_unaccent boolean, word text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$
BEGIN
IF use_unaccent THEN
    RETURN public.unaccent(word);
ELSE
    RETURN word;
END IF;
END;
$$;
CREATE FUNCTION ledger.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'The ledger is append-only: % on % is refused.', tg_op, tg_table_name;
end $$;
CREATE TABLE ledger.ledger_identity (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    single boolean DEFAULT true NOT NULL,
    CONSTRAINT ledger_identity_single_check CHECK (single)
);
CREATE TABLE ledger.mt_doc_deadletterevent (
    id uuid NOT NULL,
    data jsonb NOT NULL,
    mt_last_modified timestamp with time zone DEFAULT transaction_timestamp(),
    mt_version uuid DEFAULT (md5(((random())::text || (clock_timestamp())::text)))::uuid NOT NULL,
    mt_dotnet_type character varying
);
CREATE TABLE ledger.mt_doc_domainrankings (
    id character varying NOT NULL,
    data jsonb NOT NULL,
    mt_last_modified timestamp with time zone DEFAULT transaction_timestamp(),
    mt_version uuid DEFAULT (md5(((random())::text || (clock_timestamp())::text)))::uuid NOT NULL,
    mt_dotnet_type character varying
);
CREATE TABLE ledger.mt_doc_runnorms (
    id uuid NOT NULL,
    data jsonb NOT NULL,
    mt_last_modified timestamp with time zone DEFAULT transaction_timestamp(),
    mt_version uuid DEFAULT (md5(((random())::text || (clock_timestamp())::text)))::uuid NOT NULL,
    mt_dotnet_type character varying
);
CREATE TABLE ledger.mt_doc_runperplexity (
    id uuid NOT NULL,
    data jsonb NOT NULL,
    mt_last_modified timestamp with time zone DEFAULT transaction_timestamp(),
    mt_version uuid DEFAULT (md5(((random())::text || (clock_timestamp())::text)))::uuid NOT NULL,
    mt_dotnet_type character varying
);
CREATE TABLE ledger.mt_doc_runsummary (
    id uuid NOT NULL,
    data jsonb NOT NULL,
    mt_last_modified timestamp with time zone DEFAULT transaction_timestamp(),
    mt_version uuid DEFAULT (md5(((random())::text || (clock_timestamp())::text)))::uuid NOT NULL,
    mt_dotnet_type character varying
);
CREATE TABLE ledger.mt_doc_studysummary (
    id uuid NOT NULL,
    data jsonb NOT NULL,
    mt_last_modified timestamp with time zone DEFAULT transaction_timestamp(),
    mt_version uuid DEFAULT (md5(((random())::text || (clock_timestamp())::text)))::uuid NOT NULL,
    mt_dotnet_type character varying
);
CREATE TABLE ledger.mt_event_progression (
    name character varying NOT NULL,
    last_seq_id bigint,
    last_updated timestamp with time zone DEFAULT transaction_timestamp(),
    mode character varying DEFAULT 'none'::character varying,
    rebuild_threshold integer DEFAULT 0,
    assigned_node integer DEFAULT 0,
    heartbeat timestamp with time zone,
    agent_status character varying(20),
    pause_reason text,
    running_on_node integer,
    warning_behind_threshold bigint,
    critical_behind_threshold bigint,
    failure_category character varying(50),
    failure_event_sequence bigint,
    failure_event_type character varying(500),
    failure_event_tenant_id character varying(500)
);
CREATE TABLE ledger.mt_event_projection_floors (
    name character varying NOT NULL,
    tenant_id character varying NOT NULL,
    floor bigint NOT NULL,
    last_updated timestamp with time zone DEFAULT transaction_timestamp()
);
CREATE TABLE ledger.mt_events (
    seq_id bigint NOT NULL,
    id uuid NOT NULL,
    stream_id uuid,
    version bigint NOT NULL,
    data jsonb NOT NULL,
    bdata bytea,
    type character varying(500) NOT NULL,
    "timestamp" timestamp with time zone DEFAULT '2026-11-27 16:42:17.51746+00'::timestamp with time zone NOT NULL,
    tenant_id character varying DEFAULT '*DEFAULT*'::character varying,
    mt_dotnet_type character varying,
    correlation_id character varying,
    causation_id character varying,
    headers jsonb,
    is_archived boolean DEFAULT false
);
CREATE SEQUENCE ledger.mt_events_sequence
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE ledger.mt_events_sequence OWNED BY ledger.mt_events.seq_id;
CREATE TABLE ledger.mt_high_water_skips (
    ending_sequence bigint NOT NULL,
    starting_sequence bigint NOT NULL,
    "timestamp" timestamp with time zone DEFAULT transaction_timestamp()
);
CREATE TABLE ledger.mt_streams (
    id uuid NOT NULL,
    type character varying,
    version bigint,
    "timestamp" timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    tenant_id character varying DEFAULT '*DEFAULT*'::character varying,
    compacted_version bigint DEFAULT 0 NOT NULL,
    is_archived boolean DEFAULT false
);
CREATE TABLE ledger.tables_version (
    version integer NOT NULL,
    marten text
);
CREATE TABLE ledger.tree_blocks (
    tree uuid NOT NULL,
    first bigint NOT NULL,
    last_sequence bigint NOT NULL,
    hashes bytea NOT NULL,
    entries bytea
);
ALTER TABLE ONLY ledger.tree_blocks ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE TABLE ledger.tree_nodes (
    tree uuid NOT NULL,
    level integer NOT NULL,
    index bigint NOT NULL,
    hash bytea NOT NULL
);
CREATE UNLOGGED TABLE ledger.worker_sightings (
    path text NOT NULL,
    worker text NOT NULL,
    found boolean,
    asked timestamp with time zone NOT NULL
);
CREATE UNLOGGED TABLE ledger.workers (
    name text NOT NULL,
    sign jsonb NOT NULL,
    seen timestamp with time zone NOT NULL
);
INSERT INTO ledger.ledger_identity VALUES
	('eb2e7c5a-ebf0-4cf3-9055-b363c86a141b', true);
INSERT INTO ledger.mt_doc_domainrankings VALUES
	('684038974d5b556c9be2603b918d4540/tiny-llama/python/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', '{"id": "684038974d5b556c9be2603b918d4540/tiny-llama/python/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": ["b68c2aee-e002-5a6c-a769-80bb082c95a9"], "model": "tiny-llama", "domain": "python", "groups": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.3529851949017175}, {"layer": 0, "score": 0.35081310767273255}, {"layer": 5, "score": 0.3478860297805773}, {"layer": 6, "score": 0.34530791778986847}, {"layer": 4, "score": 0.3435546142416176}, {"layer": 3, "score": 0.3421030956740264}, {"layer": 2, "score": 0.3397397630714726}, {"layer": 7, "score": 0.33911065830613085}]}, {"group": "attention", "layers": [{"layer": 6, "score": 0.29319274389233396}, {"layer": 0, "score": 0.2912775668643488}, {"layer": 7, "score": 0.28570406961114736}, {"layer": 3, "score": 0.2850566025561321}, {"layer": 5, "score": 0.28406610871252486}, {"layer": 1, "score": 0.2830935176271829}, {"layer": 4, "score": 0.2809572065983865}, {"layer": 2, "score": 0.28067769355601346}]}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "ruleHash": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}', '2026-11-27 16:42:22.061982+00', '01a21de2-f1ec-45dd-846c-632b8c57d6a7', 'LdcLedger.Domain.Norms.DomainRankings');
INSERT INTO ledger.mt_doc_runnorms VALUES
	('b68c2aee-e002-5a6c-a769-80bb082c95a9', '{"id": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "role": "all", "seed": 1, "model": "tiny-llama", "domain": "python", "modules": [{"rows": 128, "epoch": 1, "layer": 0, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.0817531805209872, "weightFrobenius": 11.201143976054563}, {"rows": 64, "epoch": 1, "layer": 0, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.0611539046669589, "weightFrobenius": 7.275013246658381}, {"rows": 64, "epoch": 1, "layer": 0, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06361007151787323, "weightFrobenius": 8.218494093908621}, {"rows": 128, "epoch": 1, "layer": 0, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08476041015852946, "weightFrobenius": 11.200922587883186}, {"rows": 320, "epoch": 1, "layer": 0, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13100211332223488, "weightFrobenius": 8.443253136795065}, {"rows": 320, "epoch": 1, "layer": 0, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.1345737167678839, "weightFrobenius": 8.618552292497684}, {"rows": 128, "epoch": 1, "layer": 0, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08523727758261382, "weightFrobenius": 10.278994469337583}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.07893375381119537, "weightFrobenius": 9.823174215411656}, {"rows": 64, "epoch": 1, "layer": 1, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05844676033866517, "weightFrobenius": 6.723152458209886}, {"rows": 64, "epoch": 1, "layer": 1, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06196290484962512, "weightFrobenius": 4.970971104528869}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08375009862769724, "weightFrobenius": 8.569241319945917}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13712350709056934, "weightFrobenius": 14.52750761098866}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290702002926, "weightFrobenius": 12.20823357317333}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08193878079111887, "weightFrobenius": 13.55164787735477}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08211470317489271, "weightFrobenius": 8.7461387257054}, {"rows": 64, "epoch": 1, "layer": 2, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05874749269501278, "weightFrobenius": 6.072792468253386}, {"rows": 64, "epoch": 1, "layer": 2, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.056956211894039155, "weightFrobenius": 7.216955372717118}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.0828592857920688, "weightFrobenius": 10.196212184520776}, {"rows": 320, "epoch": 1, "layer": 2, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12956747510421968, "weightFrobenius": 20.97369032553576}, {"rows": 320, "epoch": 1, "layer": 2, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12831307575113188, "weightFrobenius": 17.539374756020145}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08185921221612104, "weightFrobenius": 17.57697770608038}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.0803096289308039, "weightFrobenius": 11.659658556307331}, {"rows": 64, "epoch": 1, "layer": 3, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.059435285888670183, "weightFrobenius": 7.613119045362281}, {"rows": 64, "epoch": 1, "layer": 3, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.060500222881363384, "weightFrobenius": 8.974351551915667}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481146485529459, "weightFrobenius": 12.35949206811009}, {"rows": 320, "epoch": 1, "layer": 3, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13178776643540743, "weightFrobenius": 21.924959682908177}, {"rows": 320, "epoch": 1, "layer": 3, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12953182776220598, "weightFrobenius": 19.707037217942695}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.080783501476413, "weightFrobenius": 19.031463012792784}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08300129893434306, "weightFrobenius": 10.946993410046407}, {"rows": 64, "epoch": 1, "layer": 4, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05673743036947498, "weightFrobenius": 7.708931430315188}, {"rows": 64, "epoch": 1, "layer": 4, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.05845660522474986, "weightFrobenius": 7.296868672362863}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08276187206981861, "weightFrobenius": 10.952636355534827}, {"rows": 320, "epoch": 1, "layer": 4, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12954467368787673, "weightFrobenius": 22.37085600834101}, {"rows": 320, "epoch": 1, "layer": 4, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13084220439960306, "weightFrobenius": 20.849289011355133}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08316773615413778, "weightFrobenius": 19.917207523529413}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08489587940491297, "weightFrobenius": 10.957654425628208}, {"rows": 64, "epoch": 1, "layer": 5, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05884576327720975, "weightFrobenius": 7.848515236000181}, {"rows": 64, "epoch": 1, "layer": 5, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.059540028239767874, "weightFrobenius": 8.3336908617566}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08078443779063425, "weightFrobenius": 12.015724709758732}, {"rows": 320, "epoch": 1, "layer": 5, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13418401243828307, "weightFrobenius": 21.980955861554428}, {"rows": 320, "epoch": 1, "layer": 5, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13065622788652304, "weightFrobenius": 21.70196685428735}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08304578945577118, "weightFrobenius": 20.650931442409135}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08404849548753414, "weightFrobenius": 11.42805114949148}, {"rows": 64, "epoch": 1, "layer": 6, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.060086047023725414, "weightFrobenius": 7.94050105024817}, {"rows": 64, "epoch": 1, "layer": 6, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06424795445036037, "weightFrobenius": 8.157201377482314}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481024693071404, "weightFrobenius": 11.8620576742993}, {"rows": 320, "epoch": 1, "layer": 6, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13644948214658006, "weightFrobenius": 22.061786289485156}, {"rows": 320, "epoch": 1, "layer": 6, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12686993755482662, "weightFrobenius": 22.42039339882364}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08198849808846176, "weightFrobenius": 21.1559182576057}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08103128379957902, "weightFrobenius": 11.99277866163883}, {"rows": 64, "epoch": 1, "layer": 7, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05577289283505734, "weightFrobenius": 8.398710714279979}, {"rows": 64, "epoch": 1, "layer": 7, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06437274754266777, "weightFrobenius": 9.688636476888247}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.0845271454338432, "weightFrobenius": 13.661376054348077}, {"rows": 320, "epoch": 1, "layer": 7, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12837881092400225, "weightFrobenius": 21.97077207429698}, {"rows": 320, "epoch": 1, "layer": 7, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12778487228298174, "weightFrobenius": 22.962303850296966}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08294697509914682, "weightFrobenius": 21.609328505691455}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "lastEpoch": 1}', '2026-11-27 16:42:19.092048+00', '01a21de2-e653-47af-b045-72c2c1a716f9', 'LdcLedger.Domain.Runs.RunNorms'),
	('40e9d4c9-4a93-5a0b-bd53-76ad930676a4', '{"id": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "domain": "python", "modules": [{"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13712350709056934, "weightFrobenius": 14.52750761098866}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290702002926, "weightFrobenius": 12.20823357317333}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08193878079111887, "weightFrobenius": 13.55164787735477}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "lastEpoch": 1}', '2026-11-27 16:42:20.64928+00', '01a21de2-ec68-467b-ad90-eff51fe36642', 'LdcLedger.Domain.Runs.RunNorms');
INSERT INTO ledger.mt_doc_runperplexity VALUES
	('bff295d8-88c7-5180-bc64-627a6b925ce7', '{"id": "bff295d8-88c7-5180-bc64-627a6b925ce7", "role": "pretrained", "seed": null, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 23883.419910558096, "scoredTokens": 7043}', '2026-11-27 16:42:19.9814+00', '01a21de2-e9cd-46b2-91da-9eabfc7c0ecb', 'LdcLedger.Domain.Runs.RunPerplexity'),
	('b68c2aee-e002-5a6c-a769-80bb082c95a9', '{"id": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "role": "all", "seed": 1, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 23717.118268876897, "scoredTokens": 7043}', '2026-11-27 16:42:20.293597+00', '01a21de2-eb05-459a-9faf-a33cd7fc2c24', 'LdcLedger.Domain.Runs.RunPerplexity'),
	('40e9d4c9-4a93-5a0b-bd53-76ad930676a4', '{"id": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "role": "top-1-mlp", "seed": 1, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 23874.95650822419, "scoredTokens": 7043}', '2026-11-27 16:42:21.719867+00', '01a21de2-f097-41ca-af18-c9a615918a1d', 'LdcLedger.Domain.Runs.RunPerplexity');
INSERT INTO ledger.mt_doc_runsummary VALUES
	('bff295d8-88c7-5180-bc64-627a6b925ce7', '{"id": "bff295d8-88c7-5180-bc64-627a6b925ce7", "role": "pretrained", "seed": null, "model": "tiny-llama", "stage": 0, "steps": 0, "domain": "python", "epochs": 0, "reason": null, "status": "completed", "tuning": "", "worker": "vm:25039", "attempt": 1, "endedAt": "2026-11-27T16:42:19.898136+00:00", "seconds": 1.5678007, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "claimedAt": "2026-11-27T16:42:18.308815+00:00", "plannedAt": "2026-11-27T16:42:17.704398+00:00", "perplexity": 29.69819210781053, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+0b06366241304fd07c2c968cfa85a92a4289dc2d", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": null, "trainedTokens": 0, "attemptSeconds": 1.5678007, "earlierSeconds": 0, "epochsCompleted": 0, "projectionsSha256": null, "adapterConfigSha256": null, "adapterWeightsSha256": null}', '2026-11-27 16:42:19.9814+00', '01a21de2-e9bf-4680-a312-73019239d36e', 'LdcLedger.Domain.Runs.RunSummary'),
	('b68c2aee-e002-5a6c-a769-80bb082c95a9', '{"id": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "role": "all", "seed": 1, "model": "tiny-llama", "stage": 1, "steps": 2, "domain": "python", "epochs": 1, "reason": null, "status": "completed", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "worker": "vm:25039", "attempt": 1, "endedAt": "2026-11-27T16:42:20.212874+00:00", "seconds": 1.8718981, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "claimedAt": "2026-11-27T16:42:18.318078+00:00", "plannedAt": "2026-11-27T16:42:17.704398+00:00", "perplexity": 29.00516280654419, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+0b06366241304fd07c2c968cfa85a92a4289dc2d", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": 3.6040880398579014, "trainedTokens": 1944, "attemptSeconds": 1.8718981, "earlierSeconds": 0, "epochsCompleted": 1, "projectionsSha256": null, "adapterConfigSha256": "bfe3b2cbf2ef08601d009698e5e4ccb34404f57413d0727e92dc6c35f598fc05", "adapterWeightsSha256": "eec16ccc60a6fd674fa33456b842e16593f0a766f6adbcaa63d8a18d61a6dec9"}', '2026-11-27 16:42:20.293597+00', '01a21de2-eb05-4c4e-85c6-98cfa11b6acc', 'LdcLedger.Domain.Runs.RunSummary'),
	('40e9d4c9-4a93-5a0b-bd53-76ad930676a4', '{"id": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "stage": 2, "steps": 2, "domain": "python", "epochs": 1, "reason": null, "status": "completed", "tuning": "1:gate_proj,up_proj,down_proj", "worker": "vm:25039", "attempt": 1, "endedAt": "2026-11-27T16:42:21.445567+00:00", "seconds": 1.0995761, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "claimedAt": "2026-11-27T16:42:20.340521+00:00", "plannedAt": "2026-11-27T16:42:20.302951+00:00", "perplexity": 29.66252594429719, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+0b06366241304fd07c2c968cfa85a92a4289dc2d", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": 3.6040880398579014, "trainedTokens": 1944, "attemptSeconds": 1.0995761, "earlierSeconds": 0, "epochsCompleted": 1, "projectionsSha256": null, "adapterConfigSha256": "3e6218fc1589a7ebe80119c238d42357b6b7b5e5eca9e9d4dd2ce7584d635212", "adapterWeightsSha256": "df87e4b4bb8a384151052d642ca55a877ced1bcf0655f378a74a91fcf32830ed"}', '2026-11-27 16:42:21.719867+00', '01a21de2-f096-4c36-93e6-da9f6a3a1ef0', 'LdcLedger.Domain.Runs.RunSummary');
INSERT INTO ledger.mt_doc_studysummary VALUES
	('68403897-4d5b-556c-9be2-603b918d4540', '{"id": "68403897-4d5b-556c-9be2-603b918d4540", "name": "study", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "spec": {"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048, "onBadRecord": "refuse"}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "name": "study", "seeds": [1], "models": [{"name": "tiny-llama", "path": "/tmp/tmp.OkmNZtD5Ix/study/models/tiny-llama"}], "stage2": {"top": [1], "rule": "block-sum", "groups": ["mlp"]}, "domains": [{"name": "python", "path": "/tmp/tmp.OkmNZtD5Ix/study/domains/python.jsonl", "fields": null, "format": "auto"}], "regimes": ["all"], "training": {"base": "as-is", "batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "evaluation": {"length": 256, "stride": 128}}, "models": [{"name": "tiny-llama", "path": "/tmp/tmp.OkmNZtD5Ix/study/models/tiny-llama", "family": "llama", "layers": 8, "parameters": 1640576, "architecture": "LlamaForCausalLM", "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}], "status": "completed", "domains": [{"name": "python", "path": "/tmp/tmp.OkmNZtD5Ix/study/domains/python.jsonl", "bytes": 102915, "fields": null, "format": "jsonl", "sha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "records": 160, "heldOutRecords": 33, "skippedRecords": 0}], "endedAt": "2026-11-27T16:42:21.721291+00:00", "failedRuns": 0, "formerNames": [], "plannedRuns": 3, "settledRuns": 3, "submittedAt": "2026-11-27T16:42:17.704398+00:00", "abandonedRuns": 0, "cancelledRuns": 0, "completedRuns": 3, "stage2Planned": 1}', '2026-11-27 16:42:21.733766+00', '01a21de2-f0a5-4140-b7bc-be852ed77dc5', 'LdcLedger.Domain.Studies.StudySummary');
INSERT INTO ledger.mt_event_progression VALUES
	('HighWaterAllocationFence', 26, '2026-11-27 16:42:21.182422+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('relay:All', 31, '2026-11-27 16:42:21.736534+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('HighWaterMark', 32, '2026-11-27 16:42:21.947984+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('read_models:All', 32, '2026-11-27 16:42:21.970938+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO ledger.mt_events VALUES
	(1, '4c621bb6-6558-5a35-8db8-c10c0e9b15f4', '68403897-4d5b-556c-9be2-603b918d4540', 1, '{"name": "study", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": ["bff295d8-88c7-5180-bc64-627a6b925ce7", "b68c2aee-e002-5a6c-a769-80bb082c95a9"], "spec": {"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048, "onBadRecord": "refuse"}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "name": "study", "seeds": [1], "models": [{"name": "tiny-llama", "path": "/tmp/tmp.OkmNZtD5Ix/study/models/tiny-llama"}], "stage2": {"top": [1], "rule": "block-sum", "groups": ["mlp"]}, "domains": [{"name": "python", "path": "/tmp/tmp.OkmNZtD5Ix/study/domains/python.jsonl", "fields": null, "format": "auto"}], "regimes": ["all"], "training": {"base": "as-is", "batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "evaluation": {"length": 256, "stride": 128}}, "models": [{"name": "tiny-llama", "path": "/tmp/tmp.OkmNZtD5Ix/study/models/tiny-llama", "family": "llama", "layers": 8, "parameters": 1640576, "architecture": "LlamaForCausalLM", "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}], "domains": [{"name": "python", "path": "/tmp/tmp.OkmNZtD5Ix/study/domains/python.jsonl", "bytes": 102915, "fields": null, "format": "jsonl", "sha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "records": 160, "heldOutRecords": 33, "skippedRecords": 0}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540"}', NULL, 'study_submitted', '2026-11-27 16:42:17.704398+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.StudySubmitted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', NULL, '{"chain": "6a1d0815c6a92c2be4ac59517f302450b7f9589f1fd3ed45ee3fc0c54199d20a"}', false),
	(2, '84076820-95e8-51c8-be2e-4f3510364c60', 'bff295d8-88c7-5180-bc64-627a6b925ce7', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048, "onBadRecord": "refuse"}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "pretrained", "seed": null, "model": "tiny-llama", "runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "stage": 0, "domain": "python", "tuning": "", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "training": {"base": "as-is", "batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-27 16:42:17.704398+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', NULL, '{"chain": "4940377f436ba3f632ffe320f77157b2e64efc757fa1e05cd5500af7cc121417"}', false),
	(3, 'e8e686ff-c7c0-5a71-be65-c9e686e7c716', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048, "onBadRecord": "refuse"}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "all", "seed": 1, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "stage": 1, "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "training": {"base": "as-is", "batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-27 16:42:17.704398+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', NULL, '{"chain": "0ef634b034d4c910b4d1ad02667bc081a30a2e2ecab670ba6bb915b44426aff9"}', false),
	(4, '60f49188-4cf3-5c89-b022-1344de0d4c84', 'bff295d8-88c7-5180-bc64-627a6b925ce7', 2, '{"runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "worker": "vm:25039", "attempt": 1, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+0b06366241304fd07c2c968cfa85a92a4289dc2d", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-27 16:42:18.308815+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '84076820-95e8-51c8-be2e-4f3510364c60', '{"chain": "2a0671af1753603b21360417491652eeeb1d713f6f78604a539fcde7779e0e48"}', false),
	(5, '3c1164ca-1c59-5208-b211-a2c7487a906b', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 2, '{"runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "worker": "vm:25039", "attempt": 1, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+0b06366241304fd07c2c968cfa85a92a4289dc2d", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-27 16:42:18.318078+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'e8e686ff-c7c0-5a71-be65-c9e686e7c716', '{"chain": "bb53d608aa699fd63aed0afd2ce1438635295871fc5f54e95109247aa6fe233b"}', false),
	(6, 'caf87334-92ef-57fc-bd63-cba5a5968396', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 3, '{"step": 2, "epoch": 1, "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 6966.702181045323, "lossPoints": [{"nats": 3405.231778294881, "step": 1, "tokens": 914}, {"nats": 3561.470402750442, "step": 2, "tokens": 1019}], "scoredTokens": 1933}', NULL, 'epoch_completed', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.EpochCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "dc79fa9e5ab6966e6c588f31455fb6a39e916d33cdb32e4e5e2d1773f76aea45"}', false),
	(15, 'ca9a46d4-e73f-544b-9e95-44d632164c24', 'bff295d8-88c7-5180-bc64-627a6b925ce7', 3, '{"role": "pretrained", "seed": null, "bytes": 18634, "model": "tiny-llama", "runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "domain": "python", "tuning": "", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "documents": 33, "totalNats": 23883.419910558096, "pretrained": true, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-27 16:42:19.898136+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '60f49188-4cf3-5c89-b022-1344de0d4c84', '{"chain": "0bde543b5e43c7939bad94dc138a94d7d4aba6706f1c42c43f08d222a79a2200"}', false),
	(7, '95f2f2d9-a18c-5376-957a-20c7218cb77e', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 4, '{"role": "all", "seed": 1, "epoch": 1, "layer": 0, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.0817531805209872, "weightFrobenius": 11.201143976054563}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.0611539046669589, "weightFrobenius": 7.275013246658381}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06361007151787323, "weightFrobenius": 8.218494093908621}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08476041015852946, "weightFrobenius": 11.200922587883186}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13100211332223488, "weightFrobenius": 8.443253136795065}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.1345737167678839, "weightFrobenius": 8.618552292497684}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08523727758261382, "weightFrobenius": 10.278994469337583}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "9d8b3606d885b6fa4e2ad03adc69660c303e7668e3ec5581ad695c719ad1efe5"}', false),
	(8, '1da395f4-ed41-5364-92bc-fa529c0995dd', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 5, '{"role": "all", "seed": 1, "epoch": 1, "layer": 1, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.07893375381119537, "weightFrobenius": 9.823174215411656}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05844676033866517, "weightFrobenius": 6.723152458209886}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06196290484962512, "weightFrobenius": 4.970971104528869}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08375009862769724, "weightFrobenius": 8.569241319945917}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13712350709056934, "weightFrobenius": 14.52750761098866}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290702002926, "weightFrobenius": 12.20823357317333}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08193878079111887, "weightFrobenius": 13.55164787735477}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "c65f2adbb4771b5a95122cf7d6a8a9550c0342877c5b647c83eba39f596055e5"}', false),
	(9, '5a66dd72-c20e-5531-ba4e-2e53a1e3a3ee', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 6, '{"role": "all", "seed": 1, "epoch": 1, "layer": 2, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08211470317489271, "weightFrobenius": 8.7461387257054}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05874749269501278, "weightFrobenius": 6.072792468253386}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.056956211894039155, "weightFrobenius": 7.216955372717118}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.0828592857920688, "weightFrobenius": 10.196212184520776}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12956747510421968, "weightFrobenius": 20.97369032553576}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12831307575113188, "weightFrobenius": 17.539374756020145}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08185921221612104, "weightFrobenius": 17.57697770608038}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "75ae1153f5c6cad4c0360a502bb1d8aa3771ed3b267ce4eeff423a0d854010d3"}', false),
	(10, 'cc3f886c-a898-59a4-bd0c-5859e20f5d98', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 7, '{"role": "all", "seed": 1, "epoch": 1, "layer": 3, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.0803096289308039, "weightFrobenius": 11.659658556307331}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.059435285888670183, "weightFrobenius": 7.613119045362281}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.060500222881363384, "weightFrobenius": 8.974351551915667}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481146485529459, "weightFrobenius": 12.35949206811009}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13178776643540743, "weightFrobenius": 21.924959682908177}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12953182776220598, "weightFrobenius": 19.707037217942695}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.080783501476413, "weightFrobenius": 19.031463012792784}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "047fc46f561528d12417ef9237d6aff4ef96efeb74e0d86261e8a8c392654531"}', false),
	(16, 'faf50523-37d7-5de1-9ee7-4afc60229a0b', 'bff295d8-88c7-5180-bc64-627a6b925ce7', 4, '{"runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "steps": 0, "attempt": 1, "seconds": 1.5678007, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "trainedTokens": 0}', NULL, 'run_completed', '2026-11-27 16:42:19.898136+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '60f49188-4cf3-5c89-b022-1344de0d4c84', '{"chain": "8605925a5af620644b02152e2eb3d8f4e6f2fd37f9c726b75b6770b38acca69a"}', false),
	(17, 'dd9d24a2-e168-521f-bc27-c1863592c181', '68403897-4d5b-556c-9be2-603b918d4540', 2, '{"role": "pretrained", "seed": null, "model": "tiny-llama", "retry": 0, "runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "domain": "python", "reason": null, "outcome": "completed", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "perplexity": 29.69819210781053}', NULL, 'run_settled', '2026-11-27 16:42:20.038195+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'faf50523-37d7-5de1-9ee7-4afc60229a0b', '{"chain": "68e61ab7ef855583964e4625e5bc776989662de29bff06c765d78e3f4a0188f4"}', false),
	(11, '379bb4b8-25be-57a4-9f36-c2b5a25b2c4b', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 8, '{"role": "all", "seed": 1, "epoch": 1, "layer": 4, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08300129893434306, "weightFrobenius": 10.946993410046407}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05673743036947498, "weightFrobenius": 7.708931430315188}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.05845660522474986, "weightFrobenius": 7.296868672362863}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08276187206981861, "weightFrobenius": 10.952636355534827}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12954467368787673, "weightFrobenius": 22.37085600834101}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13084220439960306, "weightFrobenius": 20.849289011355133}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08316773615413778, "weightFrobenius": 19.917207523529413}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "1a06c92149e3aacabbc4fe20d84e181ac317609d24f5cfca144b472a025e9428"}', false),
	(12, 'de7e988e-d5cd-53f7-8e84-8d00ed8f2276', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 9, '{"role": "all", "seed": 1, "epoch": 1, "layer": 5, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08489587940491297, "weightFrobenius": 10.957654425628208}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05884576327720975, "weightFrobenius": 7.848515236000181}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.059540028239767874, "weightFrobenius": 8.3336908617566}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08078443779063425, "weightFrobenius": 12.015724709758732}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13418401243828307, "weightFrobenius": 21.980955861554428}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13065622788652304, "weightFrobenius": 21.70196685428735}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08304578945577118, "weightFrobenius": 20.650931442409135}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "47044b16fa1e97085651f28f6cbd861d66a3102bc551f846cc36e1e4093d78b4"}', false),
	(13, '2757c6c7-2809-5426-968f-adfc91a85d3f', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 10, '{"role": "all", "seed": 1, "epoch": 1, "layer": 6, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08404849548753414, "weightFrobenius": 11.42805114949148}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.060086047023725414, "weightFrobenius": 7.94050105024817}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06424795445036037, "weightFrobenius": 8.157201377482314}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481024693071404, "weightFrobenius": 11.8620576742993}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13644948214658006, "weightFrobenius": 22.061786289485156}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12686993755482662, "weightFrobenius": 22.42039339882364}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08198849808846176, "weightFrobenius": 21.1559182576057}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "ed0ae7bed888d560f454748dc8bbd2035a76c1851b4f0fa0d727c74ee9074588"}', false),
	(14, 'a0e12aae-f0bf-56c0-b0ea-84bc8011db57', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 11, '{"role": "all", "seed": 1, "epoch": 1, "layer": 7, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08103128379957902, "weightFrobenius": 11.99277866163883}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05577289283505734, "weightFrobenius": 8.398710714279979}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06437274754266777, "weightFrobenius": 9.688636476888247}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.0845271454338432, "weightFrobenius": 13.661376054348077}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12837881092400225, "weightFrobenius": 21.97077207429698}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12778487228298174, "weightFrobenius": 22.962303850296966}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08294697509914682, "weightFrobenius": 21.609328505691455}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:18.968045+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "7b39b7b829baf791fa457fedbb8d555a72bc40a2c8f37fa1c35bcf1bdf70a69d"}', false),
	(30, '6d2ec872-8ecb-5828-b4b7-0326b7e48d6e', '68403897-4d5b-556c-9be2-603b918d4540', 5, '{"role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "retry": 0, "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "domain": "python", "reason": null, "outcome": "completed", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "perplexity": 29.66252594429719}', NULL, 'run_settled', '2026-11-27 16:42:21.721291+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '68be4c13-d909-5b9e-9fff-6e7d8e3baf95', '{"chain": "84b1bab1ec0eb47f3647c37c9b8bef261c1d30ddfaa3e6d309301fcae0ac3083"}', false),
	(31, '77e5b227-e7ca-50dd-a0d9-e8cb010da563', '68403897-4d5b-556c-9be2-603b918d4540', 6, '{"failed": 0, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "abandoned": 0, "cancelled": 0, "completed": 3, "completion": 1}', NULL, 'study_completed', '2026-11-27 16:42:21.721291+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.StudyCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '68be4c13-d909-5b9e-9fff-6e7d8e3baf95', '{"chain": "d28cba44f8d1076eb1c2a208fdd79e1e31a5be2d15eaf6fbb4c7a4af4004d8e9"}', false),
	(18, '203a9673-e9c1-559e-a9c7-b6c9c9852e0c', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 12, '{"role": "all", "seed": 1, "bytes": 18634, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "documents": 33, "totalNats": 23717.118268876897, "pretrained": false, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-27 16:42:20.212874+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "6e42e1fbbc08bc7004a3833045af45e32f9f00fad7e090efce446149ffea85cf"}', false),
	(19, '0a0290d4-0002-5f8e-8b9f-e9ffebdda6b3', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 13, '{"bytes": 587592, "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "configSha256": "bfe3b2cbf2ef08601d009698e5e4ccb34404f57413d0727e92dc6c35f598fc05", "weightsSha256": "eec16ccc60a6fd674fa33456b842e16593f0a766f6adbcaa63d8a18d61a6dec9"}', NULL, 'adapter_saved', '2026-11-27 16:42:20.212874+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.AdapterSaved, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "cf2662a18dc6c81899bc96202f69dfb838f05857b0e9f38fcb8d98cadb001882"}', false),
	(20, 'd1493c12-f560-5033-908d-de7ee9f40801', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 14, '{"runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "steps": 2, "attempt": 1, "seconds": 1.8718981, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "trainedTokens": 1944}', NULL, 'run_completed', '2026-11-27 16:42:20.212874+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "6a3b64d7fea4502346aba5982f0b5b2877f670a539afd3cf9e0c6da558cfb1b0"}', false),
	(27, '146251df-334c-5205-9805-32ab989a276b', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 5, '{"role": "top-1-mlp", "seed": 1, "bytes": 18634, "model": "tiny-llama", "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "documents": 33, "totalNats": 23874.95650822419, "pretrained": false, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-27 16:42:21.445567+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "0e580259814c81060363c3300532821c369c6d83bd7f2f949310b0aef8408bd0"}', false),
	(28, '428d23b0-69b9-53f2-af81-513d6ad30e41', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 6, '{"bytes": 43784, "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "configSha256": "3e6218fc1589a7ebe80119c238d42357b6b7b5e5eca9e9d4dd2ce7584d635212", "weightsSha256": "df87e4b4bb8a384151052d642ca55a877ced1bcf0655f378a74a91fcf32830ed"}', NULL, 'adapter_saved', '2026-11-27 16:42:21.445567+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.AdapterSaved, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "6000c4b28e1212754907e3b514adb31f224f936d86dc4bbc684a94f1c0065dd7"}', false),
	(29, '68be4c13-d909-5b9e-9fff-6e7d8e3baf95', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 7, '{"runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "steps": 2, "attempt": 1, "seconds": 1.0995761, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "trainedTokens": 1944}', NULL, 'run_completed', '2026-11-27 16:42:21.445567+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "88c21e370c893d4b3692a5a0e4abeabd097c49f87375a12cd6c5a835176a49dc"}', false),
	(21, 'a9654f30-ff5f-54e8-9750-ee59b2728527', '68403897-4d5b-556c-9be2-603b918d4540', 3, '{"role": "all", "seed": 1, "model": "tiny-llama", "retry": 0, "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "reason": null, "outcome": "completed", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "perplexity": 29.00516280654419}', NULL, 'run_settled', '2026-11-27 16:42:20.302951+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'd1493c12-f560-5033-908d-de7ee9f40801', '{"chain": "a264bc81d8eb7cc7d9c47e454971c6ff2533b9437e97c8b022d0a7b236077c76"}', false),
	(22, '2b839ebe-5b52-5d09-8135-c5b469e0b7dc', '68403897-4d5b-556c-9be2-603b918d4540', 4, '{"rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": [{"role": "top-1-mlp", "seed": 1, "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "tuning": "1:gate_proj,up_proj,down_proj"}], "model": "tiny-llama", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "rankings": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.3529851949017175}, {"layer": 0, "score": 0.35081310767273255}, {"layer": 5, "score": 0.3478860297805773}, {"layer": 6, "score": 0.34530791778986847}, {"layer": 4, "score": 0.3435546142416176}, {"layer": 3, "score": 0.3421030956740264}, {"layer": 2, "score": 0.3397397630714726}, {"layer": 7, "score": 0.33911065830613085}]}]}', NULL, 'stage2_planned', '2026-11-27 16:42:20.302951+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.Stage2Planned, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'd1493c12-f560-5033-908d-de7ee9f40801', '{"chain": "60a94e1bc39cc9dcec1d1821fb014be0d8a5ecf1c9e9184d751d28066322cd2f"}', false),
	(23, 'c9f6ce8d-0a28-5027-a149-c691f56061e0', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048, "onBadRecord": "refuse"}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "stage": 2, "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "training": {"base": "as-is", "batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-27 16:42:20.302951+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'd1493c12-f560-5033-908d-de7ee9f40801', '{"chain": "59e6ba35babfe7b5533f029dd69d816b59a1dd1ce71e89004d9dae9441d3980b"}', false),
	(24, '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 2, '{"runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "worker": "vm:25039", "attempt": 1, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+0b06366241304fd07c2c968cfa85a92a4289dc2d", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-27 16:42:20.340521+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'c9f6ce8d-0a28-5027-a149-c691f56061e0', '{"chain": "d96b77a0ca6bbf46ebe989214e9b064c06cb044d30977654e2d2ce6334809831"}', false),
	(25, 'f081187d-037f-56f3-b8e1-d4a032d36e44', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 3, '{"step": 2, "epoch": 1, "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 6966.702181045323, "lossPoints": [{"nats": 3405.231778294881, "step": 1, "tokens": 914}, {"nats": 3561.470402750442, "step": 2, "tokens": 1019}], "scoredTokens": 1933}', NULL, 'epoch_completed', '2026-11-27 16:42:20.627527+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.EpochCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "f1dd2a2fa34bad345f9c719cdf242288172a0c4a401e0e28c20b6c085053d9b0"}', false),
	(26, '910ae16a-7ef6-56fd-9606-74e1ebdb2246', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 4, '{"role": "top-1-mlp", "seed": 1, "epoch": 1, "layer": 1, "model": "tiny-llama", "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13712350709056934, "weightFrobenius": 14.52750761098866}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290702002926, "weightFrobenius": 12.20823357317333}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08193878079111887, "weightFrobenius": 13.55164787735477}]}', NULL, 'layer_norm_measured', '2026-11-27 16:42:20.627527+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "de89ef7e970b12a57d672a17f1494b886d18cf74091c1a09acfca70b5d9c77d7"}', false),
	(32, 'd09ed988-fe49-536d-a903-94de4ba40571', '718a4bda-ddc3-5558-83fc-cf4ce53b1b6d', 1, '{"root": "4ce47264618dde6f1717f9a77290c822f4e5d787c09dedaa056c838ea1438542", "position": 31, "checkpoint": "ldcledger/eb2e7c5a-ebf0-4cf3-9055-b363c86a141b\n31\nTORyZGGN3m8XF/mncpDIIvTl14fAne2qBWyDjqFDhUI=\n\n— ldcledger/eb2e7c5a-ebf0-4cf3-9055-b363c86a141b mVzJazBGAiEAuaaFDaa+ZAS8nb261MLL9Q0Q5FtbusPXBwjAXqM4VWMCIQClIsEyZsU6LBPfD7i0N5LOsPMFDTrUZVPkPH08C8LhXQ==\n", "consistency": [], "previousRoot": null, "previousPosition": 0}', NULL, 'ledger_sealed', '2026-11-27 16:42:21.889+00', '*DEFAULT*', 'LdcLedger.Domain.Events.LedgerSealed, LdcLedger.Domain', NULL, NULL, '{"chain": "69b95bc0e7b6cb9c95f48ab6577e840671c3a15892bbe9d2e8788b571a23848e"}', false);
INSERT INTO ledger.mt_streams VALUES
	('bff295d8-88c7-5180-bc64-627a6b925ce7', NULL, 4, '2026-11-27 16:42:19.93322+00', '2026-11-27 16:42:17.784327+00', '*DEFAULT*', 0, false),
	('b68c2aee-e002-5a6c-a769-80bb082c95a9', NULL, 14, '2026-11-27 16:42:20.217647+00', '2026-11-27 16:42:17.784327+00', '*DEFAULT*', 0, false),
	('40e9d4c9-4a93-5a0b-bd53-76ad930676a4', NULL, 7, '2026-11-27 16:42:21.446193+00', '2026-11-27 16:42:20.311235+00', '*DEFAULT*', 0, false),
	('68403897-4d5b-556c-9be2-603b918d4540', NULL, 6, '2026-11-27 16:42:21.723083+00', '2026-11-27 16:42:17.784327+00', '*DEFAULT*', 0, false),
	('718a4bda-ddc3-5558-83fc-cf4ce53b1b6d', NULL, 1, '2026-11-27 16:42:21.801504+00', '2026-11-27 16:42:21.801504+00', '*DEFAULT*', 0, false);
INSERT INTO ledger.tables_version VALUES
	(4, '9.58.0');
INSERT INTO ledger.tree_blocks VALUES
	('718a4bda-ddc3-5558-83fc-cf4ce53b1b6d', 0, 31, '\x6a1d0815c6a92c2be4ac59517f302450b7f9589f1fd3ed45ee3fc0c54199d20a4940377f436ba3f632ffe320f77157b2e64efc757fa1e05cd5500af7cc1214170ef634b034d4c910b4d1ad02667bc081a30a2e2ecab670ba6bb915b44426aff92a0671af1753603b21360417491652eeeb1d713f6f78604a539fcde7779e0e48bb53d608aa699fd63aed0afd2ce1438635295871fc5f54e95109247aa6fe233bdc79fa9e5ab6966e6c588f31455fb6a39e916d33cdb32e4e5e2d1773f76aea459d8b3606d885b6fa4e2ad03adc69660c303e7668e3ec5581ad695c719ad1efe5c65f2adbb4771b5a95122cf7d6a8a9550c0342877c5b647c83eba39f596055e575ae1153f5c6cad4c0360a502bb1d8aa3771ed3b267ce4eeff423a0d854010d3047fc46f561528d12417ef9237d6aff4ef96efeb74e0d86261e8a8c3926545311a06c92149e3aacabbc4fe20d84e181ac317609d24f5cfca144b472a025e942847044b16fa1e97085651f28f6cbd861d66a3102bc551f846cc36e1e4093d78b4ed0ae7bed888d560f454748dc8bbd2035a76c1851b4f0fa0d727c74ee90745887b39b7b829baf791fa457fedbb8d555a72bc40a2c8f37fa1c35bcf1bdf70a69d0bde543b5e43c7939bad94dc138a94d7d4aba6706f1c42c43f08d222a79a22008605925a5af620644b02152e2eb3d8f4e6f2fd37f9c726b75b6770b38acca69a68e61ab7ef855583964e4625e5bc776989662de29bff06c765d78e3f4a0188f46e42e1fbbc08bc7004a3833045af45e32f9f00fad7e090efce446149ffea85cfcf2662a18dc6c81899bc96202f69dfb838f05857b0e9f38fcb8d98cadb0018826a3b64d7fea4502346aba5982f0b5b2877f670a539afd3cf9e0c6da558cfb1b0a264bc81d8eb7cc7d9c47e454971c6ff2533b9437e97c8b022d0a7b236077c7660a94e1bc39cc9dcec1d1821fb014be0d8a5ecf1c9e9184d751d28066322cd2f59e6ba35babfe7b5533f029dd69d816b59a1dd1ce71e89004d9dae9441d3980bd96b77a0ca6bbf46ebe989214e9b064c06cb044d30977654e2d2ce6334809831f1dd2a2fa34bad345f9c719cdf242288172a0c4a401e0e28c20b6c085053d9b0de89ef7e970b12a57d672a17f1494b886d18cf74091c1a09acfca70b5d9c77d70e580259814c81060363c3300532821c369c6d83bd7f2f949310b0aef8408bd06000c4b28e1212754907e3b514adb31f224f936d86dc4bbc684a94f1c0065dd788c21e370c893d4b3692a5a0e4abeabd097c49f87375a12cd6c5a835176a49dc84b1bab1ec0eb47f3647c37c9b8bef261c1d30ddfaa3e6d309301fcae0ac3083d28cba44f8d1076eb1c2a208fdd79e1e31a5be2d15eaf6fbb4c7a4af4004d8e9', '\x684038974d5b556c9be2603b918d4540000000000000000100066144be3e8bce64a17180fc7f6ce200000000042c0061bff295d888c75180bc64627a6b925ce7000000000000000100066144be3e8bcea8dc16a3419b55c80000000042bfe16eb68c2aeee0025a6ca76980bb082c95a9000000000000000100066144be3e8bcea8dc16a365e4aa9b00000000dbb4d81ebff295d888c75180bc64627a6b925ce7000000000000000200066144be47c4cf7face1e47f2b0a2c0dca7e9061c0e0c3b68c2aeee0025a6ca76980bb082c95a9000000000000000200066144be47e8fe7face1e407dc8967178e005baf7427fdb68c2aeee0025a6ca76980bb082c95a9000000000000000300066144be51d3eddf2ae533656342630156e9b55559fa7cb68c2aeee0025a6ca76980bb082c95a9000000000000000400066144be51d3ed7ac54b4240057b450156e9b539f2bf82b68c2aeee0025a6ca76980bb082c95a9000000000000000500066144be51d3ed7ac54b42196fc27a0156e9b563b6296db68c2aeee0025a6ca76980bb082c95a9000000000000000600066144be51d3ed7ac54b42df07600f0156e9b5b2a42153b68c2aeee0025a6ca76980bb082c95a9000000000000000700066144be51d3ed7ac54b42925083030156e9b5062ae68eb68c2aeee0025a6ca76980bb082c95a9000000000000000800066144be51d3ed7ac54b42dd1916f50156e9b5e1aeeaebb68c2aeee0025a6ca76980bb082c95a9000000000000000900066144be51d3ed7ac54b4235bfee020156e9b5a345d6f2b68c2aeee0025a6ca76980bb082c95a9000000000000000a00066144be51d3ed7ac54b427a4975a50156e9b55aa0158bb68c2aeee0025a6ca76980bb082c95a9000000000000000b00066144be51d3ed7ac54b4254fa45b40156e9b589003b25bff295d888c75180bc64627a6b925ce7000000000000000300066144be600518c5d26473deb8a7506f9047fb176a2c9dbff295d888c75180bc64627a6b925ce7000000000000000400066144be6005189907ab615ee4c9a16f9047fb6116053e684038974d5b556c9be2603b918d4540000000000000000200066144be62283327b1036546dc6738f1535c19054bac09b68c2aeee0025a6ca76980bb082c95a9000000000000000c00066144be64d28ac5d264734d7482660156e9b5ffa1dab2b68c2aeee0025a6ca76980bb082c95a9000000000000000d00066144be64d28a9e399482acf4f89a0156e9b5e90dca84b68c2aeee0025a6ca76980bb082c95a9000000000000000e00066144be64d28a9907ab616c57e8420156e9b586c04b36684038974d5b556c9be2603b918d4540000000000000000300066144be66326727b10365706281697889e81fc9fc37d6684038974d5b556c9be2603b918d4540000000000000000400066144be6632674dcf739986db1cf17889e81fab9bf7aa40e9d4c94a935a0bbd5376ad930676a4000000000000000100066144be663267a8dc16a3adb660637889e81fd296a4c140e9d4c94a935a0bbd5376ad930676a4000000000000000200066144be66c5297face1e4a1987b598f9e9974405910e740e9d4c94a935a0bbd5376ad930676a4000000000000000300066144be6b2647df2ae53371a4b52e18ed07b2fa03758940e9d4c94a935a0bbd5376ad930676a4000000000000000400066144be6b26477ac54b4273f8227a18ed07b2219b908540e9d4c94a935a0bbd5376ad930676a4000000000000000500066144be77a1bfc5d2647345ef043718ed07b20e53f52640e9d4c94a935a0bbd5376ad930676a4000000000000000600066144be77a1bf9e399482b10fd80f18ed07b2e88dfb8540e9d4c94a935a0bbd5376ad930676a4000000000000000700066144be77a1bf9907ab612d7db4a918ed07b2d797e09a684038974d5b556c9be2603b918d4540000000000000000500066144be7bd6cb27b103651e7f9eaf1580650bc7959c60684038974d5b556c9be2603b918d4540000000000000000600066144be7bd6cb07ede67304a698ae1580650b3927b548'),
	('68403897-4d5b-556c-9be2-603b918d4540', 0, 31, '\x6a1d0815c6a92c2be4ac59517f302450b7f9589f1fd3ed45ee3fc0c54199d20a4940377f436ba3f632ffe320f77157b2e64efc757fa1e05cd5500af7cc1214170ef634b034d4c910b4d1ad02667bc081a30a2e2ecab670ba6bb915b44426aff92a0671af1753603b21360417491652eeeb1d713f6f78604a539fcde7779e0e48bb53d608aa699fd63aed0afd2ce1438635295871fc5f54e95109247aa6fe233bdc79fa9e5ab6966e6c588f31455fb6a39e916d33cdb32e4e5e2d1773f76aea459d8b3606d885b6fa4e2ad03adc69660c303e7668e3ec5581ad695c719ad1efe5c65f2adbb4771b5a95122cf7d6a8a9550c0342877c5b647c83eba39f596055e575ae1153f5c6cad4c0360a502bb1d8aa3771ed3b267ce4eeff423a0d854010d3047fc46f561528d12417ef9237d6aff4ef96efeb74e0d86261e8a8c3926545311a06c92149e3aacabbc4fe20d84e181ac317609d24f5cfca144b472a025e942847044b16fa1e97085651f28f6cbd861d66a3102bc551f846cc36e1e4093d78b4ed0ae7bed888d560f454748dc8bbd2035a76c1851b4f0fa0d727c74ee90745887b39b7b829baf791fa457fedbb8d555a72bc40a2c8f37fa1c35bcf1bdf70a69d0bde543b5e43c7939bad94dc138a94d7d4aba6706f1c42c43f08d222a79a22008605925a5af620644b02152e2eb3d8f4e6f2fd37f9c726b75b6770b38acca69a68e61ab7ef855583964e4625e5bc776989662de29bff06c765d78e3f4a0188f46e42e1fbbc08bc7004a3833045af45e32f9f00fad7e090efce446149ffea85cfcf2662a18dc6c81899bc96202f69dfb838f05857b0e9f38fcb8d98cadb0018826a3b64d7fea4502346aba5982f0b5b2877f670a539afd3cf9e0c6da558cfb1b0a264bc81d8eb7cc7d9c47e454971c6ff2533b9437e97c8b022d0a7b236077c7660a94e1bc39cc9dcec1d1821fb014be0d8a5ecf1c9e9184d751d28066322cd2f59e6ba35babfe7b5533f029dd69d816b59a1dd1ce71e89004d9dae9441d3980bd96b77a0ca6bbf46ebe989214e9b064c06cb044d30977654e2d2ce6334809831f1dd2a2fa34bad345f9c719cdf242288172a0c4a401e0e28c20b6c085053d9b0de89ef7e970b12a57d672a17f1494b886d18cf74091c1a09acfca70b5d9c77d70e580259814c81060363c3300532821c369c6d83bd7f2f949310b0aef8408bd06000c4b28e1212754907e3b514adb31f224f936d86dc4bbc684a94f1c0065dd788c21e370c893d4b3692a5a0e4abeabd097c49f87375a12cd6c5a835176a49dc84b1bab1ec0eb47f3647c37c9b8bef261c1d30ddfaa3e6d309301fcae0ac3083d28cba44f8d1076eb1c2a208fdd79e1e31a5be2d15eaf6fbb4c7a4af4004d8e9', NULL);
SELECT pg_catalog.setval('ledger.mt_events_sequence', 32, true);
ALTER TABLE ONLY ledger.ledger_identity
    ADD CONSTRAINT ledger_identity_single_key UNIQUE (single);
ALTER TABLE ONLY ledger.mt_event_progression
    ADD CONSTRAINT pk_mt_event_progression PRIMARY KEY (name);
ALTER TABLE ONLY ledger.mt_doc_deadletterevent
    ADD CONSTRAINT pkey_mt_doc_deadletterevent_id PRIMARY KEY (id);
ALTER TABLE ONLY ledger.mt_doc_domainrankings
    ADD CONSTRAINT pkey_mt_doc_domainrankings_id PRIMARY KEY (id);
ALTER TABLE ONLY ledger.mt_doc_runnorms
    ADD CONSTRAINT pkey_mt_doc_runnorms_id PRIMARY KEY (id);
ALTER TABLE ONLY ledger.mt_doc_runperplexity
    ADD CONSTRAINT pkey_mt_doc_runperplexity_id PRIMARY KEY (id);
ALTER TABLE ONLY ledger.mt_doc_runsummary
    ADD CONSTRAINT pkey_mt_doc_runsummary_id PRIMARY KEY (id);
ALTER TABLE ONLY ledger.mt_doc_studysummary
    ADD CONSTRAINT pkey_mt_doc_studysummary_id PRIMARY KEY (id);
ALTER TABLE ONLY ledger.mt_event_projection_floors
    ADD CONSTRAINT pkey_mt_event_projection_floors_name_tenant_id PRIMARY KEY (name, tenant_id);
ALTER TABLE ONLY ledger.mt_events
    ADD CONSTRAINT pkey_mt_events_seq_id PRIMARY KEY (seq_id);
ALTER TABLE ONLY ledger.mt_high_water_skips
    ADD CONSTRAINT pkey_mt_high_water_skips_ending_sequence PRIMARY KEY (ending_sequence);
ALTER TABLE ONLY ledger.mt_streams
    ADD CONSTRAINT pkey_mt_streams_id PRIMARY KEY (id);
ALTER TABLE ONLY ledger.tree_blocks
    ADD CONSTRAINT tree_blocks_pkey PRIMARY KEY (tree, first);
ALTER TABLE ONLY ledger.tree_nodes
    ADD CONSTRAINT tree_nodes_pkey PRIMARY KEY (tree, level, index);
ALTER TABLE ONLY ledger.worker_sightings
    ADD CONSTRAINT worker_sightings_pkey PRIMARY KEY (path, worker);
ALTER TABLE ONLY ledger.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (name);
CREATE INDEX idx_ledger_events_of_study ON ledger.mt_events USING btree (correlation_id, seq_id);
CREATE INDEX idx_ledger_runs_in_order ON ledger.mt_doc_runsummary USING btree (((data ->> 'plannedAt'::text)) COLLATE "C" NULLS FIRST, ((data ->> 'model'::text)) COLLATE "C" NULLS FIRST, ((data ->> 'domain'::text)) COLLATE "C" NULLS FIRST, (((data ->> 'stage'::text))::integer) NULLS FIRST, ((data ->> 'role'::text)) COLLATE "C" NULLS FIRST, (((data ->> 'seed'::text))::integer) NULLS FIRST, id NULLS FIRST);
CREATE INDEX idx_ledger_runs_of_status ON ledger.mt_doc_runsummary USING btree (((data ->> 'status'::text)) COLLATE "C", ((data ->> 'plannedAt'::text)) COLLATE "C" NULLS FIRST, ((data ->> 'model'::text)) COLLATE "C" NULLS FIRST, ((data ->> 'domain'::text)) COLLATE "C" NULLS FIRST, (((data ->> 'stage'::text))::integer) NULLS FIRST, ((data ->> 'role'::text)) COLLATE "C" NULLS FIRST, (((data ->> 'seed'::text))::integer) NULLS FIRST, id NULLS FIRST);
CREATE UNIQUE INDEX idx_mt_events_event_id ON ledger.mt_events USING btree (id);
CREATE INDEX mt_doc_domainrankings_idx_study_id ON ledger.mt_doc_domainrankings USING btree ((((data ->> 'studyId'::text))::uuid));
CREATE INDEX mt_doc_runnorms_idx_study_id ON ledger.mt_doc_runnorms USING btree ((((data ->> 'studyId'::text))::uuid));
CREATE INDEX mt_doc_runperplexity_idx_study_id ON ledger.mt_doc_runperplexity USING btree ((((data ->> 'studyId'::text))::uuid));
CREATE INDEX mt_doc_runsummary_idx_study_id ON ledger.mt_doc_runsummary USING btree ((((data ->> 'studyId'::text))::uuid));
CREATE INDEX mt_doc_studysummary_idx_name ON ledger.mt_doc_studysummary USING btree (((data ->> 'name'::text)));
CREATE INDEX mt_doc_studysummary_idx_submitted_at ON ledger.mt_doc_studysummary USING btree (ledger.mt_immutable_timestamptz((data ->> 'submittedAt'::text)));
CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON ledger.mt_events USING btree (stream_id, version);
CREATE TRIGGER events_are_never_changed BEFORE DELETE OR UPDATE ON ledger.mt_events FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER events_are_never_truncated BEFORE TRUNCATE ON ledger.mt_events FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER streams_are_never_removed BEFORE DELETE ON ledger.mt_streams FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER streams_are_never_truncated BEFORE TRUNCATE ON ledger.mt_streams FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER streams_never_go_back BEFORE UPDATE ON ledger.mt_streams FOR EACH ROW WHEN (((new.id <> old.id) OR (COALESCE(new.version, ('-1'::integer)::bigint) < old.version) OR (new.is_archived IS DISTINCT FROM old.is_archived))) EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER trees_are_never_changed BEFORE DELETE OR UPDATE ON ledger.ledger_identity FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER trees_are_never_changed BEFORE DELETE OR UPDATE ON ledger.tree_blocks FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER trees_are_never_changed BEFORE DELETE OR UPDATE ON ledger.tree_nodes FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER trees_are_never_truncated BEFORE TRUNCATE ON ledger.ledger_identity FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER trees_are_never_truncated BEFORE TRUNCATE ON ledger.tree_blocks FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER trees_are_never_truncated BEFORE TRUNCATE ON ledger.tree_nodes FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
