alter table commands validate constraint commands_command_type_check, validate constraint commands_context_check,
    validate constraint commands_interpreter_of_script;

-- A command goes where CommandStatus::may_become says, whoever writes it: an end that its agent has reported is the last, and nothing that
-- was handed out or has ended waits again.
create function commands_lawful() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    if new.status <> 'queued' and (old.finished_at is null or (old.ended_by = 'server' and old.sent_at is not null)) then
        return new;
    end if;
    raise exception 'a command does not go from % to %', old.status, new.status using errcode = '23514', constraint = 'command_transition';
end
$$;
revoke all on function commands_lawful() from public;
create trigger commands_lawful before update of status on commands for each row
    when (old.status <> new.status) execute function commands_lawful();

-- As before; and a day after its time is up a command is over, whatever its agent goes on naming.
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
                and c.started_at + make_interval(secs => c.timeout_seconds) + interval '10 minutes' <= p_now)
            -- one that comes back again and again, and says each time that it holds it
            or (c.status = 'running' and c.started_at + make_interval(secs => c.timeout_seconds) + interval '1 day' <= p_now))
        returning c.id, c.org_id, c.agent_id, c.status
    $$;
