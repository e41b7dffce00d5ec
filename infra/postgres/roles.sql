-- Least-privilege roles for a ledger in schema "ledger". Run it as the owner of the tables or a superuser, once `ldc` has created them
-- (any verb that opens the ledger does, for instance `ldc study list`), and again after every upgrade:
--
--   psql -v ON_ERROR_STOP=1 -d ldc -f infra/postgres/roles.sql
--   psql -d ldc -c '\password ldc_app'
--
--   ldc_app     what `ldc serve` and `ldc worker` need: events may be added and read, never changed or removed; read models, which can be
--               rebuilt from the events, may be rewritten; no table may be created, altered or dropped.
--   ldc_reader  only reads: for reports, dashboards and people.

do $$
declare
    item record;
begin
    if not exists (select from pg_roles where rolname = 'ldc_app') then
        create role ldc_app login;
    end if;
    if not exists (select from pg_roles where rolname = 'ldc_reader') then
        create role ldc_reader login;
    end if;

    revoke create on schema public from public;
    revoke all on schema ledger from public, ldc_app, ldc_reader;
    grant usage on schema ledger to ldc_app, ldc_reader;

    revoke all on all tables in schema ledger from public, ldc_app, ldc_reader;
    grant select on all tables in schema ledger to ldc_app, ldc_reader;
    grant usage, select on all sequences in schema ledger to ldc_app;
    grant execute on all functions in schema ledger to ldc_app;

    for item in select c.relname as name from pg_class c where c.relnamespace = 'ledger'::regnamespace and c.relkind in ('r', 'p') loop
        if item.name = 'mt_events' then
            grant insert on ledger.mt_events to ldc_app;
        elsif item.name = 'mt_streams' then
            -- A stream's row counts its events: appending updates it.
            grant insert, update on ledger.mt_streams to ldc_app;
        elsif item.name in ('tree_blocks', 'tree_nodes') then
            -- The trees under the seals grow, like the events.
            execute format('grant insert on ledger.%I to ldc_app', item.name);
        elsif item.name not in ('tables_version', 'ledger_identity') then
            execute format('grant insert, update, delete, truncate on ledger.%I to ldc_app', item.name);
        end if;
    end loop;
end $$;
