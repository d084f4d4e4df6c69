-- An id of version 7, as the server makes them: rows are listed by their ids, so those that functions make must be in order too.
create function uuid_of(p_now timestamptz) returns uuid
    language sql volatile
    return encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from p_now) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;
revoke all on function uuid_of(timestamptz) from public;

-- Invitations: a single-use link that makes somebody a member, with the grants that its maker may give. Only the hash of the link's
-- token is kept.
create table invitations (
    id           uuid primary key,
    org_id       uuid not null references organisations (id),
    email        text not null check (char_length(email) between 3 and 254),
    token_hash   bytea not null unique check (octet_length(token_hash) = 32),
    -- [{"built_in"|"role_id", "client_id", "site_id"}], all of them `allow`
    grants       jsonb not null check (jsonb_typeof(grants) = 'array' and jsonb_array_length(grants) between 1 and 50),
    -- null: the platform's operator or the console, for the first owner of an organisation
    invited_by   uuid,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    accepted_at  timestamptz,
    accepted_by  uuid,
    revoked_at   timestamptz,
    constraint invitations_invited_by_fkey foreign key (org_id, invited_by) references memberships (org_id, user_id)
);
create index invitations_list on invitations (org_id, id);
create unique index invitations_open on invitations (org_id, lower(email)) where accepted_at is null and revoked_at is null;
alter table invitations enable row level security;
create policy invitations_of_organisation on invitations to gururmm_app
    using (org_id = (select current_org())) with check (org_id = (select current_org()));
grant select (id, org_id, email, grants, invited_by, created_at, expires_at, accepted_at, accepted_by, revoked_at) on invitations to gururmm_app;
grant insert on invitations to gururmm_app;
grant update (revoked_at) on invitations to gururmm_app;

-- The open invitation of this token, with the permissions of the roles that it gives, and with what its maker may do now: the server compares
-- before it lets anybody in. `has_account`: whoever has this address logs in and accepts, instead of making an account.
create function auth_find_invitation(p_token_hash bytea, p_now timestamptz)
    returns table (id uuid, org_id uuid, org_name text, email text, grants jsonb, invited_by uuid, invited_by_name text, inviter_grants jsonb,
                   expires_at timestamptz, has_account boolean)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select i.id, i.org_id, o.name, i.email,
                 (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'effect', 'allow', 'built_in', g.built_in, 'role_id', g.role_id,
                                                               'role_name', r.name, 'permissions', r.permissions, 'client_id', g.client_id,
                                                               'site_id', g.site_id)), '[]')
                      from jsonb_to_recordset(i.grants) as g (built_in text, role_id uuid, client_id uuid, site_id uuid)
                          left join roles r on r.org_id = i.org_id and r.id = g.role_id),
                 i.invited_by, (select u.name from users u where u.id = i.invited_by),
                 case when exists (select from memberships m join users u on u.id = m.user_id where m.org_id = i.org_id
                                       and m.user_id = i.invited_by and m.status = 'active' and u.disabled_at is null)
                      then auth_grants(i.org_id, i.invited_by) else '[]'::jsonb end,
                 i.expires_at, exists (select from users u where lower(u.email) = lower(i.email))
          from invitations i join organisations o on o.id = i.org_id
          where i.token_hash = p_token_hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > p_now $$;
revoke all on function auth_find_invitation(bytea, timestamptz) from public;
grant execute on function auth_find_invitation(bytea, timestamptz) to gururmm_app;

-- Uses an invitation up: for the person whose session this is (of the invited address), or else for a new account. Answers the
-- organisation, or nothing when there is no such invitation any more. Who was removed comes back without the grants of before.
create function auth_accept_invitation(
    p_token_hash bytea, p_session_id uuid, p_secret_hash bytea, p_user_id uuid, p_name text, p_password_hash text, p_now timestamptz
) returns uuid
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_invitation invitations;
    v_user uuid;
begin
    select * into v_invitation from invitations i
        where i.token_hash = p_token_hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > p_now for update;
    if not found then return null; end if;
    if p_session_id is not null then
        select s.user_id into v_user from auth_find_session(p_session_id, p_secret_hash, p_now) s where lower(s.email) = lower(v_invitation.email);
        if v_user is null then return null; end if;
    else
        insert into users (id, email, name, password_hash, created_at, updated_at)
            values (p_user_id, v_invitation.email, p_name, p_password_hash, p_now, p_now) returning id into v_user;
    end if;
    -- in the order in which others lock: the membership, then the organisation; and who comes back comes without the sessions of before
    perform from memberships m where m.org_id = v_invitation.org_id and m.user_id = v_user for update;
    update auth_sessions set revoked_at = p_now where org_id = v_invitation.org_id and user_id = v_user and revoked_at is null;
    insert into memberships as m (org_id, user_id, status, created_at, updated_at) values (v_invitation.org_id, v_user, 'active', p_now, p_now)
        on conflict (org_id, user_id) do update set status = 'active', updated_at = p_now where m.status = 'removed';
    -- who is a member already, suspended ones too, is none anew
    if not found then return null; end if;
    insert into grants (id, org_id, user_id, effect, built_in, role_id, client_id, site_id, created_by, created_at)
        select uuid_of(p_now), v_invitation.org_id, v_user, 'allow', g.built_in, g.role_id, g.client_id, g.site_id, v_invitation.invited_by, p_now
            from jsonb_to_recordset(v_invitation.grants) as g (built_in text, role_id uuid, client_id uuid, site_id uuid)
        on conflict do nothing;
    update invitations set accepted_at = p_now, accepted_by = v_user where id = v_invitation.id;
    return v_invitation.org_id;
end
$$;
revoke all on function auth_accept_invitation(bytea, uuid, bytea, uuid, text, text, timestamptz) from public;
grant execute on function auth_accept_invitation(bytea, uuid, bytea, uuid, text, text, timestamptz) to gururmm_app;

-- A password is set anew by a link from the console only: an organisation that could do it would own what its people do elsewhere.
create table auth_resets (
    token_hash  bytea primary key check (octet_length(token_hash) = 32),
    user_id     uuid not null references users (id),
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz
);
alter table auth_resets enable row level security;
create function auth_reset_password(p_token_hash bytea, p_password_hash text, p_ip inet, p_request_id uuid, p_now timestamptz) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_user users;
begin
    update auth_resets set used_at = p_now where token_hash = p_token_hash and used_at is null and expires_at > p_now returning user_id into v_user.id;
    if v_user.id is null then return false; end if;
    update users set password_hash = p_password_hash, updated_at = p_now where id = v_user.id and disabled_at is null returning * into v_user;
    if not found then return false; end if;
    update auth_sessions set revoked_at = p_now where user_id = v_user.id and revoked_at is null;
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, ip, request_id)
        select uuid_of(p_now), m.org_id, p_now, 'user', v_user.id, v_user.name, 'user.password_reset', 'user', v_user.id, v_user.name, p_ip,
               p_request_id
            from memberships m where m.user_id = v_user.id and m.status <> 'removed';
    return true;
end
$$;
revoke all on function auth_reset_password(bytea, text, inet, uuid, timestamptz) from public;
grant execute on function auth_reset_password(bytea, text, inet, uuid, timestamptz) to gururmm_app;

-- A person changes their own password or name; all their other sessions, in every organisation, end with a new password. False when the
-- session does not hold.
create function auth_change_own(p_session_id uuid, p_secret_hash bytea, p_name text, p_password_hash text, p_now timestamptz) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_user uuid;
begin
    select user_id into v_user from auth_find_session(p_session_id, p_secret_hash, p_now);
    if v_user is null then return false; end if;
    update users set name = coalesce(p_name, name), password_hash = coalesce(p_password_hash, password_hash), updated_at = p_now where id = v_user;
    if p_password_hash is not null then
        update auth_sessions set revoked_at = p_now where user_id = v_user and id <> p_session_id and revoked_at is null;
    end if;
    return true;
end
$$;
revoke all on function auth_change_own(uuid, bytea, text, text, timestamptz) from public;
grant execute on function auth_change_own(uuid, bytea, text, text, timestamptz) to gururmm_app;

-- The hash of a person's own password, for who has their session: to compare what they type.
create function auth_own_password(p_session_id uuid, p_secret_hash bytea, p_now timestamptz) returns text
    language sql stable security definer set search_path = public, pg_temp
    as $$ select u.password_hash from auth_find_session(p_session_id, p_secret_hash, p_now) s join users u on u.id = s.user_id $$;
revoke all on function auth_own_password(uuid, bytea, timestamptz) from public;
grant execute on function auth_own_password(uuid, bytea, timestamptz) to gururmm_app;

-- The organisations that a person is a member of.
create function auth_own_organisations(p_session_id uuid, p_secret_hash bytea, p_now timestamptz)
    returns table (id uuid, name text, last_used_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select o.id, o.name, (select max(l.created_at) from auth_sessions l where l.user_id = s.user_id and l.org_id = o.id)
          from auth_find_session(p_session_id, p_secret_hash, p_now) s
              join memberships m on m.user_id = s.user_id and m.status = 'active' join organisations o on o.id = m.org_id
          order by lower(o.name), o.id $$;
revoke all on function auth_own_organisations(uuid, bytea, timestamptz) from public;
grant execute on function auth_own_organisations(uuid, bytea, timestamptz) to gururmm_app;

-- A person's own open sessions, in every organisation.
create function auth_own_sessions(p_session_id uuid, p_secret_hash bytea, p_now timestamptz)
    returns table (id uuid, org_name text, created_at timestamptz, expires_at timestamptz, ip inet, user_agent text)
    language sql stable security definer set search_path = public, pg_temp
    as $$ select l.id, o.name, l.created_at, l.expires_at, l.ip, l.user_agent
          from auth_find_session(p_session_id, p_secret_hash, p_now) s
              join auth_sessions l on l.user_id = s.user_id and l.revoked_at is null and l.expires_at > p_now
              join organisations o on o.id = l.org_id
          order by l.id desc limit 200 $$;
revoke all on function auth_own_sessions(uuid, bytea, timestamptz) from public;
grant execute on function auth_own_sessions(uuid, bytea, timestamptz) to gururmm_app;

-- Ends one of a person's own sessions, or all but the one that asks (p_other null). Answers how many were open.
create function auth_end_own_sessions(p_session_id uuid, p_secret_hash bytea, p_other uuid, p_now timestamptz) returns bigint
    language sql security definer set search_path = public, pg_temp
    as $$ with ended as (
              update auth_sessions l set revoked_at = p_now
                  from auth_find_session(p_session_id, p_secret_hash, p_now) s
                  where l.user_id = s.user_id and l.revoked_at is null and l.expires_at > p_now
                    and case when p_other is null then l.id <> p_session_id else l.id = p_other end
                  returning 1)
          select count(*) from ended $$;
revoke all on function auth_end_own_sessions(uuid, bytea, uuid, timestamptz) from public;
grant execute on function auth_end_own_sessions(uuid, bytea, uuid, timestamptz) to gururmm_app;

-- Whether a link for a new password works: hashing one is dear, so it is asked before.
create function auth_is_reset(p_token_hash bytea, p_now timestamptz) returns boolean
    language sql stable security definer set search_path = public, pg_temp
    as $$ select exists (select from auth_resets r where r.token_hash = p_token_hash and r.used_at is null and r.expires_at > p_now) $$;
revoke all on function auth_is_reset(bytea, timestamptz) from public;
grant execute on function auth_is_reset(bytea, timestamptz) to gururmm_app;

create trigger invitations_ends before update of revoked_at on invitations for each row
    when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at) execute function ends_stay();

-- Holds an account and a membership until the end of the transaction: whether somebody may come in, with this password where one was
-- compared. Whoever changes a password, suspends or removes waits for it, and then ends the session that was opened.
create function auth_hold_account(p_user_id uuid, p_org_id uuid, p_password_hash text) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
begin
    perform from users u where u.id = p_user_id and u.disabled_at is null and (p_password_hash is null or u.password_hash = p_password_hash) for share;
    if not found then return false; end if;
    perform from memberships m where m.org_id = p_org_id and m.user_id = p_user_id and m.status = 'active' for share;
    return found;
end
$$;
revoke all on function auth_hold_account(uuid, uuid, text) from public;
grant execute on function auth_hold_account(uuid, uuid, text) to gururmm_app;
