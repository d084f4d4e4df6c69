-- How long the logged-in user has been idle; and a WAN address that the agent found out stays when it connects from inside.
alter table agent_presence add column user_idle_seconds bigint;

create or replace function gateway_agent_connected(
    p_agent_id uuid, p_connection_id uuid, p_now timestamptz, p_ip inet, p_hostname text, p_os text, p_os_name text, p_os_version text,
    p_kernel_version text, p_arch text, p_agent_version text, p_capabilities jsonb
) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    update agent_presence
        set status_changed_at = case when status = 'online' then status_changed_at else p_now end,
            status = 'online', connection_id = p_connection_id, connected_at = p_now, last_seen_at = p_now,
            public_ip = coalesce(p_ip, (select n.wan_address from network_states n where n.agent_id = p_agent_id))
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

-- The newest measurement of each agent, for lists and gauges. At most one row per agent in a call.
drop function ingest_presence(uuid[], timestamptz[], real[], real[], real[], bigint[], text[], jsonb[], jsonb[], timestamptz);
create function ingest_presence(
    p_agent_ids uuid[], p_metrics_at timestamptz[], p_cpu real[], p_memory real[], p_disk real[], p_uptime bigint[], p_user text[],
    p_idle bigint[], p_top_cpu jsonb[], p_top_memory jsonb[], p_now timestamptz
) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    update agent_presence p
        set metrics_at = i.metrics_at, cpu_percent = i.cpu, memory_percent = i.memory, disk_percent = i.disk, uptime_seconds = i.uptime,
            logged_in_user = i.logged_in_user, user_idle_seconds = i.idle, top_cpu = i.top_cpu, top_memory = i.top_memory, last_seen_at = p_now
        from unnest(p_agent_ids, p_metrics_at, p_cpu, p_memory, p_disk, p_uptime, p_user, p_idle, p_top_cpu, p_top_memory)
             as i (agent_id, metrics_at, cpu, memory, disk, uptime, logged_in_user, idle, top_cpu, top_memory)
        where p.agent_id = i.agent_id and (p.metrics_at is null or p.metrics_at <= i.metrics_at)
    $$;
revoke all on function ingest_presence(uuid[], timestamptz[], real[], real[], real[], bigint[], text[], bigint[], jsonb[], jsonb[], timestamptz) from public;
grant execute on function ingest_presence(uuid[], timestamptz[], real[], real[], real[], bigint[], text[], bigint[], jsonb[], jsonb[], timestamptz) to gururmm_ingest;
