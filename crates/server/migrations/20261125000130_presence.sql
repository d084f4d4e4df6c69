-- An agent has proven itself: store its facts and say it is online. False when a newer connection of the same agent was there before
-- (ids of connections grow with time): one that was replaced while it arrived changes nothing. The caller holds the agent's mark, so
-- the agent cannot be removed meanwhile.
create or replace function gateway_agent_connected(
    p_agent_id uuid, p_connection_id uuid, p_now timestamptz, p_ip inet, p_hostname text, p_os text, p_os_name text, p_os_version text,
    p_kernel_version text, p_arch text, p_agent_version text, p_capabilities jsonb
) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    update agent_presence
        set status_changed_at = case when status = 'online' then status_changed_at else p_now end,
            status = 'online', connection_id = p_connection_id, connected_at = p_now, last_seen_at = p_now, public_ip = p_ip
        where agent_id = p_agent_id and (connection_id is null or connection_id <= p_connection_id);
    if not found then return false; end if;
    update agents set hostname = p_hostname, os = p_os, os_name = p_os_name, os_version = p_os_version, kernel_version = p_kernel_version,
                      arch = p_arch, agent_version = p_agent_version, capabilities = p_capabilities, updated_at = p_now
        where id = p_agent_id
          and (hostname, os, os_name, os_version, kernel_version, arch, agent_version, capabilities) is distinct from
              (p_hostname, p_os, p_os_name, p_os_version, p_kernel_version, p_arch, p_agent_version, p_capabilities);
    return true;
end
$$;

-- A server that starts forgets the connections of its earlier life (gateway_forget_connections, by the owner) before it listens.
-- So ids of connections are compared within one life only, where they grow whatever the clock does, and an agent that is online
-- without a connection is one that has not come back.
create function gateway_forget_connections() returns void
    language sql set search_path = public, pg_temp
    as $$ update agent_presence set connection_id = null where connection_id is not null $$;
revoke all on function gateway_forget_connections() from public;

-- After a start: agents that were online in an earlier life and did not come back.
drop function gateway_sweep_presence(timestamptz, timestamptz);
create function gateway_sweep_presence(p_now timestamptz) returns table (agent_id uuid, org_id uuid, last_seen_at timestamptz)
    language sql security definer set search_path = public, pg_temp
    as $$ update agent_presence p set status = 'offline', status_changed_at = p_now
          where p.status = 'online' and p.connection_id is null
          returning p.agent_id, p.org_id, p.last_seen_at $$;
revoke all on function gateway_sweep_presence(timestamptz) from public;
grant execute on function gateway_sweep_presence(timestamptz) to gururmm_ingest;
