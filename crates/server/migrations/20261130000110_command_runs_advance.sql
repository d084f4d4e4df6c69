-- A command that belongs to a run is handed out when its turn has come, and none while everything is stopped.
create or replace function gateway_reconcile_commands(p_agent_id uuid, p_known uuid[], p_now timestamptz, p_max integer)
    returns table (action text, status text, id uuid, org_id uuid, agent_id uuid, signed_order text, signature bytea, key_id text)
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
    ), due as (
        select q.id, row_number() over (order by q.id) as place from commands q
            where q.agent_id = p_agent_id and q.status = 'queued' and q.id <> all (p_known)
              and q.expires_at > p_now and q.cancel_requested_at is null and q.signed_order is not null and q.released_at is not null
              and not exists (select from organisations o where o.id = q.org_id and o.commands_stopped_at is not null)
    ), room as (
        select p_max - count(*) as places from commands h
            where h.agent_id = p_agent_id and h.status in ('queued', 'running') and h.id = any (p_known)
    ), sent as (
        update commands c set sent_at = case when d.place <= r.places then p_now end
            from due d, room r
            where c.id = d.id and c.status = 'queued' and c.cancel_requested_at is null
              and (d.place <= r.places or c.sent_at is not null)
            returning c.*
    ), cancelled as (
        select c.* from commands c
            where c.agent_id = p_agent_id and c.id = any (p_known)
              and c.cancel_requested_at is not null and c.status in ('queued', 'running')
    ), every as (
        select 'changed' as action, l.* from lost l union all select 'changed', v.* from alive v union all select 'changed', d.* from dropped d
        union all select 'run', s.* from sent s where s.sent_at is not null union all select 'cancel', c.* from cancelled c
    )
    select e.action, e.status, e.id, e.org_id, e.agent_id, e.signed_order, e.signature, e.key_id from every e order by e.id;
end
$$;
create or replace function gateway_offer_commands(p_agent_ids uuid[], p_now timestamptz, p_share integer, p_max integer, p_held_max integer)
    returns table (action text, status text, id uuid, org_id uuid, agent_id uuid, signed_order text, signature bytea, key_id text)
    language sql security definer set search_path = public, pg_temp
    as $$
    with due_orders as (
        select q.id, q.agent_id, q.sent_at, row_number() over (partition by q.agent_id order by q.id) as place
            from commands q join agent_presence p on p.agent_id = q.agent_id
            where q.agent_id = any (p_agent_ids) and q.status = 'queued' and q.cancel_requested_at is null and q.signed_order is not null
              and q.released_at is not null and not exists (select from organisations o where o.id = q.org_id and o.commands_stopped_at is not null)
              and q.created_at < p_now - interval '2 seconds' and q.expires_at > p_now
              and (q.sent_at is null or (q.sent_at < p_now - interval '30 seconds'
                                         and (q.repeated_at is null or q.repeated_at < p.connected_at)))
    ), held as materialized (
        select a.agent_id, gateway_commands_held(a.agent_id) as count from (select distinct d.agent_id from due_orders d) a
    ), due_cancels as (
        select q.id, row_number() over (partition by q.agent_id order by q.id) as place
            from commands q
            where q.agent_id = any (p_agent_ids) and q.status in ('queued', 'running')
              and q.cancel_requested_at < p_now - interval '2 seconds'
              and (q.cancel_sent_at is null or q.cancel_sent_at < p_now - interval '30 seconds')
    ), sent as (
        update commands c set sent_at = p_now, repeated_at = case when c.sent_at is not null then p_now end
            where c.id in (select d.id from due_orders d join held h on h.agent_id = d.agent_id
                               where d.place <= p_share and (d.sent_at is not null or h.count + d.place <= p_held_max)
                               order by d.place, d.id limit p_max)
              and c.status = 'queued' and c.cancel_requested_at is null
            returning 'run' as action, c.*
    ), cancelled as (
        update commands c set cancel_sent_at = p_now
            where c.id in (select d.id from due_cancels d where d.place <= p_share order by d.place, d.id limit p_max)
              and c.status in ('queued', 'running')
            returning 'cancel' as action, c.*
    )
    select e.action, e.status, e.id, e.org_id, e.agent_id, e.signed_order, e.signature, e.key_id
        from (select * from sent union all select * from cancelled) e order by e.id
    $$;

-- As before; and what waits for a decision ends with its time too.
create or replace function commands_end_overdue(p_now timestamptz) returns table (id uuid, org_id uuid, agent_id uuid, status text)
    language sql security definer set search_path = public, pg_temp
    as $$
    update commands c
        set status = case when c.status = 'running' then 'interrupted' when c.cancel_requested_at is null then 'expired' else 'cancelled' end,
            finished_at = p_now, ended_by = 'server',
            status_reason = case when c.status = 'queued' and c.cancel_requested_at is not null then null
                                 when c.status = 'awaiting_approval' then 'Nobody approved it in time.'
                                 when c.status = 'queued' then 'It expired before the machine could take it.'
                                 when p.status = 'offline' then 'The machine has been away since before the time limit; its result will replace this if it comes back.'
                                 else 'The machine is connected and has not said how the command ended; its result will replace this if it comes.' end
        from agent_presence p
        where p.agent_id = c.agent_id
          and ((c.status in ('awaiting_approval', 'queued') and c.expires_at + interval '30 seconds' <= p_now)
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

-- As before; and of a command of a run a digest of what it wrote is kept, so that equal outputs are found among thousands.
create or replace function ingest_command_result(
    p_agent_ids uuid[], p_command_ids uuid[], p_status text[], p_exit_code integer[], p_reason text[], p_stdout bigint[], p_stderr bigint[],
    p_finished_at timestamptz[], p_kept bigint
) returns table (command_id uuid, status text)
    language sql security definer set search_path = public, pg_temp
    as $$
    update commands c
        set status = i.status, exit_code = i.exit_code, status_reason = i.reason, finished_at = i.finished_at, ended_by = 'agent',
            stdout_bytes = greatest(c.stdout_bytes, i.stdout), stderr_bytes = greatest(c.stderr_bytes, i.stderr),
            truncated = i.stdout > p_kept or i.stderr > p_kept,
            output_digest = case when c.run_id is not null then
                (select sha256(sha256(coalesce(string_agg(o.data, '' order by o."offset") filter (where o.stream = 'stdout'), ''))
                               || sha256(coalesce(string_agg(o.data, '' order by o."offset") filter (where o.stream = 'stderr'), '')))
                     from command_outputs o where o.command_id = c.id) end
        from unnest(p_agent_ids, p_command_ids, p_status, p_exit_code, p_reason, p_stdout, p_stderr, p_finished_at)
             as i (agent_id, command_id, status, exit_code, reason, stdout, stderr, finished_at)
        where c.id = i.command_id and c.agent_id = i.agent_id
          and (c.ended_by is null or (c.ended_by = 'server' and c.sent_at is not null))
        returning c.id, c.status
    $$;

-- Carries runs on: releases whose turn it is, and ends runs of which nothing is open. It takes no account of what happened since last time, so
-- it may be asked at any moment, by several servers, and after any stop: each order is released once.
--
-- Of all runs (p_runs is null) those are looked at that have a pace. A rate counts from the last release; an ordered run goes on when the machine before has ended, or is away. Answers orders to hand out,
-- and the runs that changed (a row without an order).
create function command_runs_advance(p_runs uuid[], p_now timestamptz, p_connected uuid[], p_held_max bigint)
    returns table (run_id uuid, org_id uuid, id uuid, agent_id uuid, signed_order text, signature bytea, key_id text)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
declare
    v_run      command_runs;
    v_allowed  bigint;
begin
    for v_run in select r.* from command_runs r
            where r.status in ('awaiting_approval', 'running')
              and (p_runs is null and r.status = 'running' and (r.mode = 'ordered' or r.rate_per_minute is not null) or r.id = any (p_runs))
            order by r.id for update skip locked loop
        if v_run.status = 'running' and v_run.stop_after_failures <= (select count(*) from commands c
                where c.run_id = v_run.id and c.status in ('failed', 'timeout', 'interrupted')) then
            update command_runs r set status = 'stopped', finished_at = p_now, status_reason = 'It stopped by itself: too many machines failed.'
                where r.id = v_run.id;
            update commands c set status = 'cancelled', finished_at = p_now, ended_by = 'server',
                                  status_reason = 'The run stopped before: too many machines failed.'
                where c.run_id = v_run.id and c.status = 'queued' and c.sent_at is null;
            return query select v_run.id, v_run.org_id, null::uuid, null::uuid, null::text, null::bytea, null::text;
            continue;
        end if;

        v_allowed := 0;
        if v_run.status = 'running' and exists (select from commands c where c.run_id = v_run.id and c.status = 'queued' and c.released_at is null) then
            if v_run.mode = 'ordered' then
                v_allowed := case when exists (select from commands c join agent_presence p on p.agent_id = c.agent_id
                    where c.run_id = v_run.id and c.status in ('queued', 'running') and c.released_at is not null and p.status = 'online') then 0 else 1 end;
            else
                -- what was missed is not made up for: after an hour without a server the next minute is a minute like any other
                v_allowed := case when v_run.rate_per_minute is null then 20000 when v_run.last_released_at is null then 1
                    else least(floor(extract(epoch from p_now - v_run.last_released_at) * v_run.rate_per_minute / 60),
                               ceil(v_run.rate_per_minute / 60.0)) end;
            end if;
        end if;
        if v_allowed > 0 then
            update command_runs r set last_released_at = p_now where r.id = v_run.id;
            return query
                with due as (
                    select c.id from commands c where c.run_id = v_run.id and c.status = 'queued' and c.released_at is null and c.cancel_requested_at is null
                        order by c.position limit v_allowed
                ), released as (
                    update commands c set released_at = p_now,
                            sent_at = case when c.agent_id = any (p_connected) and gateway_commands_held(c.agent_id) < p_held_max and c.expires_at > p_now
                                           then p_now end
                        from due d where c.id = d.id returning c.*
                )
                select r.run_id, r.org_id, r.id, r.agent_id, r.signed_order, r.signature, r.key_id from released r where r.sent_at is not null
                union all
                select v_run.id, v_run.org_id, null, null, null, null, null;
        elsif not exists (select from commands c where c.run_id = v_run.id and c.status in ('awaiting_approval', 'queued', 'running')) then
            update command_runs r set status = case when r.status = 'running' then 'finished'
                                    when exists (select from commands c where c.run_id = v_run.id and c.status = 'expired') then 'expired' else 'stopped' end,
                    finished_at = p_now,
                    environment = (select coalesce(jsonb_object_agg(name, null), '{}') from jsonb_object_keys(r.environment) name)
                where r.id = v_run.id;
            return query select v_run.id, v_run.org_id, null::uuid, null::uuid, null::text, null::bytea, null::text;
        end if;
    end loop;
end
$$;
revoke all on function command_runs_advance(uuid[], timestamptz, uuid[], bigint) from public;
grant execute on function command_runs_advance(uuid[], timestamptz, uuid[], bigint) to gururmm_ingest;

-- Runs of which something is open, to look at now and then: of some nobody hears when their last machine is removed.
create function command_runs_open() returns table (run_id uuid, org_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select r.id, r.org_id from command_runs r where r.status in ('awaiting_approval', 'running') $$;
revoke all on function command_runs_open() from public;
grant execute on function command_runs_open() to gururmm_ingest;

-- To which runs these commands belong.
create function command_runs_of(p_ids uuid[]) returns table (command_id uuid, run_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select c.id, c.run_id from commands c where c.id = any (p_ids) and c.run_id is not null $$;
-- What began and what ended, with the runs it belongs to.
create function ingest_commands_started(p_agent_ids uuid[], p_command_ids uuid[], p_started_at timestamptz[]) returns table (command_id uuid, run_id uuid)
    language sql security definer set search_path = public, pg_temp
    as $$ select s.command_id, c.run_id from ingest_command_started(p_agent_ids, p_command_ids, p_started_at) s join commands c on c.id = s.command_id $$;
create function ingest_commands_ended(
        p_agent_ids uuid[], p_command_ids uuid[], p_status text[], p_exit_code integer[], p_reason text[], p_stdout bigint[], p_stderr bigint[],
        p_finished_at timestamptz[], p_kept bigint)
    returns table (command_id uuid, run_id uuid)
    language sql security definer set search_path = public, pg_temp
    as $$
    select e.command_id, c.run_id
        from ingest_command_result(p_agent_ids, p_command_ids, p_status, p_exit_code, p_reason, p_stdout, p_stderr, p_finished_at, p_kept) e
        join commands c on c.id = e.command_id
    $$;
revoke all on function command_runs_of(uuid[]), ingest_commands_started(uuid[], uuid[], timestamptz[]),
    ingest_commands_ended(uuid[], uuid[], text[], integer[], text[], bigint[], bigint[], timestamptz[], bigint) from public;
grant execute on function command_runs_of(uuid[]), ingest_commands_started(uuid[], uuid[], timestamptz[]),
    ingest_commands_ended(uuid[], uuid[], text[], integer[], text[], bigint[], bigint[], timestamptz[], bigint) to gururmm_ingest;

-- How far runs have come, by what the transaction sees: the statuses of their commands, and of what is queued whether it waits for its turn
-- (`waiting`) or for its machine (`offline`).
create function command_run_counts(p_run_ids uuid[]) returns table (run_id uuid, status text, count bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $$
    select c.run_id, case when c.status <> 'queued' then c.status when c.released_at is null then 'waiting'
                          when p.status = 'offline' then 'offline' else 'queued' end, count(*)
        from commands c left join agent_presence p on p.agent_id = c.agent_id and c.status = 'queued'
        where c.run_id = any (p_run_ids) and c.org_id = current_org() and ((select place_is('see', 'all')) or place_in('see', c.client_id, c.site_id))
        group by 1, 2
    $$;
-- Commands of a run that came to the same end with the same output, by what the transaction sees: the largest groups, and how many there are.
create function command_run_groups(p_run_id uuid, p_limit integer)
    returns table (status text, status_reason text, exit_code integer, count bigint, command_id uuid, output_bytes bigint, agent_names text[], total bigint)
    language sql stable security definer set search_path = public, pg_temp
    as $$
    select g.*, count(*) over () from (
        select c.status, c.status_reason, c.exit_code, count(*), (array_agg(c.id order by c.position))[1], min(c.stdout_bytes + c.stderr_bytes),
               (array_agg(coalesce(a.display_name, a.hostname) order by c.position))[1:5]
            from commands c join agents a on a.id = c.agent_id
            where c.run_id = p_run_id and c.org_id = current_org() and c.finished_at is not null
              and ((select place_is('see', 'all')) or place_in('see', c.client_id, c.site_id))
            group by c.status, c.status_reason, c.exit_code, c.output_digest) g
        order by g.count desc, g.status, g.exit_code limit p_limit
    $$;
-- What somebody may do who has asked for a run: as roles and places, none when they are no member any more.
create function command_run_asker(p_run_id uuid, p_now timestamptz) returns jsonb
    language sql stable security definer set search_path = public, pg_temp
    return (select case when m.status = 'active' and u.disabled_at is null
                             and (r.api_key_id is null or exists (select from api_keys k where k.id = r.api_key_id and k.revoked_at is null
                                                                     and k.expires_at > p_now))
                        then auth_grants(r.org_id, r.created_by) else '[]'::jsonb end
            from command_runs r join memberships m on m.org_id = r.org_id and m.user_id = r.created_by join users u on u.id = r.created_by
            where r.id = p_run_id and r.org_id = current_org());
revoke all on function command_run_counts(uuid[]), command_run_groups(uuid, integer), command_run_asker(uuid, timestamptz) from public;
grant execute on function command_run_counts(uuid[]), command_run_groups(uuid, integer), command_run_asker(uuid, timestamptz) to gururmm_app;

alter table commands validate constraint commands_status_check, validate constraint commands_open_or_ended,
    validate constraint commands_approved_first, validate constraint commands_run_fkey;
