-- Volumes of the roll-ups as figures and no longer as JSON, which took two thirds of the time of a year's chart; those of measurements,
-- which are written a thousand times as often as they are read, as the text they came as.
create type history_disk as (mount text, min real, avg real, max real, p95 real, total real);

create function history_disks_of(p_disks jsonb) returns history_disk[]
    language sql immutable set search_path = public, pg_temp
    as $$ select coalesce(array_agg(row(d.mount, d.min, d.avg, d.max, d.p95, d.total)::history_disk), '{}')
              from jsonb_to_recordset(p_disks) as d (mount text, min real, avg real, max real, p95 real, total real) $$;
alter table history_5m alter column disks type history_disk[] using history_disks_of(disks);
alter table history_1h alter column disks type history_disk[] using history_disks_of(disks);
drop function history_disks_of(jsonb);

alter table metrics alter column disks type json using disks::json;

-- A span that came due is rolled up when nothing has come to it for a minute: a machine that was away for days tells many measurements of
-- each span, one after the other.
alter table history_due add column touched_at timestamptz not null default '-infinity';
alter table history_due alter column touched_at drop default;

drop function history_roll_up_due(integer, integer);
-- Rolls up at most p_limit spans that are due; says how many were. Spans that a batch is just adding to are left for the next time.
create function history_roll_up_due(p_step integer, p_limit integer, p_now timestamptz) returns integer
    language plpgsql set search_path = public, pg_temp
    as $$
declare
    v_agents uuid[];
    v_begins timestamptz[];
begin
    with taken as (
        delete from history_due where ctid = any (array(
            select d.ctid from history_due d join history_marks m using (step_seconds)
                where d.step_seconds = p_step and d.begins_at + make_interval(secs => p_step) <= m.rolled_until
                      -- one that is touched in the future was touched before the clock was set back
                      and (d.touched_at <= p_now - interval '1 minute' or d.touched_at > p_now)
                limit p_limit for update of d skip locked))
            returning agent_id, begins_at)
        select array_agg(agent_id), array_agg(begins_at) into v_agents, v_begins from taken;
    if v_agents is null then
        return 0;
    end if;
    -- first what the removal of an agent locks first
    perform from agents where id = any (v_agents) order by id for key share;
    -- a statement of its own, which sees what the batches before the deletion have committed
    perform history_roll_up(p_step, null, null, v_agents, v_begins);
    return cardinality(v_agents);
end
$$;
revoke all on function history_roll_up_due(integer, integer, timestamptz) from public;

-- Measurements. The caller has clamped the times into existing partitions. Of two with one time the first stays. One that is too
-- late for a roll-up makes its span due.
drop function ingest_metrics(uuid[], timestamptz[], real[], real[], real[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], jsonb[]);
create function ingest_metrics(
    p_agent_ids uuid[], p_recorded_at timestamptz[], p_interval real[], p_cpu real[], p_load real[], p_memory_used bigint[],
    p_memory_total bigint[], p_swap_used bigint[], p_swap_total bigint[], p_rx bigint[], p_tx bigint[], p_disks text[], p_now timestamptz
) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    select pg_advisory_xact_lock_shared(hashtext('history_marks'));
    insert into metrics (agent_id, org_id, recorded_at, interval_seconds, cpu_percent, load_1, memory_used_bytes, memory_total_bytes,
                         swap_used_bytes, swap_total_bytes, network_rx_bytes, network_tx_bytes, disks)
        select a.id, a.org_id, i.recorded_at, i.interval_seconds, i.cpu, i.load, i.memory_used, i.memory_total, i.swap_used, i.swap_total,
               i.rx, i.tx, i.disks::json
            from unnest(p_agent_ids, p_recorded_at, p_interval, p_cpu, p_load, p_memory_used, p_memory_total, p_swap_used, p_swap_total,
                        p_rx, p_tx, p_disks)
                 as i (agent_id, recorded_at, interval_seconds, cpu, load, memory_used, memory_total, swap_used, swap_total, rx, tx, disks)
            join agents a on a.id = i.agent_id
        on conflict do nothing;
    -- a row that is there is locked, changed or not: whoever rolls it up meanwhile waits for our commit, or we come after it
    insert into history_due (step_seconds, agent_id, begins_at, touched_at)
        select distinct h.step_seconds, i.agent_id, date_bin(make_interval(secs => h.step_seconds), i.recorded_at, 'epoch') as begins_at, p_now
            from unnest(p_agent_ids, p_recorded_at) as i (agent_id, recorded_at) join history_marks h on i.recorded_at < h.closed_until
            order by 1, 2, 3
        on conflict (step_seconds, agent_id, begins_at) do update set touched_at = excluded.touched_at
            where history_due.touched_at < excluded.touched_at - interval '10 seconds'
    $$;
revoke all on function ingest_metrics(uuid[], timestamptz[], real[], real[], real[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], timestamptz) from public;
grant execute on function ingest_metrics(uuid[], timestamptz[], real[], real[], real[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], timestamptz) to gururmm_ingest;

-- Rolls up the measurements of these spans of these agents, or of all agents from p_from to p_to when p_agents is null. A span
-- without measurements is left as it is. What an agent says may be absurd, but must never stop the roll-up of the others: every
-- number is brought into the range of its column. What is made of hours follows.
create or replace function history_roll_up(p_step integer, p_from timestamptz, p_to timestamptz, p_agents uuid[], p_begins timestamptz[]) returns bigint
    language plpgsql set search_path = public, pg_temp
    as $$
declare
    v_source text;
    v_rows   bigint;
begin
    if p_agents is null then
        v_source := 'metrics m where m.recorded_at >= $2 and m.recorded_at < $3';
    else
        v_source := 'unnest($4, $5) as due (agent_id, begins_at)
                         cross join lateral (select * from metrics where metrics.agent_id = due.agent_id
                             and metrics.recorded_at >= due.begins_at and metrics.recorded_at < due.begins_at + make_interval(secs => $1)) m';
    end if;
    execute format($sql$
        with points as materialized (
            select m.agent_id, m.org_id, date_bin(make_interval(secs => $1), m.recorded_at, 'epoch') as begins_at, m.disks,
                   case when m.cpu_percent < 1e-6 then 0 else m.cpu_percent end as cpu,
                   case when m.load_1 < 1e-6 then 0 else least(m.load_1, 1e6) end as load_1, m.memory_used_bytes as memory, m.memory_total_bytes as memory_total,
                   m.swap_used_bytes as swap, m.swap_total_bytes as swap_total,
                   least(m.network_rx_bytes / greatest(m.interval_seconds, 0.001), 1e15) as rx,
                   least(m.network_tx_bytes / greatest(m.interval_seconds, 0.001), 1e15) as tx
                from %s
        ), numbers as (
            select p.agent_id, p.org_id, p.begins_at, count(*)::integer as samples,
               min(p.cpu)::real as cpu_min, avg(p.cpu)::real as cpu_avg, max(p.cpu)::real as cpu_max,
               (percentile_disc(0.95) within group (order by p.cpu))::real as cpu_p95,
               min(p.load_1)::real as load_1_min, avg(p.load_1)::real as load_1_avg, max(p.load_1)::real as load_1_max,
               (percentile_disc(0.95) within group (order by p.load_1))::real as load_1_p95,
               min(p.memory)::real as memory_min, avg(p.memory)::real as memory_avg, max(p.memory)::real as memory_max,
               (percentile_disc(0.95) within group (order by p.memory))::real as memory_p95,
               min(p.swap)::real as swap_min, avg(p.swap)::real as swap_avg, max(p.swap)::real as swap_max,
               (percentile_disc(0.95) within group (order by p.swap))::real as swap_p95,
               min(p.rx)::real as rx_min, avg(p.rx)::real as rx_avg, max(p.rx)::real as rx_max,
               (percentile_disc(0.95) within group (order by p.rx))::real as rx_p95,
               min(p.tx)::real as tx_min, avg(p.tx)::real as tx_avg, max(p.tx)::real as tx_max,
               (percentile_disc(0.95) within group (order by p.tx))::real as tx_p95,
               max(p.memory_total) as memory_total, max(p.swap_total) as swap_total
                from points p group by p.agent_id, p.org_id, p.begins_at
        ), volumes as (
            select p.agent_id, p.begins_at, d.mount, min(d.used_bytes)::real as low, avg(d.used_bytes)::real as average,
                   max(d.used_bytes)::real as high, (percentile_disc(0.95) within group (order by d.used_bytes))::real as p95,
                   max(d.total_bytes)::real as total
                from points p cross join json_to_recordset(p.disks) as d (mount text, used_bytes double precision, total_bytes double precision)
                group by p.agent_id, p.begins_at, d.mount
        ), disks as (
            select agent_id, begins_at, array_agg(row(mount, low, average, high, p95, total)::history_disk order by mount) as disks
                from volumes group by agent_id, begins_at
        )
        insert into %I (agent_id, org_id, begins_at, samples, cpu_min, cpu_avg, cpu_max, cpu_p95, load_1_min, load_1_avg,
                       load_1_max, load_1_p95, memory_min, memory_avg, memory_max, memory_p95, swap_min, swap_avg, swap_max,
                       swap_p95, rx_min, rx_avg, rx_max, rx_p95, tx_min, tx_avg, tx_max, tx_p95, memory_total, swap_total,
                       disks)
            select n.agent_id, n.org_id, n.begins_at, n.samples, n.cpu_min, n.cpu_avg, n.cpu_max, n.cpu_p95, n.load_1_min, n.load_1_avg, n.load_1_max, n.load_1_p95,
                   n.memory_min, n.memory_avg, n.memory_max, n.memory_p95, n.swap_min, n.swap_avg, n.swap_max, n.swap_p95,
                   n.rx_min, n.rx_avg, n.rx_max, n.rx_p95, n.tx_min, n.tx_avg, n.tx_max, n.tx_p95, n.memory_total,
                   n.swap_total, coalesce(d.disks, '{}')
                from numbers n join agents a on a.id = n.agent_id left join disks d using (agent_id, begins_at)
            on conflict (agent_id, begins_at) do update set samples = excluded.samples, cpu_min = excluded.cpu_min, cpu_avg = excluded.cpu_avg,
                cpu_max = excluded.cpu_max, cpu_p95 = excluded.cpu_p95, load_1_min = excluded.load_1_min,
                load_1_avg = excluded.load_1_avg, load_1_max = excluded.load_1_max, load_1_p95 = excluded.load_1_p95,
                memory_min = excluded.memory_min, memory_avg = excluded.memory_avg, memory_max = excluded.memory_max,
                memory_p95 = excluded.memory_p95, swap_min = excluded.swap_min, swap_avg = excluded.swap_avg,
                swap_max = excluded.swap_max, swap_p95 = excluded.swap_p95, rx_min = excluded.rx_min,
                rx_avg = excluded.rx_avg, rx_max = excluded.rx_max, rx_p95 = excluded.rx_p95, tx_min = excluded.tx_min,
                tx_avg = excluded.tx_avg, tx_max = excluded.tx_max, tx_p95 = excluded.tx_p95,
                memory_total = excluded.memory_total, swap_total = excluded.swap_total, disks = excluded.disks
    $sql$, v_source, history_table(p_step)) using p_step, p_from, p_to, p_agents, p_begins;
    get diagnostics v_rows = row_count;
    if p_step = 3600 then
        perform history_coarsen(p_from, p_to, p_agents, p_begins);
    end if;
    return v_rows;
end
$$;
