-- Limits of an organisation. They are its operator's, who runs the server for it; null: none.
alter table organisations
    add column updated_at timestamptz not null default now(),
    add column suspended_at timestamptz,
    add column agents_max integer check (agents_max between 0 and 1000000),
    add column users_max integer check (users_max between 1 and 100000),
    add column retention_days_max integer check (retention_days_max between 2 and 4000);
grant update (updated_at) on organisations to gururmm_app;

-- Kept where the thing is made, whoever makes it. The organisation is held until the end, so that two do not take the last place.
create function organisation_keep_limits() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_org organisations;
begin
    select * into v_org from organisations where id = new.org_id;
    if tg_table_name = 'memberships' and v_org.suspended_at is not null then
        raise exception 'this organisation lets nobody in' using errcode = '23514', constraint = 'organisation_suspended';
    end if;
    if tg_table_name = 'agents' and v_org.agents_max is not null then
        perform from organisations where id = new.org_id for no key update;
        if (select count(*) from agents a where a.org_id = new.org_id) >= v_org.agents_max then
            raise exception 'this organisation has as many machines as it may' using errcode = '23514', constraint = 'agent_limit';
        end if;
    elsif tg_table_name = 'memberships' and v_org.users_max is not null then
        perform from organisations where id = new.org_id for no key update;
        if (select count(*) from memberships m where m.org_id = new.org_id and m.status <> 'removed') >= v_org.users_max then
            raise exception 'this organisation has as many people as it may' using errcode = '23514', constraint = 'user_limit';
        end if;
    end if;
    return new;
end
$$;
revoke all on function organisation_keep_limits() from public;
create trigger agents_limit before insert on agents for each row execute function organisation_keep_limits();
create trigger memberships_limit before insert on memberships for each row execute function organisation_keep_limits();
create trigger memberships_limit_again before update of status on memberships for each row
    when (old.status = 'removed' and new.status <> 'removed') execute function organisation_keep_limits();

-- How long what is kept of an organisation: what it wishes, as far as its limit allows. For organisations that have either.
create view history_kept as
    select o.id as org_id, least(r.measurements_days, o.retention_days_max) as measurements_days,
           least(r.five_minutes_days, o.retention_days_max) as five_minutes_days, least(r.hours_days, o.retention_days_max) as hours_days
        from organisations o left join history_retention r on r.org_id = o.id
        where r.org_id is not null or o.retention_days_max is not null;

-- A suspended organisation lets nobody in; its machines go on reporting.
create or replace function auth_find_session(p_session_id uuid, p_secret_hash bytea, p_now timestamptz)
    returns table (session_id uuid, org_id uuid, user_id uuid, created_at timestamptz, expires_at timestamptz, user_name text, email text,
                   user_created_at timestamptz, org_name text, grants jsonb)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select s.id, s.org_id, s.user_id, s.created_at, s.expires_at, u.name, u.email, u.created_at, o.name, auth_grants(s.org_id, s.user_id)
          from auth_sessions s join users u on u.id = s.user_id join organisations o on o.id = s.org_id
              join memberships m on m.org_id = s.org_id and m.user_id = s.user_id
          where s.id = p_session_id and s.secret_hash = p_secret_hash and s.revoked_at is null and s.expires_at > p_now
            and m.status = 'active' and u.disabled_at is null and o.suspended_at is null $$;
create or replace function auth_find_api_key(p_key_hash bytea, p_now timestamptz)
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
          where k.key_hash = p_key_hash and k.revoked_at is null and k.expires_at > p_now and m.status = 'active' and u.disabled_at is null
            and o.suspended_at is null $$;
create or replace function auth_find_user(p_email text, p_network inet)
    returns table (id uuid, email text, name text, password_hash text, created_at timestamptz, is_known_here boolean, organisations jsonb)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select u.id, u.email, u.name, u.password_hash, u.created_at,
                 exists (select from auth_sessions s where s.user_id = asked.id and s.ip <<= p_network),
                 (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'last_used_at',
                                                               (select max(s.created_at) from auth_sessions s
                                                                    where s.user_id = asked.id and s.org_id = o.id)) order by o.name), '[]')
                      from memberships m join organisations o on o.id = m.org_id
                      where m.user_id = asked.id and m.status = 'active' and o.suspended_at is null)
          from (select coalesce((select found.id from users found where lower(found.email) = lower(p_email) and found.disabled_at is null),
                                '00000000-0000-0000-0000-000000000000'::uuid) as id) asked
              left join users u on u.id = asked.id $$;
create or replace function auth_own_organisations(p_session_id uuid, p_secret_hash bytea, p_now timestamptz)
    returns table (id uuid, name text, last_used_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select o.id, o.name, (select max(l.created_at) from auth_sessions l where l.user_id = s.user_id and l.org_id = o.id)
          from auth_find_session(p_session_id, p_secret_hash, p_now) s
              join memberships m on m.user_id = s.user_id and m.status = 'active' join organisations o on o.id = m.org_id
                  and o.suspended_at is null
          order by lower(o.name), o.id $$;

-- Operators of the platform manage organisations and see nothing in them. They are made on the console only: no request can. No role of
-- the server has a right to this table; what operators do are the functions below, and each asks for the operator's session itself.
create table platform_operators (
    user_id     uuid primary key references users (id),
    created_at  timestamptz not null
);
alter table platform_operators enable row level security;

-- The operator behind a session, or an error that says nothing.
create function platform_require(p_session_id uuid, p_secret_hash bytea, p_now timestamptz) returns uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
declare
    v_user uuid;
begin
    select p.user_id into v_user from auth_find_session(p_session_id, p_secret_hash, p_now) s join platform_operators p on p.user_id = s.user_id;
    if v_user is null then raise exception 'not an operator' using errcode = '42501'; end if;
    return v_user;
end
$$;
revoke all on function platform_require(uuid, bytea, timestamptz) from public;
create function platform_is_operator(p_session_id uuid, p_secret_hash bytea, p_now timestamptz) returns boolean
    language sql stable security definer set search_path = public, pg_temp
    as $$ select exists (select from auth_find_session(p_session_id, p_secret_hash, p_now) s join platform_operators p on p.user_id = s.user_id) $$;
revoke all on function platform_is_operator(uuid, bytea, timestamptz) from public;
grant execute on function platform_is_operator(uuid, bytea, timestamptz) to gururmm_app;

create function platform_organisations(p_session_id uuid, p_secret_hash bytea, p_after_name text, p_after_id uuid, p_max integer, p_now timestamptz)
    returns table (id uuid, name text, sort_name text, created_at timestamptz, suspended_at timestamptz, agents_max integer, users_max integer,
                   retention_days_max integer, agent_count bigint, user_count bigint)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
begin
    perform platform_require(p_session_id, p_secret_hash, p_now);
    return query
        select o.id, o.name, lower(o.name), o.created_at, o.suspended_at, o.agents_max, o.users_max, o.retention_days_max,
               (select count(*) from agents a where a.org_id = o.id),
               (select count(*) from memberships m where m.org_id = o.id and m.status <> 'removed')
            from organisations o
            where p_after_id is null or (lower(o.name), o.id) > (p_after_name, p_after_id)
            order by lower(o.name), o.id limit p_max;
end
$$;
revoke all on function platform_organisations(uuid, bytea, text, uuid, integer, timestamptz) from public;
grant execute on function platform_organisations(uuid, bytea, text, uuid, integer, timestamptz) to gururmm_app;

-- A new organisation and the invitation of its first owner. Its audit log begins with this.
create function platform_create_organisation(
    p_session_id uuid, p_secret_hash bytea, p_id uuid, p_name text, p_agents_max integer, p_users_max integer, p_retention_days_max integer,
    p_invitation_id uuid, p_email text, p_token_hash bytea, p_expires_at timestamptz, p_ip inet, p_request_id uuid, p_now timestamptz
) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_user uuid := platform_require(p_session_id, p_secret_hash, p_now);
begin
    insert into organisations (id, name, agents_max, users_max, retention_days_max, created_at, updated_at)
        values (p_id, p_name, p_agents_max, p_users_max, p_retention_days_max, p_now, p_now);
    insert into invitations (id, org_id, email, token_hash, grants, created_at, expires_at)
        values (p_invitation_id, p_id, p_email, p_token_hash, '[{"built_in": "owner"}]', p_now, p_expires_at);
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, detail, ip, request_id)
        select uuid_of(p_now), p_id, p_now, 'user', u.id, u.name, 'organisation.created', 'organisation', p_id, p_name,
               jsonb_build_object('agents_max', p_agents_max, 'users_max', p_users_max, 'retention_days_max', p_retention_days_max,
                                  'first_owner', p_email), p_ip, p_request_id
        from users u where u.id = v_user;
end
$$;
revoke all on function platform_create_organisation(uuid, bytea, uuid, text, integer, integer, integer, uuid, text, bytea, timestamptz, inet, uuid, timestamptz) from public;
grant execute on function platform_create_organisation(uuid, bytea, uuid, text, integer, integer, integer, uuid, text, bytea, timestamptz, inet, uuid, timestamptz) to gururmm_app;

-- Sets all limits (p_limits) and suspends or resumes; false when there is no such organisation. p_suspended null: as it is.
create function platform_update_organisation(
    p_session_id uuid, p_secret_hash bytea, p_id uuid, p_limits boolean, p_agents_max integer, p_users_max integer,
    p_retention_days_max integer, p_suspended boolean, p_ip inet, p_request_id uuid, p_now timestamptz
) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_user uuid := platform_require(p_session_id, p_secret_hash, p_now);
    v_before organisations;
    v_after organisations;
begin
    select * into v_before from organisations where id = p_id for no key update;
    if not found then return false; end if;
    update organisations set agents_max = case when p_limits then p_agents_max else agents_max end,
                             users_max = case when p_limits then p_users_max else users_max end,
                             retention_days_max = case when p_limits then p_retention_days_max else retention_days_max end, updated_at = p_now,
                             suspended_at = case p_suspended when true then coalesce(suspended_at, p_now) when false then null else suspended_at end
        where id = p_id returning * into v_after;
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, detail, ip, request_id)
        select uuid_of(p_now), p_id, p_now, 'user', u.id, u.name, 'organisation.limits_changed', 'organisation', p_id, v_after.name,
               jsonb_build_object('before', jsonb_build_object('agents_max', v_before.agents_max, 'users_max', v_before.users_max, 'retention_days_max',
                                  v_before.retention_days_max, 'suspended_at', v_before.suspended_at),
               'after', jsonb_build_object('agents_max', v_after.agents_max, 'users_max', v_after.users_max, 'retention_days_max',
                                  v_after.retention_days_max, 'suspended_at', v_after.suspended_at)), p_ip, p_request_id
        from users u where u.id = v_user;
    return true;
end
$$;
revoke all on function platform_update_organisation(uuid, bytea, uuid, boolean, integer, integer, integer, boolean, inet, uuid, timestamptz) from public;
grant execute on function platform_update_organisation(uuid, bytea, uuid, boolean, integer, integer, integer, boolean, inet, uuid, timestamptz) to gururmm_app;
