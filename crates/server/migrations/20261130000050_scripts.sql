-- The library of scripts, of the organisation as a whole. A version is never changed but for its approval; a script is put away, never deleted:
-- commands name what they ran.
create table scripts (
    id                uuid primary key,
    org_id            uuid not null references organisations (id),
    name              text not null check (char_length(name) between 1 and 120),
    -- a path such as `Linux/Disks`; empty at the top
    folder            text not null default '' check (char_length(folder) <= 410),
    description       text not null default '' check (char_length(description) <= 4000),
    newest_version    integer not null check (newest_version > 0),
    -- the one that runs by itself
    approved_version  integer check (approved_version between 1 and newest_version),
    archived_at       timestamptz,
    created_by        uuid,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    unique (org_id, id),
    constraint scripts_created_by_fkey foreign key (org_id, created_by) references memberships (org_id, user_id)
);
create unique index scripts_name on scripts (org_id, lower(folder), lower(name)) where archived_at is null;
create table script_versions (
    script_id        uuid not null,
    org_id           uuid not null,
    number           integer not null check (number > 0),
    text             text not null check (octet_length(text) between 1 and 65536),
    -- of the text, hexadecimal
    sha256           text not null check (char_length(sha256) = 64),
    interpreter      text not null check (char_length(interpreter) between 1 and 255),
    platforms        text[] not null check (cardinality(platforms) > 0 and platforms <@ array['linux', 'windows', 'macos']),
    context          text not null check (context in ('system', 'user_session')),
    timeout_seconds  integer not null check (timeout_seconds between 1 and 86400),
    environment      jsonb not null check (jsonb_typeof(environment) = 'object'),
    parameters       jsonb not null check (jsonb_typeof(parameters) = 'array'),
    note             text not null default '' check (char_length(note) <= 500),
    created_by       uuid,
    created_at       timestamptz not null,
    approved_by      uuid,
    approved_at      timestamptz,
    primary key (script_id, number),
    constraint script_versions_approved check ((approved_by is null) = (approved_at is null)),
    constraint script_versions_script_fkey foreign key (org_id, script_id) references scripts (org_id, id) on delete cascade,
    constraint script_versions_created_by_fkey foreign key (org_id, created_by) references memberships (org_id, user_id),
    constraint script_versions_approved_by_fkey foreign key (org_id, approved_by) references memberships (org_id, user_id)
);
alter table scripts enable row level security;
alter table script_versions enable row level security;
create policy scripts_seen on scripts for select to gururmm_app using (org_id = (select current_org()));
create policy script_versions_seen on script_versions for select to gururmm_app using (org_id = (select current_org()));
-- Changed by whoever may in the organisation as a whole, whatever is denied to them somewhere.
do $$
declare
    v_may   constant text := 'org_id = (select current_org()) and ((select place_is(''act'', ''all'')) or (select place_is(''act'', ''most'')))';
    v_table text;
begin
    foreach v_table in array array['scripts', 'script_versions'] loop
        execute format('create policy %I on %I for insert to gururmm_app with check (%s)', v_table || '_made', v_table, v_may);
        execute format('create policy %I on %I for update to gururmm_app using (%s) with check (%s)', v_table || '_changed', v_table, v_may, v_may);
    end loop;
end
$$;
grant select, insert on scripts, script_versions to gururmm_app;
grant update (name, folder, description, newest_version, approved_version, archived_at, updated_at) on scripts to gururmm_app;
grant update (approved_by, approved_at) on script_versions to gururmm_app;

-- Whether who has written a version may not approve it.
alter table organisations add column scripts_need_other_person boolean not null default true;
grant select (scripts_need_other_person) on organisations to gururmm_app;
grant update (scripts_need_other_person) on organisations to gururmm_app;
