-- Command runs: one request for many machines. Each machine's part of it is a command like any other, with `run_id` and its place in the order.
create table command_runs (
    id                   uuid primary key,
    org_id               uuid not null references organisations (id),
    command_type         text not null check (command_type in ('shell', 'powershell', 'python', 'script', 'claude_task')),
    command              text not null check (octet_length(command) between 1 and 65536),
    interpreter          text check (char_length(interpreter) between 1 and 255),
    arguments            jsonb not null check (jsonb_typeof(arguments) = 'array'),
    -- values are here while somebody has to decide, names afterwards
    environment          jsonb not null check (jsonb_typeof(environment) = 'object'),
    context              text not null check (context in ('system', 'user_session')),
    timeout_seconds      integer not null check (timeout_seconds between 1 and 86400),
    elevated             boolean not null,
    on_disconnect        text not null check (on_disconnect in ('continue', 'abort')),
    expires_in_seconds   integer not null check (expires_in_seconds between 30 and 2592000),
    mode                 text not null check (mode in ('parallel', 'ordered')),
    rate_per_minute      integer check (rate_per_minute between 1 and 100000),
    stop_after_failures  integer check (stop_after_failures between 1 and 20000),
    -- what was asked for: a number of machines by name, or a filter
    selection            jsonb not null check (jsonb_typeof(selection) = 'object'),
    -- machines that were left out, by the code of why: numbers
    refused              jsonb not null check (jsonb_typeof(refused) = 'object'),
    status               text not null check (status in ('awaiting_approval', 'rejected', 'running', 'finished', 'stopped', 'expired')),
    status_reason        text,
    rerun_of             uuid,
    -- the script that it runs, and what was given for its parameters
    script_id            uuid,
    script_version       integer,
    parameters           jsonb not null default '{}' check (jsonb_typeof(parameters) = 'object'),
    created_by           uuid not null,
    created_at           timestamptz not null,
    -- the key by which it was asked for, if it was one
    api_key_id           uuid,
    -- mixed into the digest of what somebody decides about, and never told: nobody guesses values by it
    salt                 uuid not null default gen_random_uuid(),
    started_at           timestamptz,
    -- when the last of its commands had its turn: the rate counts from there
    last_released_at     timestamptz,
    -- when somebody stopped it: whatever is open of it is given up
    stopped_at           timestamptz,
    finished_at          timestamptz,
    decided_by           uuid,
    decided_at           timestamptz,
    decision_reason      text check (char_length(decision_reason) <= 1000),
    unique (org_id, id),
    constraint command_runs_open_or_over check ((status in ('awaiting_approval', 'running')) = (finished_at is null)),
    constraint command_runs_decided check ((decided_by is null) = (decided_at is null)),
    -- whoever asks does not decide
    constraint command_runs_other_person check (decided_by <> created_by),
    constraint command_runs_script_version check ((script_id is null) = (script_version is null)),
    constraint command_runs_script_fkey foreign key (script_id, script_version) references script_versions (script_id, number),
    constraint command_runs_created_by_fkey foreign key (org_id, created_by) references memberships (org_id, user_id),
    constraint command_runs_decided_by_fkey foreign key (org_id, decided_by) references memberships (org_id, user_id)
);
create index command_runs_time on command_runs (org_id, id);
create index command_runs_script on command_runs (org_id, script_id, id) where script_id is not null;
create index command_runs_open on command_runs (id) where status in ('awaiting_approval', 'running');
create index command_runs_paced on command_runs (id) where status = 'running' and (mode = 'ordered' or rate_per_minute is not null);
create index command_runs_stopped on command_runs (stopped_at) where stopped_at is not null;
alter table command_runs enable row level security;

alter table commands
    add column run_id        uuid,
    add column position      integer check (position > 0),
    add column script_id     uuid,
    add column script_version integer,
    -- its turn has come. The default is for a server of before, which still runs
    add column released_at   timestamptz default now(),
    -- of what is kept of both streams; of commands of a run, whose outputs are compared
    add column output_digest bytea,
    drop constraint commands_status_check,
    add constraint commands_status_check check (status in ('awaiting_approval', 'rejected', 'queued', 'running', 'completed', 'failed', 'timeout',
        'interrupted', 'cancelled', 'expired')) not valid,
    drop constraint commands_check,
    add constraint commands_open_or_ended check ((status in ('awaiting_approval', 'queued', 'running')) = (finished_at is null)) not valid,
    -- what somebody has yet to decide is signed by nobody
    add constraint commands_approved_first check (status <> 'awaiting_approval' or (signed_order is null and sent_at is null and run_id is not null)) not valid,
    add constraint commands_run_fkey foreign key (org_id, run_id) references command_runs (org_id, id) not valid;
create index commands_script on commands (script_id, created_at) where script_id is not null;
create unique index commands_run_once on commands (run_id, agent_id) where run_id is not null;
create index commands_run on commands (run_id, status, position) where run_id is not null;
create index commands_unended on commands (org_id) where status in ('awaiting_approval', 'queued', 'running');

-- Seen by whoever sees one of its commands, or asked for it; made by whoever may run something somewhere (what, the policy of its commands says); changed by functions.
create policy command_runs_seen on command_runs for select to gururmm_app using (org_id = (select current_org())
    and ((select place_is('see', 'all')) or created_by = (select current_person()) or exists (select from commands c where c.run_id = command_runs.id)));
create policy command_runs_made on command_runs for insert to gururmm_app with check (org_id = (select current_org())
    and (select coalesce(current_setting('app.act', true), '') <> ''));
grant select, insert on command_runs to gururmm_app;

-- A second person decides about what more machines than this are to run; null: nobody is asked. And whether everything is stopped.
alter table organisations
    add column approval_threshold      integer default 25 check (approval_threshold between 1 and 20000),
    add column commands_stopped_at     timestamptz,
    add column commands_stopped_by     text,
    add column commands_stopped_reason text,
    add constraint organisations_commands_stopped check ((commands_stopped_at is null) = (commands_stopped_reason is null));
grant select (approval_threshold, commands_stopped_at, commands_stopped_by, commands_stopped_reason) on organisations to gururmm_app;
grant update (approval_threshold) on organisations to gururmm_app;

-- What has ended keeps no value of a variable, also where it was never an order.
drop trigger commands_spent on commands;
create trigger commands_spent before update of finished_at on commands for each row when (new.finished_at is not null) execute function commands_spend();

-- A command goes where CommandStatus::may_become says, whoever writes it.
create or replace function commands_lawful() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    if old.status = 'awaiting_approval' and new.status in ('queued', 'rejected', 'cancelled', 'expired') then
        return new;
    elsif old.status <> 'awaiting_approval' and new.status not in ('awaiting_approval', 'rejected', 'queued')
          and (old.finished_at is null or (old.ended_by = 'server' and old.sent_at is not null)) then
        return new;
    end if;
    raise exception 'a command does not go from % to %', old.status, new.status using errcode = '23514', constraint = 'command_transition';
end
$$;

-- Whoever adds a command holds this, and whoever stops everything waits for them: nothing slips through between.
create function commands_stop_key(p_org_id uuid) returns bigint
    language sql immutable parallel safe
    return hashtextextended('commands_stop ' || p_org_id::text, 0);
revoke all on function commands_stop_key(uuid) from public;
create or replace function command_needs_active_agent() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    perform pg_advisory_xact_lock_shared(commands_stop_key(new.org_id));
    if exists (select from organisations o where o.id = new.org_id and o.commands_stopped_at is not null) then
        raise exception 'all commands are stopped' using errcode = '23514', constraint = 'commands_stopped';
    end if;
    if not exists (select from agents a where a.id = new.agent_id and a.state = 'active') then
        raise exception 'the machine may not work' using errcode = '23514', constraint = 'command_agent_active';
    end if;
    return new;
end
$$;

-- Machines that are asked for, by name, at most so many: those that the transaction sees. Whether each may be told (`may`) and works (`is_active`).
create function command_run_targets(p_org_id uuid, p_ids uuid[], p_filter jsonb, p_max integer)
    returns table (agent_id uuid, name text, client_id uuid, site_id uuid, os text, is_active boolean, may boolean, is_online boolean)
    language plpgsql stable security definer rows 1000 set search_path = public, pg_temp
    as $$
#variable_conflict use_column
declare
    v_ids uuid[] := p_ids;
begin
    if p_org_id is distinct from current_org() then
        return;
    end if;
    if p_filter is not null then
        v_ids := array(select s.agent_id from agents_select(p_org_id, 'select a.id, null::text', '', ' limit $9', p_filter, null, null, p_max) s);
    end if;
    return query
        select a.id, coalesce(a.display_name, a.hostname), a.client_id, a.site_id, a.os, a.state = 'active', place_in('act', a.client_id, a.site_id),
               p.status = 'online'
            from agents a join agent_presence p on p.agent_id = a.id
            where a.org_id = p_org_id and a.id = any (v_ids) and place_in('see', a.client_id, a.site_id)
            order by a.sort_name, a.id limit p_max;
end
$$;
revoke all on function command_run_targets(uuid, uuid[], jsonb, integer) from public;
grant execute on function command_run_targets(uuid, uuid[], jsonb, integer) to gururmm_app;

-- Commands of a run, with their rows of the audit log. The caller's rights and policies hold. What waits for a decision has no order, and nothing to
-- tell of its machines yet; of the others
-- those are to be handed out at once whose turn it is (p_is_released) and whose agent is there and holds less than p_held_max.
create function command_run_commands(
        p_run_id uuid, p_status text, p_is_released boolean, p_agent_ids uuid[], p_ids uuid[], p_audit_ids uuid[], p_names text[], p_client_ids uuid[],
        p_site_ids uuid[], p_positions integer[], p_environments jsonb[], p_orders text[], p_signatures bytea[], p_key_id text, p_is_connected boolean[], p_created_at timestamptz,
        p_expires_at timestamptz, p_held_max bigint, p_ip inet, p_request_id uuid)
    returns table (id uuid)
    language sql
    as $$
    with asked as (
        select * from unnest(p_agent_ids, p_ids, p_audit_ids, p_names, p_client_ids, p_site_ids, p_positions, p_environments, p_orders, p_signatures,
                             p_is_connected)
            as a (agent_id, id, audit_id, name, client_id, site_id, position, environment, signed_order, signature, is_connected)
    ), run as materialized (
        select r.*, (select u.name from users u where u.id = r.created_by) as created_by_name from command_runs r where r.id = p_run_id
    ), held as materialized (
        select c.agent_id, count(*) as count from commands c
            where p_is_released and c.agent_id = any (p_agent_ids) and c.status in ('queued', 'running') and c.sent_at is not null group by c.agent_id
    ), created as (
        insert into commands (id, org_id, agent_id, client_id, site_id, command_type, command, interpreter, arguments, environment, context,
                              timeout_seconds, elevated, on_disconnect, status, created_by, created_at, released_at, sent_at, expires_at, signed_order,
                              signature, key_id, run_id, position, script_id, script_version)
            select a.id, r.org_id, a.agent_id, a.client_id, a.site_id, r.command_type, left(r.command, 500), r.interpreter, r.arguments,
                   -- a machine's own values wait here for the decision; the others wait in the run
                   (select coalesce(jsonb_object_agg(name, null), '{}') from jsonb_object_keys(r.environment || a.environment) name)
                       || case when p_status = 'awaiting_approval' then a.environment else '{}' end, r.context,
                   r.timeout_seconds, r.elevated, r.on_disconnect, p_status, r.created_by, p_created_at,
                   case when p_is_released then p_created_at end,
                   case when p_is_released and a.is_connected and coalesce(h.count, 0) < p_held_max then p_created_at end,
                   p_expires_at, a.signed_order, a.signature, case when a.signature is not null then p_key_id end, r.id, a.position, r.script_id,
                   r.script_version
            from run r cross join asked a left join held h on h.agent_id = a.agent_id
            returning id, sent_at
    ), noted as (
        insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, agent_id,
                                  client_id, site_id, detail, ip, request_id)
            select a.audit_id, r.org_id, p_created_at, case when nullif(current_setting('app.api_key', true), '') is null then 'user' else 'api_key' end,
                   r.created_by, r.created_by_name, 'command.created', 'command', a.id, a.name, a.agent_id, a.client_id, a.site_id,
                   jsonb_strip_nulls(jsonb_build_object('agent_id', a.agent_id, 'run_id', r.id, 'command_type', r.command_type,
                       'command', left(r.command, 500), 'script_id', r.script_id, 'script_version', r.script_version, 'interpreter', r.interpreter, 'context', nullif(r.context, 'system'))), p_ip, p_request_id
            from asked a, run r where p_status = 'queued'
    )
    select c.id from created c where c.sent_at is not null
    $$;
revoke all on function command_run_commands(uuid, text, boolean, uuid[], uuid[], uuid[], text[], uuid[], uuid[], integer[], jsonb[], text[], bytea[], text, boolean[],
    timestamptz, timestamptz, bigint, inet, uuid) from public;
grant execute on function command_run_commands(uuid, text, boolean, uuid[], uuid[], uuid[], text[], uuid[], uuid[], integer[], jsonb[], text[], bytea[], text, boolean[],
    timestamptz, timestamptz, bigint, inet, uuid) to gururmm_app;

-- Whether the transaction may act at every machine of a run of its organisation, seen or not.
create function command_run_is_ours(p_run_id uuid) returns boolean
    language sql stable security definer set search_path = public, pg_temp
    return exists (select from command_runs r where r.id = p_run_id and r.org_id = current_org())
        and (place_is('act', 'all') or not exists (select from commands c where c.run_id = p_run_id and not place_in('act', c.client_id, c.site_id)));
revoke all on function command_run_is_ours(uuid) from public;
grant execute on function command_run_is_ours(uuid) to gururmm_app;

-- What somebody decides about: all that is asked for, and of which machines. Whoever decides names what they have read.
create function command_run_digest(p_run_id uuid) returns text
    language sql stable security definer set search_path = public, pg_temp
    return (select encode(sha256(convert_to(jsonb_build_array(r.id, r.salt, r.command_type, r.command, r.interpreter, r.arguments, r.environment, r.context,
                r.timeout_seconds, r.elevated, r.on_disconnect, r.expires_in_seconds, r.mode, r.rate_per_minute, r.stop_after_failures, r.script_id, r.script_version, r.parameters,
                (select string_agg(c.agent_id::text || c.environment::text, ',' order by c.position) from commands c where c.run_id = r.id and c.status = 'awaiting_approval'))::text, 'UTF8')), 'hex')
            from command_runs r where r.id = p_run_id and r.org_id = current_org());
revoke all on function command_run_digest(uuid) from public;
grant execute on function command_run_digest(uuid) to gururmm_app;

-- Decides about a run that waits for it: of two people at once one does. Says what came of it; what is approved is signed next, in the same
-- transaction, by command_run_sign.
create function command_run_decide(p_run_id uuid, p_approves boolean, p_digest text, p_reason text, p_user_id uuid, p_now timestamptz) returns text
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_run command_runs;
begin
    select * into v_run from command_runs r where r.id = p_run_id and r.org_id = current_org() for update;
    if v_run.id is null then
        return 'not_found';
    elsif v_run.status <> 'awaiting_approval' then
        return 'not_awaiting';
    elsif v_run.created_by = p_user_id then
        return 'own';
    elsif not command_run_is_ours(p_run_id) then
        return 'not_everywhere';
    elsif p_approves and exists (select from commands c where c.run_id = p_run_id and c.status = 'awaiting_approval' and c.expires_at <= p_now) then
        return 'too_late';
    elsif p_approves and p_digest is distinct from command_run_digest(p_run_id) then
        return 'changed';
    end if;
    update command_runs r set decided_by = p_user_id, decided_at = p_now, decision_reason = p_reason,
            environment = (select coalesce(jsonb_object_agg(name, null), '{}') from jsonb_object_keys(r.environment) name),
            status = case when p_approves then 'running' else 'rejected' end,
            started_at = case when p_approves then p_now end, finished_at = case when not p_approves then p_now end
        where r.id = p_run_id;
    if p_approves then
        -- who may not work any more is told nothing
        update commands c set status = 'cancelled', finished_at = p_now, ended_by = 'server', status_reason = 'The machine may not work any more.'
            from agents a where a.id = c.agent_id and a.state <> 'active' and c.run_id = p_run_id and c.status = 'awaiting_approval';
    else
        update commands c set status = 'rejected', finished_at = p_now, ended_by = 'server' where c.run_id = p_run_id and c.status = 'awaiting_approval';
    end if;
    return 'done';
end
$$;
revoke all on function command_run_decide(uuid, boolean, text, text, uuid, timestamptz) from public;
grant execute on function command_run_decide(uuid, boolean, text, text, uuid, timestamptz) to gururmm_app;

-- The orders of a run that was approved in this transaction. Answers those that are to be handed out at once.
create function command_run_sign(p_run_id uuid, p_is_released boolean, p_ids uuid[], p_orders text[], p_signatures bytea[], p_key_id text,
        p_is_connected boolean[], p_now timestamptz, p_expires_at timestamptz, p_held_max bigint, p_audit_ids uuid[], p_user_id uuid, p_ip inet,
        p_request_id uuid)
    returns table (id uuid)
    language sql security definer set search_path = public, pg_temp
    as $$
    with signed as (
        update commands c set status = 'queued', environment = (select coalesce(jsonb_object_agg(name, null), '{}') from jsonb_object_keys(c.environment) name),
                signed_order = s.signed_order, signature = s.signature, key_id = p_key_id, expires_at = p_expires_at,
                released_at = case when p_is_released then p_now end,
                sent_at = case when p_is_released and s.is_connected and gateway_commands_held(c.agent_id) < p_held_max then p_now end
            from unnest(p_ids, p_orders, p_signatures, p_is_connected, p_audit_ids) as s (id, signed_order, signature, is_connected, audit_id), command_runs r
            where c.id = s.id and c.run_id = p_run_id and c.status = 'awaiting_approval' and r.id = p_run_id and r.org_id = current_org()
              and r.status = 'running' and r.decided_at = p_now
            returning c.*, s.audit_id, r.created_by as asked_by
    ), noted as (
        insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, agent_id,
                                  client_id, site_id, detail, ip, request_id)
            select s.audit_id, s.org_id, p_now, 'user', p_user_id, (select u.name from users u where u.id = p_user_id), 'command.approved', 'command',
                   s.id, coalesce(a.display_name, a.hostname), s.agent_id, s.client_id, s.site_id,
                   jsonb_strip_nulls(jsonb_build_object('agent_id', s.agent_id, 'run_id', s.run_id, 'command_type', s.command_type, 'command', s.command,
                       'script_id', s.script_id, 'script_version', s.script_version, 'interpreter', s.interpreter,
                       'context', nullif(s.context, 'system'), 'asked_by', (select u.name from users u where u.id = s.asked_by))), p_ip, p_request_id
            from signed s join agents a on a.id = s.agent_id
    )
    select s.id from signed s where s.sent_at is not null
    $$;
revoke all on function command_run_sign(uuid, boolean, uuid[], text[], bytea[], text, boolean[], timestamptz, timestamptz, bigint, uuid[], uuid, inet, uuid) from public;
grant execute on function command_run_sign(uuid, boolean, uuid[], text[], bytea[], text, boolean[], timestamptz, timestamptz, bigint, uuid[], uuid, inet, uuid) to gururmm_app;

-- Gives up what is open of runs that somebody has stopped, and of organisations whose commands are stopped: what no agent has got ends at once,
-- the others are asked to end it. A part at a time, each in its own transaction, and of what others hold at this moment nothing: ingest holds
-- rows of many commands in an order of its own. Answers what agents have to end; none when nothing is left.
create function commands_give_up(p_now timestamptz, p_max integer)
    returns table (id uuid, org_id uuid, agent_id uuid, run_id uuid, is_ended boolean)
    language sql security definer set search_path = public, pg_temp
    as $$
    with open as (
        select c.id from command_runs r join commands c on c.run_id = r.id
            where r.stopped_at > p_now - interval '1 hour' and c.status in ('awaiting_approval', 'queued', 'running') and c.cancel_requested_at is null
        union
        select c.id from organisations o join commands c on c.org_id = o.id
            where o.commands_stopped_at is not null and c.status in ('awaiting_approval', 'queued', 'running') and c.cancel_requested_at is null
    ), held as (
        select c.id from commands c where c.id in (select o.id from open o) and c.cancel_requested_at is null order by c.id limit p_max for update skip locked
    )
    update commands c set cancel_requested_at = p_now,
            status = case when c.sent_at is null then 'cancelled' else c.status end,
            status_reason = case when c.sent_at is null then 'It was stopped with many others.' else c.status_reason end,
            finished_at = case when c.sent_at is null then p_now end,
            ended_by = case when c.sent_at is null then 'server' end
        from held h where c.id = h.id and c.status in ('awaiting_approval', 'queued', 'running')
        returning c.id, c.org_id, c.agent_id, c.run_id, c.finished_at is not null
    $$;
revoke all on function commands_give_up(timestamptz, integer) from public;
grant execute on function commands_give_up(timestamptz, integer) to gururmm_ingest;

-- Stops a run, also one that is over but for some of its commands. False when nothing of it is open, or not everywhere ours. Its commands are
-- given up by commands_give_up.
create function command_run_stop(p_run_id uuid, p_reason text, p_now timestamptz) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    update command_runs r set stopped_at = p_now, finished_at = coalesce(r.finished_at, p_now),
            status = case when r.finished_at is null then 'stopped' else r.status end,
            status_reason = case when r.finished_at is null then p_reason else r.status_reason end,
            environment = (select coalesce(jsonb_object_agg(name, null), '{}') from jsonb_object_keys(r.environment) name)
        where r.id = p_run_id and r.org_id = current_org() and command_run_is_ours(p_run_id)
          and exists (select from commands c where c.run_id = p_run_id and c.status in ('awaiting_approval', 'queued', 'running')
                          and c.cancel_requested_at is null);
    return found;
end
$$;
revoke all on function command_run_stop(uuid, text, timestamptz) from public;
grant execute on function command_run_stop(uuid, text, timestamptz) to gururmm_app;

-- The kill switch of an organisation: nothing starts while it is set, and what is open is given up (commands_give_up). Answers how many commands
-- agents have; null when it was set.
create function commands_stop_all(p_reason text, p_by text, p_now timestamptz) returns bigint
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    perform pg_advisory_xact_lock(commands_stop_key(current_org()));
    update organisations o set commands_stopped_at = p_now, commands_stopped_by = p_by, commands_stopped_reason = p_reason, updated_at = p_now
        where o.id = current_org() and o.commands_stopped_at is null and (place_is('act', 'all') or place_is('act', 'most'));
    if not found then
        return null;
    end if;
    update command_runs r set status = 'stopped', status_reason = 'All commands were stopped.', finished_at = p_now, stopped_at = p_now,
            environment = (select coalesce(jsonb_object_agg(name, null), '{}') from jsonb_object_keys(r.environment) name)
        where r.org_id = current_org() and r.status in ('awaiting_approval', 'running');
    return (select count(*) from commands c where c.org_id = current_org() and c.status in ('queued', 'running') and c.sent_at is not null);
end
$$;
create function commands_start_again(p_now timestamptz) returns boolean
    language sql security definer set search_path = public, pg_temp
    as $$
    with done as (
        update organisations o set commands_stopped_at = null, commands_stopped_by = null, commands_stopped_reason = null, updated_at = p_now
            where o.id = current_org() and o.commands_stopped_at is not null and (place_is('act', 'all') or place_is('act', 'most'))
            returning 1
    )
    select exists (select from done)
    $$;
revoke all on function commands_stop_all(text, text, timestamptz), commands_start_again(timestamptz) from public;
grant execute on function commands_stop_all(text, text, timestamptz), commands_start_again(timestamptz) to gururmm_app;

-- How scripts fared lately, by what the transaction sees of the newest thousand commands of each.
create function script_outcomes(p_script_ids uuid[], p_since timestamptz) returns table (script_id uuid, ended bigint, completed bigint, last_run_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$
    select s.id, count(*) filter (where c.finished_at is not null and c.status <> 'cancelled'), count(*) filter (where c.status = 'completed'),
           max(c.created_at)
        from unnest(p_script_ids) as s (id) cross join lateral (
            select c.finished_at, c.status, c.created_at from commands c
                where c.script_id = s.id and c.org_id = current_org() and c.created_at >= p_since
                  and ((select place_is('see', 'all')) or place_in('see', c.client_id, c.site_id))
                order by c.created_at desc limit 1000) c
        group by s.id
    $$;
revoke all on function script_outcomes(uuid[], timestamptz) from public;
grant execute on function script_outcomes(uuid[], timestamptz) to gururmm_app;
