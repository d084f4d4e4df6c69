-- The audit log: one row for every change, written in the transaction that makes it. Never changed, never deleted by the server.
create table audit_events (
    id           uuid primary key,
    org_id       uuid not null references organisations (id),
    occurred_at  timestamptz not null,
    actor_kind   text not null check (actor_kind in ('user', 'agent', 'system')),
    actor_id     uuid,
    actor_name   text,
    action       text not null,
    target_kind  text,
    target_id    uuid,
    target_name  text,
    agent_id     uuid,
    client_id    uuid,
    site_id      uuid,
    detail       jsonb not null default '{}',
    ip           inet,
    request_id   uuid
);
create index audit_events_time on audit_events (org_id, id);
create index audit_events_target on audit_events (org_id, target_id, id);
create index audit_events_agent on audit_events (org_id, agent_id, id) where agent_id is not null;
create index audit_events_actor on audit_events (org_id, actor_id, id);
alter table audit_events enable row level security;
create policy audit_events_of_organisation on audit_events to gururmm_app
    using (org_id = current_org()) with check (org_id = current_org());
grant select, insert on audit_events to gururmm_app;
