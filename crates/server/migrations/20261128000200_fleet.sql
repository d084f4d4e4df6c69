-- What people add to the fleet: tags, fields that an organisation makes itself, and views of the table of machines.

-- Who a scoped transaction works for, for what is somebody's own. Nothing set: nobody.
create function current_person() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.user', true), '')::uuid;
revoke all on function current_person() from public;
grant execute on function current_person() to gururmm_app;

-- Words on machines. Told apart by `key`, without regard to case: what is stored is compared without a function, so that its index is of use
-- under row-level security.
create table agent_tags (
    org_id     uuid not null,
    client_id  uuid not null,
    site_id    uuid not null,
    agent_id   uuid not null,
    tag        text not null check (char_length(tag) between 1 and 40),
    key        text not null generated always as (lower(tag)) stored,
    primary key (agent_id, key),
    constraint agent_tags_agent_fkey foreign key (org_id, client_id, site_id, agent_id)
        references agents (org_id, client_id, site_id, id) on update cascade on delete cascade
);
create index agent_tags_key on agent_tags (org_id, key, agent_id);
create index agent_tags_search on agent_tags using gin (key gin_trgm_ops);
alter table agent_tags enable row level security;
grant select, insert, delete on agent_tags to gururmm_app;

-- Fields that an organisation adds to its machines.
create table custom_fields (
    id          uuid primary key,
    org_id      uuid not null references organisations (id),
    name        text not null check (char_length(name) between 1 and 80),
    kind        text not null check (kind in ('text', 'number', 'date', 'choice', 'checkbox')),
    choices     text[] not null default '{}' check (cardinality(choices) <= 100),
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    unique (org_id, id),
    constraint custom_fields_choices check ((kind = 'choice') = (cardinality(choices) > 0))
);
create unique index custom_fields_name on custom_fields (org_id, lower(name));
alter table custom_fields enable row level security;
create policy custom_fields_of_organisation on custom_fields to gururmm_app
    using (org_id = (select current_org())) with check (org_id = (select current_org()));
grant select, insert, delete on custom_fields to gururmm_app;
grant update (name, choices, updated_at) on custom_fields to gururmm_app;

-- What they say of each machine: always as text, as its kind writes it.
create table agent_field_values (
    org_id     uuid not null,
    client_id  uuid not null,
    site_id    uuid not null,
    agent_id   uuid not null,
    field_id   uuid not null,
    value      text not null check (char_length(value) between 1 and 500),
    key        text not null generated always as (lower(value)) stored,
    primary key (agent_id, field_id),
    constraint agent_field_values_agent_fkey foreign key (org_id, client_id, site_id, agent_id)
        references agents (org_id, client_id, site_id, id) on update cascade on delete cascade,
    constraint agent_field_values_field_fkey foreign key (org_id, field_id) references custom_fields (org_id, id) on delete cascade
);
create index agent_field_values_key on agent_field_values (org_id, field_id, key, agent_id);
alter table agent_field_values enable row level security;
grant select, insert, delete on agent_field_values to gururmm_app;
grant update (value) on agent_field_values to gururmm_app;

-- Both follow their machine: seen and changed where it is.
do $$
declare
    v_place constant text := '((select place_is(%1$L, ''all'')) or (((select place_is(%1$L, ''most''))
            or client_id = any ((select place_ids(%1$L || ''_clients''))::uuid[]) or site_id = any ((select place_ids(%1$L || ''_sites''))::uuid[]))
        and client_id <> all ((select place_ids(%1$L || ''_not_clients''))::uuid[])
        and site_id <> all ((select place_ids(%1$L || ''_not_sites''))::uuid[])))';
    v_see   constant text := 'org_id = (select current_org()) and ' || format(v_place, 'see');
    v_act   constant text := 'org_id = (select current_org()) and ' || format(v_place, 'act');
    v_table text;
begin
    foreach v_table in array array['agent_tags', 'agent_field_values'] loop
        execute format('create policy %I on %I for select to gururmm_app using (%s)', v_table || '_seen', v_table, v_see);
        execute format('create policy %I on %I for insert to gururmm_app with check (%s)', v_table || '_made', v_table, v_act);
        execute format('create policy %I on %I for update to gururmm_app using (%s) with check (%s)', v_table || '_changed', v_table, v_act, v_act);
        execute format('create policy %I on %I for delete to gururmm_app using (%s)', v_table || '_removed', v_table, v_act);
    end loop;
end
$$;

-- Machines with a tag that contains the text, at most p_max. With its owner's eyes, as `agents_search`, and so compares places itself.
create function agent_tags_search(p_text text, p_max integer) returns setof uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
begin
    return query execute
        'select distinct t.agent_id from agent_tags t
             where t.org_id = current_org() and t.key like $1
               and ($7 or (($8 or t.client_id = any ($3) or t.site_id = any ($4)) and t.client_id <> all ($5) and t.site_id <> all ($6))) limit $2'
        using '%' || replace(replace(replace(lower(p_text), '\', '\\'), '%', '\%'), '_', '\_') || '%', p_max,
              place_ids('see_clients'), place_ids('see_sites'), place_ids('see_not_clients'), place_ids('see_not_sites'),
              place_is('see', 'all'), place_is('see', 'most');
end
$$;
revoke all on function agent_tags_search(text, integer) from public;
grant execute on function agent_tags_search(text, integer) to gururmm_app;

-- What a field says of machines, wherever they are, and of how many: who changes a field changes it for all.
create function custom_field_uses(p_field_id uuid) returns table (value text, agent_count bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select v.value, count(*) from agent_field_values v where v.org_id = current_org() and v.field_id = p_field_id group by v.value $$;
revoke all on function custom_field_uses(uuid) from public;
grant execute on function custom_field_uses(uuid) to gururmm_app;

-- Views of the table of machines: what its address says, and its columns. A private one is its owner's alone.
create table saved_views (
    id          uuid primary key,
    org_id      uuid not null,
    user_id     uuid not null,
    name        text not null check (char_length(name) between 1 and 80),
    is_shared   boolean not null,
    search      jsonb not null check (jsonb_typeof(search) = 'object' and octet_length(search::text) <= 16384),
    columns     jsonb not null check (jsonb_typeof(columns) = 'object' and octet_length(columns::text) <= 16384),
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    unique (org_id, id),
    constraint saved_views_member_fkey foreign key (org_id, user_id) references memberships (org_id, user_id)
);
create unique index saved_views_name on saved_views (org_id, user_id, lower(name));
create index saved_views_shared on saved_views (org_id) where is_shared;
alter table saved_views enable row level security;
create policy saved_views_seen on saved_views for select to gururmm_app
    using (org_id = (select current_org()) and (is_shared or user_id = (select current_person())));
create policy saved_views_made on saved_views for insert to gururmm_app
    with check (org_id = (select current_org()) and user_id = (select current_person()));
create policy saved_views_changed on saved_views for update to gururmm_app
    using (org_id = (select current_org()) and (is_shared or user_id = (select current_person())))
    with check (org_id = (select current_org()) and (is_shared or user_id = (select current_person())));
create policy saved_views_removed on saved_views for delete to gururmm_app
    using (org_id = (select current_org()) and (is_shared or user_id = (select current_person())));
grant select, insert, delete on saved_views to gururmm_app;
grant update (name, is_shared, search, columns, updated_at) on saved_views to gururmm_app;
