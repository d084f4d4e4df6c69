-- Schedules: when a version of a script runs by itself, on which machines of a place.
--
-- What a schedule does is its mandate: a text that the server signed when somebody who might do it asked for it. The other columns are for lists and
-- for finding what is due; whoever changes them in the database changes nothing of what is run.
alter table sites add column time_zone text check (char_length(time_zone) between 1 and 60);
alter table organisations add column time_zone text not null default 'UTC' check (char_length(time_zone) between 1 and 60);
grant update (time_zone) on sites to gururmm_app;
grant select (time_zone) on organisations to gururmm_app;
grant update (time_zone) on organisations to gururmm_app;

create table schedules (
    id                uuid primary key,
    org_id            uuid not null references organisations (id),
    -- the place to which its machines belong; null: the organisation, or the whole client
    client_id         uuid,
    site_id           uuid,
    name              text not null check (char_length(name) between 1 and 200),
    kind              text not null check (kind in ('cron', 'enrolment', 'first_contact')),
    script_id         uuid not null,
    script_version    integer not null,
    mandate           text not null check (octet_length(mandate) <= 262144),
    mandate_signature bytea not null check (octet_length(mandate_signature) = 64),
    mandate_key_id    text not null,
    status            text not null check (status in ('active', 'paused', 'suspended')),
    status_reason     text,
    -- a second person lets runs on so many machines begin without being asked each time
    machines_max      integer check (machines_max between 1 and 20000),
    approved_by       uuid,
    approved_at       timestamptz,
    -- when it is to be looked at; of no use for `enrolment` and `first_contact`, which are looked at always
    next_at           timestamptz,
    -- when that was found out: if it lies ahead of the clock, the clock was wrong then
    looked_at         timestamptz,
    -- since when it is active: what came before is not its business
    enabled_at        timestamptz not null,
    last_due_at       timestamptz,
    last_outcome      text check (last_outcome in ('ran', 'skipped', 'nothing', 'refused')),
    last_reason       text,
    created_by        uuid not null,
    created_at        timestamptz not null,
    changed_by        uuid not null,
    updated_at        timestamptz not null,
    unique (org_id, id),
    constraint schedules_place check (client_id is not null or site_id is null),
    constraint schedules_approved check (num_nulls(machines_max, approved_by, approved_at) in (0, 3)),
    constraint schedules_other_person check (approved_by <> changed_by),
    constraint schedules_client_fkey foreign key (org_id, client_id) references clients (org_id, id) on delete cascade,
    constraint schedules_site_fkey foreign key (org_id, client_id, site_id) references sites (org_id, client_id, id) on delete cascade,
    constraint schedules_script_fkey foreign key (script_id, script_version) references script_versions (script_id, number),
    constraint schedules_script_org_fkey foreign key (org_id, script_id) references scripts (org_id, id),
    constraint schedules_created_by_fkey foreign key (org_id, created_by) references memberships (org_id, user_id),
    constraint schedules_changed_by_fkey foreign key (org_id, changed_by) references memberships (org_id, user_id),
    constraint schedules_approved_by_fkey foreign key (org_id, approved_by) references memberships (org_id, user_id)
);
create unique index schedules_name on schedules (org_id, lower(name));
create index schedules_place on schedules (org_id, client_id, site_id);
create index schedules_script on schedules (script_id, script_version);
create index schedules_due on schedules (next_at) where status = 'active';

-- The last time that was due, in each time zone of its machines: it is never due again, whatever clocks do.
create table schedule_zones (
    schedule_id uuid not null,
    org_id      uuid not null,
    time_zone   text not null,
    last_due_at timestamptz not null,
    primary key (schedule_id, time_zone),
    constraint schedule_zones_schedule_fkey foreign key (org_id, schedule_id) references schedules (org_id, id) on delete cascade
);
-- Machines that had their run: of a local day, or since they enrolled ('epoch').
create table schedule_marks (
    schedule_id uuid not null,
    org_id      uuid not null,
    agent_id    uuid not null,
    day         date not null,
    primary key (schedule_id, agent_id, day),
    constraint schedule_marks_schedule_fkey foreign key (org_id, schedule_id) references schedules (org_id, id) on delete cascade,
    constraint schedule_marks_agent_fkey foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade
);
create index schedule_marks_agent on schedule_marks (org_id, agent_id);
alter table schedules enable row level security;
-- reached by functions alone
alter table schedule_zones enable row level security;
alter table schedule_marks enable row level security;

do $$
declare
    v_place constant text := 'org_id = (select current_org()) and ((select place_is(%1$L, ''all'')) or (
        ((select place_is(%1$L, ''most'')) or client_id = any ((select place_ids(%2$L))::uuid[]) or site_id = any ((select place_ids(%3$L))::uuid[]))
        and (client_id is null or client_id <> all ((select place_ids(%4$L))::uuid[]))
        and (site_id is null or site_id <> all ((select place_ids(%5$L))::uuid[]))))';
    v_see   constant text := format(v_place, 'see', 'see_clients', 'see_sites', 'see_not_clients', 'see_not_sites');
    v_act   constant text := format(v_place, 'act', 'act_clients', 'act_sites', 'act_not_clients', 'act_not_sites');
begin
    execute format('create policy schedules_seen on schedules for select to gururmm_app using (%s)', v_see);
    execute format('create policy schedules_made on schedules for insert to gururmm_app with check (%s)', v_act);
    execute format('create policy schedules_changed on schedules for update to gururmm_app using (%s) with check (%s)', v_act, v_act);
    execute format('create policy schedules_removed on schedules for delete to gururmm_app using (%s)', v_act);
end
$$;
grant select, insert, delete on schedules to gururmm_app;
grant update (client_id, site_id, name, kind, script_id, script_version, mandate, mandate_signature, mandate_key_id, status, status_reason, machines_max, approved_by,
    approved_at, next_at, enabled_at, changed_by, updated_at) on schedules to gururmm_app;

-- A run that a schedule began: at most one for each time that was due.
alter table command_runs
    add column schedule_id   uuid,
    add column schedule_zone text,
    add column due_at        timestamptz,
    add constraint command_runs_scheduled check (num_nulls(schedule_id, due_at) in (0, 2)) not valid;
create unique index command_runs_due on command_runs (schedule_id, schedule_zone, due_at) where schedule_zone is not null;
create index command_runs_schedule on command_runs (org_id, schedule_id, id) where schedule_id is not null;

alter table audit_events
    drop constraint audit_events_actor_kind_check,
    add constraint audit_events_actor_kind_check check (actor_kind in ('user', 'agent', 'system', 'api_key', 'operator', 'anonymous', 'schedule')) not valid;

-- Commands that a schedule began name it.
create or replace function command_run_commands(
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
            select a.audit_id, r.org_id, p_created_at, case when nullif(current_setting('app.schedule', true), '') is not null then 'schedule'
                        when nullif(current_setting('app.api_key', true), '') is null then 'user' else 'api_key' end,
                   r.created_by, r.created_by_name, 'command.created', 'command', a.id, a.name, a.agent_id, a.client_id, a.site_id,
                   jsonb_strip_nulls(jsonb_build_object('agent_id', a.agent_id, 'run_id', r.id, 'schedule_id', r.schedule_id, 'command_type', r.command_type,
                       'command', left(r.command, 500), 'script_id', r.script_id, 'script_version', r.script_version, 'interpreter', r.interpreter, 'context', nullif(r.context, 'system'))), p_ip, p_request_id
            from asked a, run r where p_status = 'queued'
    )
    select c.id from created c where c.sent_at is not null
    $$;

-- Where clocks read something else from now on, all schedules are looked at anew.
create function schedules_look_again() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    update schedules s set next_at = '-infinity' where s.org_id = coalesce((to_jsonb(new) ->> 'org_id')::uuid, new.id)
        and s.kind = 'cron' and s.status = 'active';
    return null;
end
$$;
create trigger sites_schedules_look_again after insert on sites for each row execute function schedules_look_again();
create trigger sites_zone_schedules_look_again after update on sites for each row when (old.time_zone is distinct from new.time_zone)
    execute function schedules_look_again();
create trigger organisations_schedules_look_again after update on organisations for each row when (old.time_zone is distinct from new.time_zone)
    execute function schedules_look_again();

-- Schedules that may have something to do. Those of suspended organisations have not.
create function schedules_due(p_now timestamptz, p_max integer) returns table (id uuid, org_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$
    select s.id, s.org_id from schedules s join organisations o on o.id = s.org_id
        where s.status = 'active' and o.suspended_at is null and (s.kind <> 'cron' or s.next_at <= p_now or s.looked_at > p_now + interval '1 minute')
        order by s.next_at nulls first limit p_max
    $$;
-- The mandate of a schedule, and what whoever gave it, and whoever agreed to it, may do now: nothing when they are no member any more.
create function schedule_mandate(p_id uuid)
    returns table (name text, mandate text, signature bytea, key_id text, changed_by uuid, enabled_at timestamptz, grants jsonb, approved_by uuid, approved_grants jsonb)
    language sql stable security definer rows 1 set search_path = public, pg_temp
    as $$
    select s.name, s.mandate, s.mandate_signature, s.mandate_key_id, s.changed_by, s.enabled_at,
           case when m.status = 'active' and u.disabled_at is null then auth_grants(s.org_id, s.changed_by) else '[]' end, s.approved_by,
           (select auth_grants(s.org_id, a.user_id) from memberships a join users v on v.id = a.user_id
                where a.org_id = s.org_id and a.user_id = s.approved_by and a.status = 'active' and v.disabled_at is null)
        from schedules s join memberships m on m.org_id = s.org_id and m.user_id = s.changed_by join users u on u.id = s.changed_by
        where s.id = p_id and s.org_id = current_org() and s.status = 'active'
    $$;
-- What is due begins at this moment, in each of these zones.
create function schedule_begin(p_id uuid, p_zones text[], p_now timestamptz) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    delete from schedule_zones z where z.schedule_id = p_id and z.org_id = current_org();
    insert into schedule_zones (schedule_id, org_id, time_zone, last_due_at)
        select s.id, s.org_id, z.zone, p_now from schedules s cross join (select distinct unnest(p_zones) as zone) z where s.id = p_id and s.org_id = current_org();
    $$;
create function schedule_zones_of(p_id uuid) returns table (time_zone text, last_due_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select z.time_zone, z.last_due_at from schedule_zones z where z.schedule_id = p_id and z.org_id = current_org() $$;
create function schedule_zone_set(p_id uuid, p_zone text, p_at timestamptz) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    insert into schedule_zones (schedule_id, org_id, time_zone, last_due_at)
        select s.id, s.org_id, p_zone, p_at from schedules s where s.id = p_id and s.org_id = current_org()
        on conflict (schedule_id, time_zone) do update set last_due_at = excluded.last_due_at
    $$;
-- Takes a time that is due: one of two servers does.
create function schedule_zone_claim(p_id uuid, p_zone text, p_due_at timestamptz) returns boolean
    language sql security definer set search_path = public, pg_temp
    as $$
    with claimed as (
        update schedule_zones z set last_due_at = p_due_at from schedules s
            where s.id = z.schedule_id and s.status = 'active' and z.schedule_id = p_id and z.org_id = current_org() and z.time_zone = p_zone and z.last_due_at < p_due_at returning 1
    )
    select exists (select from claimed)
    $$;
-- It was looked at: when it is next, and what came of the time that was due, if one was.
create function schedule_looked_at(p_id uuid, p_now timestamptz, p_next_at timestamptz, p_due_at timestamptz, p_outcome text, p_reason text) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    update schedules s set looked_at = p_now, next_at = p_next_at, last_due_at = coalesce(p_due_at, s.last_due_at),
            last_outcome = case when p_due_at is null then s.last_outcome else p_outcome end,
            last_reason = case when p_due_at is null then s.last_reason else p_reason end
        where s.id = p_id and s.org_id = current_org() and s.status = 'active'
    $$;
-- It does nothing any more until somebody looks at it. Its name and place, if it was active.
create function schedule_suspend(p_id uuid, p_reason text, p_now timestamptz)
    returns table (name text, client_id uuid, site_id uuid)
    language sql security definer set search_path = public, pg_temp
    as $$
    update schedules s set status = 'suspended', status_reason = p_reason, updated_at = p_now
        where s.id = p_id and s.org_id = current_org() and s.status = 'active' returning s.name, s.client_id, s.site_id
    $$;
-- Machines that have enrolled since and had no run, oldest first, at places that the transaction may act at.
create function schedule_enrolled(p_id uuid, p_since timestamptz, p_max integer) returns table (agent_id uuid, day date)
    language sql stable security definer set search_path = public, pg_temp
    as $$
    select a.id, date '1970-01-01' from agents a
        where a.org_id = current_org() and a.enrolled_at >= p_since and a.state = 'active' and place_in('act', a.client_id, a.site_id)
          and not exists (select from schedule_marks k where k.schedule_id = p_id and k.agent_id = a.id and k.day = date '1970-01-01')
        order by a.enrolled_at, a.id limit p_max
    $$;
-- Machines of these sites that are there and had no run on the site's day.
create function schedule_contacts(p_id uuid, p_site_ids uuid[], p_days date[], p_max integer) returns table (agent_id uuid, day date)
    language sql stable security definer set search_path = public, pg_temp
    as $$
    select a.id, d.day from unnest(p_site_ids, p_days) as d (site_id, day)
        join agents a on a.org_id = current_org() and a.site_id = d.site_id join agent_presence p on p.agent_id = a.id
        where p.status = 'online' and a.state = 'active' and place_in('act', a.client_id, a.site_id)
          and not exists (select from schedule_marks k where k.schedule_id = p_id and k.agent_id = a.id and k.day = d.day)
        order by a.id limit p_max
    $$;
-- These machines have their run now: those that no other server was faster with.
create function schedule_claim(p_id uuid, p_agent_ids uuid[], p_days date[]) returns table (agent_id uuid)
    language sql security definer set search_path = public, pg_temp
    as $$
    insert into schedule_marks (schedule_id, org_id, agent_id, day)
        select s.id, s.org_id, c.agent_id, c.day
            from schedules s cross join unnest(p_agent_ids, p_days) as c (agent_id, day) join agents a on a.id = c.agent_id and a.org_id = s.org_id
            where s.id = p_id and s.org_id = current_org() and s.status = 'active' order by c.agent_id
        on conflict do nothing returning schedule_marks.agent_id
    $$;
create function schedule_marks_purge(p_now timestamptz) returns void
    language sql security definer set search_path = public, pg_temp
    as $$ delete from schedule_marks k where k.day <> date '1970-01-01' and k.day < (p_now - interval '3 days')::date $$;

revoke all on function schedules_look_again(), schedules_due(timestamptz, integer), schedule_mandate(uuid), schedule_begin(uuid, text[], timestamptz),
    schedule_zones_of(uuid), schedule_zone_set(uuid, text, timestamptz), schedule_zone_claim(uuid, text, timestamptz), schedule_looked_at(uuid, timestamptz, timestamptz, timestamptz, text, text),
    schedule_suspend(uuid, text, timestamptz), schedule_enrolled(uuid, timestamptz, integer), schedule_contacts(uuid, uuid[], date[], integer),
    schedule_claim(uuid, uuid[], date[]), schedule_marks_purge(timestamptz) from public;
grant execute on function schedules_due(timestamptz, integer), schedule_marks_purge(timestamptz) to gururmm_ingest;
grant execute on function schedule_mandate(uuid), schedule_begin(uuid, text[], timestamptz), schedule_zones_of(uuid), schedule_zone_set(uuid, text, timestamptz),
    schedule_zone_claim(uuid, text, timestamptz), schedule_looked_at(uuid, timestamptz, timestamptz, timestamptz, text, text), schedule_suspend(uuid, text, timestamptz), schedule_enrolled(uuid, timestamptz, integer),
    schedule_contacts(uuid, uuid[], date[], integer), schedule_claim(uuid, uuid[], date[]) to gururmm_app;
