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
    "timestamp" timestamp with time zone DEFAULT '2026-11-26 21:34:45.464688+00'::timestamp with time zone NOT NULL,
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
INSERT INTO ledger.mt_doc_domainrankings VALUES
	('684038974d5b556c9be2603b918d4540/tiny-llama/python/block-sum', '{"id": "684038974d5b556c9be2603b918d4540/tiny-llama/python/block-sum", "rule": "block-sum", "model": "tiny-llama", "domain": "python", "groups": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.3529851949017175}, {"layer": 0, "score": 0.35081310767273255}, {"layer": 5, "score": 0.3478860297805773}, {"layer": 6, "score": 0.34530791778986847}, {"layer": 4, "score": 0.3435546142416176}, {"layer": 3, "score": 0.3421030956740264}, {"layer": 2, "score": 0.3397397630714726}, {"layer": 7, "score": 0.33911065830613085}]}, {"group": "attention", "layers": [{"layer": 6, "score": 0.29319274389233396}, {"layer": 0, "score": 0.2912775668643488}, {"layer": 7, "score": 0.28570406961114736}, {"layer": 3, "score": 0.2850566025561321}, {"layer": 5, "score": 0.28406610871252486}, {"layer": 1, "score": 0.2830935176271829}, {"layer": 4, "score": 0.2809572065983865}, {"layer": 2, "score": 0.28067769355601346}]}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540"}', '2026-11-26 21:34:47.713228+00', '01a219c8-4fa0-4216-a6a7-a35cb015a527', 'LdcLedger.Domain.Norms.DomainRankings'),
	('684038974d5b556c9be2603b918d4540/tiny-llama/python/block-relative-mean', '{"id": "684038974d5b556c9be2603b918d4540/tiny-llama/python/block-relative-mean", "rule": "block-relative-mean", "model": "tiny-llama", "domain": "python", "groups": [{"group": "mlp", "layers": [{"layer": 0, "score": 0.013140798201884412}, {"layer": 1, "score": 0.008818392844847268}, {"layer": 2, "score": 0.006050172813198401}, {"layer": 3, "score": 0.0056094871640771085}, {"layer": 4, "score": 0.005414023527710379}, {"layer": 5, "score": 0.0053821475915862725}, {"layer": 6, "score": 0.00523966805681773}, {"layer": 7, "score": 0.005082209397721765}]}, {"group": "attention", "layers": [{"layer": 1, "score": 0.009741776994843063}, {"layer": 2, "score": 0.008770260572848911}, {"layer": 0, "score": 0.007752951304019928}, {"layer": 4, "score": 0.0076274006678401}, {"layer": 6, "score": 0.0074868864636640315}, {"layer": 5, "score": 0.007278262368532512}, {"layer": 3, "score": 0.007074571500317938}, {"layer": 7, "score": 0.00655719499447157}]}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540"}', '2026-11-26 21:34:47.713228+00', '01a219c8-4fa0-4d3c-b671-6da89c5bad04', 'LdcLedger.Domain.Norms.DomainRankings'),
	('684038974d5b556c9be2603b918d4540/tiny-llama/python/component-frobenius', '{"id": "684038974d5b556c9be2603b918d4540/tiny-llama/python/component-frobenius", "rule": "component-frobenius", "model": "tiny-llama", "domain": "python", "groups": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.13712350709056934}, {"layer": 6, "score": 0.13644948214658006}, {"layer": 0, "score": 0.1345737167678839}, {"layer": 5, "score": 0.13418401243828307}, {"layer": 3, "score": 0.13178776643540743}, {"layer": 4, "score": 0.13084220439960306}, {"layer": 2, "score": 0.12956747510421968}, {"layer": 7, "score": 0.12837881092400225}]}, {"group": "attention", "layers": [{"layer": 5, "score": 0.08489587940491297}, {"layer": 3, "score": 0.08481146485529459}, {"layer": 6, "score": 0.08481024693071404}, {"layer": 0, "score": 0.08476041015852946}, {"layer": 7, "score": 0.0845271454338432}, {"layer": 1, "score": 0.08375009862769724}, {"layer": 4, "score": 0.08300129893434306}, {"layer": 2, "score": 0.0828592857920688}]}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540"}', '2026-11-26 21:34:47.713228+00', '01a219c8-4fa0-43c4-a175-7abf88aba121', 'LdcLedger.Domain.Norms.DomainRankings');
INSERT INTO ledger.mt_doc_runnorms VALUES
	('b68c2aee-e002-5a6c-a769-80bb082c95a9', '{"id": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "role": "all", "seed": 1, "model": "tiny-llama", "domain": "python", "modules": [{"rows": 128, "epoch": 1, "layer": 0, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.0817531805209872, "weightFrobenius": 11.201143976054563}, {"rows": 64, "epoch": 1, "layer": 0, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.0611539046669589, "weightFrobenius": 7.275013246658381}, {"rows": 64, "epoch": 1, "layer": 0, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06361007151787323, "weightFrobenius": 8.218494093908621}, {"rows": 128, "epoch": 1, "layer": 0, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08476041015852946, "weightFrobenius": 11.200922587883186}, {"rows": 320, "epoch": 1, "layer": 0, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13100211332223488, "weightFrobenius": 8.443253136795065}, {"rows": 320, "epoch": 1, "layer": 0, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.1345737167678839, "weightFrobenius": 8.618552292497684}, {"rows": 128, "epoch": 1, "layer": 0, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08523727758261382, "weightFrobenius": 10.278994469337583}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.07893375381119537, "weightFrobenius": 9.823174215411656}, {"rows": 64, "epoch": 1, "layer": 1, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05844676033866517, "weightFrobenius": 6.723152458209886}, {"rows": 64, "epoch": 1, "layer": 1, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06196290484962512, "weightFrobenius": 4.970971104528869}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08375009862769724, "weightFrobenius": 8.569241319945917}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13712350709056934, "weightFrobenius": 14.52750761098866}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290702002926, "weightFrobenius": 12.20823357317333}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08193878079111887, "weightFrobenius": 13.55164787735477}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08211470317489271, "weightFrobenius": 8.7461387257054}, {"rows": 64, "epoch": 1, "layer": 2, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05874749269501278, "weightFrobenius": 6.072792468253386}, {"rows": 64, "epoch": 1, "layer": 2, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.056956211894039155, "weightFrobenius": 7.216955372717118}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.0828592857920688, "weightFrobenius": 10.196212184520776}, {"rows": 320, "epoch": 1, "layer": 2, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12956747510421968, "weightFrobenius": 20.97369032553576}, {"rows": 320, "epoch": 1, "layer": 2, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12831307575113188, "weightFrobenius": 17.539374756020145}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08185921221612104, "weightFrobenius": 17.57697770608038}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.0803096289308039, "weightFrobenius": 11.659658556307331}, {"rows": 64, "epoch": 1, "layer": 3, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.059435285888670183, "weightFrobenius": 7.613119045362281}, {"rows": 64, "epoch": 1, "layer": 3, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.060500222881363384, "weightFrobenius": 8.974351551915667}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481146485529459, "weightFrobenius": 12.35949206811009}, {"rows": 320, "epoch": 1, "layer": 3, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13178776643540743, "weightFrobenius": 21.924959682908177}, {"rows": 320, "epoch": 1, "layer": 3, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12953182776220598, "weightFrobenius": 19.707037217942695}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.080783501476413, "weightFrobenius": 19.031463012792784}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08300129893434306, "weightFrobenius": 10.946993410046407}, {"rows": 64, "epoch": 1, "layer": 4, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05673743036947498, "weightFrobenius": 7.708931430315188}, {"rows": 64, "epoch": 1, "layer": 4, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.05845660522474986, "weightFrobenius": 7.296868672362863}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08276187206981861, "weightFrobenius": 10.952636355534827}, {"rows": 320, "epoch": 1, "layer": 4, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12954467368787673, "weightFrobenius": 22.37085600834101}, {"rows": 320, "epoch": 1, "layer": 4, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13084220439960306, "weightFrobenius": 20.849289011355133}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08316773615413778, "weightFrobenius": 19.917207523529413}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08489587940491297, "weightFrobenius": 10.957654425628208}, {"rows": 64, "epoch": 1, "layer": 5, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05884576327720975, "weightFrobenius": 7.848515236000181}, {"rows": 64, "epoch": 1, "layer": 5, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.059540028239767874, "weightFrobenius": 8.3336908617566}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08078443779063425, "weightFrobenius": 12.015724709758732}, {"rows": 320, "epoch": 1, "layer": 5, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13418401243828307, "weightFrobenius": 21.980955861554428}, {"rows": 320, "epoch": 1, "layer": 5, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13065622788652304, "weightFrobenius": 21.70196685428735}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08304578945577118, "weightFrobenius": 20.650931442409135}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08404849548753414, "weightFrobenius": 11.42805114949148}, {"rows": 64, "epoch": 1, "layer": 6, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.060086047023725414, "weightFrobenius": 7.94050105024817}, {"rows": 64, "epoch": 1, "layer": 6, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06424795445036037, "weightFrobenius": 8.157201377482314}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481024693071404, "weightFrobenius": 11.8620576742993}, {"rows": 320, "epoch": 1, "layer": 6, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13644948214658006, "weightFrobenius": 22.061786289485156}, {"rows": 320, "epoch": 1, "layer": 6, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12686993755482662, "weightFrobenius": 22.42039339882364}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08198849808846176, "weightFrobenius": 21.1559182576057}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08103128379957902, "weightFrobenius": 11.99277866163883}, {"rows": 64, "epoch": 1, "layer": 7, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05577289283505734, "weightFrobenius": 8.398710714279979}, {"rows": 64, "epoch": 1, "layer": 7, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06437274754266777, "weightFrobenius": 9.688636476888247}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.0845271454338432, "weightFrobenius": 13.661376054348077}, {"rows": 320, "epoch": 1, "layer": 7, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12837881092400225, "weightFrobenius": 21.97077207429698}, {"rows": 320, "epoch": 1, "layer": 7, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12778487228298174, "weightFrobenius": 22.962303850296966}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08294697509914682, "weightFrobenius": 21.609328505691455}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "lastEpoch": 1}', '2026-11-26 21:34:47.095762+00', '01a219c8-4d37-4294-bf0a-46aca08f7158', 'LdcLedger.Domain.Runs.RunNorms'),
	('40e9d4c9-4a93-5a0b-bd53-76ad930676a4', '{"id": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "domain": "python", "modules": [{"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13712350709056934, "weightFrobenius": 14.52750761098866}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290702002926, "weightFrobenius": 12.20823357317333}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08193878079111887, "weightFrobenius": 13.55164787735477}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "lastEpoch": 1}', '2026-11-26 21:34:47.968713+00', '01a219c8-50a0-4189-bc6f-88dfa30919df', 'LdcLedger.Domain.Runs.RunNorms');
INSERT INTO ledger.mt_doc_runperplexity VALUES
	('bff295d8-88c7-5180-bc64-627a6b925ce7', '{"id": "bff295d8-88c7-5180-bc64-627a6b925ce7", "role": "pretrained", "seed": null, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 23883.419910558096, "scoredTokens": 7043}', '2026-11-26 21:34:47.262982+00', '01a219c8-4dde-4a34-9059-82f943cb8a7a', 'LdcLedger.Domain.Runs.RunPerplexity'),
	('b68c2aee-e002-5a6c-a769-80bb082c95a9', '{"id": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "role": "all", "seed": 1, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 23717.118268876897, "scoredTokens": 7043}', '2026-11-26 21:34:47.713228+00', '01a219c8-4f9d-490e-a812-3f46a19f18e1', 'LdcLedger.Domain.Runs.RunPerplexity'),
	('40e9d4c9-4a93-5a0b-bd53-76ad930676a4', '{"id": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "role": "top-1-mlp", "seed": 1, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 23874.95650822419, "scoredTokens": 7043}', '2026-11-26 21:34:48.39305+00', '01a219c8-5248-4764-8d02-f0d525538940', 'LdcLedger.Domain.Runs.RunPerplexity');
INSERT INTO ledger.mt_doc_runsummary VALUES
	('bff295d8-88c7-5180-bc64-627a6b925ce7', '{"id": "bff295d8-88c7-5180-bc64-627a6b925ce7", "role": "pretrained", "seed": null, "model": "tiny-llama", "stage": 0, "steps": 0, "domain": "python", "epochs": 0, "reason": null, "status": "completed", "tuning": "", "worker": "vm:21268", "attempt": 1, "endedAt": "2026-11-26T21:34:47.216935+00:00", "seconds": 0.6558256, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "claimedAt": "2026-11-26T21:34:46.541378+00:00", "plannedAt": "2026-11-26T21:34:45.634436+00:00", "perplexity": 29.69819210781053, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+d0103470462aeb295cf32f1a7e0256035578ad27", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": null, "trainedTokens": 0, "epochsCompleted": 0, "adapterConfigSha256": null, "adapterWeightsSha256": null}', '2026-11-26 21:34:47.262982+00', '01a219c8-4dd8-43d8-8c03-7df51ef73530', 'LdcLedger.Domain.Runs.RunSummary'),
	('b68c2aee-e002-5a6c-a769-80bb082c95a9', '{"id": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "role": "all", "seed": 1, "model": "tiny-llama", "stage": 1, "steps": 2, "domain": "python", "epochs": 1, "reason": null, "status": "completed", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "worker": "vm:21268", "attempt": 1, "endedAt": "2026-11-26T21:34:47.642956+00:00", "seconds": 1.07869, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "claimedAt": "2026-11-26T21:34:46.545243+00:00", "plannedAt": "2026-11-26T21:34:45.634436+00:00", "perplexity": 29.00516280654419, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+d0103470462aeb295cf32f1a7e0256035578ad27", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": 3.6040880398579014, "trainedTokens": 1944, "epochsCompleted": 1, "adapterConfigSha256": "c28ccbb394818f022b4c437713f32e37b564dca69e7bedda46af20017322bcaa", "adapterWeightsSha256": "eec16ccc60a6fd674fa33456b842e16593f0a766f6adbcaa63d8a18d61a6dec9"}', '2026-11-26 21:34:47.713228+00', '01a219c8-4f9d-4b48-8feb-449189b7d24d', 'LdcLedger.Domain.Runs.RunSummary'),
	('40e9d4c9-4a93-5a0b-bd53-76ad930676a4', '{"id": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "stage": 2, "steps": 2, "domain": "python", "epochs": 1, "reason": null, "status": "completed", "tuning": "1:gate_proj,up_proj,down_proj", "worker": "vm:21268", "attempt": 1, "endedAt": "2026-11-26T21:34:48.383278+00:00", "seconds": 0.6333548, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "claimedAt": "2026-11-26T21:34:47.730531+00:00", "plannedAt": "2026-11-26T21:34:47.705422+00:00", "perplexity": 29.66252594429719, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+d0103470462aeb295cf32f1a7e0256035578ad27", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": 3.6040880398579014, "trainedTokens": 1944, "epochsCompleted": 1, "adapterConfigSha256": "a3886117564e5238c6e9c56f0ec97925b78e24236c23f11219883d733923a454", "adapterWeightsSha256": "df87e4b4bb8a384151052d642ca55a877ced1bcf0655f378a74a91fcf32830ed"}', '2026-11-26 21:34:48.39305+00', '01a219c8-5248-4b93-90be-3516fc487a56', 'LdcLedger.Domain.Runs.RunSummary');
INSERT INTO ledger.mt_doc_studysummary VALUES
	('68403897-4d5b-556c-9be2-603b918d4540', '{"id": "68403897-4d5b-556c-9be2-603b918d4540", "name": "study", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "spec": {"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "name": "study", "seeds": [1], "models": [{"name": "tiny-llama", "path": "/tmp/tmp.mFmWtj2xlw/study/models/tiny-llama"}], "stage2": {"top": [1], "rule": "block-sum", "groups": ["mlp"]}, "domains": [{"name": "python", "path": "/tmp/tmp.mFmWtj2xlw/study/domains/python.jsonl", "format": "auto"}], "regimes": ["all"], "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "evaluation": {"length": 256, "stride": 128}}, "models": [{"name": "tiny-llama", "path": "/tmp/tmp.mFmWtj2xlw/study/models/tiny-llama", "family": "llama", "layers": 8, "parameters": 1640576, "architecture": "LlamaForCausalLM", "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}], "status": "completed", "domains": [{"name": "python", "path": "/tmp/tmp.mFmWtj2xlw/study/domains/python.jsonl", "bytes": 102915, "format": "jsonl", "sha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "records": 160, "heldOutRecords": 33}], "endedAt": "2026-11-26T21:34:48.396627+00:00", "failedRuns": 0, "plannedRuns": 3, "settledRuns": 3, "submittedAt": "2026-11-26T21:34:45.634436+00:00", "abandonedRuns": 0, "cancelledRuns": 0, "completedRuns": 3, "stage2Planned": 1}', '2026-11-26 21:34:48.40543+00', '01a219c8-5255-4c21-8d8a-1a42f56782d1', 'LdcLedger.Domain.Studies.StudySummary');
INSERT INTO ledger.mt_event_progression VALUES
	('relay:All', 31, '2026-11-26 21:34:48.404079+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('read_models:All', 31, '2026-11-26 21:34:48.40543+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('HighWaterAllocationFence', 31, '2026-11-26 21:34:48.655397+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('HighWaterMark', 31, '2026-11-26 21:34:48.656622+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO ledger.mt_events VALUES
	(1, '4c621bb6-6558-5a35-8db8-c10c0e9b15f4', '68403897-4d5b-556c-9be2-603b918d4540', 1, '{"name": "study", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": ["bff295d8-88c7-5180-bc64-627a6b925ce7", "b68c2aee-e002-5a6c-a769-80bb082c95a9"], "spec": {"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "name": "study", "seeds": [1], "models": [{"name": "tiny-llama", "path": "/tmp/tmp.mFmWtj2xlw/study/models/tiny-llama"}], "stage2": {"top": [1], "rule": "block-sum", "groups": ["mlp"]}, "domains": [{"name": "python", "path": "/tmp/tmp.mFmWtj2xlw/study/domains/python.jsonl", "format": "auto"}], "regimes": ["all"], "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "evaluation": {"length": 256, "stride": 128}}, "models": [{"name": "tiny-llama", "path": "/tmp/tmp.mFmWtj2xlw/study/models/tiny-llama", "family": "llama", "layers": 8, "parameters": 1640576, "architecture": "LlamaForCausalLM", "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}], "domains": [{"name": "python", "path": "/tmp/tmp.mFmWtj2xlw/study/domains/python.jsonl", "bytes": 102915, "format": "jsonl", "sha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "records": 160, "heldOutRecords": 33}], "studyId": "68403897-4d5b-556c-9be2-603b918d4540"}', NULL, 'study_submitted', '2026-11-26 21:34:45.634436+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.StudySubmitted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', NULL, '{"chain": "27083980201cf92cf0bb7d9edc44470cae311b08f9d32fedd6f1dab493bb2507"}', false),
	(2, '84076820-95e8-51c8-be2e-4f3510364c60', 'bff295d8-88c7-5180-bc64-627a6b925ce7', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "pretrained", "seed": null, "model": "tiny-llama", "runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "stage": 0, "domain": "python", "tuning": "", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-26 21:34:45.634436+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', NULL, '{"chain": "7c6da3f8cd4c8789b62b563046b38089825bf68b90d7148ea56ef2f28a380cd8"}', false),
	(3, 'e8e686ff-c7c0-5a71-be65-c9e686e7c716', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "all", "seed": 1, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "stage": 1, "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-26 21:34:45.634436+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', NULL, '{"chain": "099fe41628643fbb82bf17680a101f2754bc1de1f954ab319d869cacb6619d84"}', false),
	(4, '60f49188-4cf3-5c89-b022-1344de0d4c84', 'bff295d8-88c7-5180-bc64-627a6b925ce7', 2, '{"runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "worker": "vm:21268", "attempt": 1, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+d0103470462aeb295cf32f1a7e0256035578ad27", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-26 21:34:46.541378+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '84076820-95e8-51c8-be2e-4f3510364c60', '{"chain": "30ae964ffebb972908c5588cecf3af8612ae21ec095fdaee6a10941d4b0e80ac"}', false),
	(5, '3c1164ca-1c59-5208-b211-a2c7487a906b', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 2, '{"runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "worker": "vm:21268", "attempt": 1, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+d0103470462aeb295cf32f1a7e0256035578ad27", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-26 21:34:46.545243+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'e8e686ff-c7c0-5a71-be65-c9e686e7c716', '{"chain": "72fa927d20cd8aba7ea63aeb6b45ab8b029fe4730cc2bd0a6e00e961eb4f4207"}', false),
	(6, 'caf87334-92ef-57fc-bd63-cba5a5968396', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 3, '{"step": 2, "epoch": 1, "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 6966.702181045323, "lossPoints": [{"nats": 3405.231778294881, "step": 1, "tokens": 914}, {"nats": 3561.470402750442, "step": 2, "tokens": 1019}], "scoredTokens": 1933}', NULL, 'epoch_completed', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.EpochCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "2a9eaf64d86b16665180f527ccafdfa9ff6cbbd77f0f0404e36bcf0f75c23856"}', false),
	(15, 'ca9a46d4-e73f-544b-9e95-44d632164c24', 'bff295d8-88c7-5180-bc64-627a6b925ce7', 3, '{"role": "pretrained", "seed": null, "bytes": 18634, "model": "tiny-llama", "runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "domain": "python", "tuning": "", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "documents": 33, "totalNats": 23883.419910558096, "pretrained": true, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-26 21:34:47.216935+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '60f49188-4cf3-5c89-b022-1344de0d4c84', '{"chain": "a13c5b602f9e055f3df653d3d6b8c3bc56739fa597a1243bb2f60e51a38f54dc"}', false),
	(16, 'faf50523-37d7-5de1-9ee7-4afc60229a0b', 'bff295d8-88c7-5180-bc64-627a6b925ce7', 4, '{"runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "steps": 0, "attempt": 1, "seconds": 0.6558256, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "trainedTokens": 0}', NULL, 'run_completed', '2026-11-26 21:34:47.216935+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '60f49188-4cf3-5c89-b022-1344de0d4c84', '{"chain": "68d5fcef8668f20df40af6a5713e9272a6a5a8d3a63d0b1f68022d1521982d2f"}', false),
	(7, '95f2f2d9-a18c-5376-957a-20c7218cb77e', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 4, '{"role": "all", "seed": 1, "epoch": 1, "layer": 0, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.0817531805209872, "weightFrobenius": 11.201143976054563}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.0611539046669589, "weightFrobenius": 7.275013246658381}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06361007151787323, "weightFrobenius": 8.218494093908621}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08476041015852946, "weightFrobenius": 11.200922587883186}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13100211332223488, "weightFrobenius": 8.443253136795065}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.1345737167678839, "weightFrobenius": 8.618552292497684}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08523727758261382, "weightFrobenius": 10.278994469337583}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "4290b5f8591b31fabff2c334d7b440d4fa7e98b9ff4773defd19679c182937e9"}', false),
	(8, '1da395f4-ed41-5364-92bc-fa529c0995dd', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 5, '{"role": "all", "seed": 1, "epoch": 1, "layer": 1, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.07893375381119537, "weightFrobenius": 9.823174215411656}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05844676033866517, "weightFrobenius": 6.723152458209886}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06196290484962512, "weightFrobenius": 4.970971104528869}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08375009862769724, "weightFrobenius": 8.569241319945917}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13712350709056934, "weightFrobenius": 14.52750761098866}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290702002926, "weightFrobenius": 12.20823357317333}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08193878079111887, "weightFrobenius": 13.55164787735477}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "ac555aff8cc132b26f0a57433d9bedc78dd8e09f9eeb83fd1e1720617da3888f"}', false),
	(9, '5a66dd72-c20e-5531-ba4e-2e53a1e3a3ee', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 6, '{"role": "all", "seed": 1, "epoch": 1, "layer": 2, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08211470317489271, "weightFrobenius": 8.7461387257054}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05874749269501278, "weightFrobenius": 6.072792468253386}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.056956211894039155, "weightFrobenius": 7.216955372717118}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.0828592857920688, "weightFrobenius": 10.196212184520776}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12956747510421968, "weightFrobenius": 20.97369032553576}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12831307575113188, "weightFrobenius": 17.539374756020145}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08185921221612104, "weightFrobenius": 17.57697770608038}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "a17fda693a7bcd5fc06d72f4503216e4d0a2416bec152ec89aa0da7e897f8fd4"}', false),
	(10, 'cc3f886c-a898-59a4-bd0c-5859e20f5d98', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 7, '{"role": "all", "seed": 1, "epoch": 1, "layer": 3, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.0803096289308039, "weightFrobenius": 11.659658556307331}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.059435285888670183, "weightFrobenius": 7.613119045362281}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.060500222881363384, "weightFrobenius": 8.974351551915667}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481146485529459, "weightFrobenius": 12.35949206811009}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13178776643540743, "weightFrobenius": 21.924959682908177}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12953182776220598, "weightFrobenius": 19.707037217942695}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.080783501476413, "weightFrobenius": 19.031463012792784}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "8ab632babfa50696a29c186edb160935eb3f12994c76eefa8831d8bf0748653a"}', false),
	(18, '203a9673-e9c1-559e-a9c7-b6c9c9852e0c', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 12, '{"role": "all", "seed": 1, "bytes": 18634, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "documents": 33, "totalNats": 23717.118268876897, "pretrained": false, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-26 21:34:47.642956+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "b7d69f0b1981ed15804cbd1d1fabef8b7ff235ba809c75bfb1ff56b67b2cd0ef"}', false),
	(11, '379bb4b8-25be-57a4-9f36-c2b5a25b2c4b', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 8, '{"role": "all", "seed": 1, "epoch": 1, "layer": 4, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08300129893434306, "weightFrobenius": 10.946993410046407}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05673743036947498, "weightFrobenius": 7.708931430315188}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.05845660522474986, "weightFrobenius": 7.296868672362863}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08276187206981861, "weightFrobenius": 10.952636355534827}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12954467368787673, "weightFrobenius": 22.37085600834101}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13084220439960306, "weightFrobenius": 20.849289011355133}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08316773615413778, "weightFrobenius": 19.917207523529413}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "2ffc3518debd65c4e06e1fb76816cf16c8edd9e8b5d436a422eb4fed9f67cf98"}', false),
	(12, 'de7e988e-d5cd-53f7-8e84-8d00ed8f2276', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 9, '{"role": "all", "seed": 1, "epoch": 1, "layer": 5, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08489587940491297, "weightFrobenius": 10.957654425628208}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05884576327720975, "weightFrobenius": 7.848515236000181}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.059540028239767874, "weightFrobenius": 8.3336908617566}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08078443779063425, "weightFrobenius": 12.015724709758732}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13418401243828307, "weightFrobenius": 21.980955861554428}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13065622788652304, "weightFrobenius": 21.70196685428735}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08304578945577118, "weightFrobenius": 20.650931442409135}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "de7be87bffaa5dcb401f679ce4186e4cf31cd4414837786fab1e585b9534cc4f"}', false),
	(13, '2757c6c7-2809-5426-968f-adfc91a85d3f', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 10, '{"role": "all", "seed": 1, "epoch": 1, "layer": 6, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08404849548753414, "weightFrobenius": 11.42805114949148}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.060086047023725414, "weightFrobenius": 7.94050105024817}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06424795445036037, "weightFrobenius": 8.157201377482314}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481024693071404, "weightFrobenius": 11.8620576742993}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13644948214658006, "weightFrobenius": 22.061786289485156}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12686993755482662, "weightFrobenius": 22.42039339882364}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08198849808846176, "weightFrobenius": 21.1559182576057}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "3885508d58e72d36afba1c10d03729f41b6769875df6d47de2e6e9b64630cbbf"}', false),
	(14, 'a0e12aae-f0bf-56c0-b0ea-84bc8011db57', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 11, '{"role": "all", "seed": 1, "epoch": 1, "layer": 7, "model": "tiny-llama", "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08103128379957902, "weightFrobenius": 11.99277866163883}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05577289283505734, "weightFrobenius": 8.398710714279979}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06437274754266777, "weightFrobenius": 9.688636476888247}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.0845271454338432, "weightFrobenius": 13.661376054348077}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12837881092400225, "weightFrobenius": 21.97077207429698}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12778487228298174, "weightFrobenius": 22.962303850296966}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08294697509914682, "weightFrobenius": 21.609328505691455}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.040852+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "bafb56d660e661f2e3047f62fff34f154cd6d39746b19dd324c903150b3fd0ee"}', false),
	(17, 'dd9d24a2-e168-521f-bc27-c1863592c181', '68403897-4d5b-556c-9be2-603b918d4540', 2, '{"role": "pretrained", "seed": null, "model": "tiny-llama", "retry": 0, "runId": "bff295d8-88c7-5180-bc64-627a6b925ce7", "domain": "python", "reason": null, "outcome": "completed", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "perplexity": 29.69819210781053}', NULL, 'run_settled', '2026-11-26 21:34:47.308385+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'faf50523-37d7-5de1-9ee7-4afc60229a0b', '{"chain": "3f2adb51c8ec175be29c8b6e091ad2d88b4f369ad7770fc02812e49b1d430ff5"}', false),
	(21, 'a9654f30-ff5f-54e8-9750-ee59b2728527', '68403897-4d5b-556c-9be2-603b918d4540', 3, '{"role": "all", "seed": 1, "model": "tiny-llama", "retry": 0, "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "domain": "python", "reason": null, "outcome": "completed", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "perplexity": 29.00516280654419}', NULL, 'run_settled', '2026-11-26 21:34:47.705422+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'd1493c12-f560-5033-908d-de7ee9f40801', '{"chain": "95d609e0638c650ab6d8922d8f037932d24c06ed61778e25289cf6aa90ef50df"}', false),
	(19, '0a0290d4-0002-5f8e-8b9f-e9ffebdda6b3', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 13, '{"bytes": 587592, "runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "configSha256": "c28ccbb394818f022b4c437713f32e37b564dca69e7bedda46af20017322bcaa", "weightsSha256": "eec16ccc60a6fd674fa33456b842e16593f0a766f6adbcaa63d8a18d61a6dec9"}', NULL, 'adapter_saved', '2026-11-26 21:34:47.642956+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.AdapterSaved, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "4676cad053d1a67d064038b894dd52a298cc09c1b001005f27b48ded3af46592"}', false),
	(20, 'd1493c12-f560-5033-908d-de7ee9f40801', 'b68c2aee-e002-5a6c-a769-80bb082c95a9', 14, '{"runId": "b68c2aee-e002-5a6c-a769-80bb082c95a9", "steps": 2, "attempt": 1, "seconds": 1.07869, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "trainedTokens": 1944}', NULL, 'run_completed', '2026-11-26 21:34:47.642956+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '3c1164ca-1c59-5208-b211-a2c7487a906b', '{"chain": "07679b2a73d7648cc1adc64e0c5a0fce4cee75a75e0aaa61f9862e4b6e2d5741"}', false),
	(25, 'f081187d-037f-56f3-b8e1-d4a032d36e44', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 3, '{"step": 2, "epoch": 1, "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "totalNats": 6966.702181045323, "lossPoints": [{"nats": 3405.231778294881, "step": 1, "tokens": 914}, {"nats": 3561.470402750442, "step": 2, "tokens": 1019}], "scoredTokens": 1933}', NULL, 'epoch_completed', '2026-11-26 21:34:47.955294+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.EpochCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "34802b59b4aa541f831a2a9d0ded6a9cca3c88c6cecd528b0d6ae3f780133ba4"}', false),
	(26, '910ae16a-7ef6-56fd-9606-74e1ebdb2246', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 4, '{"role": "top-1-mlp", "seed": 1, "epoch": 1, "layer": 1, "model": "tiny-llama", "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "projections": [{"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13712350709056934, "weightFrobenius": 14.52750761098866}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290702002926, "weightFrobenius": 12.20823357317333}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08193878079111887, "weightFrobenius": 13.55164787735477}]}', NULL, 'layer_norm_measured', '2026-11-26 21:34:47.955294+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "752f2beeaa71bdcb286b85ae232ee0547c953d6e173a1284f48edd61cb0e9418"}', false),
	(27, '146251df-334c-5205-9805-32ab989a276b', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 5, '{"role": "top-1-mlp", "seed": 1, "bytes": 18634, "model": "tiny-llama", "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "documents": 33, "totalNats": 23874.95650822419, "pretrained": false, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-26 21:34:48.383278+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "b9c01db787490910140591096084b5c22457e071509509482200f938ea8ed037"}', false),
	(28, '428d23b0-69b9-53f2-af81-513d6ad30e41', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 6, '{"bytes": 43784, "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "configSha256": "a3886117564e5238c6e9c56f0ec97925b78e24236c23f11219883d733923a454", "weightsSha256": "df87e4b4bb8a384151052d642ca55a877ced1bcf0655f378a74a91fcf32830ed"}', NULL, 'adapter_saved', '2026-11-26 21:34:48.383278+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.AdapterSaved, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "f89632f7a4d0e9b89c425d26afd94a8601ef9f133548cf75f42a20f14033e7c1"}', false),
	(29, '68be4c13-d909-5b9e-9fff-6e7d8e3baf95', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 7, '{"runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "steps": 2, "attempt": 1, "seconds": 0.6333548, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "trainedTokens": 1944}', NULL, 'run_completed', '2026-11-26 21:34:48.383278+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '{"chain": "a71a13b9c10c99f3f935eb568cd16577e7b5b289b6e595b84fcc93778e72a661"}', false),
	(22, '2b839ebe-5b52-5d09-8135-c5b469e0b7dc', '68403897-4d5b-556c-9be2-603b918d4540', 4, '{"rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": [{"role": "top-1-mlp", "seed": 1, "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "tuning": "1:gate_proj,up_proj,down_proj"}], "model": "tiny-llama", "domain": "python", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "rankings": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.3529851949017175}, {"layer": 0, "score": 0.35081310767273255}, {"layer": 5, "score": 0.3478860297805773}, {"layer": 6, "score": 0.34530791778986847}, {"layer": 4, "score": 0.3435546142416176}, {"layer": 3, "score": 0.3421030956740264}, {"layer": 2, "score": 0.3397397630714726}, {"layer": 7, "score": 0.33911065830613085}]}]}', NULL, 'stage2_planned', '2026-11-26 21:34:47.705422+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.Stage2Planned, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'd1493c12-f560-5033-908d-de7ee9f40801', '{"chain": "f9095c99bec287143f0b44f159cc4ac9ae692c690b011a7637b35028fd9a9584"}', false),
	(23, 'c9f6ce8d-0a28-5027-a149-c691f56061e0', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "stage": 2, "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-26 21:34:47.705422+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'd1493c12-f560-5033-908d-de7ee9f40801', '{"chain": "57153ee7139c26eedc09b3221106591c62cbff1641e095376de7d30ef80efb83"}', false),
	(30, '6d2ec872-8ecb-5828-b4b7-0326b7e48d6e', '68403897-4d5b-556c-9be2-603b918d4540', 5, '{"role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "retry": 0, "runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "domain": "python", "reason": null, "outcome": "completed", "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "perplexity": 29.66252594429719}', NULL, 'run_settled', '2026-11-26 21:34:48.396627+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '68be4c13-d909-5b9e-9fff-6e7d8e3baf95', '{"chain": "b723a8c27a2ee1acabf588942da2bd04c4a6cb9e900fecb5d57a5b5d82e04bd0"}', false),
	(31, '77e5b227-e7ca-50dd-a0d9-e8cb010da563', '68403897-4d5b-556c-9be2-603b918d4540', 6, '{"failed": 0, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "abandoned": 0, "cancelled": 0, "completed": 3, "completion": 1}', NULL, 'study_completed', '2026-11-26 21:34:48.396627+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.StudyCompleted, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', '68be4c13-d909-5b9e-9fff-6e7d8e3baf95', '{"chain": "69959405e2e5066b6849a97560c58c57026248d869aa8f4aa290a3e21fe73a4a"}', false),
	(24, '8a18f12f-b6e7-585e-bd7c-98ccf2e2de89', '40e9d4c9-4a93-5a0b-bd53-76ad930676a4', 2, '{"runId": "40e9d4c9-4a93-5a0b-bd53-76ad930676a4", "worker": "vm:21268", "attempt": 1, "studyId": "68403897-4d5b-556c-9be2-603b918d4540", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "exact/1 (AVX-512)", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0+d0103470462aeb295cf32f1a7e0256035578ad27", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-26 21:34:47.730531+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '68403897-4d5b-556c-9be2-603b918d4540', 'c9f6ce8d-0a28-5027-a149-c691f56061e0', '{"chain": "f3643220f4f688b383bdcf9b6f23a6926e192e99393791455a14acd51e42c947"}', false);
INSERT INTO ledger.mt_streams VALUES
	('bff295d8-88c7-5180-bc64-627a6b925ce7', NULL, 4, '2026-11-26 21:34:47.22408+00', '2026-11-26 21:34:45.749802+00', '*DEFAULT*', 0, false),
	('b68c2aee-e002-5a6c-a769-80bb082c95a9', NULL, 14, '2026-11-26 21:34:47.65265+00', '2026-11-26 21:34:45.749802+00', '*DEFAULT*', 0, false),
	('40e9d4c9-4a93-5a0b-bd53-76ad930676a4', NULL, 7, '2026-11-26 21:34:48.383995+00', '2026-11-26 21:34:47.714294+00', '*DEFAULT*', 0, false),
	('68403897-4d5b-556c-9be2-603b918d4540', NULL, 6, '2026-11-26 21:34:48.398419+00', '2026-11-26 21:34:45.749802+00', '*DEFAULT*', 0, false);
INSERT INTO ledger.tables_version VALUES
	(3, '9.58.0');
SELECT pg_catalog.setval('ledger.mt_events_sequence', 31, true);
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
