-- Commands of every type and context. Arguments and variables are given to the program one by one and are no part of its text.
alter table commands drop constraint commands_command_type_check, drop constraint commands_context_check,
    add constraint commands_command_type_check check (command_type in ('shell', 'powershell', 'python', 'script', 'claude_task')) not valid,
    add constraint commands_context_check check (context in ('system', 'user_session')) not valid,
    add column interpreter text check (char_length(interpreter) between 1 and 255),
    add column arguments jsonb not null default '[]' check (jsonb_typeof(arguments) = 'array'),
    add column environment jsonb not null default '{}' check (jsonb_typeof(environment) = 'object'),
    add constraint commands_interpreter_of_script check ((command_type = 'script') = (interpreter is not null)) not valid;

-- What has ended is an order no longer, and of its variables the names are left.
create or replace function commands_spend() returns trigger language plpgsql as $$
begin
    new.signed_order := null;
    new.signature := null;
    new.key_id := null;
    new.environment := (select coalesce(jsonb_object_agg(name, null), '{}') from jsonb_object_keys(new.environment) name);
    return new;
end
$$;

-- As before; what is to be run is one value (p_what): command_type, command, interpreter, arguments, environment, context, timeout_seconds, elevated,
-- on_disconnect. Of the variables the audit log has the names. The one before goes a release later: an older server may still run.
create function command_create(
        p_scope jsonb, p_org_id uuid, p_user_id uuid, p_ip inet, p_request_id uuid, p_audit_id uuid, p_id uuid, p_agent_id uuid, p_what jsonb,
        p_created_at timestamptz, p_expires_at timestamptz, p_signed_order text, p_signature bytea, p_key_id text, p_connected_at timestamptz,
        p_held_max bigint)
    returns table (sent_at timestamptz, agent_name text, client_id uuid, client_name text, site_id uuid, site_name text,
                   created_by_name text)
    language plpgsql
    as $$
#variable_conflict use_column
declare
    v_command text := p_what ->> 'command';
begin
    perform set_config('app.' || s.key, s.value, true) from jsonb_each_text(p_scope) s;
    return query
    with machine as (
        select a.id, coalesce(a.display_name, a.hostname) as name, a.client_id, cl.name as client_name, a.site_id, s.name as site_name
            from public.agents a join public.clients cl on cl.id = a.client_id join public.sites s on s.id = a.site_id
            where a.org_id = p_org_id and a.id = p_agent_id and public.place_in('act', a.client_id, a.site_id)
    ), person as (
        select u.name from public.users u where u.id = p_user_id
    ), held as (
        select count(*) as count from public.commands c
            where c.agent_id = p_agent_id and c.status in ('queued', 'running') and c.sent_at is not null
    ), created as (
        insert into public.commands (id, org_id, agent_id, client_id, site_id, command_type, command, interpreter, arguments, environment, context,
                                     timeout_seconds, elevated, on_disconnect, status, created_by, created_at, sent_at, expires_at, signed_order,
                                     signature, key_id)
            select p_id, p_org_id, m.id, m.client_id, m.site_id, p_what ->> 'command_type', v_command, p_what ->> 'interpreter',
                   p_what -> 'arguments', p_what -> 'environment', p_what ->> 'context', (p_what ->> 'timeout_seconds')::integer,
                   (p_what ->> 'elevated')::boolean, p_what ->> 'on_disconnect', 'queued', p_user_id, p_created_at,
                   case when h.count < p_held_max then p_connected_at end, p_expires_at, p_signed_order, p_signature, p_key_id
            from machine m, held h
            returning sent_at
    ), noted as (
        insert into public.audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id,
                                         target_name, agent_id, client_id, site_id, detail, ip, request_id)
            select p_audit_id, p_org_id, p_created_at,
                   case when nullif(current_setting('app.api_key', true), '') is null then 'user' else 'api_key' end, p_user_id, (select name from person), 'command.created', 'command', p_id,
                   m.name, m.id, m.client_id, m.site_id,
                   jsonb_strip_nulls(jsonb_build_object(
                       'agent_id', m.id, 'command_type', p_what -> 'command_type', 'command', left(v_command, 2000), 'interpreter', p_what -> 'interpreter',
                       'arguments', case when octet_length(p_what ->> 'arguments') <= 2000 then nullif(p_what -> 'arguments', '[]') end,
                       'argument_count', case when octet_length(p_what ->> 'arguments') > 2000 then jsonb_array_length(p_what -> 'arguments') end,
                       'variables', (select jsonb_agg(name order by name) from jsonb_object_keys(p_what -> 'environment') name),
                       'context', nullif(p_what -> 'context', '"system"'), 'timeout_seconds', p_what -> 'timeout_seconds'))
                       || case when length(v_command) <= 2000 then '{}'::jsonb
                          else jsonb_build_object('command_characters', length(v_command),
                                                  'command_sha256', encode(sha256(convert_to(v_command, 'UTF8')), 'hex')) end,
                   p_ip, p_request_id
            from machine m
    )
    select c.sent_at, m.name, m.client_id, m.client_name, m.site_id, m.site_name, (select name from person)
        from created c, machine m;
end
$$;
revoke all on function command_create(jsonb, uuid, uuid, inet, uuid, uuid, uuid, uuid, jsonb, timestamptz, timestamptz, text, bytea, text, timestamptz,
                                      bigint) from public;
grant execute on function command_create(jsonb, uuid, uuid, inet, uuid, uuid, uuid, uuid, jsonb, timestamptz, timestamptz, text, bytea, text, timestamptz,
                                         bigint) to gururmm_app;
