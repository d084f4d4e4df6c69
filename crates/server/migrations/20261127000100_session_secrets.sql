-- Who reads the database opens no session: a login token carries a secret of its own, of which only the SHA-256 is kept. Sessions of
-- before have none: everybody logs in once more. (Where an account has logged in from is still known by the rows.)
alter table auth_sessions add column secret_hash bytea;
update auth_sessions set secret_hash = sha256(uuid_send(gen_random_uuid())), revoked_at = coalesce(revoked_at, now());
alter table auth_sessions alter column secret_hash set not null,
    add constraint auth_sessions_secret_hash check (octet_length(secret_hash) = 32);
revoke select, update on auth_sessions from gururmm_app;
grant select (id, org_id, user_id, created_at, expires_at, revoked_at, ip, user_agent) on auth_sessions to gururmm_app;
grant update (revoked_at) on auth_sessions to gururmm_app;
-- Whose session it is, before the organisation is known. Only sessions that still hold, and only for who knows the secret.
drop function auth_find_session(uuid, timestamptz);
create function auth_find_session(p_session_id uuid, p_secret_hash bytea, p_now timestamptz)
    returns table (session_id uuid, org_id uuid, user_id uuid, role text, created_at timestamptz, expires_at timestamptz,
                   user_name text, email text, user_created_at timestamptz, org_name text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select s.id, s.org_id, s.user_id, u.role, s.created_at, s.expires_at, u.name, u.email, u.created_at, o.name
          from auth_sessions s join users u on u.id = s.user_id join organisations o on o.id = s.org_id
          where s.id = p_session_id and s.secret_hash = p_secret_hash and s.revoked_at is null and s.expires_at > p_now $$;
revoke all on function auth_find_session(uuid, bytea, timestamptz) from public;
grant execute on function auth_find_session(uuid, bytea, timestamptz) to gururmm_app;
-- With which key outside the database a secret is sealed; null: it stands there as it is, and the next start seals it.
alter table server_secrets add column sealed_with text;
-- Dumps of before hold it, and nobody needs it any more: every session has ended.
delete from server_secrets where name = 'login';

-- Who logs in, before the organisation is known, and whether they have logged in from this network: the same work for who exists and
-- who does not.
drop function auth_find_user(text);
create function auth_find_user(p_email text, p_network inet)
    returns table (id uuid, org_id uuid, email text, name text, password_hash text, created_at timestamptz, is_known_here boolean)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select u.id, u.org_id, u.email, u.name, u.password_hash, u.created_at,
                 exists (select from auth_sessions s where s.user_id = u.id and s.ip <<= p_network)
          from users u where lower(u.email) = lower(p_email) $$;
revoke all on function auth_find_user(text, inet) from public;
grant execute on function auth_find_user(text, inet) to gururmm_app;
