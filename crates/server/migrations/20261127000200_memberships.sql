-- People belong to organisations by membership, and may do what their grants say. A person has one account, whatever organisations they
-- work for; who leaves one stays known there by name.
create table memberships (
    org_id      uuid not null references organisations (id),
    user_id     uuid not null references users (id),
    status      text not null check (status in ('active', 'suspended', 'removed')),
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    primary key (org_id, user_id)
);
create index memberships_user on memberships (user_id);
alter table memberships enable row level security;
create policy memberships_of_organisation on memberships to gururmm_app
    using (org_id = (select current_org())) with check (org_id = (select current_org()));
grant select on memberships to gururmm_app;
grant update (status, updated_at) on memberships to gururmm_app;
insert into memberships (org_id, user_id, status, created_at, updated_at) select org_id, id, 'active', created_at, updated_at from users;

-- Roles that an organisation makes itself. The built-in ones are constants of the server (`platform/auth/role.rs`).
create table roles (
    id           uuid primary key,
    org_id       uuid not null references organisations (id),
    name         text not null check (char_length(name) between 1 and 200),
    description  text not null default '' check (char_length(description) <= 1000),
    permissions  text[] not null check (cardinality(permissions) between 1 and 100),
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    unique (org_id, id)
);
create unique index roles_name on roles (org_id, lower(name));
alter table roles enable row level security;
create policy roles_of_organisation on roles to gururmm_app using (org_id = (select current_org())) with check (org_id = (select current_org()));
grant select, insert, delete on roles to gururmm_app;
grant update (name, description, permissions, updated_at) on roles to gururmm_app;

-- A role for a person, on the whole organisation, on a client or on a site. `deny` takes what the role names away there, whatever else
-- gives it. Owners own the whole organisation, and nothing is denied to them.
create table grants (
    id          uuid primary key,
    org_id      uuid not null,
    user_id     uuid not null,
    effect      text not null check (effect in ('allow', 'deny')),
    built_in    text check (built_in in ('owner', 'administrator', 'technician', 'script_runner', 'viewer')),
    role_id     uuid,
    client_id   uuid,
    site_id     uuid,
    created_by  uuid,
    created_at  timestamptz not null,
    unique (org_id, id),
    constraint grants_one_role check ((built_in is null) <> (role_id is null)),
    constraint grants_site_of_client check (site_id is null or client_id is not null),
    constraint grants_owner_of_all check (built_in is distinct from 'owner' or (effect = 'allow' and client_id is null)),
    constraint grants_member_fkey foreign key (org_id, user_id) references memberships (org_id, user_id),
    constraint grants_created_by_fkey foreign key (org_id, created_by) references memberships (org_id, user_id),
    constraint grants_role_fkey foreign key (org_id, role_id) references roles (org_id, id),
    constraint grants_client_fkey foreign key (org_id, client_id) references clients (org_id, id) on delete cascade,
    constraint grants_site_fkey foreign key (org_id, client_id, site_id) references sites (org_id, client_id, id) on delete cascade
);
create unique index grants_once on grants (org_id, user_id, effect, coalesce(built_in, role_id::text), coalesce(site_id, client_id, org_id));
create index grants_client on grants (org_id, client_id) where client_id is not null;
create index grants_site on grants (org_id, site_id) where site_id is not null;
create index grants_role on grants (org_id, role_id) where role_id is not null;
alter table grants enable row level security;
create policy grants_of_organisation on grants to gururmm_app using (org_id = (select current_org())) with check (org_id = (select current_org()));
grant select, insert, delete on grants to gururmm_app;
insert into grants (id, org_id, user_id, effect, built_in, created_at) select gen_random_uuid(), org_id, id, 'allow', 'owner', created_at from users;

-- What points at a person of an organisation points at the membership.
alter table auth_sessions drop constraint auth_sessions_org_id_user_id_fkey,
    add constraint auth_sessions_member_fkey foreign key (org_id, user_id) references memberships (org_id, user_id);
alter table commands drop constraint commands_created_by_fkey,
    add constraint commands_created_by_fkey foreign key (org_id, created_by) references memberships (org_id, user_id);
alter table site_keys drop constraint site_keys_created_by_fkey,
    add constraint site_keys_created_by_fkey foreign key (org_id, created_by) references memberships (org_id, user_id);

drop policy users_of_organisation on users;
drop function auth_find_session(uuid, bytea, timestamptz), auth_find_user(text, inet);
revoke select on users from gururmm_app;
alter table users drop column org_id, drop column role, add column disabled_at timestamptz;
-- An organisation sees whom it employs or has employed. Nobody changes an account but its owner, by the functions below.
create policy users_of_members on users for select to gururmm_app
    using (exists (select from memberships m where m.user_id = users.id and m.org_id = (select current_org())));
grant select (id, email, name, created_at, updated_at) on users to gururmm_app;

-- What a session may do: its person's grants in its organisation, each with the permissions of a role that the organisation has made.
create function auth_grants(p_org_id uuid, p_user_id uuid) returns jsonb
    language sql stable security definer set search_path = public, pg_temp
    as $$ select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'effect', g.effect, 'built_in', g.built_in, 'role_id', g.role_id,
                                                       'role_name', r.name, 'permissions', r.permissions, 'client_id', g.client_id,
                                                       'site_id', g.site_id) order by g.id), '[]')
          from grants g left join roles r on r.org_id = g.org_id and r.id = g.role_id
          where g.org_id = p_org_id and g.user_id = p_user_id $$;
revoke all on function auth_grants(uuid, uuid) from public;

create function auth_find_session(p_session_id uuid, p_secret_hash bytea, p_now timestamptz)
    returns table (session_id uuid, org_id uuid, user_id uuid, created_at timestamptz, expires_at timestamptz, user_name text, email text,
                   user_created_at timestamptz, org_name text, grants jsonb)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select s.id, s.org_id, s.user_id, s.created_at, s.expires_at, u.name, u.email, u.created_at, o.name, auth_grants(s.org_id, s.user_id)
          from auth_sessions s join users u on u.id = s.user_id join organisations o on o.id = s.org_id
              join memberships m on m.org_id = s.org_id and m.user_id = s.user_id
          where s.id = p_session_id and s.secret_hash = p_secret_hash and s.revoked_at is null and s.expires_at > p_now
            and m.status = 'active' and u.disabled_at is null $$;
revoke all on function auth_find_session(uuid, bytea, timestamptz) from public;
grant execute on function auth_find_session(uuid, bytea, timestamptz) to gururmm_app;

-- Who logs in, before the organisation is known: one row, of nulls when nobody has the address: the same work is done, so that time
-- tells nothing. `is_known_here`: somebody has logged in to this account from there.
create function auth_find_user(p_email text, p_network inet)
    returns table (id uuid, email text, name text, password_hash text, created_at timestamptz, is_known_here boolean, organisations jsonb)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select u.id, u.email, u.name, u.password_hash, u.created_at,
                 exists (select from auth_sessions s where s.user_id = asked.id and s.ip <<= p_network),
                 (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'last_used_at',
                                                               (select max(s.created_at) from auth_sessions s
                                                                    where s.user_id = asked.id and s.org_id = o.id)) order by o.name), '[]')
                      from memberships m join organisations o on o.id = m.org_id
                      where m.user_id = asked.id and m.status = 'active')
          from (select coalesce((select found.id from users found where lower(found.email) = lower(p_email) and found.disabled_at is null),
                                '00000000-0000-0000-0000-000000000000'::uuid) as id) asked
              left join users u on u.id = asked.id $$;
revoke all on function auth_find_user(text, inet) from public;
grant execute on function auth_find_user(text, inet) to gururmm_app;

-- Makes the first owner and closes the set-up, or does neither. Answers `done`, `closed` or `wrong_token`.
create or replace function setup_complete(p_token_hash bytea, p_user_id uuid, p_email text, p_name text, p_password_hash text, p_now timestamptz)
    returns text
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_state setup_state;
begin
    select * into v_state from setup_state for update;
    if v_state.completed_at is not null then return 'closed'; end if;
    if v_state.token_hash is distinct from p_token_hash then return 'wrong_token'; end if;
    insert into users (id, email, name, password_hash, created_at, updated_at) values (p_user_id, p_email, p_name, p_password_hash, p_now, p_now);
    insert into memberships (org_id, user_id, status, created_at, updated_at) values (v_state.org_id, p_user_id, 'active', p_now, p_now);
    insert into grants (id, org_id, user_id, effect, built_in, created_at)
        values (gen_random_uuid(), v_state.org_id, p_user_id, 'allow', 'owner', p_now);
    update setup_state set completed_at = p_now, token_hash = ''::bytea;
    return 'done';
end
$$;

-- An organisation that has an owner keeps one who belongs to it, and nothing is denied to owners. Checked at the commit, one change of an
-- organisation at a time, and only where an owner is concerned.
create function grants_keep_an_owner() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    perform from organisations where id = old.org_id for no key update;
    if not exists (select from grants g join memberships m on m.org_id = g.org_id and m.user_id = g.user_id
                       where g.org_id = old.org_id and g.built_in = 'owner' and m.status = 'active') then
        raise exception 'the last owner of an organisation stays' using errcode = '23514', constraint = 'last_owner';
    end if;
    return null;
end
$$;
revoke all on function grants_keep_an_owner() from public;
create constraint trigger grants_owner after delete on grants deferrable initially deferred
    for each row when (old.built_in = 'owner') execute function grants_keep_an_owner();
create constraint trigger memberships_owner after update on memberships deferrable initially deferred
    for each row when (old.status = 'active' and new.status <> 'active') execute function grants_keep_an_owner();
create function grants_deny_no_owner() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    perform from memberships where org_id = new.org_id and user_id = new.user_id for no key update;
    if exists (select from grants d join grants o using (org_id, user_id)
                   where d.org_id = new.org_id and d.user_id = new.user_id and d.effect = 'deny' and o.built_in = 'owner') then
        raise exception 'nothing is denied to an owner' using errcode = '23514', constraint = 'owner_denied';
    end if;
    return null;
end
$$;
revoke all on function grants_deny_no_owner() from public;
create constraint trigger grants_owner_denied after insert on grants deferrable initially deferred
    for each row when (new.built_in = 'owner' or new.effect = 'deny') execute function grants_deny_no_owner();

-- What has ended stays ended, and who was removed stays out: requests have no way back, whatever they ask for. Invitations and the console
-- come by functions and as the owner.
create function ends_stay() returns trigger
    language plpgsql set search_path = public, pg_temp
    as $$
begin
    if current_user = 'gururmm_app' then raise exception 'what has ended stays ended' using errcode = '42501'; end if;
    return new;
end
$$;
revoke all on function ends_stay() from public;
create trigger auth_sessions_ends before update of revoked_at on auth_sessions for each row
    when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at) execute function ends_stay();
create trigger memberships_ends before update of status on memberships for each row
    when (old.status = 'removed' and new.status <> 'removed') execute function ends_stay();
