-- When an order was offered once more on the connection that is open, and when a cancel was sent last: what an agent does not answer
-- is repeated sparingly.
alter table commands add repeated_at timestamptz, add cancel_sent_at timestamptz;

-- What connected agents should have heard of and have not answered: orders nobody handed out (the machine came just then, or the
-- request that made them broke off), and cancels. An order is repeated once per connection — an agent may hold it and let it wait —
-- and a cancel every half minute. Each agent has the same share of a round, at most p_share of either, so that one that answers nothing
-- takes nobody's place. Repeating is harmless: an agent runs a command once.
drop function gateway_offer_commands(uuid[], timestamptz, integer);
create function gateway_offer_commands(p_agent_ids uuid[], p_now timestamptz, p_share integer, p_max integer)
    returns table (action text, status text, id uuid, org_id uuid, agent_id uuid, command_type text, command text, context text,
                   timeout_seconds integer, elevated boolean, on_disconnect text, created_at timestamptz, expires_at timestamptz, nonce bytea)
    language sql security definer set search_path = public, pg_temp
    as $$
    with due_orders as (
        select q.id, row_number() over (partition by q.agent_id order by q.id) as place
            from commands q join agent_presence p on p.agent_id = q.agent_id
            where q.agent_id = any (p_agent_ids) and q.status = 'queued' and q.cancel_requested_at is null
              and q.created_at < p_now - interval '2 seconds' and q.expires_at > p_now
              and (q.sent_at is null or (q.sent_at < p_now - interval '30 seconds'
                                         and (q.repeated_at is null or q.repeated_at < p.connected_at)))
    ), due_cancels as (
        select q.id, row_number() over (partition by q.agent_id order by q.id) as place
            from commands q
            where q.agent_id = any (p_agent_ids) and q.status in ('queued', 'running')
              and q.cancel_requested_at < p_now - interval '2 seconds'
              and (q.cancel_sent_at is null or q.cancel_sent_at < p_now - interval '30 seconds')
    ), sent as (
        update commands c set sent_at = p_now, repeated_at = case when c.sent_at is not null then p_now end
            where c.id in (select d.id from due_orders d where d.place <= p_share order by d.place, d.id limit p_max)
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
revoke all on function gateway_offer_commands(uuid[], timestamptz, integer, integer) from public;
grant execute on function gateway_offer_commands(uuid[], timestamptz, integer, integer) to gururmm_ingest;

-- These were offered and found no room on the way to their agents: the repeat is not used up.
create function gateway_offers_failed(p_command_ids uuid[]) returns void
    language sql security definer set search_path = public, pg_temp
    as $$ update commands c set repeated_at = null where c.id = any (p_command_ids) and c.status = 'queued' $$;
revoke all on function gateway_offers_failed(uuid[]) from public;
grant execute on function gateway_offers_failed(uuid[]) to gururmm_ingest;
