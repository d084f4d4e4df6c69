-- The agents' records. Every function takes the organisation from the agent itself, never from the caller.
--
-- ingest_marks holds, per agent, the highest committed sequence of its current spool. A batch locks the marks of its agents
-- (in order of id, so that two batches cannot deadlock), leaves out what is at or below them, writes the rest and moves the marks: all in
-- one transaction, so a record is applied exactly once whatever is repeated.
create table ingest_marks (
    agent_id  uuid primary key,
    org_id    uuid not null,
    spool_id  uuid not null,
    sequence  bigint not null,
    constraint ingest_marks_agent_fkey foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade
) with (fillfactor = 70);
alter table ingest_marks enable row level security;

-- The marks of these (agent, spool) pairs, locked. A spool the server has not seen starts at 0. Unknown agents are left out.
create function ingest_lock(p_agent_ids uuid[], p_spool_ids uuid[]) returns table (agent_id uuid, sequence bigint)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
begin
    return query
    insert into ingest_marks as m (agent_id, org_id, spool_id, sequence)
        select a.id, a.org_id, i.spool_id, 0
            from unnest(p_agent_ids, p_spool_ids) as i (agent_id, spool_id) join agents a on a.id = i.agent_id
            order by a.id
        on conflict (agent_id) do update
            set sequence = case when m.spool_id = excluded.spool_id then m.sequence else 0 end, spool_id = excluded.spool_id
        returning m.agent_id, m.sequence;
end
$$;
revoke all on function ingest_lock(uuid[], uuid[]) from public;
grant execute on function ingest_lock(uuid[], uuid[]) to gururmm_ingest;

-- Takes an agent's mark before the agent is removed: batches take it first too, so neither waits for the other.
create function ingest_lock_agent(p_agent_id uuid) returns void
    language sql security definer set search_path = public, pg_temp
    as $$ select from ingest_marks where agent_id = p_agent_id and org_id = current_org() for update $$;
revoke all on function ingest_lock_agent(uuid) from public;
grant execute on function ingest_lock_agent(uuid) to gururmm_app;

create function ingest_move_marks(p_agent_ids uuid[], p_sequences bigint[]) returns void
    language sql security definer set search_path = public, pg_temp
    as $$ update ingest_marks m set sequence = greatest(m.sequence, i.sequence)
          from unnest(p_agent_ids, p_sequences) as i (agent_id, sequence) where m.agent_id = i.agent_id $$;
revoke all on function ingest_move_marks(uuid[], bigint[]) from public;
grant execute on function ingest_move_marks(uuid[], bigint[]) to gururmm_ingest;

-- Measurements. The caller has clamped the times into existing partitions.
create function ingest_metrics(
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
    $$;
revoke all on function ingest_metrics(uuid[], timestamptz[], real[], real[], real[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], jsonb[]) from public;
grant execute on function ingest_metrics(uuid[], timestamptz[], real[], real[], real[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], jsonb[]) to gururmm_ingest;

-- The newest measurement of each agent, for lists and gauges. At most one row per agent in a call.
create function ingest_presence(
    p_agent_ids uuid[], p_metrics_at timestamptz[], p_cpu real[], p_memory real[], p_disk real[], p_uptime bigint[], p_user text[],
    p_top_cpu jsonb[], p_top_memory jsonb[], p_now timestamptz
) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    update agent_presence p
        set metrics_at = i.metrics_at, cpu_percent = i.cpu, memory_percent = i.memory, disk_percent = i.disk, uptime_seconds = i.uptime,
            logged_in_user = i.logged_in_user, top_cpu = i.top_cpu, top_memory = i.top_memory, last_seen_at = p_now
        from unnest(p_agent_ids, p_metrics_at, p_cpu, p_memory, p_disk, p_uptime, p_user, p_top_cpu, p_top_memory)
             as i (agent_id, metrics_at, cpu, memory, disk, uptime, logged_in_user, top_cpu, top_memory)
        where p.agent_id = i.agent_id and (p.metrics_at is null or p.metrics_at <= i.metrics_at)
    $$;
revoke all on function ingest_presence(uuid[], timestamptz[], real[], real[], real[], bigint[], text[], jsonb[], jsonb[], timestamptz) from public;
grant execute on function ingest_presence(uuid[], timestamptz[], real[], real[], real[], bigint[], text[], jsonb[], jsonb[], timestamptz) to gururmm_ingest;

-- Commands that began. Answers those whose status changed.
create function ingest_command_started(p_agent_ids uuid[], p_command_ids uuid[], p_started_at timestamptz[]) returns table (command_id uuid)
    language sql security definer set search_path = public, pg_temp
    as $$
    -- a beginning also takes back an end that the server assumed while the machine was away
    update commands c set status = 'running', started_at = i.started_at, sent_at = coalesce(c.sent_at, i.started_at),
                          finished_at = null, status_reason = null
        from unnest(p_agent_ids, p_command_ids, p_started_at) as i (agent_id, command_id, started_at)
        where c.id = i.command_id and c.agent_id = i.agent_id and c.status in ('queued', 'expired', 'interrupted')
        returning c.id
    $$;
revoke all on function ingest_command_started(uuid[], uuid[], timestamptz[]) from public;
grant execute on function ingest_command_started(uuid[], uuid[], timestamptz[]) to gururmm_ingest;

-- Pieces of output. An agent can only write to its own commands, and never twice to the same offset.
create function ingest_command_output(p_agent_ids uuid[], p_command_ids uuid[], p_streams text[], p_offsets bigint[], p_data bytea[]) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    insert into command_outputs (command_id, org_id, stream, "offset", data)
        select c.id, c.org_id, i.stream, i.at, i.data
            from unnest(p_agent_ids, p_command_ids, p_streams, p_offsets, p_data) as i (agent_id, command_id, stream, at, data)
            join commands c on c.id = i.command_id and c.agent_id = i.agent_id
            -- output only grows: an agent cannot fill the table by writing the same bytes again and again
            where i.at >= case i.stream when 'stdout' then c.stdout_bytes else c.stderr_bytes end
        on conflict do nothing;
    update commands c
        set stdout_bytes = greatest(c.stdout_bytes, coalesce(i.stdout_end, 0)), stderr_bytes = greatest(c.stderr_bytes, coalesce(i.stderr_end, 0))
        from (select u.agent_id, u.command_id, max(u.at + octet_length(u.data)) filter (where u.stream = 'stdout') as stdout_end,
                     max(u.at + octet_length(u.data)) filter (where u.stream = 'stderr') as stderr_end
                  from unnest(p_agent_ids, p_command_ids, p_streams, p_offsets, p_data) as u (agent_id, command_id, stream, at, data)
                  group by u.agent_id, u.command_id) i
        where c.id = i.command_id and c.agent_id = i.agent_id;
end
$$;
revoke all on function ingest_command_output(uuid[], uuid[], text[], bigint[], bytea[]) from public;
grant execute on function ingest_command_output(uuid[], uuid[], text[], bigint[], bytea[]) to gururmm_ingest;

-- Results. The first one counts; it also replaces `interrupted` and `expired` that the server assumed while the agent was away.
-- Answers the commands that changed.
create function ingest_command_result(
    p_agent_ids uuid[], p_command_ids uuid[], p_status text[], p_exit_code integer[], p_reason text[], p_stdout bigint[], p_stderr bigint[],
    p_finished_at timestamptz[], p_kept bigint
) returns table (command_id uuid, status text)
    language sql security definer set search_path = public, pg_temp
    as $$
    update commands c
        set status = i.status, exit_code = i.exit_code, status_reason = i.reason, finished_at = i.finished_at,
            stdout_bytes = greatest(c.stdout_bytes, i.stdout), stderr_bytes = greatest(c.stderr_bytes, i.stderr),
            truncated = i.stdout > p_kept or i.stderr > p_kept
        from unnest(p_agent_ids, p_command_ids, p_status, p_exit_code, p_reason, p_stdout, p_stderr, p_finished_at)
             as i (agent_id, command_id, status, exit_code, reason, stdout, stderr, finished_at)
        where c.id = i.command_id and c.agent_id = i.agent_id and c.status in ('queued', 'running', 'interrupted', 'expired')
        returning c.id, c.status
    $$;
revoke all on function ingest_command_result(uuid[], uuid[], text[], integer[], text[], bigint[], bigint[], timestamptz[], bigint) from public;
grant execute on function ingest_command_result(uuid[], uuid[], text[], integer[], text[], bigint[], bigint[], timestamptz[], bigint) to gururmm_ingest;
