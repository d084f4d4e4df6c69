-- Whose machines a transaction sees, and which it may change: besides `app.org`, a scoped transaction says `app.see` and `app.act`. Each is
-- `all`, `most` (all but what is denied) or `some`, with the arrays `app.see_clients`, `app.see_sites` (what is allowed),
-- `app.see_not_clients`, `app.see_not_sites` (what is denied), `app.see_parents` (clients of which a site is seen), and the same of `act`.
-- Nothing set: nothing seen.
create function place_is(p_what text, p_mode text) returns boolean
    language sql stable parallel safe
    return coalesce(current_setting('app.' || p_what, true) = p_mode, false);
create function place_ids(p_what text) returns uuid[]
    language sql stable parallel safe
    return coalesce(nullif(current_setting('app.' || p_what, true), '')::uuid[], '{}'::uuid[]);
-- Whether a place is among them: for functions that run with their owner's eyes, and look at few rows.
create function place_in(p_what text, p_client_id uuid, p_site_id uuid) returns boolean
    language sql stable parallel safe
    return place_is(p_what, 'all')
        or coalesce((place_is(p_what, 'most') or p_client_id = any (place_ids(p_what || '_clients')) or p_site_id = any (place_ids(p_what || '_sites')))
            and p_client_id <> all (place_ids(p_what || '_not_clients')) and p_site_id <> all (place_ids(p_what || '_not_sites')), false);
revoke all on function place_is(text, text), place_ids(text), place_in(text, uuid, uuid) from public;
grant execute on function place_is(text, text), place_ids(text), place_in(text, uuid, uuid) to gururmm_app;

-- Rows that follow a machine carry its place; the foreign key moves them with it.
create unique index agents_place on agents (org_id, client_id, site_id, id);
alter table agents add constraint agents_place unique using index agents_place;
drop index agents_client;
alter table agent_presence add column client_id uuid, add column site_id uuid;
update agent_presence p set client_id = a.client_id, site_id = a.site_id from agents a where a.id = p.agent_id;
alter table agent_presence alter column client_id set not null, alter column site_id set not null,
    drop constraint agent_presence_agent_fkey,
    add constraint agent_presence_agent_fkey foreign key (org_id, client_id, site_id, agent_id)
        references agents (org_id, client_id, site_id, id) on update cascade on delete cascade;
alter table commands add column client_id uuid, add column site_id uuid;
update commands c set client_id = a.client_id, site_id = a.site_id from agents a where a.id = c.agent_id;
alter table commands alter column client_id set not null, alter column site_id set not null,
    drop constraint commands_agent_fkey,
    add constraint commands_agent_fkey foreign key (org_id, client_id, site_id, agent_id)
        references agents (org_id, client_id, site_id, id) on update cascade on delete cascade;
create index commands_place on commands (org_id, client_id, site_id, id);
alter table site_keys add column client_id uuid;
update site_keys k set client_id = s.client_id from sites s where s.id = k.site_id;
alter table site_keys alter column client_id set not null,
    drop constraint site_keys_site_fkey,
    add constraint site_keys_site_fkey foreign key (org_id, client_id, site_id) references sites (org_id, client_id, id) on delete cascade;
grant select (client_id) on site_keys to gururmm_app;
-- With which key a machine has enrolled; null for those of before, and once the key is gone.
alter table agents add column site_key_id uuid,
    add constraint agents_site_key_fkey foreign key (site_key_id) references site_keys (id) on delete set null;
create index agents_site_key on agents (org_id, site_key_id) where site_key_id is not null;
grant select (site_key_id) on agents to gururmm_app;
-- A key is made anew, its record stays. Who may read the hash: nobody.
grant update (name, key_hash, prefix, max_uses, expires_at) on site_keys to gururmm_app;
create index audit_events_client on audit_events (org_id, client_id, id) where client_id is not null;

-- The policies. A sub-select without a reference to the row is computed once per statement: what costs per row is comparing ids.
do $$
declare
    v_place constant text := '((select place_is(%1$L, ''all'')) or (((select place_is(%1$L, ''most''))
            or %2$s = any ((select place_ids(%1$L || ''_clients''))::uuid[]) or %3$s = any ((select place_ids(%1$L || ''_sites''))::uuid[]))
        and (%2$s is null or %2$s <> all ((select place_ids(%1$L || ''_not_clients''))::uuid[]))
        and (%3$s is null or %3$s <> all ((select place_ids(%1$L || ''_not_sites''))::uuid[]))))';
    v_table  text;
    v_client text;
    v_site   text;
    v_see    text;
    v_act    text;
begin
    for v_table, v_client, v_site in values ('agents', 'client_id', 'site_id'), ('agent_presence', 'client_id', 'site_id'),
        ('commands', 'client_id', 'site_id'), ('site_keys', 'client_id', 'site_id'), ('sites', 'client_id', 'id'),
        ('clients', 'id', 'null::uuid'), ('audit_events', 'client_id', 'site_id') loop
        v_see := 'org_id = (select current_org()) and ' || format(v_place, 'see', v_client, v_site);
        v_act := 'org_id = (select current_org()) and ' || format(v_place, 'act', v_client, v_site);
        if v_table = 'clients' then
            v_see := v_see || ' or (org_id = (select current_org()) and id = any ((select place_ids(''see_parents''))::uuid[]))';
        end if;
        execute format('drop policy %I on %I', v_table || '_of_organisation', v_table);
        execute format('create policy %I on %I for select to gururmm_app using (%s)', v_table || '_seen', v_table, v_see);
        if v_table = 'audit_events' then
            execute format('create policy %I on %I for insert to gururmm_app with check (org_id = (select current_org()))', v_table || '_told', v_table);
        elsif v_table <> 'agent_presence' then
            execute format('create policy %I on %I for insert to gururmm_app with check (%s)', v_table || '_made', v_table, v_act);
            execute format('create policy %I on %I for update to gururmm_app using (%s) with check (%s)', v_table || '_changed', v_table, v_act, v_act);
            execute format('create policy %I on %I for delete to gururmm_app using (%s)', v_table || '_removed', v_table, v_act);
        end if;
    end loop;
    -- what is only read, and always of a machine that was found before: every other table that names a machine
    for v_table in select c.relname from pg_policy p join pg_class c on c.oid = p.polrelid
                       join pg_attribute a on a.attrelid = c.oid and a.attname = 'agent_id' and not a.attisdropped
                       where p.polname = c.relname || '_of_organisation' loop
        execute format('drop policy %I on %I', v_table || '_of_organisation', v_table);
        execute format('create policy %I on %I for select to gururmm_app using (org_id = (select current_org()) and ((select place_is(''see'', ''all''))
            or exists (select from agents a where a.id = agent_id)))', v_table || '_seen', v_table);
    end loop;
    drop policy command_outputs_of_organisation on command_outputs;
    create policy command_outputs_seen on command_outputs for select to gururmm_app
        using (org_id = (select current_org()) and ((select place_is('see', 'all')) or exists (select from commands c where c.id = command_id)));
end
$$;

-- The same for the functions that search: they run with their owner's eyes.
create or replace function agents_search(p_text text, p_max integer) returns setof uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
declare
    v_seen constant text := ' ($7 or (($8 or x.client_id = any ($3) or x.site_id = any ($4)) and x.client_id <> all ($5) and x.site_id <> all ($6)))';
begin
    return query execute
        'select * from (select x.id from agents x
             where x.org_id = current_org() and lower(x.hostname || '' '' || coalesce(x.display_name, '''')) like $1 and' || v_seen || ' limit $2) by_name
         union
         select * from (select x.agent_id from agent_presence x
             where x.org_id = current_org() and (lower(x.logged_in_user) like $1 or host(x.public_ip) like $1) and' || v_seen || ' limit $2) by_presence'
        using '%' || replace(replace(replace(lower(p_text), '\', '\\'), '%', '\%'), '_', '\_') || '%', p_max,
              place_ids('see_clients'), place_ids('see_sites'), place_ids('see_not_clients'), place_ids('see_not_sites'),
              place_is('see', 'all'), place_is('see', 'most');
end
$$;
create or replace function commands_search(p_text text) returns setof uuid
    language sql stable security definer set search_path = public, pg_temp
    as $$ select c.id from commands c where c.org_id = current_org() and position(lower(p_text) in lower(c.command)) > 0
            and place_in('see', c.client_id, c.site_id) $$;
-- The mark of a machine that may be removed.
create or replace function ingest_lock_agent(p_agent_id uuid) returns void
    language sql security definer set search_path = public, pg_temp
    as $$ select from ingest_marks m join agents a on a.id = m.agent_id
          where m.agent_id = p_agent_id and m.org_id = current_org()
            and place_in('act', a.client_id, a.site_id)
          for update of m $$;

-- As before, with the place of what it makes.
create or replace function enrolment_enroll(
    p_key_hash bytea, p_agent_id uuid, p_device_id uuid, p_public_key bytea, p_agent_key_hash bytea, p_hostname text, p_os text,
    p_os_name text, p_os_version text, p_kernel_version text, p_arch text, p_agent_version text, p_capabilities jsonb,
    p_now timestamptz, p_ip inet, p_public_ip inet, p_audit_id uuid, p_request_id uuid
) returns table (outcome text, org_id uuid, client_name text, site_name text)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
declare
    v_key site_keys;
    v_site sites;
    v_client clients;
begin
    -- the site first, as whoever deletes it does: neither waits for the other with something in hand
    perform from sites s join site_keys k on k.site_id = s.id where k.key_hash = p_key_hash for key share of s;
    select * into v_key from site_keys k where k.key_hash = p_key_hash for update;
    if not found then return query select 'invalid', null::uuid, null::text, null::text; return; end if;
    if v_key.revoked_at is not null then return query select 'revoked', null::uuid, null::text, null::text; return; end if;
    if v_key.expires_at <= p_now then return query select 'expired', null::uuid, null::text, null::text; return; end if;
    if v_key.use_count >= v_key.max_uses then return query select 'used_up', null::uuid, null::text, null::text; return; end if;
    select * into strict v_site from sites s where s.id = v_key.site_id;
    select * into strict v_client from clients c where c.id = v_site.client_id;
    update site_keys k set use_count = k.use_count + 1, last_used_at = p_now where k.id = v_key.id;
    insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version,
                        kernel_version, arch, agent_version, capabilities, enrolled_at, created_at, updated_at, site_key_id)
        values (p_agent_id, v_key.org_id, v_site.client_id, v_site.id, p_device_id, p_public_key, p_agent_key_hash, p_hostname, p_os,
                p_os_name, p_os_version, p_kernel_version, p_arch, p_agent_version, p_capabilities, p_now, p_now, p_now, v_key.id);
    insert into agent_presence (agent_id, org_id, client_id, site_id, status_changed_at, public_ip) values (p_agent_id, v_key.org_id, v_site.client_id, v_site.id, p_now, p_public_ip);
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
                              agent_id, client_id, site_id, detail, ip, request_id)
        values (p_audit_id, v_key.org_id, p_now, 'agent', p_agent_id, p_hostname, 'agent.enrolled', 'agent', p_agent_id, p_hostname,
                p_agent_id, v_site.client_id, v_site.id, jsonb_build_object('site_key_id', v_key.id, 'site_key_name', v_key.name), p_ip, p_request_id);
    return query select 'enrolled', v_key.org_id, v_client.name, v_site.name;
end
$$;

drop function command_create(uuid, uuid, inet, uuid, uuid, uuid, uuid, text, text, text, integer, boolean, text, timestamptz, timestamptz, text, bytea, text,
                             timestamptz, bigint);
-- Asks for a command: checks that the organisation has the machine, adds the command and the row of the audit log, and answers what
-- the asker sees of it, as one statement that is its own transaction. Somebody waits for the answer, and each trip to the database
-- is as long as starting a shell. No row when the organisation has no such machine.
--
-- The order is to be handed out at once (`sent_at`) when its machine is there (p_connected_at) and holds less than p_held_max.
-- The caller's rights and policies hold; p_scope is what a scoped transaction sets, by name without `app.`, which it does first. No row
-- too when the machine may not be told: the asker has looked before.
--
-- Of a long text the audit log keeps the beginning and its SHA-256: the command has all of it.
create function command_create(
        p_scope jsonb, p_org_id uuid, p_user_id uuid, p_ip inet, p_request_id uuid, p_audit_id uuid, p_id uuid, p_agent_id uuid, p_command_type text,
        p_command text, p_context text, p_timeout_seconds integer, p_elevated boolean, p_on_disconnect text, p_created_at timestamptz,
        p_expires_at timestamptz, p_signed_order text, p_signature bytea, p_key_id text, p_connected_at timestamptz, p_held_max bigint)
    returns table (sent_at timestamptz, agent_name text, client_id uuid, client_name text, site_id uuid, site_name text,
                   created_by_name text)
    language plpgsql
    as $$
#variable_conflict use_column
begin
    perform set_config('app.' || s.key, s.value, true) from jsonb_each_text(p_scope) s;
    return query
    with machine as (
        select a.id, coalesce(a.display_name, a.hostname) as name, a.client_id, cl.name as client_name, a.site_id, s.name as site_name
            from public.agents a join public.clients cl on cl.id = a.client_id join public.sites s on s.id = a.site_id
            where a.org_id = p_org_id and a.id = p_agent_id and public.place_in('act', a.client_id, a.site_id)
    ), person as (
        select u.name from public.users u where u.id = p_user_id
    ), held as (
        select count(*) as count from public.commands c
            where c.agent_id = p_agent_id and c.status in ('queued', 'running') and c.sent_at is not null
    ), created as (
        insert into public.commands (id, org_id, agent_id, client_id, site_id, command_type, command, context, timeout_seconds, elevated, on_disconnect,
                                     status, created_by, created_at, sent_at, expires_at, signed_order,
                                     signature, key_id)
            select p_id, p_org_id, m.id, m.client_id, m.site_id, p_command_type, p_command, p_context, p_timeout_seconds, p_elevated, p_on_disconnect,
                   'queued', p_user_id, p_created_at, case when h.count < p_held_max then p_connected_at end, p_expires_at,
                   p_signed_order, p_signature, p_key_id
            from machine m, held h
            returning sent_at
    ), noted as (
        insert into public.audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id,
                                         target_name, agent_id, client_id, site_id, detail, ip, request_id)
            select p_audit_id, p_org_id, p_created_at,
                   case when nullif(current_setting('app.api_key', true), '') is null then 'user' else 'api_key' end, p_user_id, (select name from person), 'command.created', 'command', p_id,
                   m.name, m.id, m.client_id, m.site_id,
                   jsonb_build_object('agent_id', m.id, 'command_type', p_command_type, 'command', left(p_command, 2000),
                                      'timeout_seconds', p_timeout_seconds)
                       || case when length(p_command) <= 2000 then '{}'::jsonb
                          else jsonb_build_object('command_characters', length(p_command),
                                                  'command_sha256', encode(sha256(convert_to(p_command, 'UTF8')), 'hex')) end,
                   p_ip, p_request_id
            from machine m
    )
    select c.sent_at, m.name, m.client_id, m.client_name, m.site_id, m.site_name, (select name from person)
        from created c, machine m;
end
$$;
revoke all on function command_create(jsonb, uuid, uuid, inet, uuid, uuid, uuid, uuid, text, text, text, integer, boolean, text, timestamptz,
                                      timestamptz, text, bytea, text, timestamptz, bigint) from public;
grant execute on function command_create(jsonb, uuid, uuid, inet, uuid, uuid, uuid, uuid, text, text, text, integer, boolean, text, timestamptz,
                                         timestamptz, text, bytea, text, timestamptz, bigint) to gururmm_app;
