-- Who a machine is, and whether it may work: `waiting` until somebody lets it in; `quarantined` by somebody, or because two machines have one
-- identity; `revoked` when its key is good no more; `left` when it has removed itself. Only what is `active` is connected and told anything.
alter table agents
    add column state                  text not null default 'active'
                                      check (state in ('active', 'waiting', 'quarantined', 'revoked', 'left')),
    add column state_changed_at       timestamptz,
    add column state_reason           text check (char_length(state_reason) between 1 and 500),
    add column serial                 text,
    add column manufacturer           text,
    add column model                  text,
    -- over what the firmware says, so that a machine that was installed anew is known by it; null when that says nothing
    add column hardware_hash          bytea check (octet_length(hardware_hash) = 32),
    add column previous_hardware_hash bytea check (octet_length(previous_hardware_hash) = 32),
    -- the key that is offered to the agent; until it says that it has it, both are good
    add column next_key_hash          bytea check (octet_length(next_key_hash) = 32),
    add column key_changed_at         timestamptz,
    add column rotate_requested_at    timestamptz;
create index agents_state on agents (org_id, state, id) where state <> 'active';
create index agents_hostname on agents (org_id, client_id, lower(hostname));
create index agents_hardware on agents (org_id, hardware_hash) where hardware_hash is not null;
create index agents_serial on agents using gin (lower(serial) gin_trgm_ops);
grant select (state, state_changed_at, state_reason, serial, manufacturer, model, key_changed_at, rotate_requested_at) on agents to gururmm_app;
grant update (state, state_changed_at, state_reason, rotate_requested_at, previous_hardware_hash) on agents to gururmm_app;

-- Ids that machines had before they went on with another record: they are told so when they come.
create table agent_moves (
    agent_id     uuid primary key,
    org_id       uuid not null,
    device_id    uuid not null,
    public_key   bytea not null,
    key_hash     bytea not null,
    next_key_hash bytea,
    to_agent_id  uuid not null references agents (id) on delete cascade,
    moved_at     timestamptz not null
);
create index agent_moves_to on agent_moves (to_agent_id);
alter table agent_moves enable row level security;

-- What somebody should look at. The other machine, where there is one: without it the finding is none.
create table agent_findings (
    id              uuid primary key,
    org_id          uuid not null,
    client_id       uuid not null,
    site_id         uuid not null,
    agent_id        uuid not null,
    kind            text not null check (kind in ('duplicate_hostname', 'known_hardware', 'sandbox', 'clone')),
    other_agent_id  uuid references agents (id) on delete cascade,
    detail          jsonb not null default '{}',
    found_at        timestamptz not null,
    unique (agent_id, kind),
    constraint agent_findings_agent_fkey foreign key (org_id, client_id, site_id, agent_id)
        references agents (org_id, client_id, site_id, id) on update cascade on delete cascade
);
create index agent_findings_newest on agent_findings (org_id, id);
create index agent_findings_other on agent_findings (other_agent_id);
alter table agent_findings enable row level security;
grant select, delete on agent_findings to gururmm_app;

-- What installations that failed have told. They prove nothing but a site key, and are kept for a while.
create table install_reports (
    id             uuid primary key,
    org_id         uuid not null,
    client_id      uuid not null,
    site_id        uuid not null,
    site_key_id    uuid references site_keys (id) on delete set null,
    reported_at    timestamptz not null,
    hostname       text not null,
    os             text not null,
    arch           text not null,
    agent_version  text not null,
    step           text not null,
    message        text not null,
    log            text,
    ip             inet not null,
    constraint install_reports_site_fkey foreign key (org_id, client_id, site_id) references sites (org_id, client_id, id) on delete cascade
);
create index install_reports_newest on install_reports (org_id, id);
create index install_reports_site on install_reports (org_id, client_id, site_id, id);
create index install_reports_site_key on install_reports (site_key_id);
alter table install_reports enable row level security;
grant select on install_reports to gururmm_app;

do $$
declare
    v_place constant text := 'org_id = (select current_org()) and ((select place_is(%1$L, ''all'')) or (((select place_is(%1$L, ''most''))
            or client_id = any ((select place_ids(%1$L || ''_clients''))::uuid[]) or site_id = any ((select place_ids(%1$L || ''_sites''))::uuid[]))
        and client_id <> all ((select place_ids(%1$L || ''_not_clients''))::uuid[]) and site_id <> all ((select place_ids(%1$L || ''_not_sites''))::uuid[])))';
begin
    execute 'create policy agent_findings_seen on agent_findings for select to gururmm_app using (' || format(v_place, 'see') || ')';
    execute 'create policy agent_findings_removed on agent_findings for delete to gururmm_app using (' || format(v_place, 'act') || ')';
    execute 'create policy install_reports_seen on install_reports for select to gururmm_app using (' || format(v_place, 'see') || ')';
end
$$;

-- Machines that come with such a key wait for somebody.
alter table site_keys
    add column needs_approval boolean not null default false,
    -- whoever came with it when it was over
    add column refused_count  integer not null default 0,
    add column refused_at     timestamptz;
grant select (needs_approval, refused_count, refused_at) on site_keys to gururmm_app;
grant update (needs_approval) on site_keys to gururmm_app;

-- Machines of such a site are removed when they have been offline for so many days.
alter table sites add column remove_after_days integer check (remove_after_days between 1 and 365);
grant update (remove_after_days) on sites to gururmm_app;

-- Whoever is not active is told nothing, by whichever way somebody asks.
create function command_needs_active_agent() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    if not exists (select from agents a where a.id = new.agent_id and a.state = 'active') then
        raise exception 'the machine may not work' using errcode = '23514', constraint = 'command_agent_active';
    end if;
    return new;
end
$$;
revoke all on function command_needs_active_agent() from public;
create trigger commands_agent_active before insert on commands for each row execute function command_needs_active_agent();

-- The same search, by serial number too.
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
         select * from (select x.id from agents x where x.org_id = current_org() and lower(x.serial) like $1 and' || v_seen || ' limit $2) by_serial
         union
         select * from (select x.agent_id from agent_presence x
             where x.org_id = current_org() and (lower(x.logged_in_user) like $1 or host(x.public_ip) like $1) and' || v_seen || ' limit $2) by_presence'
        using '%' || replace(replace(replace(lower(p_text), '\', '\\'), '%', '\%'), '_', '\_') || '%', p_max,
              place_ids('see_clients'), place_ids('see_sites'), place_ids('see_not_clients'), place_ids('see_not_sites'),
              place_is('see', 'all'), place_is('see', 'most');
end
$$;

-- Looks whether another machine of the client has the name of this one.
create function agent_find_duplicate(p_agent_id uuid, p_now timestamptz) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    delete from agent_findings f where f.agent_id = p_agent_id and f.kind = 'duplicate_hostname';
    insert into agent_findings (id, org_id, client_id, site_id, agent_id, kind, other_agent_id, found_at)
        select uuid_of(p_now), a.org_id, a.client_id, a.site_id, a.id, 'duplicate_hostname', o.id, p_now
            from agents a join agents o on o.org_id = a.org_id and o.client_id = a.client_id and lower(o.hostname) = lower(a.hostname)
            where a.id = p_agent_id and o.id <> a.id and o.state <> 'left'
            order by o.created_at, o.id limit 1;
end
$$;
revoke all on function agent_find_duplicate(uuid, timestamptz) from public;
-- Again when it has another name or client, or has left; and for those that were said to have its name.
create function agent_look_again() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    perform agent_find_duplicate(f.agent_id, now()) from agent_findings f where f.other_agent_id = new.id and f.kind = 'duplicate_hostname';
    perform agent_find_duplicate(new.id, now());
    return null;
end
$$;
revoke all on function agent_look_again() from public;
create trigger agents_look_again after update of hostname, client_id, state on agents for each row
    when (lower(old.hostname) <> lower(new.hostname) or old.client_id <> new.client_id or (old.state = 'left') <> (new.state = 'left'))
    execute function agent_look_again();

drop function enrolment_enroll(bytea, uuid, uuid, bytea, bytea, text, text, text, text, text, text, text, jsonb, timestamptz, inet, inet, uuid, uuid);
-- Trades a site key for an agent, or says why not: `enrolled`, `waiting`, `invalid`, `revoked`, `expired`, `used_up`. What the machine says
-- of itself is p_facts. The audit row is written here, because the organisation is known only here; of a known key that is over one row
-- in ten minutes, with how many came.
create function enrolment_enroll(
    p_key_hash bytea, p_agent_id uuid, p_device_id uuid, p_public_key bytea, p_agent_key_hash bytea, p_facts jsonb, p_hardware_hash bytea,
    p_sandbox text, p_now timestamptz, p_ip inet, p_public_ip inet, p_audit_id uuid, p_request_id uuid
) returns table (outcome text, org_id uuid, client_name text, site_name text)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
declare
    v_key site_keys;
    v_site sites;
    v_client clients;
    v_reason text;
    v_state text;
    v_hostname constant text := p_facts ->> 'hostname';
begin
    -- the site first, as whoever deletes it does: neither waits for the other with something in hand
    perform from sites s join site_keys k on k.site_id = s.id where k.key_hash = p_key_hash for key share of s;
    select * into v_key from site_keys k where k.key_hash = p_key_hash for no key update;
    if not found then return query select 'invalid', null::uuid, null::text, null::text; return; end if;
    v_reason := case when v_key.revoked_at is not null then 'revoked' when v_key.expires_at <= p_now then 'expired'
                     when v_key.use_count >= v_key.max_uses then 'used_up' end;
    if v_reason is not null then
        update site_keys k set refused_count = k.refused_count + 1,
                               refused_at = case when k.refused_at > p_now - interval '10 minutes' then k.refused_at else p_now end
            where k.id = v_key.id;
        if v_key.refused_at is null or v_key.refused_at <= p_now - interval '10 minutes' then
            insert into audit_events (id, org_id, occurred_at, actor_kind, action, outcome, target_kind, target_id, target_name, client_id,
                                      site_id, detail, ip, request_id)
                values (p_audit_id, v_key.org_id, p_now, 'anonymous', 'agent.refused', 'refused', 'site_key', v_key.id, v_key.name,
                        v_key.client_id, v_key.site_id,
                        jsonb_build_object('hostname', v_hostname, 'reason', v_reason, 'refused_count', v_key.refused_count + 1), p_ip, p_request_id);
        end if;
        return query select v_reason, null::uuid, null::text, null::text;
        return;
    end if;
    select * into strict v_site from sites s where s.id = v_key.site_id;
    select * into strict v_client from clients c where c.id = v_site.client_id;
    v_state := case when v_key.needs_approval then 'waiting' else 'active' end;
    update site_keys k set use_count = k.use_count + 1, last_used_at = p_now where k.id = v_key.id;
    insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version, kernel_version, arch,
                        agent_version, capabilities, serial, manufacturer, model, hardware_hash, state, enrolled_at, created_at, updated_at, site_key_id)
        values (p_agent_id, v_key.org_id, v_site.client_id, v_site.id, p_device_id, p_public_key, p_agent_key_hash, v_hostname, p_facts ->> 'os',
                p_facts ->> 'os_name', p_facts ->> 'os_version', p_facts ->> 'kernel_version', p_facts ->> 'arch', p_facts ->> 'agent_version',
                p_facts -> 'capabilities', p_facts #>> '{hardware,serial}', p_facts #>> '{hardware,manufacturer}', p_facts #>> '{hardware,model}',
                p_hardware_hash, v_state, p_now, p_now, p_now, v_key.id);
    insert into agent_presence (agent_id, org_id, client_id, site_id, status_changed_at, public_ip)
        values (p_agent_id, v_key.org_id, v_site.client_id, v_site.id, p_now, p_public_ip);
    insert into agent_findings (id, org_id, client_id, site_id, agent_id, kind, other_agent_id, found_at)
        select uuid_of(p_now), v_key.org_id, v_site.client_id, v_site.id, p_agent_id, 'known_hardware', o.id, p_now
            from agents o where o.org_id = v_key.org_id and o.hardware_hash = p_hardware_hash and o.id <> p_agent_id
            order by (o.state = 'active') desc, o.created_at desc, o.id desc limit 1;
    if p_sandbox is not null then
        insert into agent_findings (id, org_id, client_id, site_id, agent_id, kind, detail, found_at)
            values (uuid_of(p_now), v_key.org_id, v_site.client_id, v_site.id, p_agent_id, 'sandbox', jsonb_build_object('reason', p_sandbox), p_now);
    end if;
    perform agent_find_duplicate(p_agent_id, p_now);
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
                              agent_id, client_id, site_id, detail, ip, request_id)
        values (p_audit_id, v_key.org_id, p_now, 'agent', p_agent_id, v_hostname, 'agent.enrolled', 'agent', p_agent_id, v_hostname,
                p_agent_id, v_site.client_id, v_site.id,
                jsonb_build_object('site_key_id', v_key.id, 'site_key_name', v_key.name, 'state', v_state,
                    'findings', (select coalesce(jsonb_agg(f.kind order by f.kind), '[]') from agent_findings f where f.agent_id = p_agent_id)),
                p_ip, p_request_id);
    return query select case v_state when 'waiting' then 'waiting' else 'enrolled' end, v_key.org_id, v_client.name, v_site.name;
end
$$;
revoke all on function enrolment_enroll(bytea, uuid, uuid, bytea, bytea, jsonb, bytea, text, timestamptz, inet, inet, uuid, uuid) from public;
grant execute on function enrolment_enroll(bytea, uuid, uuid, bytea, bytea, jsonb, bytea, text, timestamptz, inet, inet, uuid, uuid) to gururmm_app;

-- An agent leaves by itself; its signature has been checked by the caller. Its record stays for whoever looks for what it was: who has
-- a machine in hand must not be able to wipe its traces. False when there is none.
create or replace function enrolment_unenroll(p_agent_id uuid, p_now timestamptz, p_ip inet, p_audit_id uuid, p_request_id uuid) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_agent agents;
begin
    update agents set state = 'left', state_changed_at = p_now, state_reason = null, next_key_hash = null, rotate_requested_at = null
        where id = p_agent_id and state in ('active', 'waiting') returning * into v_agent;
    if not found then return false; end if;
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
                              agent_id, client_id, site_id, detail, ip, request_id)
        values (p_audit_id, v_agent.org_id, p_now, 'agent', p_agent_id, v_agent.hostname, 'agent.unenrolled', 'agent', p_agent_id,
                v_agent.hostname, p_agent_id, v_agent.client_id, v_agent.site_id, '{}', p_ip, p_request_id);
    return true;
end
$$;

drop function gateway_find_agent(uuid);
-- What proves an agent, before its organisation is known: by its id, or by one that it had before.
create function gateway_find_agent(p_agent_id uuid)
    returns table (org_id uuid, device_id uuid, public_key bytea, key_hash bytea, next_key_hash bytea, state text, since timestamptz, moved_to uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select a.org_id, a.device_id, a.public_key, a.key_hash, a.next_key_hash, a.state, coalesce(a.state_changed_at, a.enrolled_at), null::uuid
              from agents a where a.id = p_agent_id
          union all
          select m.org_id, m.device_id, m.public_key, m.key_hash, m.next_key_hash, 'moved', m.moved_at, m.to_agent_id from agent_moves m where m.agent_id = p_agent_id $$;
revoke all on function gateway_find_agent(uuid) from public;
grant execute on function gateway_find_agent(uuid) to gururmm_ingest, gururmm_app;

drop function gateway_agent_connected(uuid, uuid, timestamptz, inet, text, text, text, text, text, text, text, jsonb);
-- An agent has proven itself with the key of this hash: stores its facts (p_facts) and says it is online. Answers `connected`; `rotate` when
-- it is to be given another key besides; `replaced` when a later connection of it counts; `held` when it may not work; `cloned` when this
-- is another machine than the one that it was: it is quarantined. Two machines are told by taking turns (p_takes_turns), or by hardware that comes
-- back after another: a board that was replaced does not.
create function gateway_agent_connected(
    p_agent_id uuid, p_connection_id uuid, p_now timestamptz, p_ip inet, p_facts jsonb, p_hardware_hash bytea, p_key_hash bytea,
    p_takes_turns boolean
) returns text
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_agent agents;
    v_presence agent_presence;
    v_detail jsonb;
begin
    select * into v_agent from agents where id = p_agent_id;
    if not found or v_agent.state <> 'active' then return 'held'; end if;
    -- the key may have become another since it was looked at
    if p_key_hash <> v_agent.key_hash and p_key_hash is distinct from v_agent.next_key_hash then return 'held'; end if;
    if p_takes_turns or (p_hardware_hash = v_agent.previous_hardware_hash and p_hardware_hash is distinct from v_agent.hardware_hash) then
        select * into v_presence from agent_presence where agent_id = p_agent_id;
        update agents set state = 'quarantined', state_changed_at = p_now, state_reason = 'Two machines use this identity.'
            where id = p_agent_id and state = 'active';
        if not found then return 'held'; end if;
        v_detail := jsonb_build_object(
            'first', jsonb_build_object('hostname', v_agent.hostname, 'serial', v_agent.serial, 'model', v_agent.model, 'ip', host(v_presence.public_ip)),
            'second', jsonb_build_object('hostname', p_facts ->> 'hostname', 'serial', p_facts #>> '{hardware,serial}',
                                         'model', p_facts #>> '{hardware,model}', 'ip', host(p_ip)));
        insert into agent_findings (id, org_id, client_id, site_id, agent_id, kind, detail, found_at)
            values (uuid_of(p_now), v_agent.org_id, v_agent.client_id, v_agent.site_id, p_agent_id, 'clone', v_detail, p_now)
            on conflict (agent_id, kind) do update set detail = excluded.detail, found_at = excluded.found_at;
        insert into audit_events (id, org_id, occurred_at, actor_kind, action, target_kind, target_id, target_name, agent_id, client_id, site_id,
                                  detail, ip)
            values (uuid_of(p_now), v_agent.org_id, p_now, 'system', 'agent.cloned', 'agent', p_agent_id,
                    coalesce(v_agent.display_name, v_agent.hostname), p_agent_id, v_agent.client_id, v_agent.site_id, v_detail, p_ip);
        return 'cloned';
    end if;
    update agent_presence
        set status_changed_at = case when status = 'online' then status_changed_at else p_now end,
            status = 'online', connection_id = p_connection_id, connected_at = p_now, last_seen_at = p_now,
            public_ip = coalesce(p_ip, (select n.wan_address from network_states n where n.agent_id = p_agent_id))
        where agent_id = p_agent_id and (connection_id is null or connection_id <= p_connection_id);
    if not found then return 'replaced'; end if;
    update agents a set hostname = f.hostname, os = f.os, os_name = f.os_name, os_version = f.os_version, kernel_version = f.kernel_version,
                        arch = f.arch, agent_version = f.agent_version, capabilities = f.capabilities, serial = f.serial,
                        manufacturer = f.manufacturer, model = f.model, updated_at = p_now
        from (select p_facts ->> 'hostname' as hostname, p_facts ->> 'os' as os, p_facts ->> 'os_name' as os_name,
                     p_facts ->> 'os_version' as os_version, p_facts ->> 'kernel_version' as kernel_version, p_facts ->> 'arch' as arch,
                     p_facts ->> 'agent_version' as agent_version, p_facts -> 'capabilities' as capabilities,
                     coalesce(p_facts #>> '{hardware,serial}', v_agent.serial) as serial,
                     coalesce(p_facts #>> '{hardware,manufacturer}', v_agent.manufacturer) as manufacturer,
                     coalesce(p_facts #>> '{hardware,model}', v_agent.model) as model) f
        where a.id = p_agent_id
          and (a.hostname, a.os, a.os_name, a.os_version, a.kernel_version, a.arch, a.agent_version, a.capabilities, a.serial, a.manufacturer, a.model)
              is distinct from (f.hostname, f.os, f.os_name, f.os_version, f.kernel_version, f.arch, f.agent_version, f.capabilities, f.serial,
                                f.manufacturer, f.model);
    if p_hardware_hash is distinct from v_agent.hardware_hash and p_hardware_hash is not null then
        update agents set previous_hardware_hash = hardware_hash, hardware_hash = p_hardware_hash where id = p_agent_id;
    end if;
    if p_key_hash = v_agent.next_key_hash then perform gateway_key_taken(p_agent_id, p_key_hash, p_now); end if;
    return case when v_agent.rotate_requested_at is not null and p_key_hash is distinct from v_agent.next_key_hash then 'rotate' else 'connected' end;
end
$$;
revoke all on function gateway_agent_connected(uuid, uuid, timestamptz, inet, jsonb, bytea, bytea, boolean) from public;
grant execute on function gateway_agent_connected(uuid, uuid, timestamptz, inet, jsonb, bytea, bytea, boolean) to gururmm_ingest;

-- Another key is offered to an agent of which it was asked. One that was offered already counts until the agent comes again with the key
-- before it (p_comes), and so has not stored it. False when nothing was to be offered.
create function gateway_offer_key(p_agent_id uuid, p_connection_id uuid, p_key_hash bytea, p_comes boolean) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    update agents set next_key_hash = p_key_hash where id = p_agent_id and rotate_requested_at is not null and state = 'active'
        and (next_key_hash is null
             or (p_comes and exists (select from agent_presence p where p.agent_id = p_agent_id and p.connection_id = p_connection_id)));
    return found;
end
$$;
revoke all on function gateway_offer_key(uuid, uuid, bytea, boolean) from public;
grant execute on function gateway_offer_key(uuid, uuid, bytea, boolean) to gururmm_ingest;

-- An agent has stored the key that was offered: the one before is good no more.
create function gateway_key_taken(p_agent_id uuid, p_key_hash bytea, p_now timestamptz) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_agent agents;
begin
    update agents set key_hash = next_key_hash, next_key_hash = null, rotate_requested_at = null, key_changed_at = p_now
        where id = p_agent_id and next_key_hash = p_key_hash and state = 'active' returning * into v_agent;
    if not found then return false; end if;
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
                              agent_id, client_id, site_id, detail)
        values (uuid_of(p_now), v_agent.org_id, p_now, 'agent', p_agent_id, v_agent.hostname, 'agent.key_rotated', 'agent', p_agent_id,
                coalesce(v_agent.display_name, v_agent.hostname), p_agent_id, v_agent.client_id, v_agent.site_id, '{}');
    return true;
end
$$;
revoke all on function gateway_key_taken(uuid, bytea, timestamptz) from public;
grant execute on function gateway_key_taken(uuid, bytea, timestamptz) to gururmm_ingest;

-- The key of an agent of this transaction's organisation is good no more, and none will be. False when it was so before.
create function agent_revoke_key(p_agent_id uuid, p_hash_of_nothing bytea, p_reason text, p_now timestamptz) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    update agents set state = 'revoked', state_changed_at = p_now, state_reason = p_reason, key_hash = p_hash_of_nothing, next_key_hash = null,
                      rotate_requested_at = null
        where id = p_agent_id and org_id = current_org() and place_in('act', client_id, site_id) and state <> 'revoked';
    return found;
end
$$;
revoke all on function agent_revoke_key(uuid, bytea, text, timestamptz) from public;
grant execute on function agent_revoke_key(uuid, bytea, text, timestamptz) to gururmm_app;

-- A machine that was installed anew goes on with the record that it had: p_old takes the identity and the facts of p_new, and p_new is gone.
-- Answers `done`; `missing` when either is not of this transaction's organisation, not to be changed by it, or not where it was seen; `online` when the
-- old one is; `closed` when the new one is not one that works or waits; `older` when it is the older of the two; `different` when nothing says that
-- they are one machine and the caller may not remove one (p_may_delete).
create function agent_adopt(p_new uuid, p_new_site uuid, p_old uuid, p_old_site uuid, p_may_delete boolean, p_now timestamptz) returns text
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_new agents;
    v_old agents;
begin
    -- the marks first, as every batch does, and both in one order
    perform from ingest_marks where agent_id in (p_new, p_old) order by agent_id for update;
    perform from agents where id in (p_new, p_old) order by id for update;
    select * into v_new from agents where id = p_new and org_id = current_org() and place_in('act', client_id, site_id);
    select * into v_old from agents where id = p_old and org_id = current_org() and place_in('act', client_id, site_id);
    if v_new.id is null or v_old.id is null or p_new = p_old then return 'missing'; end if;
    if v_new.site_id <> p_new_site or v_old.site_id <> p_old_site then return 'missing'; end if;
    if v_new.enrolled_at < v_old.enrolled_at then return 'older'; end if;
    if not p_may_delete and (v_new.hardware_hash is null or v_new.hardware_hash is distinct from v_old.hardware_hash) then
        return 'different';
    end if;
    if exists (select from agent_presence p where p.agent_id = p_old and p.status = 'online') then return 'online'; end if;
    if v_new.state not in ('active', 'waiting') then return 'closed'; end if;
    insert into agent_moves (agent_id, org_id, device_id, public_key, key_hash, next_key_hash, to_agent_id, moved_at)
        values (p_new, v_new.org_id, v_new.device_id, v_new.public_key, v_new.key_hash, v_new.next_key_hash, p_old, p_now);
    update agent_moves set to_agent_id = p_old where to_agent_id = p_new;
    update agents set device_id = v_new.device_id, public_key = v_new.public_key, key_hash = v_new.key_hash,
                      next_key_hash = v_new.next_key_hash, rotate_requested_at = v_new.rotate_requested_at, key_changed_at = p_now, hostname = v_new.hostname, os = v_new.os, os_name = v_new.os_name,
                      os_version = v_new.os_version, kernel_version = v_new.kernel_version, arch = v_new.arch, agent_version = v_new.agent_version,
                      capabilities = v_new.capabilities, serial = v_new.serial, manufacturer = v_new.manufacturer, model = v_new.model,
                      hardware_hash = v_new.hardware_hash, previous_hardware_hash = null, site_key_id = v_new.site_key_id, state = 'active',
                      state_changed_at = p_now, state_reason = null, enrolled_at = v_new.enrolled_at, updated_at = p_now
        where id = p_old;
    delete from agents where id = p_new;
    delete from agent_findings where agent_id = p_old;
    return 'done';
end
$$;
revoke all on function agent_adopt(uuid, uuid, uuid, uuid, boolean, timestamptz) from public;
grant execute on function agent_adopt(uuid, uuid, uuid, uuid, boolean, timestamptz) to gururmm_app;

-- Whether a machine has been offline for as long as its site says, or has waited for a month and nobody has let it in. What is quarantined,
-- revoked or has left stays until somebody removes it: nobody wipes their traces by going silent.
create function enrolment_is_idle(p_agent_id uuid, p_now timestamptz) returns boolean
    language sql stable set search_path = public, pg_temp
    as $$ select exists (select from agents a join agent_presence p on p.agent_id = a.id join sites s on s.id = a.site_id
              where a.id = p_agent_id and p.status = 'offline'
                and case a.state when 'active' then coalesce(p.last_seen_at, a.enrolled_at) < p_now - make_interval(days => s.remove_after_days)
                                 when 'waiting' then a.enrolled_at < p_now - make_interval(days => coalesce(s.remove_after_days, 30)) end) $$;
revoke all on function enrolment_is_idle(uuid, timestamptz) from public;

-- Removes such machines, a few at a time.
create function enrolment_remove_idle(p_now timestamptz, p_max integer) returns table (agent_id uuid, org_id uuid)
    language plpgsql set search_path = public, pg_temp
    as $$
#variable_conflict use_column
declare
    v_agent record;
begin
    for v_agent in
        select a.id, a.org_id, a.client_id, a.site_id, coalesce(a.display_name, a.hostname) as name, coalesce(s.remove_after_days, 30) as days,
               coalesce(p.last_seen_at, a.enrolled_at) as seen_at
            from (select id from sites where remove_after_days is not null
                  union select site_id from agents where state = 'waiting' and enrolled_at < p_now - interval '30 days') idle
                join sites s on s.id = idle.id
                join agents a on a.org_id = s.org_id and a.client_id = s.client_id and a.site_id = s.id
                join agent_presence p on p.agent_id = a.id
            where enrolment_is_idle(a.id, p_now)
            order by a.id limit p_max
    loop
        perform from ingest_marks m where m.agent_id = v_agent.id for update;
        -- it may have come back meanwhile
        delete from agents a where a.id = v_agent.id and enrolment_is_idle(a.id, p_now);
        continue when not found;
        insert into audit_events (id, org_id, occurred_at, actor_kind, action, target_kind, target_id, target_name, agent_id, client_id, site_id, detail)
            values (uuid_of(p_now), v_agent.org_id, p_now, 'system', 'agent.expired', 'agent', v_agent.id, v_agent.name, v_agent.id,
                    v_agent.client_id, v_agent.site_id,
                    jsonb_build_object('remove_after_days', v_agent.days, 'last_seen_at', v_agent.seen_at));
        return query select v_agent.id, v_agent.org_id;
    end loop;
end
$$;
revoke all on function enrolment_remove_idle(timestamptz, integer) from public;

-- Keeps what an installation has told, by the hash of its site key. False when there is no such key, or it was over for a week. At most p_max of
-- a site are kept, the newest: who floods one hides nothing of another.
create function install_report_add(p_key_hash bytea, p_id uuid, p_now timestamptz, p_hostname text, p_os text, p_arch text, p_agent_version text,
                                   p_step text, p_message text, p_log text, p_ip inet, p_max integer) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_key site_keys;
begin
    select * into v_key from site_keys where key_hash = p_key_hash for key share;
    if not found or least(v_key.revoked_at, v_key.expires_at) < p_now - interval '7 days' then return false; end if;
    insert into install_reports (id, org_id, client_id, site_id, site_key_id, reported_at, hostname, os, arch, agent_version, step, message, log, ip)
        values (p_id, v_key.org_id, v_key.client_id, v_key.site_id, v_key.id, p_now, p_hostname, p_os, p_arch, p_agent_version, p_step, p_message,
                p_log, p_ip);
    delete from install_reports where id in
        (select r.id from install_reports r where r.org_id = v_key.org_id and r.client_id = v_key.client_id and r.site_id = v_key.site_id
             order by r.id desc offset p_max);
    return true;
end
$$;
revoke all on function install_report_add(bytea, uuid, timestamptz, text, text, text, text, text, text, text, inet, integer) from public;
grant execute on function install_report_add(bytea, uuid, timestamptz, text, text, text, text, text, text, text, inet, integer) to gururmm_app;

-- As before; but what has left or was revoked takes nobody's place.
create or replace function organisation_keep_limits() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_org organisations;
begin
    select * into v_org from organisations where id = new.org_id;
    if tg_table_name = 'memberships' and v_org.suspended_at is not null then
        raise exception 'this organisation lets nobody in' using errcode = '23514', constraint = 'organisation_suspended';
    end if;
    if tg_table_name = 'agents' and v_org.agents_max is not null then
        perform from organisations where id = new.org_id for no key update;
        if (select count(*) from agents a where a.org_id = new.org_id and a.state not in ('left', 'revoked')) >= v_org.agents_max then
            raise exception 'this organisation has as many machines as it may' using errcode = '23514', constraint = 'agent_limit';
        end if;
    elsif tg_table_name = 'memberships' and v_org.users_max is not null then
        perform from organisations where id = new.org_id for no key update;
        if (select count(*) from memberships m where m.org_id = new.org_id and m.status <> 'removed') >= v_org.users_max then
            raise exception 'this organisation has as many people as it may' using errcode = '23514', constraint = 'user_limit';
        end if;
    end if;
    return new;
end
$$;

create or replace function platform_organisations(p_session_id uuid, p_secret_hash bytea, p_after_name text, p_after_id uuid, p_max integer, p_now timestamptz)
    returns table (id uuid, name text, sort_name text, created_at timestamptz, suspended_at timestamptz, agents_max integer, users_max integer,
                   retention_days_max integer, agent_count bigint, user_count bigint)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
begin
    perform platform_require(p_session_id, p_secret_hash, p_now);
    return query
        select o.id, o.name, lower(o.name), o.created_at, o.suspended_at, o.agents_max, o.users_max, o.retention_days_max,
               (select count(*) from agents a where a.org_id = o.id and a.state not in ('left', 'revoked')),
               (select count(*) from memberships m where m.org_id = o.id and m.status <> 'removed')
            from organisations o
            where p_after_id is null or (lower(o.name), o.id) > (p_after_name, p_after_id)
            order by lower(o.name), o.id limit p_max;
end
$$;
