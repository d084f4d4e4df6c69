-- Asks for a command: checks that the organisation has the machine, adds the command and the row of the audit log, and answers what
-- the asker sees of it, as one statement that is its own transaction. Somebody waits for the answer, and each trip to the database
-- is as long as starting a shell. No row when the organisation has no such machine.
--
-- The order is to be handed out at once (`sent_at`) when its machine is there (p_connected_at) and holds less than p_held_max.
-- The caller's rights and policies hold; p_org_id is the scope, as in `set_config('app.org')`, which it does first.
create function command_create(
        p_org_id uuid, p_user_id uuid, p_ip inet, p_request_id uuid, p_audit_id uuid, p_id uuid, p_agent_id uuid, p_command_type text,
        p_command text, p_context text, p_timeout_seconds integer, p_elevated boolean, p_on_disconnect text, p_created_at timestamptz,
        p_expires_at timestamptz, p_nonce bytea, p_connected_at timestamptz, p_held_max bigint)
    returns table (sent_at timestamptz, agent_name text, client_id uuid, client_name text, site_id uuid, site_name text,
                   created_by_name text)
    language plpgsql
    as $$
#variable_conflict use_column
begin
    perform set_config('app.org', p_org_id::text, true);
    return query
    with machine as (
        select a.id, coalesce(a.display_name, a.hostname) as name, a.client_id, cl.name as client_name, a.site_id, s.name as site_name
            from public.agents a join public.clients cl on cl.id = a.client_id join public.sites s on s.id = a.site_id
            where a.org_id = p_org_id and a.id = p_agent_id
    ), person as (
        select u.name from public.users u where u.org_id = p_org_id and u.id = p_user_id
    ), held as (
        select count(*) as count from public.commands c
            where c.agent_id = p_agent_id and c.status in ('queued', 'running') and c.sent_at is not null
    ), created as (
        insert into public.commands (id, org_id, agent_id, command_type, command, context, timeout_seconds, elevated, on_disconnect,
                                     status, created_by, created_at, sent_at, expires_at, nonce)
            select p_id, p_org_id, m.id, p_command_type, p_command, p_context, p_timeout_seconds, p_elevated, p_on_disconnect,
                   'queued', p_user_id, p_created_at, case when h.count < p_held_max then p_connected_at end, p_expires_at, p_nonce
            from machine m, held h
            returning sent_at
    ), noted as (
        insert into public.audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id,
                                         target_name, agent_id, client_id, site_id, detail, ip, request_id)
            select p_audit_id, p_org_id, p_created_at, 'user', p_user_id, (select name from person), 'command.created', 'command', p_id,
                   m.name, m.id, m.client_id, m.site_id,
                   jsonb_build_object('agent_id', m.id, 'command_type', p_command_type, 'command', p_command,
                                      'timeout_seconds', p_timeout_seconds),
                   p_ip, p_request_id
            from machine m
    )
    select c.sent_at, m.name, m.client_id, m.client_name, m.site_id, m.site_name, (select name from person)
        from created c, machine m;
end
$$;
revoke all on function command_create(uuid, uuid, inet, uuid, uuid, uuid, uuid, text, text, text, integer, boolean, text, timestamptz,
                                      timestamptz, bytea, timestamptz, bigint) from public;
grant execute on function command_create(uuid, uuid, inet, uuid, uuid, uuid, uuid, text, text, text, integer, boolean, text, timestamptz,
                                         timestamptz, bytea, timestamptz, bigint) to gururmm_app;
