-- A session with who it is, so that the page that asks every minute who is signed in asks the database once.
drop function auth_find_session(uuid, timestamptz);
create function auth_find_session(p_session_id uuid, p_now timestamptz)
    returns table (session_id uuid, org_id uuid, user_id uuid, role text, created_at timestamptz, expires_at timestamptz,
                   user_name text, email text, user_created_at timestamptz, org_name text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select s.id, s.org_id, s.user_id, u.role, s.created_at, s.expires_at, u.name, u.email, u.created_at, o.name
          from auth_sessions s join users u on u.id = s.user_id join organisations o on o.id = s.org_id
          where s.id = p_session_id and s.revoked_at is null and s.expires_at > p_now $$;
revoke all on function auth_find_session(uuid, timestamptz) from public;
grant execute on function auth_find_session(uuid, timestamptz) to gururmm_app;
