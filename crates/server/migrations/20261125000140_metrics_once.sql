-- A machine has one measurement at a time: a spool that tells its records anew doubles nothing, and what one machine can store is
-- bounded by the retention (times are whole seconds). The index is the one that reads use, now unique.
delete from metrics m
    using (select d.tableoid as partition, d.ctid as place, row_number() over (partition by d.agent_id, d.recorded_at) as copy from metrics d) d
    where m.tableoid = d.partition and m.ctid = d.place and d.copy > 1;
drop index metrics_agent_time;
create unique index metrics_agent_time on metrics (agent_id, recorded_at);

-- Measurements. The caller has clamped the times into existing partitions. Of two with one time the first stays.
create or replace function ingest_metrics(
    p_agent_ids uuid[], p_recorded_at timestamptz[], p_interval real[], p_cpu real[], p_load real[], p_memory_used bigint[],
    p_memory_total bigint[], p_swap_used bigint[], p_swap_total bigint[], p_rx bigint[], p_tx bigint[], p_disks jsonb[]
) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    insert into metrics (agent_id, org_id, recorded_at, interval_seconds, cpu_percent, load_1, memory_used_bytes, memory_total_bytes,
                         swap_used_bytes, swap_total_bytes, network_rx_bytes, network_tx_bytes, disks)
        select a.id, a.org_id, i.recorded_at, i.interval_seconds, i.cpu, i.load, i.memory_used, i.memory_total, i.swap_used, i.swap_total,
               i.rx, i.tx, i.disks
            from unnest(p_agent_ids, p_recorded_at, p_interval, p_cpu, p_load, p_memory_used, p_memory_total, p_swap_used, p_swap_total,
                        p_rx, p_tx, p_disks)
                 as i (agent_id, recorded_at, interval_seconds, cpu, load, memory_used, memory_total, swap_used, swap_total, rx, tx, disks)
            join agents a on a.id = i.agent_id
        on conflict do nothing
    $$;
