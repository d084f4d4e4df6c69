-- Commands: one order to one machine, and what became of it.
create table commands (
    id                   uuid primary key,
    org_id               uuid not null,
    agent_id             uuid not null,
    command_type         text not null check (command_type in ('shell')),
    command              text not null,
    context              text not null check (context in ('system')),
    timeout_seconds      integer not null check (timeout_seconds between 1 and 86400),
    elevated             boolean not null,
    on_disconnect        text not null check (on_disconnect in ('continue', 'abort')),
    status               text not null check (status in ('queued', 'running', 'completed', 'failed', 'timeout', 'interrupted',
                                                         'cancelled', 'expired')),
    status_reason        text,
    exit_code            integer,
    created_by           uuid,
    created_at           timestamptz not null,
    sent_at              timestamptz,
    started_at           timestamptz,
    finished_at          timestamptz,
    expires_at           timestamptz not null,
    cancel_requested_at  timestamptz,
    stdout_bytes         bigint not null default 0,
    stderr_bytes         bigint not null default 0,
    truncated            boolean not null default false,
    nonce                bytea not null check (octet_length(nonce) = 16),
    unique (org_id, id),
    check ((status in ('queued', 'running')) = (finished_at is null)),
    constraint commands_agent_fkey foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade,
    constraint commands_created_by_fkey foreign key (org_id, created_by) references users (org_id, id)
);
create index commands_time on commands (org_id, id);
create index commands_agent on commands (org_id, agent_id, id);
create index commands_open on commands (agent_id) where status in ('queued', 'running');
alter table commands enable row level security;
create policy commands_of_organisation on commands to gururmm_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert on commands to gururmm_app;
grant update (status, status_reason, finished_at, cancel_requested_at, sent_at) on commands to gururmm_app;

create table command_outputs (
    command_id  uuid not null,
    org_id      uuid not null,
    stream      text not null check (stream in ('stdout', 'stderr')),
    "offset"    bigint not null check ("offset" >= 0),
    data        bytea not null,
    primary key (command_id, stream, "offset"),
    constraint command_outputs_command_fkey foreign key (org_id, command_id) references commands (org_id, id) on delete cascade
);
alter table command_outputs enable row level security;
create policy command_outputs_of_organisation on command_outputs to gururmm_app
    using (org_id = current_org()) with check (org_id = current_org());
grant select on command_outputs to gururmm_app;

-- Commands of this transaction's organisation whose text contains p_text (see agents_search for why this is a function).
create function commands_search(p_text text) returns setof uuid
    language sql stable security definer set search_path = public, pg_temp
    as $$ select c.id from commands c where c.org_id = current_org() and position(lower(p_text) in lower(c.command)) > 0 $$;
revoke all on function commands_search(text) from public;
grant execute on function commands_search(text) to gururmm_app;

-- What an arriving agent must hear of: orders it does not know, and cancels of those it does. p_known are all commands it holds.
-- What the server thought running and the agent does not know is interrupted; what the server gave up and the agent still runs,
-- runs. At most p_max orders at once, oldest first: the rest is offered later.
create function gateway_reconcile_commands(p_agent_id uuid, p_known uuid[], p_now timestamptz, p_max integer)
    returns table (action text, status text, id uuid, org_id uuid, agent_id uuid, command_type text, command text, context text,
                   timeout_seconds integer, elevated boolean, on_disconnect text, created_at timestamptz, expires_at timestamptz, nonce bytea)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
begin
    return query
    with lost as (
        update commands c set status = 'interrupted', finished_at = p_now, status_reason = 'The agent no longer knows this command: it or its machine was stopped while the command ran.'
            where c.agent_id = p_agent_id and c.status = 'running' and c.id <> all (p_known)
            returning c.*
    ), alive as (
        update commands c set status = 'running', finished_at = null, status_reason = null
            where c.agent_id = p_agent_id and c.id = any (p_known) and c.status in ('interrupted', 'expired') and c.started_at is not null
              and c.exit_code is null
            returning c.*
    ), dropped as (
        update commands c set finished_at = p_now, status = case when c.cancel_requested_at is null then 'expired' else 'cancelled' end,
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
revoke all on function gateway_reconcile_commands(uuid, uuid[], timestamptz, integer) from public;
grant execute on function gateway_reconcile_commands(uuid, uuid[], timestamptz, integer) to gururmm_ingest;

-- What connected agents should have heard of and have not answered: orders nobody handed out (the machine came just then, or the
-- request that made them broke off), and cancels. Repeating is harmless: an agent runs a command once.
create function gateway_offer_commands(p_agent_ids uuid[], p_now timestamptz, p_max integer)
    returns table (action text, status text, id uuid, org_id uuid, agent_id uuid, command_type text, command text, context text,
                   timeout_seconds integer, elevated boolean, on_disconnect text, created_at timestamptz, expires_at timestamptz, nonce bytea)
    language sql security definer set search_path = public, pg_temp
    as $$
    with sent as (
        update commands c set sent_at = p_now
            where c.id in (select q.id from commands q
                               where q.agent_id = any (p_agent_ids) and q.status = 'queued' and q.cancel_requested_at is null
                                 and q.created_at < p_now - interval '2 seconds' and q.expires_at > p_now
                                 and (q.sent_at is null or q.sent_at < p_now - interval '30 seconds')
                               order by q.id limit p_max)
            returning 'run' as action, c.*
    ), cancelled as (
        select 'cancel' as action, c.* from commands c
            where c.agent_id = any (p_agent_ids) and c.status in ('queued', 'running') and c.cancel_requested_at < p_now - interval '2 seconds'
            order by c.id limit p_max
    )
    select e.action, e.status, e.id, e.org_id, e.agent_id, e.command_type, e.command, e.context, e.timeout_seconds, e.elevated,
           e.on_disconnect, e.created_at, e.expires_at, e.nonce
        from (select * from sent union all select * from cancelled) e order by e.id
    $$;
revoke all on function gateway_offer_commands(uuid[], timestamptz, integer) from public;
grant execute on function gateway_offer_commands(uuid[], timestamptz, integer) to gururmm_ingest;

-- Ends what would otherwise stay open for ever: orders past their time, and commands that must long be over on machines that
-- have been away since. A result that arrives after all still replaces `interrupted`.
create function commands_end_overdue(p_now timestamptz) returns table (id uuid, org_id uuid, agent_id uuid, status text)
    language sql security definer set search_path = public, pg_temp
    as $$
    update commands c
        set status = case when c.status = 'running' then 'interrupted' when c.cancel_requested_at is null then 'expired' else 'cancelled' end,
            finished_at = p_now,
            status_reason = case when c.status = 'queued' and c.cancel_requested_at is not null then null
                                 when c.status = 'queued' then 'It expired before the machine could take it.'
                                 else 'The machine has been away since before the time limit; its result will replace this if it comes back.' end
        from agent_presence p
        where p.agent_id = c.agent_id
          and ((c.status = 'queued' and c.expires_at + interval '30 seconds' <= p_now)
            -- the machine is there and has been told: it holds no such command
            or (c.status = 'queued' and p.status = 'online' and p.connected_at < p_now - interval '30 seconds'
                and c.cancel_requested_at + interval '30 seconds' <= p_now)
            or (c.status = 'running' and p.status = 'offline' and p.status_changed_at + interval '5 minutes' <= p_now
                and c.started_at + make_interval(secs => c.timeout_seconds) + interval '5 minutes' <= p_now))
        returning c.id, c.org_id, c.agent_id, c.status
    $$;
revoke all on function commands_end_overdue(timestamptz) from public;
grant execute on function commands_end_overdue(timestamptz) to gururmm_ingest;
