-- Agents: enrolled machines. What changes rarely is in agents, what changes all the time in agent_presence.
create table agents (
    id              uuid primary key,
    org_id          uuid not null,
    client_id       uuid not null,
    site_id         uuid not null,
    device_id       uuid not null,
    public_key      bytea not null check (octet_length(public_key) = 32),
    key_hash        bytea not null check (octet_length(key_hash) = 32),
    hostname        text not null,
    display_name    text check (char_length(display_name) between 1 and 200),
    sort_name       text not null generated always as (lower(coalesce(display_name, hostname))) stored,
    os              text not null check (os in ('linux', 'windows', 'macos')),
    os_name         text not null,
    os_version      text not null,
    kernel_version  text,
    arch            text not null,
    agent_version   text not null,
    capabilities    jsonb not null default '[]',
    enrolled_at     timestamptz not null,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    unique (org_id, id),
    constraint agents_site_fkey foreign key (org_id, client_id, site_id) references sites (org_id, client_id, id)
);
create index agents_sort_name on agents (org_id, sort_name, id);
create index agents_site on agents (org_id, site_id);
create index agents_client on agents (org_id, client_id);
create index agents_search on agents using gin (lower(hostname || ' ' || coalesce(display_name, '')) gin_trgm_ops);
alter table agents enable row level security;
create policy agents_of_organisation on agents to gururmm_app using (org_id = current_org()) with check (org_id = current_org());
grant select (id, org_id, client_id, site_id, hostname, display_name, sort_name, os, os_name, os_version, kernel_version, arch,
              agent_version, capabilities, enrolled_at, created_at, updated_at) on agents to gururmm_app;
grant update (client_id, site_id, display_name, updated_at) on agents to gururmm_app;
grant delete on agents to gururmm_app;

create table agent_presence (
    agent_id           uuid primary key,
    org_id             uuid not null,
    status             text not null default 'offline' check (status in ('online', 'offline')),
    status_changed_at  timestamptz not null,
    connection_id      uuid,
    connected_at       timestamptz,
    last_seen_at       timestamptz,
    public_ip          inet,
    metrics_at         timestamptz,
    cpu_percent        real,
    memory_percent     real,
    disk_percent       real,
    uptime_seconds     bigint,
    logged_in_user     text,
    top_cpu            jsonb not null default '[]',
    top_memory         jsonb not null default '[]',
    constraint agent_presence_agent_fkey foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade
) with (fillfactor = 70);
create index agent_presence_status on agent_presence (org_id, status);
create index agent_presence_user on agent_presence using gin (lower(logged_in_user) gin_trgm_ops);
create index agent_presence_ip on agent_presence using gin (host(public_ip) gin_trgm_ops);
alter table agent_presence enable row level security;
create policy agent_presence_of_organisation on agent_presence to gururmm_app
    using (org_id = current_org()) with check (org_id = current_org());
grant select on agent_presence to gururmm_app;

-- Agents of this transaction's organisation whose host name, display name, logged-in user or address contains the text; at most
-- p_max by names and p_max by the others. A function, because LIKE is not leakproof: under row-level security it would lose its
-- index. Executed as text, so that each search is planned for its own pattern.
create function agents_search(p_text text, p_max integer) returns setof uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
begin
    return query execute
        'select * from (select a.id from agents a
             where a.org_id = current_org() and lower(a.hostname || '' '' || coalesce(a.display_name, '''')) like $1 limit $2) by_name
         union
         select * from (select p.agent_id from agent_presence p
             where p.org_id = current_org() and (lower(p.logged_in_user) like $1 or host(p.public_ip) like $1) limit $2) by_presence'
        using '%' || replace(replace(replace(lower(p_text), '\', '\\'), '%', '\%'), '_', '\_') || '%', p_max;
end
$$;
revoke all on function agents_search(text, integer) from public;
grant execute on function agents_search(text, integer) to gururmm_app;

-- Trades a site key for an enrolled agent, or says why not: `enrolled`, `invalid`, `revoked`, `expired`, `used_up`.
-- The audit row is written here, because the organisation is known only here.
create function enrolment_enroll(
    p_key_hash bytea, p_agent_id uuid, p_device_id uuid, p_public_key bytea, p_agent_key_hash bytea, p_hostname text, p_os text,
    p_os_name text, p_os_version text, p_kernel_version text, p_arch text, p_agent_version text, p_capabilities jsonb,
    p_now timestamptz, p_ip inet, p_audit_id uuid, p_request_id uuid
) returns table (outcome text, org_id uuid, client_name text, site_name text)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
declare
    v_key site_keys;
    v_site sites;
    v_client clients;
begin
    select * into v_key from site_keys k where k.key_hash = p_key_hash for update;
    if not found then return query select 'invalid', null::uuid, null::text, null::text; return; end if;
    if v_key.revoked_at is not null then return query select 'revoked', null::uuid, null::text, null::text; return; end if;
    if v_key.expires_at <= p_now then return query select 'expired', null::uuid, null::text, null::text; return; end if;
    if v_key.use_count >= v_key.max_uses then return query select 'used_up', null::uuid, null::text, null::text; return; end if;
    select * into strict v_site from sites s where s.id = v_key.site_id;
    select * into strict v_client from clients c where c.id = v_site.client_id;
    update site_keys k set use_count = k.use_count + 1, last_used_at = p_now where k.id = v_key.id;
    insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version,
                        kernel_version, arch, agent_version, capabilities, enrolled_at, created_at, updated_at)
        values (p_agent_id, v_key.org_id, v_site.client_id, v_site.id, p_device_id, p_public_key, p_agent_key_hash, p_hostname, p_os,
                p_os_name, p_os_version, p_kernel_version, p_arch, p_agent_version, p_capabilities, p_now, p_now, p_now);
    insert into agent_presence (agent_id, org_id, status_changed_at, public_ip) values (p_agent_id, v_key.org_id, p_now, p_ip);
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
                              agent_id, client_id, site_id, detail, ip, request_id)
        values (p_audit_id, v_key.org_id, p_now, 'agent', p_agent_id, p_hostname, 'agent.enrolled', 'agent', p_agent_id, p_hostname,
                p_agent_id, v_site.client_id, v_site.id, jsonb_build_object('site_key_id', v_key.id, 'site_key_name', v_key.name), p_ip, p_request_id);
    return query select 'enrolled', v_key.org_id, v_client.name, v_site.name;
end
$$;
revoke all on function enrolment_enroll(bytea, uuid, uuid, bytea, bytea, text, text, text, text, text, text, text, jsonb, timestamptz, inet, uuid, uuid) from public;
grant execute on function enrolment_enroll(bytea, uuid, uuid, bytea, bytea, text, text, text, text, text, text, text, jsonb, timestamptz, inet, uuid, uuid) to gururmm_app;

-- What proves an agent, before its organisation is known.
create function gateway_find_agent(p_agent_id uuid)
    returns table (org_id uuid, device_id uuid, public_key bytea, key_hash bytea, hostname text, client_id uuid, site_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select a.org_id, a.device_id, a.public_key, a.key_hash, a.hostname, a.client_id, a.site_id from agents a where a.id = p_agent_id $$;
revoke all on function gateway_find_agent(uuid) from public;
grant execute on function gateway_find_agent(uuid) to gururmm_ingest, gururmm_app;

-- An agent has proven itself: store its facts and say it is online. False when it was removed meanwhile.
create function gateway_agent_connected(
    p_agent_id uuid, p_connection_id uuid, p_now timestamptz, p_ip inet, p_hostname text, p_os text, p_os_name text, p_os_version text,
    p_kernel_version text, p_arch text, p_agent_version text, p_capabilities jsonb
) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    update agents set hostname = p_hostname, os = p_os, os_name = p_os_name, os_version = p_os_version, kernel_version = p_kernel_version,
                      arch = p_arch, agent_version = p_agent_version, capabilities = p_capabilities, updated_at = p_now
        where id = p_agent_id
          and (hostname, os, os_name, os_version, kernel_version, arch, agent_version, capabilities) is distinct from
              (p_hostname, p_os, p_os_name, p_os_version, p_kernel_version, p_arch, p_agent_version, p_capabilities);
    update agent_presence
        set status_changed_at = case when status = 'online' then status_changed_at else p_now end,
            status = 'online', connection_id = p_connection_id, connected_at = p_now, last_seen_at = p_now, public_ip = p_ip
        -- ids of connections grow with time: one that was replaced while it arrived must not take the place of its successor
        where agent_id = p_agent_id and (connection_id is null or connection_id <= p_connection_id);
    return exists (select from agents where id = p_agent_id);
end
$$;
revoke all on function gateway_agent_connected(uuid, uuid, timestamptz, inet, text, text, text, text, text, text, text, jsonb) from public;
grant execute on function gateway_agent_connected(uuid, uuid, timestamptz, inet, text, text, text, text, text, text, text, jsonb) to gururmm_ingest;

-- A connection has been gone for the grace period. True when that made its agent offline (no newer connection took over).
create function gateway_agent_disconnected(p_agent_id uuid, p_connection_id uuid, p_now timestamptz, p_last_seen_at timestamptz) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    update agent_presence set status = 'offline', status_changed_at = p_now, last_seen_at = p_last_seen_at, connection_id = null
        where agent_id = p_agent_id and connection_id = p_connection_id and status = 'online';
    return found;
end
$$;
revoke all on function gateway_agent_disconnected(uuid, uuid, timestamptz, timestamptz) from public;
grant execute on function gateway_agent_disconnected(uuid, uuid, timestamptz, timestamptz) to gururmm_ingest;

-- After a start: agents that still count as online by a connection of an earlier life, and did not come back.
create function gateway_sweep_presence(p_connected_before timestamptz, p_now timestamptz) returns table (agent_id uuid, org_id uuid, last_seen_at timestamptz)
    language sql security definer set search_path = public, pg_temp
    as $$ update agent_presence p set status = 'offline', status_changed_at = p_now, connection_id = null
          where p.status = 'online' and p.connected_at < p_connected_before
          returning p.agent_id, p.org_id, p.last_seen_at $$;
revoke all on function gateway_sweep_presence(timestamptz, timestamptz) from public;
grant execute on function gateway_sweep_presence(timestamptz, timestamptz) to gururmm_ingest;

-- An agent leaves by itself; its signature has been checked by the caller. False when it was gone already.
create function enrolment_unenroll(p_agent_id uuid, p_now timestamptz, p_ip inet, p_audit_id uuid, p_request_id uuid) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_agent agents;
begin
    perform from ingest_marks where agent_id = p_agent_id for update;
    delete from agents where id = p_agent_id returning * into v_agent;
    if not found then return false; end if;
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
                              agent_id, client_id, site_id, detail, ip, request_id)
        values (p_audit_id, v_agent.org_id, p_now, 'agent', p_agent_id, v_agent.hostname, 'agent.unenrolled', 'agent', p_agent_id,
                v_agent.hostname, p_agent_id, v_agent.client_id, v_agent.site_id, '{}', p_ip, p_request_id);
    return true;
end
$$;
revoke all on function enrolment_unenroll(uuid, timestamptz, inet, uuid, uuid) from public;
grant execute on function enrolment_unenroll(uuid, timestamptz, inet, uuid, uuid) to gururmm_app;
