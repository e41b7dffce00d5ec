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
declare
    head bigint;
    archived boolean;
    added int := coalesce(array_length(event_ids, 1), 0);
    numbers bigint[];
begin
    if expected_version is not null then
        select version, is_archived into head, archived from ledger.mt_streams where id = stream for update;
        if coalesce(head, 0) != expected_version then
            raise exception 'Stream version mismatch on ''%'': expected %, actual %', stream, expected_version, coalesce(head, 0) using errcode = 'MT003';
        end if;
    else
        select version, is_archived into head, archived from ledger.mt_streams where id = stream;
    end if;
    if archived then
        raise exception 'Attempted to append event to archived stream with Id ''%''.', stream using errcode = 'MT001';
    end if;
    if head is null then
        insert into ledger.mt_streams (id, type, version, timestamp, tenant_id) values (stream, stream_type, added, now(), tenantid);
    elsif added > 0 then
        update ledger.mt_streams set version = greatest(version, head + added), timestamp = now() where id = stream;
    end if;
    numbers := array(select nextval('ledger.mt_events_sequence') from generate_series(1, added));
    insert into ledger.mt_events
        (seq_id, id, stream_id, version, data, bdata, type, tenant_id, timestamp, mt_dotnet_type, is_archived, causation_id, correlation_id, headers)
    select e.seq, e.id, stream, coalesce(head, 0) + e.place, e.body, e.bdata, e.type, tenantid, e.at, e.dotnet, false, e.causation, e.correlation, e.header
    from unnest(numbers, event_ids, bodies, bdatas, event_types, timestamps, dotnet_types, causation_ids, correlation_ids, headers)
        with ordinality as e(seq, id, body, bdata, type, at, dotnet, causation, correlation, header, place)
    order by e.place;
    return array_prepend(coalesce(head, 0) + added, numbers);
end $$;
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
CREATE TABLE ledger.mt_doc_studystate (
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
    "timestamp" timestamp with time zone DEFAULT '2026-11-25 15:26:58.257537+00'::timestamp with time zone NOT NULL,
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
    version integer NOT NULL
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
	('4cf9d18c847150c18c1c46c5a0d8c231/tiny-llama/python/block-sum', '{"id": "4cf9d18c847150c18c1c46c5a0d8c231/tiny-llama/python/block-sum", "rule": "block-sum", "model": "tiny-llama", "domain": "python", "groups": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.35298521147422657}, {"layer": 0, "score": 0.3508131022370024}, {"layer": 5, "score": 0.34788601555086257}, {"layer": 6, "score": 0.34530791493119667}, {"layer": 4, "score": 0.34355462499294886}, {"layer": 3, "score": 0.34210309978102643}, {"layer": 2, "score": 0.3397397725518932}, {"layer": 7, "score": 0.3391106519406245}]}, {"group": "attention", "layers": [{"layer": 6, "score": 0.29319275397704925}, {"layer": 0, "score": 0.29127757186575565}, {"layer": 7, "score": 0.28570406921479014}, {"layer": 3, "score": 0.28505660039807607}, {"layer": 5, "score": 0.28406614259571683}, {"layer": 1, "score": 0.2830934997879358}, {"layer": 4, "score": 0.2809572032283649}, {"layer": 2, "score": 0.28067766711118936}]}], "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231"}', '2026-11-25 15:27:09.826143+00', '01a21351-6000-4c8c-954a-bc697ca5d27e', 'LdcLedger.Domain.Stage2.DomainRankings'),
	('4cf9d18c847150c18c1c46c5a0d8c231/tiny-llama/python/block-relative-mean', '{"id": "4cf9d18c847150c18c1c46c5a0d8c231/tiny-llama/python/block-relative-mean", "rule": "block-relative-mean", "model": "tiny-llama", "domain": "python", "groups": [{"group": "mlp", "layers": [{"layer": 0, "score": 0.01314079799356438}, {"layer": 1, "score": 0.008818393237489236}, {"layer": 2, "score": 0.006050172969823061}, {"layer": 3, "score": 0.005609487237896026}, {"layer": 4, "score": 0.005414023684993624}, {"layer": 5, "score": 0.005382147370033911}, {"layer": 6, "score": 0.0052396680079284915}, {"layer": 7, "score": 0.005082209299616285}]}, {"group": "attention", "layers": [{"layer": 1, "score": 0.009741776609743015}, {"layer": 2, "score": 0.008770259664328242}, {"layer": 0, "score": 0.007752951612683984}, {"layer": 4, "score": 0.0076274005327123424}, {"layer": 6, "score": 0.007486886740875966}, {"layer": 5, "score": 0.007278263349112517}, {"layer": 3, "score": 0.007074571476454064}, {"layer": 7, "score": 0.0065571950574503405}]}], "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231"}', '2026-11-25 15:27:09.826143+00', '01a21351-6001-40e0-b81e-5e07282fac43', 'LdcLedger.Domain.Stage2.DomainRankings'),
	('4cf9d18c847150c18c1c46c5a0d8c231/tiny-llama/python/component-frobenius', '{"id": "4cf9d18c847150c18c1c46c5a0d8c231/tiny-llama/python/component-frobenius", "rule": "component-frobenius", "model": "tiny-llama", "domain": "python", "groups": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.1371235153192617}, {"layer": 6, "score": 0.13644948196118192}, {"layer": 0, "score": 0.13457370969437327}, {"layer": 5, "score": 0.1341840064037345}, {"layer": 3, "score": 0.13178776382560067}, {"layer": 4, "score": 0.13084220578576516}, {"layer": 2, "score": 0.12956748253601935}, {"layer": 7, "score": 0.12837881325635844}]}, {"group": "attention", "layers": [{"layer": 5, "score": 0.08489587859553578}, {"layer": 3, "score": 0.08481146306344396}, {"layer": 6, "score": 0.08481024988023121}, {"layer": 0, "score": 0.08476041351326016}, {"layer": 7, "score": 0.08452713811468371}, {"layer": 1, "score": 0.08375009432560025}, {"layer": 4, "score": 0.08300130272123245}, {"layer": 2, "score": 0.08285928423231224}]}], "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231"}', '2026-11-25 15:27:09.826143+00', '01a21351-6001-46e7-af3c-e0120c588166', 'LdcLedger.Domain.Stage2.DomainRankings');
INSERT INTO ledger.mt_doc_runnorms VALUES
	('e85f957d-10e3-5742-be4f-91aa0c9d0edf', '{"id": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "role": "all", "seed": 1, "model": "tiny-llama", "domain": "python", "modules": [{"rows": 128, "epoch": 1, "layer": 0, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08175316488240246, "weightFrobenius": 11.201143976054563}, {"rows": 64, "epoch": 1, "layer": 0, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.06115391912170205, "weightFrobenius": 7.27501324665838}, {"rows": 64, "epoch": 1, "layer": 0, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06361007434839093, "weightFrobenius": 8.218494093908621}, {"rows": 128, "epoch": 1, "layer": 0, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08476041351326016, "weightFrobenius": 11.200922587883186}, {"rows": 320, "epoch": 1, "layer": 0, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13100211504490433, "weightFrobenius": 8.443253136795065}, {"rows": 320, "epoch": 1, "layer": 0, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13457370969437327, "weightFrobenius": 8.618552292497686}, {"rows": 128, "epoch": 1, "layer": 0, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08523727749772482, "weightFrobenius": 10.278994469337583}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.07893373738475103, "weightFrobenius": 9.823174215411656}, {"rows": 64, "epoch": 1, "layer": 1, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05844675933501879, "weightFrobenius": 6.723152458209885}, {"rows": 64, "epoch": 1, "layer": 1, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06196290874256571, "weightFrobenius": 4.970971104528869}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08375009432560025, "weightFrobenius": 8.569241319945917}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.1371235153192617, "weightFrobenius": 14.527507610988662}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290650273223, "weightFrobenius": 12.208233573173331}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.0819387896522327, "weightFrobenius": 13.55164787735477}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.082114689910874, "weightFrobenius": 8.7461387257054}, {"rows": 64, "epoch": 1, "layer": 2, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.058747479123238286, "weightFrobenius": 6.072792468253386}, {"rows": 64, "epoch": 1, "layer": 2, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.0569562138447648, "weightFrobenius": 7.216955372717118}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08285928423231224, "weightFrobenius": 10.196212184520776}, {"rows": 320, "epoch": 1, "layer": 2, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12956748253601935, "weightFrobenius": 20.97369032553576}, {"rows": 320, "epoch": 1, "layer": 2, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12831306741690396, "weightFrobenius": 17.539374756020145}, {"rows": 128, "epoch": 1, "layer": 2, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08185922259896987, "weightFrobenius": 17.57697770608038}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08030962802175791, "weightFrobenius": 11.659658556307331}, {"rows": 64, "epoch": 1, "layer": 3, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.059435289251487895, "weightFrobenius": 7.613119045362281}, {"rows": 64, "epoch": 1, "layer": 3, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.060500220061386285, "weightFrobenius": 8.974351551915667}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481146306344396, "weightFrobenius": 12.359492068110088}, {"rows": 320, "epoch": 1, "layer": 3, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13178776382560067, "weightFrobenius": 21.924959682908177}, {"rows": 320, "epoch": 1, "layer": 3, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12953183466919183, "weightFrobenius": 19.707037217942695}, {"rows": 128, "epoch": 1, "layer": 3, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08078350128623397, "weightFrobenius": 19.031463012792784}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08300130272123245, "weightFrobenius": 10.946993410046407}, {"rows": 64, "epoch": 1, "layer": 4, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05673742148711332, "weightFrobenius": 7.708931430315188}, {"rows": 64, "epoch": 1, "layer": 4, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.05845660759099478, "weightFrobenius": 7.296868672362863}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08276187142902441, "weightFrobenius": 10.952636355534827}, {"rows": 320, "epoch": 1, "layer": 4, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.1295446854623673, "weightFrobenius": 22.370856008341015}, {"rows": 320, "epoch": 1, "layer": 4, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13084220578576516, "weightFrobenius": 20.849289011355133}, {"rows": 128, "epoch": 1, "layer": 4, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.0831677337448164, "weightFrobenius": 19.917207523529413}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08489587859553578, "weightFrobenius": 10.957654425628208}, {"rows": 64, "epoch": 1, "layer": 5, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05884577189382713, "weightFrobenius": 7.848515236000181}, {"rows": 64, "epoch": 1, "layer": 5, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.0595400480427206, "weightFrobenius": 8.3336908617566}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08078444406363333, "weightFrobenius": 12.015724709758732}, {"rows": 320, "epoch": 1, "layer": 5, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.1341840064037345, "weightFrobenius": 21.980955861554428}, {"rows": 320, "epoch": 1, "layer": 5, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13065622502079946, "weightFrobenius": 21.70196685428735}, {"rows": 128, "epoch": 1, "layer": 5, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08304578412632863, "weightFrobenius": 20.650931442409135}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08404849579343031, "weightFrobenius": 11.42805114949148}, {"rows": 64, "epoch": 1, "layer": 6, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.06008604589322047, "weightFrobenius": 7.94050105024817}, {"rows": 64, "epoch": 1, "layer": 6, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06424796241016727, "weightFrobenius": 8.157201377482314}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481024988023121, "weightFrobenius": 11.8620576742993}, {"rows": 320, "epoch": 1, "layer": 6, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13644948196118192, "weightFrobenius": 22.061786289485156}, {"rows": 320, "epoch": 1, "layer": 6, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.1268699420200367, "weightFrobenius": 22.42039339882364}, {"rows": 128, "epoch": 1, "layer": 6, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08198849094997801, "weightFrobenius": 21.1559182576057}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08103128359032724, "weightFrobenius": 11.99277866163883}, {"rows": 64, "epoch": 1, "layer": 7, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05577289718733829, "weightFrobenius": 8.398710714279979}, {"rows": 64, "epoch": 1, "layer": 7, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06437275032244087, "weightFrobenius": 9.688636476888247}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08452713811468371, "weightFrobenius": 13.661376054348077}, {"rows": 320, "epoch": 1, "layer": 7, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12837881325635844, "weightFrobenius": 21.97077207429698}, {"rows": 320, "epoch": 1, "layer": 7, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12778487153800117, "weightFrobenius": 22.962303850296966}, {"rows": 128, "epoch": 1, "layer": 7, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08294696714626495, "weightFrobenius": 21.609328505691455}], "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "lastEpoch": 1}', '2026-11-25 15:27:05.649527+00', '01a21351-4fb0-48c5-940b-8fa19285167c', 'LdcLedger.Domain.Norms.RunNorms'),
	('793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', '{"id": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "domain": "python", "modules": [{"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.1371235153192617, "weightFrobenius": 14.527507610988662}, {"rows": 320, "epoch": 1, "layer": 1, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290650273223, "weightFrobenius": 12.208233573173331}, {"rows": 128, "epoch": 1, "layer": 1, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.0819387896522327, "weightFrobenius": 13.55164787735477}], "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "lastEpoch": 1}', '2026-11-25 15:27:11.365746+00', '01a21351-6605-459e-a6c4-1ad3f63053cf', 'LdcLedger.Domain.Norms.RunNorms');
INSERT INTO ledger.mt_doc_runperplexity VALUES
	('59574894-1cc9-5149-9813-c37da6ab5002', '{"id": "59574894-1cc9-5149-9813-c37da6ab5002", "role": "pretrained", "seed": null, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "totalNats": 23883.420043945312, "scoredTokens": 7043}', '2026-11-25 15:27:08.202881+00', '01a21351-59aa-4d79-982e-52e8ca17dbe6', 'LdcLedger.Domain.Perplexities.RunPerplexity'),
	('e85f957d-10e3-5742-be4f-91aa0c9d0edf', '{"id": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "role": "all", "seed": 1, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "totalNats": 23717.11849784851, "scoredTokens": 7043}', '2026-11-25 15:27:09.826143+00', '01a21351-5ffc-4345-bf32-df394eb2c183', 'LdcLedger.Domain.Perplexities.RunPerplexity'),
	('793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', '{"id": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "role": "top-1-mlp", "seed": 1, "bytes": 18634, "model": "tiny-llama", "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "totalNats": 23874.95687508583, "scoredTokens": 7043}', '2026-11-25 15:27:14.280731+00', '01a21351-7168-4373-9691-3d856c3c3339', 'LdcLedger.Domain.Perplexities.RunPerplexity');
INSERT INTO ledger.mt_doc_runsummary VALUES
	('59574894-1cc9-5149-9813-c37da6ab5002', '{"id": "59574894-1cc9-5149-9813-c37da6ab5002", "role": "pretrained", "seed": null, "model": "tiny-llama", "stage": 0, "steps": 0, "domain": "python", "epochs": 0, "reason": null, "status": "completed", "tuning": "", "worker": "vm:9149", "attempt": 1, "endedAt": "2026-11-25T15:27:07.981357+00:00", "seconds": 6.9559177, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "claimedAt": "2026-11-25T15:27:00.978432+00:00", "plannedAt": "2026-11-25T15:26:58.749674+00:00", "perplexity": 29.698192670263914, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "none: own kernels", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": null, "trainedTokens": 0, "epochsCompleted": 0, "adapterConfigSha256": null, "adapterWeightsSha256": null}', '2026-11-25 15:27:08.202881+00', '01a21351-59a8-44bc-8a5c-b6f08f6730ed', 'LdcLedger.Domain.Runs.RunSummary'),
	('e85f957d-10e3-5742-be4f-91aa0c9d0edf', '{"id": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "role": "all", "seed": 1, "model": "tiny-llama", "stage": 1, "steps": 2, "domain": "python", "epochs": 1, "reason": null, "status": "completed", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "worker": "vm:9149", "attempt": 1, "endedAt": "2026-11-25T15:27:09.68629+00:00", "seconds": 8.6582768, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "claimedAt": "2026-11-25T15:27:00.989979+00:00", "plannedAt": "2026-11-25T15:26:58.749674+00:00", "perplexity": 29.005163749517227, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "none: own kernels", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": 3.6040881617477503, "trainedTokens": 1944, "epochsCompleted": 1, "adapterConfigSha256": "ea5f08aa000dd80c92654a8d404324ef1901c16af552d57543ee618a272affbc", "adapterWeightsSha256": "24836d89da13a8c8c75dfd305bff790e39c5e7ad389f3930ef19be07f82ecf1a"}', '2026-11-25 15:27:09.826143+00', '01a21351-5ffc-44e8-89f2-c25d8f020d53', 'LdcLedger.Domain.Runs.RunSummary'),
	('793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', '{"id": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "stage": 2, "steps": 2, "domain": "python", "epochs": 1, "reason": null, "status": "completed", "tuning": "1:gate_proj,up_proj,down_proj", "worker": "vm:9149", "attempt": 1, "endedAt": "2026-11-25T15:27:14.261603+00:00", "seconds": 4.3869777, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "claimedAt": "2026-11-25T15:27:09.864016+00:00", "plannedAt": "2026-11-25T15:27:09.804904+00:00", "perplexity": 29.66252748938356, "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "none: own kernels", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}, "trainLossNats": 3.6040881617477503, "trainedTokens": 1944, "epochsCompleted": 1, "adapterConfigSha256": "cd1e3ddd5d1205c0e8f0bcb5a44aaf78472779ba18313d4726ce2be6c4814197", "adapterWeightsSha256": "b3a8927216c6e8d0632b01b20219a5f431f92893a6e7b9fadaaeb5210166645d"}', '2026-11-25 15:27:14.280731+00', '01a21351-7168-4f0d-9968-2779b18c8341', 'LdcLedger.Domain.Runs.RunSummary');
INSERT INTO ledger.mt_doc_studystate VALUES
	('4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '{"id": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "progress": {"runs": {"59574894-1cc9-5149-9813-c37da6ab5002": {"role": "pretrained", "seed": null, "model": "tiny-llama", "retry": 0, "runId": "59574894-1cc9-5149-9813-c37da6ab5002", "domain": "python", "reason": null, "outcome": "completed", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "perplexity": 29.698192670263914}, "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e": {"role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "retry": 0, "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "domain": "python", "reason": null, "outcome": "completed", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "perplexity": 29.66252748938356}, "e85f957d-10e3-5742-be4f-91aa0c9d0edf": {"role": "all", "seed": 1, "model": "tiny-llama", "retry": 0, "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "reason": null, "outcome": "completed", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "perplexity": 29.005163749517227}}, "rules": [{"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}], "stage2": [{"rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": [{"role": "top-1-mlp", "seed": 1, "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "tuning": "1:gate_proj,up_proj,down_proj"}], "model": "tiny-llama", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "rankings": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.35298521147422657}, {"layer": 0, "score": 0.3508131022370024}, {"layer": 5, "score": 0.34788601555086257}, {"layer": 6, "score": 0.34530791493119667}, {"layer": 4, "score": 0.34355462499294886}, {"layer": 3, "score": 0.34210309978102643}, {"layer": 2, "score": 0.3397397725518932}, {"layer": 7, "score": 0.3391106519406245}]}]}], "endedAt": "2026-11-25T15:27:14.28981+00:00", "isEnded": true, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "summary": {"id": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "name": "s", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "spec": {"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "name": "s", "seeds": [1], "models": [{"name": "tiny-llama", "path": "/srv/demo/s/models/tiny-llama"}], "stage2": {"top": [1], "rule": "block-sum", "groups": ["mlp"]}, "domains": [{"name": "python", "path": "/srv/demo/s/domains/python.jsonl", "format": "auto"}], "regimes": ["all"], "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "evaluation": {"length": 256, "stride": 128}}, "models": [{"name": "tiny-llama", "path": "/srv/demo/s/models/tiny-llama", "family": "llama", "layers": 8, "parameters": 1640576, "architecture": "LlamaForCausalLM", "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}], "status": "completed", "domains": [{"name": "python", "path": "/srv/demo/s/domains/python.jsonl", "bytes": 102915, "format": "jsonl", "sha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "records": 160, "heldOutRecords": 33}], "endedAt": "2026-11-25T15:27:14.28981+00:00", "failedRuns": 0, "plannedRuns": 3, "settledRuns": 3, "submittedAt": "2026-11-25T15:26:58.749674+00:00", "abandonedRuns": 0, "cancelledRuns": 0, "completedRuns": 3, "stage2Planned": 1}, "isSettled": true, "submitted": {"name": "s", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": ["59574894-1cc9-5149-9813-c37da6ab5002", "e85f957d-10e3-5742-be4f-91aa0c9d0edf"], "spec": {"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "name": "s", "seeds": [1], "models": [{"name": "tiny-llama", "path": "/srv/demo/s/models/tiny-llama"}], "stage2": {"top": [1], "rule": "block-sum", "groups": ["mlp"]}, "domains": [{"name": "python", "path": "/srv/demo/s/domains/python.jsonl", "format": "auto"}], "regimes": ["all"], "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "evaluation": {"length": 256, "stride": 128}}, "models": [{"name": "tiny-llama", "path": "/srv/demo/s/models/tiny-llama", "family": "llama", "layers": 8, "parameters": 1640576, "architecture": "LlamaForCausalLM", "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}], "domains": [{"name": "python", "path": "/srv/demo/s/domains/python.jsonl", "bytes": 102915, "format": "jsonl", "sha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "records": 160, "heldOutRecords": 33}], "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231"}, "completions": 1, "isCancelled": false, "submittedAt": "2026-11-25T15:26:58.749674+00:00", "cancelRequested": null}}', '2026-11-25 15:27:14.308147+00', '01a21351-7183-4e20-a113-c05aac5aedf9', 'LdcLedger.Ledger.ReadModels.StudyState');
INSERT INTO ledger.mt_doc_studysummary VALUES
	('4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '{"id": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "name": "s", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "spec": {"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "name": "s", "seeds": [1], "models": [{"name": "tiny-llama", "path": "/srv/demo/s/models/tiny-llama"}], "stage2": {"top": [1], "rule": "block-sum", "groups": ["mlp"]}, "domains": [{"name": "python", "path": "/srv/demo/s/domains/python.jsonl", "format": "auto"}], "regimes": ["all"], "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "evaluation": {"length": 256, "stride": 128}}, "models": [{"name": "tiny-llama", "path": "/srv/demo/s/models/tiny-llama", "family": "llama", "layers": 8, "parameters": 1640576, "architecture": "LlamaForCausalLM", "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}], "status": "completed", "domains": [{"name": "python", "path": "/srv/demo/s/domains/python.jsonl", "bytes": 102915, "format": "jsonl", "sha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "records": 160, "heldOutRecords": 33}], "endedAt": "2026-11-25T15:27:14.28981+00:00", "failedRuns": 0, "plannedRuns": 3, "settledRuns": 3, "submittedAt": "2026-11-25T15:26:58.749674+00:00", "abandonedRuns": 0, "cancelledRuns": 0, "completedRuns": 3, "stage2Planned": 1}', '2026-11-25 15:27:14.308147+00', '01a21351-7183-4ad2-8bcb-09dc59f534d2', 'LdcLedger.Domain.Studies.StudySummary');
INSERT INTO ledger.mt_event_progression VALUES
	('relay:All', 31, '2026-11-25 15:27:14.305228+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('read_models:All', 31, '2026-11-25 15:27:14.308147+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('HighWaterAllocationFence', 31, '2026-11-25 15:27:14.5585+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('HighWaterMark', 31, '2026-11-25 15:27:14.563926+00', 'none', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO ledger.mt_events VALUES
	(1, '419989cd-78ff-5cbb-9246-ee2417454d15', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 1, '{"name": "s", "rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": ["59574894-1cc9-5149-9813-c37da6ab5002", "e85f957d-10e3-5742-be4f-91aa0c9d0edf"], "spec": {"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "name": "s", "seeds": [1], "models": [{"name": "tiny-llama", "path": "/srv/demo/s/models/tiny-llama"}], "stage2": {"top": [1], "rule": "block-sum", "groups": ["mlp"]}, "domains": [{"name": "python", "path": "/srv/demo/s/domains/python.jsonl", "format": "auto"}], "regimes": ["all"], "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "evaluation": {"length": 256, "stride": 128}}, "models": [{"name": "tiny-llama", "path": "/srv/demo/s/models/tiny-llama", "family": "llama", "layers": 8, "parameters": 1640576, "architecture": "LlamaForCausalLM", "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}], "domains": [{"name": "python", "path": "/srv/demo/s/domains/python.jsonl", "bytes": 102915, "format": "jsonl", "sha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "records": 160, "heldOutRecords": 33}], "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231"}', NULL, 'study_submitted', '2026-11-25 15:26:58.749674+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.StudySubmitted, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', NULL, '{"chain": "035e6c835400e280e67a0f4f94164524ef54c7e025d15444fe294d1468aa909b"}', false),
	(2, '8b2238ef-842e-50cc-ac9d-1be8ac36e2ad', '59574894-1cc9-5149-9813-c37da6ab5002', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "pretrained", "seed": null, "model": "tiny-llama", "runId": "59574894-1cc9-5149-9813-c37da6ab5002", "stage": 0, "domain": "python", "tuning": "", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-25 15:26:58.749674+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', NULL, '{"chain": "b6978e63b712a54bf0be493760ba88d812725f4c3c2d2e561332d63cbb58caa2"}', false),
	(3, 'dff89258-c06f-5a64-8901-2aa051de0154', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "all", "seed": 1, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "stage": 1, "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-25 15:26:58.749674+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', NULL, '{"chain": "822dd76f6c055767381d1f20f99a95c5aa707df6905ddbaf42353c307755fac4"}', false),
	(4, 'a6ff61c7-0dd3-5998-a22f-215edff4ed8f', '59574894-1cc9-5149-9813-c37da6ab5002', 2, '{"runId": "59574894-1cc9-5149-9813-c37da6ab5002", "worker": "vm:9149", "attempt": 1, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "none: own kernels", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-25 15:27:00.978432+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8b2238ef-842e-50cc-ac9d-1be8ac36e2ad', '{"chain": "91eed7ae901f4fd2a988b170959aebdbe94fbeb2d4b77d8db8329347df118547"}', false),
	(5, '8c44e485-a688-55ae-8d40-5b4e406d855e', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 2, '{"runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "worker": "vm:9149", "attempt": 1, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "none: own kernels", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-25 15:27:00.989979+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 'dff89258-c06f-5a64-8901-2aa051de0154', '{"chain": "764b99f642cced594a7af26f0675094dd83197cde51aef3a7f115ff637f8ae34"}', false),
	(6, '540cdd02-1c71-5168-a153-0c637d485c5f', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 3, '{"step": 2, "epoch": 1, "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "totalNats": 6966.7024166584015, "lossPoints": [{"nats": 3405.2319054603577, "step": 1, "tokens": 914}, {"nats": 3561.470511198044, "step": 2, "tokens": 1019}], "scoredTokens": 1933}', NULL, 'epoch_completed', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.EpochCompleted, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "0184ece61696f6449078d62c73b8820d670aaba3330ffa02a2a5d792693069a7"}', false),
	(15, '4b7c9d70-598a-57d6-a2bb-c2e9ddbd200b', '59574894-1cc9-5149-9813-c37da6ab5002', 3, '{"role": "pretrained", "seed": null, "bytes": 18634, "model": "tiny-llama", "runId": "59574894-1cc9-5149-9813-c37da6ab5002", "domain": "python", "tuning": "", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "documents": 33, "totalNats": 23883.420043945312, "pretrained": true, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-25 15:27:07.981357+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 'a6ff61c7-0dd3-5998-a22f-215edff4ed8f', '{"chain": "b2fade4a828ec3958901ba142ef6fa33b936cbc556584c7ee78a04c7f427e769"}', false),
	(16, '3ea5da59-1810-56b4-b96b-ce401748b4b4', '59574894-1cc9-5149-9813-c37da6ab5002', 4, '{"runId": "59574894-1cc9-5149-9813-c37da6ab5002", "steps": 0, "attempt": 1, "seconds": 6.9559177, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "trainedTokens": 0}', NULL, 'run_completed', '2026-11-25 15:27:07.981357+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 'a6ff61c7-0dd3-5998-a22f-215edff4ed8f', '{"chain": "45f43e636159d50557a99201d929732377109c3c8cb4f9a296b58352f660c2c0"}', false),
	(7, '21a2241b-e683-528c-9bde-c586b580f437', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 4, '{"role": "all", "seed": 1, "epoch": 1, "layer": 0, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08175316488240246, "weightFrobenius": 11.201143976054563}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.06115391912170205, "weightFrobenius": 7.27501324665838}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06361007434839093, "weightFrobenius": 8.218494093908621}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08476041351326016, "weightFrobenius": 11.200922587883186}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13100211504490433, "weightFrobenius": 8.443253136795065}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13457370969437327, "weightFrobenius": 8.618552292497686}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08523727749772482, "weightFrobenius": 10.278994469337583}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "1c388694e5e6832f21017b1cfa297daed5fa89f407149fcba7beb08a5f9e9106"}', false),
	(8, '707c6e20-a965-5eaf-9db6-a6804d32092c', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 5, '{"role": "all", "seed": 1, "epoch": 1, "layer": 1, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.07893373738475103, "weightFrobenius": 9.823174215411656}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05844675933501879, "weightFrobenius": 6.723152458209885}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06196290874256571, "weightFrobenius": 4.970971104528869}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08375009432560025, "weightFrobenius": 8.569241319945917}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.1371235153192617, "weightFrobenius": 14.527507610988662}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290650273223, "weightFrobenius": 12.208233573173331}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.0819387896522327, "weightFrobenius": 13.55164787735477}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "722c310086664fb945b067587b7806e06028f0a2178dcfe9b31531eba1ab0325"}', false),
	(9, 'ade4e5a8-0e69-56c6-a195-f4b8fb2e2d01', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 6, '{"role": "all", "seed": 1, "epoch": 1, "layer": 2, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.082114689910874, "weightFrobenius": 8.7461387257054}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.058747479123238286, "weightFrobenius": 6.072792468253386}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.0569562138447648, "weightFrobenius": 7.216955372717118}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08285928423231224, "weightFrobenius": 10.196212184520776}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12956748253601935, "weightFrobenius": 20.97369032553576}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12831306741690396, "weightFrobenius": 17.539374756020145}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08185922259896987, "weightFrobenius": 17.57697770608038}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "51aa69d1284c9520e48fb54c488426f71b8d19d9f0d5d6cfb352cb1cdee2b3ad"}', false),
	(10, '751e893e-22ae-52d3-91b0-072c3e0b08d6', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 7, '{"role": "all", "seed": 1, "epoch": 1, "layer": 3, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08030962802175791, "weightFrobenius": 11.659658556307331}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.059435289251487895, "weightFrobenius": 7.613119045362281}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.060500220061386285, "weightFrobenius": 8.974351551915667}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481146306344396, "weightFrobenius": 12.359492068110088}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13178776382560067, "weightFrobenius": 21.924959682908177}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12953183466919183, "weightFrobenius": 19.707037217942695}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08078350128623397, "weightFrobenius": 19.031463012792784}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "c8b9d7267aa5d35fc39b3eaf7000746bca8cba43bcd40164aa17ae9105a97b14"}', false),
	(17, 'e3bb5669-2064-5ca2-aeb4-28be27fa1434', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 2, '{"role": "pretrained", "seed": null, "model": "tiny-llama", "retry": 0, "runId": "59574894-1cc9-5149-9813-c37da6ab5002", "domain": "python", "reason": null, "outcome": "completed", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "perplexity": 29.698192670263914}', NULL, 'run_settled', '2026-11-25 15:27:08.435621+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '3ea5da59-1810-56b4-b96b-ce401748b4b4', '{"chain": "4c8034c45923d67ab8041f262c92d9e5406d8a34e07c1ce2efbf1f0bc627eff8"}', false),
	(19, '60bf7097-f382-538e-a647-d9bad6b96b17', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 13, '{"bytes": 587592, "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "configSha256": "ea5f08aa000dd80c92654a8d404324ef1901c16af552d57543ee618a272affbc", "weightsSha256": "24836d89da13a8c8c75dfd305bff790e39c5e7ad389f3930ef19be07f82ecf1a"}', NULL, 'adapter_saved', '2026-11-25 15:27:09.68629+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.AdapterSaved, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "b355ecbf0c3fe99e34fcddfd8a7c9b1dc83a7a7684716e438e240dd76959c05e"}', false),
	(11, '90f6d5b0-999b-5691-bb9c-37969d739c06', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 8, '{"role": "all", "seed": 1, "epoch": 1, "layer": 4, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08300130272123245, "weightFrobenius": 10.946993410046407}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05673742148711332, "weightFrobenius": 7.708931430315188}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.05845660759099478, "weightFrobenius": 7.296868672362863}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08276187142902441, "weightFrobenius": 10.952636355534827}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.1295446854623673, "weightFrobenius": 22.370856008341015}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13084220578576516, "weightFrobenius": 20.849289011355133}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.0831677337448164, "weightFrobenius": 19.917207523529413}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "1faff69b4eb598f576eca99a68bbab70afcfbcea0596caff76bf6720aeced65c"}', false),
	(12, '0c851aeb-1c53-5817-8449-55bce39b112d', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 9, '{"role": "all", "seed": 1, "epoch": 1, "layer": 5, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08489587859553578, "weightFrobenius": 10.957654425628208}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05884577189382713, "weightFrobenius": 7.848515236000181}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.0595400480427206, "weightFrobenius": 8.3336908617566}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08078444406363333, "weightFrobenius": 12.015724709758732}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.1341840064037345, "weightFrobenius": 21.980955861554428}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13065622502079946, "weightFrobenius": 21.70196685428735}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08304578412632863, "weightFrobenius": 20.650931442409135}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "4eac56f22c508fa5a17c7dc339e4f1b7bb8b20e0d4834781e6dd6164dbd010b8"}', false),
	(13, '9fa2e39c-f7f3-5cc3-8f5c-c58be2571e26', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 10, '{"role": "all", "seed": 1, "epoch": 1, "layer": 6, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08404849579343031, "weightFrobenius": 11.42805114949148}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.06008604589322047, "weightFrobenius": 7.94050105024817}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06424796241016727, "weightFrobenius": 8.157201377482314}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08481024988023121, "weightFrobenius": 11.8620576742993}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.13644948196118192, "weightFrobenius": 22.061786289485156}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.1268699420200367, "weightFrobenius": 22.42039339882364}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08198849094997801, "weightFrobenius": 21.1559182576057}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "6a06b8d48a7d2a5ffe80cae279ab357921e3b7fd765da75d0866bfff8908fcce"}', false),
	(14, '4942628a-2887-5b9a-99a6-c3c19498cddb', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 11, '{"role": "all", "seed": 1, "epoch": 1, "layer": 7, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 128, "columns": 128, "projection": "q_proj", "updateFrobenius": 0.08103128359032724, "weightFrobenius": 11.99277866163883}, {"rows": 64, "columns": 128, "projection": "k_proj", "updateFrobenius": 0.05577289718733829, "weightFrobenius": 8.398710714279979}, {"rows": 64, "columns": 128, "projection": "v_proj", "updateFrobenius": 0.06437275032244087, "weightFrobenius": 9.688636476888247}, {"rows": 128, "columns": 128, "projection": "o_proj", "updateFrobenius": 0.08452713811468371, "weightFrobenius": 13.661376054348077}, {"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.12837881325635844, "weightFrobenius": 21.97077207429698}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.12778487153800117, "weightFrobenius": 22.962303850296966}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.08294696714626495, "weightFrobenius": 21.609328505691455}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:05.532704+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "f38f44260cfb7b08b99cf78b43e272da3b3aa7a473a25bb108871377bf1fd033"}', false),
	(18, '2d0222fc-051f-5e00-a3b1-8ea87b994dd5', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 12, '{"role": "all", "seed": 1, "bytes": 18634, "model": "tiny-llama", "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "tuning": "0-7:q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "documents": 33, "totalNats": 23717.11849784851, "pretrained": false, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-25 15:27:09.68629+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "6bff94272f0f2d14a8be23319bd22e6a35f7915a7d8edd041727a017e7434413"}', false),
	(20, 'b6b1bf1f-8ea1-5247-81bf-56752478eb02', 'e85f957d-10e3-5742-be4f-91aa0c9d0edf', 14, '{"runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "steps": 2, "attempt": 1, "seconds": 8.6582768, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "trainedTokens": 1944}', NULL, 'run_completed', '2026-11-25 15:27:09.68629+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '8c44e485-a688-55ae-8d40-5b4e406d855e', '{"chain": "216a4352bba089b8fa611ec39b494e8b123fbc6830a8ebee863bfc3f7e45a8a3"}', false),
	(21, 'a014416e-15ab-516c-801a-566bd4655485', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 3, '{"role": "all", "seed": 1, "model": "tiny-llama", "retry": 0, "runId": "e85f957d-10e3-5742-be4f-91aa0c9d0edf", "domain": "python", "reason": null, "outcome": "completed", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "perplexity": 29.005163749517227}', NULL, 'run_settled', '2026-11-25 15:27:09.804904+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 'b6b1bf1f-8ea1-5247-81bf-56752478eb02', '{"chain": "ae7e3b0749356e04d8ec3fe52219dff6fe4ab778c36951642f22d0024053024b"}', false),
	(22, 'e5e48c90-b2eb-564a-a69e-865bc72be655', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 4, '{"rule": {"top": 3, "name": "block-sum", "over": "block", "ties": "lower-layer", "epoch": null, "seeds": "mean", "combine": "sum", "measure": "frobenius", "version": 1, "perplexity": "inverse"}, "runs": [{"role": "top-1-mlp", "seed": 1, "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "tuning": "1:gate_proj,up_proj,down_proj"}], "model": "tiny-llama", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "rankings": [{"group": "mlp", "layers": [{"layer": 1, "score": 0.35298521147422657}, {"layer": 0, "score": 0.3508131022370024}, {"layer": 5, "score": 0.34788601555086257}, {"layer": 6, "score": 0.34530791493119667}, {"layer": 4, "score": 0.34355462499294886}, {"layer": 3, "score": 0.34210309978102643}, {"layer": 2, "score": 0.3397397725518932}, {"layer": 7, "score": 0.3391106519406245}]}]}', NULL, 'stage2_planned', '2026-11-25 15:27:09.804904+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.Stage2Planned, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 'b6b1bf1f-8ea1-5247-81bf-56752478eb02', '{"chain": "2d9b06aaa4d1d822ccc50b462077eb28371326492c16a17e1ecdca2ff562dea4"}', false),
	(23, '1d0187dc-44b5-5bb6-8114-3e2adc93fdcf', '793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', 1, '{"data": {"length": 256, "lossOn": "all", "heldOut": 0.2, "template": "{prompt}\n\n{response}", "maxTokens": 2048}, "lora": {"rank": 8, "alpha": 16, "dropout": 0}, "role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "stage": 2, "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "training": {"batch": 4, "dtype": "float32", "epochs": 1, "warmup": 0.1, "schedule": "cosine", "maxGradNorm": 1, "weightDecay": 0.01, "accumulation": 1, "learningRate": 0.003}, "dataSha256": "f54dc25575cb9c3266f2cc02e9dd983df10b7f57b7bcb7b3b3ba18038fe7a566", "evaluation": {"length": 256, "stride": 128}, "configSha256": "3bead649bdd4270b0af3f58962c7944c7054f99238a4b5f78072c5dd3c091a16", "weightsSha256": "1626105d95c25ebcad7ce432e86c28dfe316c48f53372df5f3cc92f5622ea261", "tokenizerSha256": "7121742108767fc95dd19bf3eda1541ed44a023ab8e558230d25bfaca97bf2dc"}', NULL, 'run_planned', '2026-11-25 15:27:09.804904+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunPlanned, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 'b6b1bf1f-8ea1-5247-81bf-56752478eb02', '{"chain": "12861c35462c8af14704918e0761fc5a0e19924af855fde202268e923655495a"}', false),
	(27, '7d07fd0e-34d2-5c73-857f-a443bab5c181', '793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', 5, '{"role": "top-1-mlp", "seed": 1, "bytes": 18634, "model": "tiny-llama", "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "domain": "python", "tuning": "1:gate_proj,up_proj,down_proj", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "documents": 33, "totalNats": 23874.95687508583, "pretrained": false, "scoredTokens": 7043}', NULL, 'perplexity_evaluated', '2026-11-25 15:27:14.261603+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.PerplexityEvaluated, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '1bc20c82-0a9e-547a-9907-13a9756db40a', '{"chain": "6cde6aaeb91bab24f1c534a22e1830c8f5cf6a3c0b7d5bc8d281bef205d47621"}', false),
	(28, 'f01a735d-bcf7-5a36-9483-75769b334f16', '793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', 6, '{"bytes": 43784, "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "configSha256": "cd1e3ddd5d1205c0e8f0bcb5a44aaf78472779ba18313d4726ce2be6c4814197", "weightsSha256": "b3a8927216c6e8d0632b01b20219a5f431f92893a6e7b9fadaaeb5210166645d"}', NULL, 'adapter_saved', '2026-11-25 15:27:14.261603+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.AdapterSaved, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '1bc20c82-0a9e-547a-9907-13a9756db40a', '{"chain": "6abac484564a256e0368b7f6e4820894a9c3944a3887ae82be62f4e8553ac6b2"}', false),
	(29, '50c5ea83-07ea-53d4-b11e-58ded7e94fc8', '793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', 7, '{"runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "steps": 2, "attempt": 1, "seconds": 4.3869777, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "trainedTokens": 1944}', NULL, 'run_completed', '2026-11-25 15:27:14.261603+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunCompleted, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '1bc20c82-0a9e-547a-9907-13a9756db40a', '{"chain": "0b479b823ca7deb63a256943b888f218fbc8e1941af80f576be0aa13f292ffc4"}', false),
	(30, 'cb748ebe-1cbc-5bf1-9f29-eafb0e0b64a5', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 5, '{"role": "top-1-mlp", "seed": 1, "model": "tiny-llama", "retry": 0, "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "domain": "python", "reason": null, "outcome": "completed", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "perplexity": 29.66252748938356}', NULL, 'run_settled', '2026-11-25 15:27:14.28981+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.RunSettled, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '50c5ea83-07ea-53d4-b11e-58ded7e94fc8', '{"chain": "f0c3dcdecb1131bd62e69562e961e9a8c07fc94847405dbeb0f324399b8b237c"}', false),
	(31, 'bbd59ae7-dfbc-5144-8ca7-ed5471318ec2', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', 6, '{"failed": 0, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "abandoned": 0, "cancelled": 0, "completed": 3, "completion": 1}', NULL, 'study_completed', '2026-11-25 15:27:14.28981+00', '*DEFAULT*', 'LdcLedger.Domain.Studies.StudyCompleted, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '50c5ea83-07ea-53d4-b11e-58ded7e94fc8', '{"chain": "f724078f9a7a2f4413606da1ac8c1b382b6c8c609c376a7cb8bc87c87454b596"}', false),
	(24, '1bc20c82-0a9e-547a-9907-13a9756db40a', '793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', 2, '{"runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "worker": "vm:9149", "attempt": 1, "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "environment": {"host": "vm", "device": "cpu", "runtime": ".NET 10.0.12", "threads": 1, "libtorch": "none: own kernels", "processor": "AMD EPYC, 2 cores", "ldcVersion": "0.1.0", "operatingSystem": "Debian GNU/Linux 12 (bookworm)"}}', NULL, 'run_claimed', '2026-11-25 15:27:09.864016+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.RunClaimed, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '1d0187dc-44b5-5bb6-8114-3e2adc93fdcf', '{"chain": "631719160e1b63fa5164b9b7cc2f14af56268f401afdab09871dd42fc9e74c83"}', false),
	(25, 'f7a7b393-86a8-5718-8cf9-e34984e38b5c', '793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', 3, '{"step": 2, "epoch": 1, "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "totalNats": 6966.7024166584015, "lossPoints": [{"nats": 3405.2319054603577, "step": 1, "tokens": 914}, {"nats": 3561.470511198044, "step": 2, "tokens": 1019}], "scoredTokens": 1933}', NULL, 'epoch_completed', '2026-11-25 15:27:11.305952+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.EpochCompleted, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '1bc20c82-0a9e-547a-9907-13a9756db40a', '{"chain": "ca1e91c8e6658b041b383097076b4d03b69c8746376fc0d9c287dd439587a752"}', false),
	(26, '405fc90e-2997-5dec-b7b6-bb09bc8dc0a8', '793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', 4, '{"role": "top-1-mlp", "seed": 1, "epoch": 1, "layer": 1, "model": "tiny-llama", "runId": "793d1ebd-90bb-5e95-945a-07c1d8cb4e8e", "domain": "python", "studyId": "4cf9d18c-8471-50c1-8c1c-46c5a0d8c231", "projections": [{"rows": 320, "columns": 128, "projection": "gate_proj", "updateFrobenius": 0.1371235153192617, "weightFrobenius": 14.527507610988662}, {"rows": 320, "columns": 128, "projection": "up_proj", "updateFrobenius": 0.13392290650273223, "weightFrobenius": 12.208233573173331}, {"rows": 128, "columns": 320, "projection": "down_proj", "updateFrobenius": 0.0819387896522327, "weightFrobenius": 13.55164787735477}]}', NULL, 'layer_norm_measured', '2026-11-25 15:27:11.305952+00', '*DEFAULT*', 'LdcLedger.Domain.Runs.LayerNormMeasured, LdcLedger.Domain', '4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', '1bc20c82-0a9e-547a-9907-13a9756db40a', '{"chain": "ced1e3004d70024e96b1911cf3b68a58ab886b3ddacfa9bb6b6958da3d031918"}', false);
INSERT INTO ledger.mt_streams VALUES
	('59574894-1cc9-5149-9813-c37da6ab5002', NULL, 4, '2026-11-25 15:27:08.101461+00', '2026-11-25 15:26:58.967383+00', '*DEFAULT*', 0, false),
	('e85f957d-10e3-5742-be4f-91aa0c9d0edf', NULL, 14, '2026-11-25 15:27:09.691069+00', '2026-11-25 15:26:58.967383+00', '*DEFAULT*', 0, false),
	('793d1ebd-90bb-5e95-945a-07c1d8cb4e8e', NULL, 7, '2026-11-25 15:27:14.262559+00', '2026-11-25 15:27:09.819889+00', '*DEFAULT*', 0, false),
	('4cf9d18c-8471-50c1-8c1c-46c5a0d8c231', NULL, 6, '2026-11-25 15:27:14.292392+00', '2026-11-25 15:26:58.967383+00', '*DEFAULT*', 0, false);
INSERT INTO ledger.tables_version VALUES
	(2);
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
ALTER TABLE ONLY ledger.mt_doc_studystate
    ADD CONSTRAINT pkey_mt_doc_studystate_id PRIMARY KEY (id);
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
