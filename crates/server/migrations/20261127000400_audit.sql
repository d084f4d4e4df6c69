-- More of each event: in whose name, by which session or key, and whether it was done or refused. What was before and what is after stand
-- in `detail`, under these names.
alter table audit_events
    drop constraint audit_events_actor_kind_check,
    add constraint audit_events_actor_kind_check check (actor_kind in ('user', 'agent', 'system', 'api_key', 'operator', 'anonymous')),
    add column outcome text not null default 'done' check (outcome in ('done', 'refused')),
    add column on_behalf_of_id uuid,
    add column on_behalf_of_name text,
    -- rows that functions write for a request take it from the setting that the request makes
    add column session_id uuid default nullif(current_setting('app.session', true), '')::uuid,
    add column api_key_id uuid default nullif(current_setting('app.api_key', true), '')::uuid;
create index audit_events_action on audit_events (org_id, action, id);
create index audit_events_session on audit_events (org_id, session_id, id) where session_id is not null;
create index audit_events_refused on audit_events (org_id, id) where outcome = 'refused';

-- For how many days an organisation keeps its audit log; null for ever.
alter table organisations add column audit_days integer check (audit_days between 90 and 4000);
grant update (audit_days) on organisations to gururmm_app;

-- The chain: each event of an organisation has a number, without gaps, and a hash over what it says and the hash before it. What is hashed
-- is written in the server (`platform/audit/chain.rs`) and not here: who owns the database must not be able to change how it is checked.
-- `fields` holds the beginning of the hash of each field, so that an event that was altered tells which.
create table audit_chain (
    org_id     uuid not null references organisations (id),
    seq        bigint not null check (seq > 0),
    event_id   uuid not null unique references audit_events (id),
    hash       bytea not null check (octet_length(hash) = 32),
    fields     bytea not null,
    sealed_at  timestamptz not null,
    primary key (org_id, seq)
);
alter table audit_chain enable row level security;
create policy audit_chain_of_organisation on audit_chain for select to gururmm_app using (org_id = (select current_org()));
grant select on audit_chain to gururmm_app;

-- Where the chain of an organisation begins since the retention removed what was before: the last number that is gone, and its hash.
create table audit_anchors (
    org_id       uuid not null references organisations (id),
    seq          bigint not null check (seq > 0),
    hash         bytea not null check (octet_length(hash) = 32),
    anchored_at  timestamptz not null,
    primary key (org_id, seq)
);
alter table audit_anchors enable row level security;
create policy audit_anchors_of_organisation on audit_anchors for select to gururmm_app using (org_id = (select current_org()));
grant select on audit_anchors to gururmm_app;

-- Not even the owner changes what was told, by mistake; the retention says so before it deletes.
create function audit_refuse() returns trigger
    language plpgsql set search_path = public, pg_temp
    as $$
begin
    if tg_op = 'DELETE' and current_setting('gururmm.audit_retention', true) = 'on' then return old; end if;
    raise exception 'the audit log is never changed' using errcode = '42501';
end
$$;
revoke all on function audit_refuse() from public;
do $$
declare
    v_table text;
begin
    foreach v_table in array array['audit_events', 'audit_chain', 'audit_anchors'] loop
        execute format('create trigger %I before update or delete on %I for each row execute function audit_refuse()', v_table || '_stay', v_table);
        execute format('create trigger %I before truncate on %I for each statement execute function audit_refuse()', v_table || '_stay_all', v_table);
    end loop;
end
$$;

-- Events that have no number yet. Numbers follow the sealing: a transaction that commits late gets a later one, and what has one keeps it.
-- No reference to the event: it would cost every insert a look and a lock, and what is missing here is found by `audit verify`.
create table audit_pending (
    org_id    uuid not null,
    event_id  uuid not null,
    primary key (org_id, event_id)
);
alter table audit_pending enable row level security;
insert into audit_pending (org_id, event_id) select org_id, id from audit_events;
create function audit_enqueue() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$ begin insert into audit_pending (org_id, event_id) values (new.org_id, new.id); return null; end $$;
revoke all on function audit_enqueue() from public;
create trigger audit_events_wait after insert on audit_events for each row execute function audit_enqueue();
