-- API keys: what a program may do in somebody's name. A key never holds more than its maker holds at that moment: what it may do is
-- what its own list and its maker's grants both allow.
create table api_keys (
    id            uuid primary key,
    org_id        uuid not null,
    user_id       uuid not null,
    name          text not null check (char_length(name) between 1 and 200),
    prefix        text not null,
    key_hash      bytea not null unique check (octet_length(key_hash) = 32),
    permissions   text[] not null check (cardinality(permissions) between 1 and 100),
    -- both empty: wherever its maker may
    client_ids    uuid[] not null default '{}',
    site_ids      uuid[] not null default '{}',
    -- empty: from anywhere
    networks      cidr[] not null default '{}' check (cardinality(networks) <= 50),
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    last_used_at  timestamptz,
    last_used_ip  inet,
    revoked_at    timestamptz,
    unique (org_id, id),
    constraint api_keys_member_fkey foreign key (org_id, user_id) references memberships (org_id, user_id),
    constraint api_keys_end check (expires_at <= created_at + interval '400 days')
);
create index api_keys_user on api_keys (org_id, user_id);
alter table api_keys enable row level security;
create policy api_keys_of_organisation on api_keys to gururmm_app using (org_id = (select current_org())) with check (org_id = (select current_org()));
grant select (id, org_id, user_id, name, prefix, permissions, client_ids, site_ids, networks, created_at, expires_at, last_used_at, last_used_ip,
              revoked_at) on api_keys to gururmm_app;
grant insert on api_keys to gururmm_app;
grant update (revoked_at) on api_keys to gururmm_app;

-- Whose key it is, before the organisation is known. Only keys that still hold, of people who still belong. `places`: where it may be used,
-- as `{"client_id", "site_id"}`; a site names its client, and one that is gone is none.
create function auth_find_api_key(p_key_hash bytea, p_now timestamptz)
    returns table (id uuid, org_id uuid, user_id uuid, name text, permissions text[], is_bound boolean, places jsonb, networks cidr[],
                   created_at timestamptz, expires_at timestamptz, user_name text, email text, user_created_at timestamptz, org_name text,
                   grants jsonb)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select k.id, k.org_id, k.user_id, k.name, k.permissions, cardinality(k.client_ids) + cardinality(k.site_ids) > 0,
                 (select coalesce(jsonb_agg(p), '[]')
                      from (select c.id as client_id, null::uuid as site_id from clients c where c.org_id = k.org_id and c.id = any (k.client_ids)
                            union all
                            select s.client_id, s.id from sites s where s.org_id = k.org_id and s.id = any (k.site_ids)) p),
                 k.networks, k.created_at, k.expires_at, u.name, u.email, u.created_at, o.name, auth_grants(k.org_id, k.user_id)
          from api_keys k join users u on u.id = k.user_id join organisations o on o.id = k.org_id
              join memberships m on m.org_id = k.org_id and m.user_id = k.user_id
          where k.key_hash = p_key_hash and k.revoked_at is null and k.expires_at > p_now and m.status = 'active' and u.disabled_at is null $$;
revoke all on function auth_find_api_key(bytea, timestamptz) from public;
grant execute on function auth_find_api_key(bytea, timestamptz) to gururmm_app;

-- Who is removed comes back without the keys of before.
create function api_keys_end() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$ begin
    update api_keys set revoked_at = new.updated_at where org_id = new.org_id and user_id = new.user_id and revoked_at is null;
    return null;
end $$;
revoke all on function api_keys_end() from public;
create trigger memberships_end_keys after update of status on memberships for each row when (new.status = 'removed') execute function api_keys_end();

create function auth_touch_api_key(p_id uuid, p_ip inet, p_now timestamptz) returns void
    language sql security definer set search_path = public, pg_temp
    as $$ update api_keys set last_used_at = p_now, last_used_ip = p_ip
          where id = p_id and (last_used_at is null or last_used_at < p_now - interval '1 minute' or last_used_ip is distinct from p_ip) $$;
revoke all on function auth_touch_api_key(uuid, inet, timestamptz) from public;
grant execute on function auth_touch_api_key(uuid, inet, timestamptz) to gururmm_app;
create trigger api_keys_ends before update of revoked_at on api_keys for each row
    when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at) execute function ends_stay();
