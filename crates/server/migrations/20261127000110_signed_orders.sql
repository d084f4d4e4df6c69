-- An order is signed when somebody asks for it, and what was signed is kept: a row that somebody else writes is no order. What waits at
-- this moment has no signature and is given up: whoever asked for it is told.
alter table commands add column signed_order text, add column signature bytea, add column key_id text,
    add constraint commands_signed check ((signed_order is null) = (signature is null) and (signature is null) = (key_id is null)
                                          and (signature is null or octet_length(signature) = 64)),
    drop column nonce;
update commands set finished_at = now(), ended_by = 'server', status = case when cancel_requested_at is null then 'expired' else 'cancelled' end,
                    status_reason = case when cancel_requested_at is null then 'The server was updated before the machine reported. Run it again if it did not run.' end
    where status = 'queued';

-- What has ended is an order no longer, whoever says later that it waits again.
create function commands_spend() returns trigger language plpgsql as $$
begin
    new.signed_order := null;
    new.signature := null;
    new.key_id := null;
    return new;
end
$$;
revoke all on function commands_spend() from public;
create trigger commands_spent before update of finished_at on commands for each row
    when (new.finished_at is not null and new.signed_order is not null) execute function commands_spend();

drop function gateway_reconcile_commands(uuid, uuid[], timestamptz, integer);
create function gateway_reconcile_commands(p_agent_id uuid, p_known uuid[], p_now timestamptz, p_max integer)
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
              and q.expires_at > p_now and q.cancel_requested_at is null and q.signed_order is not null
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
revoke all on function gateway_reconcile_commands(uuid, uuid[], timestamptz, integer) from public;
grant execute on function gateway_reconcile_commands(uuid, uuid[], timestamptz, integer) to gururmm_ingest;
drop function gateway_offer_commands(uuid[], timestamptz, integer, integer, integer);
create function gateway_offer_commands(p_agent_ids uuid[], p_now timestamptz, p_share integer, p_max integer, p_held_max integer)
    returns table (action text, status text, id uuid, org_id uuid, agent_id uuid, signed_order text, signature bytea, key_id text)
    language sql security definer set search_path = public, pg_temp
    as $$
    with due_orders as (
        select q.id, q.agent_id, q.sent_at, row_number() over (partition by q.agent_id order by q.id) as place
            from commands q join agent_presence p on p.agent_id = q.agent_id
            where q.agent_id = any (p_agent_ids) and q.status = 'queued' and q.cancel_requested_at is null and q.signed_order is not null
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
revoke all on function gateway_offer_commands(uuid[], timestamptz, integer, integer, integer) from public;
grant execute on function gateway_offer_commands(uuid[], timestamptz, integer, integer, integer) to gururmm_ingest;

-- Asks for a command: checks that the organisation has the machine, adds the command and the row of the audit log, and answers what
-- the asker sees of it, as one statement that is its own transaction. Somebody waits for the answer, and each trip to the database
-- is as long as starting a shell. No row when the organisation has no such machine.
--
-- The order is to be handed out at once (`sent_at`) when its machine is there (p_connected_at) and holds less than p_held_max.
-- The caller's rights and policies hold; p_org_id is the scope, as in `set_config('app.org')`, which it does first.
--
-- Of a long text the audit log keeps the beginning and its SHA-256: the command has all of it.
create function command_create(
        p_org_id uuid, p_user_id uuid, p_ip inet, p_request_id uuid, p_audit_id uuid, p_id uuid, p_agent_id uuid, p_command_type text,
        p_command text, p_context text, p_timeout_seconds integer, p_elevated boolean, p_on_disconnect text, p_created_at timestamptz,
        p_expires_at timestamptz, p_signed_order text, p_signature bytea, p_key_id text, p_connected_at timestamptz, p_held_max bigint)
    returns table (sent_at timestamptz, agent_name text, client_id uuid, client_name text, site_id uuid, site_name text,
                   created_by_name text)
    language plpgsql
    as $$
#variable_conflict use_column
begin
    perform set_config('app.org', p_org_id::text, true);
    return query
    with machine as (
        select a.id, coalesce(a.display_name, a.hostname) as name, a.client_id, cl.name as client_name, a.site_id, s.name as site_name
            from public.agents a join public.clients cl on cl.id = a.client_id join public.sites s on s.id = a.site_id
            where a.org_id = p_org_id and a.id = p_agent_id
    ), person as (
        select u.name from public.users u where u.org_id = p_org_id and u.id = p_user_id
    ), held as (
        select count(*) as count from public.commands c
            where c.agent_id = p_agent_id and c.status in ('queued', 'running') and c.sent_at is not null
    ), created as (
        insert into public.commands (id, org_id, agent_id, command_type, command, context, timeout_seconds, elevated, on_disconnect,
                                     status, created_by, created_at, sent_at, expires_at, signed_order,
                                     signature, key_id)
            select p_id, p_org_id, m.id, p_command_type, p_command, p_context, p_timeout_seconds, p_elevated, p_on_disconnect,
                   'queued', p_user_id, p_created_at, case when h.count < p_held_max then p_connected_at end, p_expires_at,
                   p_signed_order, p_signature, p_key_id
            from machine m, held h
            returning sent_at
    ), noted as (
        insert into public.audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id,
                                         target_name, agent_id, client_id, site_id, detail, ip, request_id)
            select p_audit_id, p_org_id, p_created_at, 'user', p_user_id, (select name from person), 'command.created', 'command', p_id,
                   m.name, m.id, m.client_id, m.site_id,
                   jsonb_build_object('agent_id', m.id, 'command_type', p_command_type, 'command', left(p_command, 2000),
                                      'timeout_seconds', p_timeout_seconds)
                       || case when length(p_command) <= 2000 then '{}'::jsonb
                          else jsonb_build_object('command_characters', length(p_command),
                                                  'command_sha256', encode(sha256(convert_to(p_command, 'UTF8')), 'hex')) end,
                   p_ip, p_request_id
            from machine m
    )
    select c.sent_at, m.name, m.client_id, m.client_name, m.site_id, m.site_name, (select name from person)
        from created c, machine m;
end
$$;
revoke all on function command_create(uuid, uuid, inet, uuid, uuid, uuid, uuid, text, text, text, integer, boolean, text, timestamptz,
                                      timestamptz, text, bytea, text, timestamptz, bigint) from public;
grant execute on function command_create(uuid, uuid, inet, uuid, uuid, uuid, uuid, text, text, text, integer, boolean, text, timestamptz,
                                         timestamptz, text, bytea, text, timestamptz, bigint) to gururmm_app;
