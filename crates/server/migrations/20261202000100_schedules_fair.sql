-- Schedules of one organisation never keep those of another from their time; what is carried out is what was looked at.

-- A place that has schedules is not removed with them: whoever removes it is told.
alter table schedules
    drop constraint schedules_client_fkey,
    drop constraint schedules_site_fkey,
    add constraint schedules_client_fkey foreign key (org_id, client_id) references clients (org_id, id) not valid,
    add constraint schedules_site_fkey foreign key (org_id, client_id, site_id) references sites (org_id, client_id, id) not valid;

-- How many schedules the organisation has, whoever sees them.
create function schedules_count() returns bigint
    language sql stable security definer set search_path = public, pg_temp
    as $$ select count(*) from schedules s where s.org_id = current_org() $$;
-- Schedules that may have something to do: those of the clock, or those that machines set off. Organisations take turns, and what is due comes before
-- what is looked at now and then although nothing is due: whether it may still do what it says.
create function schedules_waiting(p_is_clock boolean, p_now timestamptz, p_max integer) returns table (id uuid, org_id uuid)
    language sql stable security definer set search_path = public, pg_temp
    as $$
    select s.id, s.org_id from schedules s join organisations o on o.id = s.org_id
        where s.status = 'active' and o.suspended_at is null and (s.kind = 'cron') = p_is_clock
          and (s.looked_at is null or s.looked_at > p_now + interval '1 minute'
               or case when p_is_clock then s.next_at <= p_now or s.looked_at <= p_now - interval '15 minutes' else s.looked_at <= p_now - interval '4 seconds' end)
        order by row_number() over (partition by s.org_id order by coalesce(s.next_at <= p_now, false) desc, s.looked_at nulls first, s.id),
                 coalesce(s.next_at <= p_now, false) desc, s.looked_at nulls first, s.id
        limit p_max
    $$;
-- What a schedule is to do, what whoever gave its mandate, and whoever agreed to it, may do now (nothing when they are no member any more), and which
-- version of its row that is.
create function schedule_work(p_id uuid)
    returns table (name text, mandate text, signature bytea, key_id text, changed_by uuid, enabled_at timestamptz, grants jsonb, approved_by uuid, approved_grants jsonb,
                   row_version text)
    language sql stable security definer rows 1 set search_path = public, pg_temp
    as $$
    select w.*, (select s.xmin::text from schedules s where s.id = p_id and s.org_id = current_org()) from schedule_mandate(p_id) w
    $$;
-- The last times that were due, in these zones alone. One that is new begins now; one that lies too far ahead was written by a clock that was wrong.
create function schedule_zones_now(p_id uuid, p_zones text[], p_now timestamptz) returns table (time_zone text, last_due_at timestamptz)
    language sql security definer set search_path = public, pg_temp
    as $$
    delete from schedule_zones z where z.schedule_id = p_id and z.org_id = current_org() and z.time_zone <> all (p_zones);
    insert into schedule_zones as z (schedule_id, org_id, time_zone, last_due_at)
        select s.id, s.org_id, n.zone, p_now from schedules s cross join (select distinct unnest(p_zones) as zone) n where s.id = p_id and s.org_id = current_org()
        on conflict (schedule_id, time_zone) do update set last_due_at = case when z.last_due_at > p_now + interval '24 hours' then p_now else z.last_due_at end
        returning z.time_zone, z.last_due_at
    $$;
-- Keeps the row of a schedule for this transaction, if it is still the one that was read.
create function schedule_hold(p_id uuid, p_row_version text) returns boolean
    language sql security definer set search_path = public, pg_temp
    as $$
    with held as (
        select 1 from schedules s where s.id = p_id and s.org_id = current_org() and s.status = 'active' and s.xmin::text = p_row_version for no key update
    )
    select exists (select from held)
    $$;
-- It was looked at: when it is next, or at once where it has changed meanwhile, and what came of the time that was due, if one was.
create function schedule_looked_at(p_id uuid, p_row_version text, p_now timestamptz, p_next_at timestamptz, p_due_at timestamptz, p_outcome text, p_reason text) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    update schedules s set looked_at = p_now, next_at = case when s.xmin::text = p_row_version then p_next_at else least(s.next_at, p_next_at) end, last_due_at = coalesce(p_due_at, s.last_due_at),
            last_outcome = case when p_due_at is null then s.last_outcome else p_outcome end,
            last_reason = case when p_due_at is null then s.last_reason else p_reason end
        where s.id = p_id and s.org_id = current_org() and s.status = 'active'
    $$;
-- It does nothing any more until somebody looks at it, if it is still the one that was read. Its name and place, if so.
create function schedule_suspend(p_id uuid, p_row_version text, p_reason text, p_now timestamptz)
    returns table (name text, client_id uuid, site_id uuid)
    language sql security definer set search_path = public, pg_temp
    as $$
    update schedules s set status = 'suspended', status_reason = p_reason, updated_at = p_now
        where s.id = p_id and s.org_id = current_org() and s.status = 'active' and s.xmin::text = p_row_version returning s.name, s.client_id, s.site_id
    $$;
-- Days that are over everywhere. A clock that is wrong by days brings no machine its run twice.
create or replace function schedule_marks_purge(p_now timestamptz) returns void
    language sql security definer set search_path = public, pg_temp
    as $$ delete from schedule_marks k where k.day <> date '1970-01-01' and k.day < (p_now - interval '60 days')::date $$;

revoke all on function schedules_count(), schedules_waiting(boolean, timestamptz, integer), schedule_work(uuid), schedule_zones_now(uuid, text[], timestamptz),
    schedule_hold(uuid, text), schedule_looked_at(uuid, text, timestamptz, timestamptz, timestamptz, text, text), schedule_suspend(uuid, text, text, timestamptz) from public;
grant execute on function schedules_waiting(boolean, timestamptz, integer) to gururmm_ingest;
grant execute on function schedules_count(), schedule_work(uuid), schedule_zones_now(uuid, text[], timestamptz), schedule_hold(uuid, text),
    schedule_looked_at(uuid, text, timestamptz, timestamptz, timestamptz, text, text), schedule_suspend(uuid, text, text, timestamptz) to gururmm_app;
