-- The network state of each agent: interfaces and WAN address, as it was told last.
create table network_states (
    agent_id     uuid primary key,
    org_id       uuid not null,
    recorded_at  timestamptz not null,
    interfaces   jsonb not null default '[]',
    wan_address  inet,
    constraint network_states_agent_fkey foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade
);
create index network_states_org on network_states (org_id);
alter table network_states enable row level security;
create policy network_states_of_organisation on network_states to gururmm_app
    using (org_id = current_org()) with check (org_id = current_org());
grant select on network_states to gururmm_app;

-- Network states, at most one per agent in a call. The WAN address that an agent found out counts where the server sees none.
create function ingest_network_states(p_agent_ids uuid[], p_recorded_at timestamptz[], p_interfaces jsonb[], p_wan text[]) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    insert into network_states as n (agent_id, org_id, recorded_at, interfaces, wan_address)
        select a.id, a.org_id, i.recorded_at, i.interfaces, i.wan::inet
            from unnest(p_agent_ids, p_recorded_at, p_interfaces, p_wan) as i (agent_id, recorded_at, interfaces, wan)
            join agents a on a.id = i.agent_id
        on conflict (agent_id) do update
            set recorded_at = excluded.recorded_at, interfaces = excluded.interfaces, wan_address = excluded.wan_address
            where n.recorded_at <= excluded.recorded_at;
    update agent_presence p set public_ip = i.wan::inet
        from unnest(p_agent_ids, p_wan) as i (agent_id, wan)
        where p.agent_id = i.agent_id and i.wan is not null and p.public_ip is distinct from i.wan::inet;
end
$$;
revoke all on function ingest_network_states(uuid[], timestamptz[], jsonb[], text[]) from public;
grant execute on function ingest_network_states(uuid[], timestamptz[], jsonb[], text[]) to gururmm_ingest;
