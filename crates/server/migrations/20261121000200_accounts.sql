-- People, their sessions, the one-time set-up and the server's own secrets.
create table users (
    id             uuid primary key,
    org_id         uuid not null references organisations (id),
    email          text not null check (char_length(email) between 3 and 254),
    name           text not null check (char_length(name) between 1 and 200),
    password_hash  text not null,
    role           text not null check (role in ('administrator')),
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    unique (org_id, id)
);
create unique index users_email on users (lower(email));
alter table users enable row level security;
create policy users_of_organisation on users to gururmm_app using (org_id = current_org()) with check (org_id = current_org());
-- The hash leaves the table only through auth_find_user.
grant select (id, org_id, email, name, role, created_at, updated_at) on users to gururmm_app;

create table auth_sessions (
    id          uuid primary key,
    org_id      uuid not null,
    user_id     uuid not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    revoked_at  timestamptz,
    ip          inet,
    user_agent  text,
    foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index auth_sessions_user on auth_sessions (user_id);
create index auth_sessions_expiry on auth_sessions (expires_at);
alter table auth_sessions enable row level security;
create policy auth_sessions_of_organisation on auth_sessions to gururmm_app
    using (org_id = current_org()) with check (org_id = current_org());
grant select, insert, update on auth_sessions to gururmm_app;

-- Who logs in, before the organisation is known.
create function auth_find_user(p_email text)
    returns table (id uuid, org_id uuid, email text, name text, password_hash text, role text, created_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select u.id, u.org_id, u.email, u.name, u.password_hash, u.role, u.created_at
          from users u where lower(u.email) = lower(p_email) $$;
revoke all on function auth_find_user(text) from public;
grant execute on function auth_find_user(text) to gururmm_app;

-- Whose session it is, before the organisation is known. Only sessions that still hold.
create function auth_find_session(p_session_id uuid, p_now timestamptz)
    returns table (session_id uuid, org_id uuid, user_id uuid, role text, created_at timestamptz, expires_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select s.id, s.org_id, s.user_id, u.role, s.created_at, s.expires_at
          from auth_sessions s join users u on u.id = s.user_id
          where s.id = p_session_id and s.revoked_at is null and s.expires_at > p_now $$;
revoke all on function auth_find_session(uuid, timestamptz) from public;
grant execute on function auth_find_session(uuid, timestamptz) to gururmm_app;

-- The set-up: one row for ever. Open until somebody has completed it.
create table setup_state (
    only_row      boolean primary key default true check (only_row),
    org_id        uuid not null references organisations (id),
    client_id     uuid not null,
    site_id       uuid not null,
    site_key_id   uuid not null,
    token_hash    bytea not null,
    completed_at  timestamptz
);
alter table setup_state enable row level security;

create function setup_find() returns table (org_id uuid, client_id uuid, site_id uuid, completed_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select org_id, client_id, site_id, completed_at from setup_state $$;
revoke all on function setup_find() from public;
grant execute on function setup_find() to gururmm_app;

-- Makes the first administrator and closes the set-up, or does neither. Answers `done`, `closed` or `wrong_token`.
create function setup_complete(p_token_hash bytea, p_user_id uuid, p_email text, p_name text, p_password_hash text, p_now timestamptz)
    returns text
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_state setup_state;
begin
    select * into v_state from setup_state for update;
    if v_state.completed_at is not null then return 'closed'; end if;
    if v_state.token_hash is distinct from p_token_hash then return 'wrong_token'; end if;
    insert into users (id, org_id, email, name, password_hash, role, created_at, updated_at)
        values (p_user_id, v_state.org_id, p_email, p_name, p_password_hash, 'administrator', p_now, p_now);
    update setup_state set completed_at = p_now, token_hash = ''::bytea;
    return 'done';
end
$$;
revoke all on function setup_complete(bytea, uuid, text, text, text, timestamptz) from public;
grant execute on function setup_complete(bytea, uuid, text, text, text, timestamptz) to gururmm_app;

-- Keys of the server itself, shared by all its nodes: read once at start, as the owner.
create table server_secrets (
    name        text primary key,
    secret      bytea not null,
    created_at  timestamptz not null
);
alter table server_secrets enable row level security;
