-- Site keys: what lets a machine enrol into a site. Only the hash is kept.
create table site_keys (
    id            uuid primary key,
    org_id        uuid not null,
    site_id       uuid not null,
    name          text not null check (char_length(name) between 1 and 200),
    prefix        text not null,
    key_hash      bytea not null unique,
    max_uses      integer check (max_uses between 1 and 1000000),
    use_count     integer not null default 0,
    created_by    uuid,
    created_at    timestamptz not null,
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz,
    constraint site_keys_site_fkey foreign key (org_id, site_id) references sites (org_id, id) on delete cascade,
    constraint site_keys_created_by_fkey foreign key (org_id, created_by) references users (org_id, id)
);
create index site_keys_site on site_keys (org_id, site_id);
alter table site_keys enable row level security;
create policy site_keys_of_organisation on site_keys to gururmm_app
    using (org_id = current_org()) with check (org_id = current_org());
grant select (id, org_id, site_id, name, prefix, max_uses, use_count, created_by, created_at, expires_at, last_used_at, revoked_at)
    on site_keys to gururmm_app;
grant insert on site_keys to gururmm_app;
grant update (revoked_at) on site_keys to gururmm_app;
