-- The process lists of the latest measurement, in a table of their own: they are nine tenths of what an agent says, and nobody who
-- lists agents reads them. They come and go as a whole, so they are kept as the text they came as, neither taken apart nor compressed
-- (jsonb and its compression took more time than all the rest of a measurement).
create table agent_processes (
    agent_id     uuid primary key,
    org_id       uuid not null,
    recorded_at  timestamptz not null,
    top_cpu      json not null,
    top_memory   json not null,
    constraint agent_processes_agent_fkey foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade
) with (fillfactor = 70, toast_tuple_target = 8160);
alter table agent_processes enable row level security;
create policy agent_processes_of_organisation on agent_processes to gururmm_app using (org_id = current_org());
grant select on agent_processes to gururmm_app;

insert into agent_processes (agent_id, org_id, recorded_at, top_cpu, top_memory)
    select agent_id, org_id, metrics_at, top_cpu::json, top_memory::json from agent_presence where metrics_at is not null;
alter table agent_presence drop column top_cpu, drop column top_memory, set (fillfactor = 80);

-- The newest measurement of each agent, for lists and gauges. At most one row per agent in a call.
drop function ingest_presence(uuid[], timestamptz[], real[], real[], real[], bigint[], text[], bigint[], jsonb[], jsonb[], timestamptz);
create function ingest_presence(
    p_agent_ids uuid[], p_metrics_at timestamptz[], p_cpu real[], p_memory real[], p_disk real[], p_uptime bigint[], p_user text[],
    p_idle bigint[], p_top_cpu text[], p_top_memory text[], p_now timestamptz
) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    update agent_presence p
        set metrics_at = i.metrics_at, cpu_percent = i.cpu, memory_percent = i.memory, disk_percent = i.disk, uptime_seconds = i.uptime,
            logged_in_user = i.logged_in_user, user_idle_seconds = i.idle, last_seen_at = p_now
        from unnest(p_agent_ids, p_metrics_at, p_cpu, p_memory, p_disk, p_uptime, p_user, p_idle)
             as i (agent_id, metrics_at, cpu, memory, disk, uptime, logged_in_user, idle)
        where p.agent_id = i.agent_id and (p.metrics_at is null or p.metrics_at <= i.metrics_at);
    insert into agent_processes as p (agent_id, org_id, recorded_at, top_cpu, top_memory)
        select a.id, a.org_id, i.recorded_at, i.top_cpu::json, i.top_memory::json
            from unnest(p_agent_ids, p_metrics_at, p_top_cpu, p_top_memory) as i (agent_id, recorded_at, top_cpu, top_memory)
            join agents a on a.id = i.agent_id
        on conflict (agent_id) do update
            set recorded_at = excluded.recorded_at, top_cpu = excluded.top_cpu, top_memory = excluded.top_memory
            where p.recorded_at <= excluded.recorded_at;
    $$;
revoke all on function ingest_presence(uuid[], timestamptz[], real[], real[], real[], bigint[], text[], bigint[], text[], text[], timestamptz) from public;
grant execute on function ingest_presence(uuid[], timestamptz[], real[], real[], real[], bigint[], text[], bigint[], text[], text[], timestamptz) to gururmm_ingest;

-- The marks of these (agent, spool) pairs, locked. A spool the server has not seen starts at 0. Unknown agents are left out. What is
-- there is locked first, in order of id, and only then what is new is added: whoever adds holds all the marks it shares with others.
create or replace function ingest_lock(p_agent_ids uuid[], p_spool_ids uuid[]) returns table (agent_id uuid, sequence bigint)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
begin
    perform from ingest_marks where agent_id = any (p_agent_ids) order by agent_id for update;
    insert into ingest_marks as m (agent_id, org_id, spool_id, sequence)
        select a.id, a.org_id, i.spool_id, 0
            from unnest(p_agent_ids, p_spool_ids) as i (agent_id, spool_id)
            join agents a on a.id = i.agent_id
            left join ingest_marks m on m.agent_id = i.agent_id
            where m.spool_id is distinct from i.spool_id
            order by a.id
        on conflict (agent_id) do update
            set sequence = case when m.spool_id = excluded.spool_id then m.sequence else 0 end, spool_id = excluded.spool_id;
    return query select agent_id, sequence from ingest_marks where agent_id = any (p_agent_ids);
end
$$;
