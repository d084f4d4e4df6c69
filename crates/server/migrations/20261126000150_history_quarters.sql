-- A third size of roll-up, a quarter of a day, for charts of a year and more: made of the hours, in the transaction that makes them, so it
-- needs no mark of its own. It is kept as long as the hours.
create table history_6h (like history_1h including all) partition by range (begins_at);
alter table history_6h add foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade;
alter table history_6h enable row level security;
create policy history_6h_of_organisation on history_6h to gururmm_app using (org_id = current_org());
grant select on history_6h to gururmm_app;

-- Makes the quarters of days of these agents and hours anew, or those of all agents with an hour from p_from to p_to when p_agents is
-- null. A percentile of a quarter is the highest of its hours.
create function history_coarsen(p_from timestamptz, p_to timestamptz, p_agents uuid[], p_begins timestamptz[]) returns void
    language plpgsql set search_path = public, pg_temp
    as $$
declare
    v_agents uuid[];
    v_begins timestamptz[];
begin
    if p_agents is null then
        select array_agg(s.agent_id), array_agg(s.begins_at) into v_agents, v_begins
            from (select distinct agent_id, date_bin('6 hours', begins_at, 'epoch') as begins_at
                      from history_1h where begins_at >= p_from and begins_at < p_to) s;
    else
        select array_agg(s.agent_id), array_agg(s.begins_at) into v_agents, v_begins
            from (select distinct i.agent_id, date_bin('6 hours', i.begins_at, 'epoch') as begins_at
                      from unnest(p_agents, p_begins) as i (agent_id, begins_at)) s;
    end if;
    delete from history_6h q using unnest(v_agents, v_begins) as s (agent_id, begins_at)
        where q.agent_id = s.agent_id and q.begins_at = s.begins_at;
    with hours as materialized (
        select s.begins_at as quarter, h.*
            from unnest(v_agents, v_begins) as s (agent_id, begins_at)
            join history_1h h on h.agent_id = s.agent_id and h.begins_at >= s.begins_at and h.begins_at < s.begins_at + interval '6 hours'
    ), numbers as (
        select h.agent_id, h.org_id, h.quarter, sum(h.samples)::integer as samples,
                   min(h.cpu_min) as cpu_min, (sum(h.cpu_avg::double precision * h.samples) / sum(h.samples))::real as cpu_avg,
                   max(h.cpu_max) as cpu_max, max(h.cpu_p95) as cpu_p95,
                   min(h.load_1_min) as load_1_min, (sum(h.load_1_avg * h.samples) / nullif(sum(h.samples) filter (where h.load_1_avg is not null), 0))::real as load_1_avg,
                   max(h.load_1_max) as load_1_max, max(h.load_1_p95) as load_1_p95,
                   min(h.memory_min) as memory_min, (sum(h.memory_avg::double precision * h.samples) / sum(h.samples))::real as memory_avg,
                   max(h.memory_max) as memory_max, max(h.memory_p95) as memory_p95,
                   min(h.swap_min) as swap_min, (sum(h.swap_avg::double precision * h.samples) / sum(h.samples))::real as swap_avg,
                   max(h.swap_max) as swap_max, max(h.swap_p95) as swap_p95,
                   min(h.rx_min) as rx_min, (sum(h.rx_avg::double precision * h.samples) / sum(h.samples))::real as rx_avg,
                   max(h.rx_max) as rx_max, max(h.rx_p95) as rx_p95,
                   min(h.tx_min) as tx_min, (sum(h.tx_avg::double precision * h.samples) / sum(h.samples))::real as tx_avg,
                   max(h.tx_max) as tx_max, max(h.tx_p95) as tx_p95,
                   max(h.memory_total) as memory_total, max(h.swap_total) as swap_total
            from hours h group by h.agent_id, h.org_id, h.quarter
    ), volumes as (
        select h.agent_id, h.quarter, d.mount, min(d.min) as low, (sum(d.avg::double precision * h.samples) / sum(h.samples))::real as average,
               max(d.max) as high, max(d.p95) as p95, max(d.total) as total
            from hours h cross join unnest(h.disks) as d group by h.agent_id, h.quarter, d.mount
    ), disks as (
        select agent_id, quarter, array_agg(row(mount, low, average, high, p95, total)::history_disk order by mount) as disks
            from volumes group by agent_id, quarter
    )
    insert into history_6h (agent_id, org_id, begins_at, samples,
                            cpu_min, cpu_avg, cpu_max, cpu_p95, load_1_min, load_1_avg, load_1_max, load_1_p95,
                            memory_min, memory_avg, memory_max, memory_p95, swap_min, swap_avg, swap_max, swap_p95,
                            rx_min, rx_avg, rx_max, rx_p95, tx_min, tx_avg, tx_max, tx_p95,
                            memory_total, swap_total, disks)
        select n.agent_id, n.org_id, n.quarter, n.samples,
               n.cpu_min, n.cpu_avg, n.cpu_max, n.cpu_p95, n.load_1_min, n.load_1_avg, n.load_1_max, n.load_1_p95,
               n.memory_min, n.memory_avg, n.memory_max, n.memory_p95, n.swap_min, n.swap_avg, n.swap_max, n.swap_p95,
               n.rx_min, n.rx_avg, n.rx_max, n.rx_p95, n.tx_min, n.tx_avg, n.tx_max, n.tx_p95,
               n.memory_total, n.swap_total, coalesce(d.disks, '{}')
            from numbers n left join disks d using (agent_id, quarter);
end
$$;
revoke all on function history_coarsen(timestamptz, timestamptz, uuid[], timestamptz[]) from public;

do $$
declare
    v_first timestamptz;
    v_last  timestamptz;
    v_day   timestamptz;
begin
    select date_trunc('day', min(begins_at), 'UTC'), max(begins_at) into v_first, v_last from history_1h;
    if v_first is not null then
        perform partitions_create('history_6h', 'month', (v_first at time zone 'UTC')::date, (v_last at time zone 'UTC')::date);
        -- a day is whole quarters, and never too much at once
        for v_day in select generate_series(v_first, v_last, interval '24 hours') loop
            perform history_coarsen(v_day, v_day + interval '24 hours', null, null);
        end loop;
    end if;
end
$$;
