-- Clients (an organisation's customers) and their sites.
create table clients (
    id          uuid primary key,
    org_id      uuid not null references organisations (id),
    name        text not null check (char_length(name) between 1 and 200),
    kind        text not null check (kind in ('corporate', 'residential', 'internal')),
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    unique (org_id, id)
);
create unique index clients_name on clients (org_id, lower(name));
alter table clients enable row level security;
create policy clients_of_organisation on clients to gururmm_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert, delete on clients to gururmm_app;
grant update (name, kind, updated_at) on clients to gururmm_app;

create table sites (
    id          uuid primary key,
    org_id      uuid not null,
    client_id   uuid not null,
    name        text not null check (char_length(name) between 1 and 200),
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    unique (org_id, id),
    unique (org_id, client_id, id),
    constraint sites_client_fkey foreign key (org_id, client_id) references clients (org_id, id)
);
create unique index sites_name on sites (client_id, lower(name));
create index sites_client on sites (org_id, client_id);
alter table sites enable row level security;
create policy sites_of_organisation on sites to gururmm_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert, delete on sites to gururmm_app;
grant update (name, updated_at) on sites to gururmm_app;
