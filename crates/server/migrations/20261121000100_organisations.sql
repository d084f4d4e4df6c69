-- Organisations, the roles that the server works with, and the setting that says whose rows a transaction sees.
--
-- gururmm_app     runtime: row-level security applies; not an owner, no BYPASSRLS
-- gururmm_ingest  the agents' side: no table at all, only the SECURITY DEFINER functions named ingest_* and gateway_*
--
-- Roles belong to the cluster, not to the database: another database may have made them already.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['gururmm_app', 'gururmm_ingest'] loop
        begin
            execute format('create role %I login noinherit nosuperuser nocreatedb nocreaterole nobypassrls', role_name);
        exception when duplicate_object or unique_violation then null;
        end;
        -- from PostgreSQL 16 on, who makes a role may administer it but not become it unless it is granted
        begin
            execute format('grant %I to current_user', role_name);
        exception when others then
            if not pg_has_role(current_user, role_name, 'member') then raise; end if;
        end;
    end loop;
end
$$;

revoke all on schema public from public;
grant usage on schema public to gururmm_app, gururmm_ingest;

create extension if not exists pg_trgm;

-- The organisation of this transaction; null (no rows at all) outside a scoped transaction.
create function current_org() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.org', true), '')::uuid;

create table organisations (
    id          uuid primary key,
    name        text not null check (char_length(name) between 1 and 200),
    created_at  timestamptz not null
);
alter table organisations enable row level security;
create policy organisation_itself on organisations to gururmm_app using (id = current_org()) with check (id = current_org());
grant select on organisations to gururmm_app;
