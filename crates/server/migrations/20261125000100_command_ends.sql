-- Who said that a command ended. What its agent reported stands for ever. What the server assumed (it gave the machine up, or the
-- order was never taken) gives way as soon as the agent says otherwise: by naming the command, by its beginning, by its result.
alter table commands add ended_by text check (ended_by in ('agent', 'server'));
update commands set ended_by = case when status in ('completed', 'failed', 'timeout') then 'agent' else 'server' end
    where finished_at is not null;
alter table commands add constraint commands_ended_by check ((ended_by is null) = (finished_at is null));
grant update (ended_by) on commands to gururmm_app;

-- What an arriving agent must hear of: orders it does not know, and cancels of those it does. p_known are all commands it holds.
-- What the server thought running and the agent does not know is interrupted; what the server gave up and the agent still holds,
-- runs. At most p_max orders at once, oldest first: the rest is offered later.
create or replace function gateway_reconcile_commands(p_agent_id uuid, p_known uuid[], p_now timestamptz, p_max integer)
    returns table (action text, status text, id uuid, org_id uuid, agent_id uuid, command_type text, command text, context text,
                   timeout_seconds integer, elevated boolean, on_disconnect text, created_at timestamptz, expires_at timestamptz, nonce bytea)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
begin
    return query
    with lost as (
        update commands c set status = 'interrupted', finished_at = p_now, ended_by = 'server',
                              status_reason = 'The agent no longer knows this command: it or its machine was stopped while the command ran.'
            where c.agent_id = p_agent_id and c.status = 'running' and c.id <> all (p_known)
            returning c.*
    ), alive as (
        -- an agent also names commands that have ended, until it hears that their records are stored: what it reported stands
        update commands c set status = 'running', finished_at = null, ended_by = null, status_reason = null
            where c.agent_id = p_agent_id and c.id = any (p_known) and c.ended_by = 'server' and c.started_at is not null
            returning c.*
    ), dropped as (
        update commands c set finished_at = p_now, ended_by = 'server',
                              status = case when c.cancel_requested_at is null then 'expired' else 'cancelled' end,
                              status_reason = case when c.cancel_requested_at is null then 'It expired before the machine could take it.' end
            where c.agent_id = p_agent_id and c.status = 'queued' and c.id <> all (p_known)
              and (c.expires_at <= p_now or c.cancel_requested_at is not null)
            returning c.*
    ), sent as (
        update commands c set sent_at = p_now
            where c.id in (select q.id from commands q
                               where q.agent_id = p_agent_id and q.status = 'queued' and q.id <> all (p_known)
                                 and q.expires_at > p_now and q.cancel_requested_at is null
                               order by q.id limit p_max)
              and c.status = 'queued' and c.cancel_requested_at is null
            returning c.*
    ), cancelled as (
        select c.* from commands c
            where c.agent_id = p_agent_id and c.id = any (p_known)
              and c.cancel_requested_at is not null and c.status in ('queued', 'running')
    ), every as (
        select 'changed' as action, l.* from lost l union all select 'changed', v.* from alive v union all select 'changed', d.* from dropped d
        union all select 'run', s.* from sent s union all select 'cancel', c.* from cancelled c
    )
    select e.action, e.status, e.id, e.org_id, e.agent_id, e.command_type, e.command, e.context, e.timeout_seconds, e.elevated,
           e.on_disconnect, e.created_at, e.expires_at, e.nonce
        from every e order by e.id;
end
$$;

-- Ends what would otherwise stay open for ever: orders past their time, and commands that must long be over, on machines that have
-- been away since as well as on those that are there and have not said a word. A result that arrives after all still counts.
create or replace function commands_end_overdue(p_now timestamptz) returns table (id uuid, org_id uuid, agent_id uuid, status text)
    language sql security definer set search_path = public, pg_temp
    as $$
    update commands c
        set status = case when c.status = 'running' then 'interrupted' when c.cancel_requested_at is null then 'expired' else 'cancelled' end,
            finished_at = p_now, ended_by = 'server',
            status_reason = case when c.status = 'queued' and c.cancel_requested_at is not null then null
                                 when c.status = 'queued' then 'It expired before the machine could take it.'
                                 when p.status = 'offline' then 'The machine has been away since before the time limit; its result will replace this if it comes back.'
                                 else 'The machine is connected and has not said how the command ended; its result will replace this if it comes.' end
        from agent_presence p
        where p.agent_id = c.agent_id
          and ((c.status = 'queued' and c.expires_at + interval '30 seconds' <= p_now)
            -- the machine is there and has been told: it holds no such command
            or (c.status = 'queued' and p.status = 'online' and p.connection_id is not null
                and p.connected_at < p_now - interval '30 seconds' and c.cancel_requested_at + interval '30 seconds' <= p_now)
            or (c.status = 'running' and p.status = 'offline' and p.status_changed_at + interval '5 minutes' <= p_now
                and c.started_at + make_interval(secs => c.timeout_seconds) + interval '5 minutes' <= p_now)
            -- it ends commands at their time limit and delivers; a spool of days takes minutes
            or (c.status = 'running' and p.status = 'online' and p.connection_id is not null
                and p.connected_at + interval '10 minutes' <= p_now
                and c.started_at + make_interval(secs => c.timeout_seconds) + interval '10 minutes' <= p_now))
        returning c.id, c.org_id, c.agent_id, c.status
    $$;

-- Commands that began. Answers those whose status changed. A beginning also takes back an end that the server assumed, if the order
-- was handed out at all.
create or replace function ingest_command_started(p_agent_ids uuid[], p_command_ids uuid[], p_started_at timestamptz[]) returns table (command_id uuid)
    language sql security definer set search_path = public, pg_temp
    as $$
    update commands c set status = 'running', started_at = i.started_at, sent_at = coalesce(c.sent_at, i.started_at),
                          finished_at = null, ended_by = null, status_reason = null
        from unnest(p_agent_ids, p_command_ids, p_started_at) as i (agent_id, command_id, started_at)
        where c.id = i.command_id and c.agent_id = i.agent_id
          and (c.status = 'queued' or (c.ended_by = 'server' and c.sent_at is not null))
        returning c.id
    $$;

-- Results. The first that the agent reports counts; it replaces any end that the server assumed, if the order was handed out at all.
-- Answers the commands that changed.
create or replace function ingest_command_result(
    p_agent_ids uuid[], p_command_ids uuid[], p_status text[], p_exit_code integer[], p_reason text[], p_stdout bigint[], p_stderr bigint[],
    p_finished_at timestamptz[], p_kept bigint
) returns table (command_id uuid, status text)
    language sql security definer set search_path = public, pg_temp
    as $$
    update commands c
        set status = i.status, exit_code = i.exit_code, status_reason = i.reason, finished_at = i.finished_at, ended_by = 'agent',
            stdout_bytes = greatest(c.stdout_bytes, i.stdout), stderr_bytes = greatest(c.stderr_bytes, i.stderr),
            truncated = i.stdout > p_kept or i.stderr > p_kept
        from unnest(p_agent_ids, p_command_ids, p_status, p_exit_code, p_reason, p_stdout, p_stderr, p_finished_at)
             as i (agent_id, command_id, status, exit_code, reason, stdout, stderr, finished_at)
        where c.id = i.command_id and c.agent_id = i.agent_id
          and (c.ended_by is null or (c.ended_by = 'server' and c.sent_at is not null))
        returning c.id, c.status
    $$;
