-- An agent holds so many commands at a time and refuses more. What is beyond that waits here, not there: an order is handed out only
-- while its agent has room.

-- How many commands the agent holds, as far as the server knows: handed out and not ended.
create function gateway_commands_held(p_agent_id uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
    as $$
    select count(*) from commands c
        where c.agent_id = p_agent_id and c.status in ('queued', 'running') and c.sent_at is not null
    $$;
revoke all on function gateway_commands_held(uuid) from public;

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
    ), due as (
        select q.id, row_number() over (order by q.id) as place from commands q
            where q.agent_id = p_agent_id and q.status = 'queued' and q.id <> all (p_known)
              and q.expires_at > p_now and q.cancel_requested_at is null
    ), room as (
        -- what it names and has not reported the end of, it holds
        select p_max - count(*) as places from commands h
            where h.agent_id = p_agent_id and h.status in ('queued', 'running') and h.id = any (p_known)
    ), sent as (
        -- what was handed out on an earlier connection and has no room on this one waits its turn again
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
    select e.action, e.status, e.id, e.org_id, e.agent_id, e.command_type, e.command, e.context, e.timeout_seconds, e.elevated,
           e.on_disconnect, e.created_at, e.expires_at, e.nonce
        from every e order by e.id;
end
$$;

-- As before; and an order that nobody handed out waits until its agent has room (p_held_max).
drop function gateway_offer_commands(uuid[], timestamptz, integer, integer);
create function gateway_offer_commands(p_agent_ids uuid[], p_now timestamptz, p_share integer, p_max integer, p_held_max integer)
    returns table (action text, status text, id uuid, org_id uuid, agent_id uuid, command_type text, command text, context text,
                   timeout_seconds integer, elevated boolean, on_disconnect text, created_at timestamptz, expires_at timestamptz, nonce bytea)
    language sql security definer set search_path = public, pg_temp
    as $$
    with due_orders as (
        select q.id, q.agent_id, q.sent_at, row_number() over (partition by q.agent_id order by q.id) as place
            from commands q join agent_presence p on p.agent_id = q.agent_id
            where q.agent_id = any (p_agent_ids) and q.status = 'queued' and q.cancel_requested_at is null
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
    select e.action, e.status, e.id, e.org_id, e.agent_id, e.command_type, e.command, e.context, e.timeout_seconds, e.elevated,
           e.on_disconnect, e.created_at, e.expires_at, e.nonce
        from (select * from sent union all select * from cancelled) e order by e.id
    $$;
revoke all on function gateway_offer_commands(uuid[], timestamptz, integer, integer, integer) from public;
grant execute on function gateway_offer_commands(uuid[], timestamptz, integer, integer, integer) to gururmm_ingest;
