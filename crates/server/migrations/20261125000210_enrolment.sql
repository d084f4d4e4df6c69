drop function enrolment_enroll(bytea, uuid, uuid, bytea, bytea, text, text, text, text, text, text, text, jsonb, timestamptz, inet, uuid, uuid);

-- Trades a site key for an enrolled agent, or says why not: `enrolled`, `invalid`, `revoked`, `expired`, `used_up`.
-- The audit row is written here, because the organisation is known only here. p_ip is whoever asked, p_public_ip the same as far as it is
-- an address on the internet.
create function enrolment_enroll(
    p_key_hash bytea, p_agent_id uuid, p_device_id uuid, p_public_key bytea, p_agent_key_hash bytea, p_hostname text, p_os text,
    p_os_name text, p_os_version text, p_kernel_version text, p_arch text, p_agent_version text, p_capabilities jsonb,
    p_now timestamptz, p_ip inet, p_public_ip inet, p_audit_id uuid, p_request_id uuid
) returns table (outcome text, org_id uuid, client_name text, site_name text)
    language plpgsql security definer set search_path = public, pg_temp
    as $$
#variable_conflict use_column
declare
    v_key site_keys;
    v_site sites;
    v_client clients;
begin
    -- the site first, as whoever deletes it does: neither waits for the other with something in hand
    perform from sites s join site_keys k on k.site_id = s.id where k.key_hash = p_key_hash for key share of s;
    select * into v_key from site_keys k where k.key_hash = p_key_hash for update;
    if not found then return query select 'invalid', null::uuid, null::text, null::text; return; end if;
    if v_key.revoked_at is not null then return query select 'revoked', null::uuid, null::text, null::text; return; end if;
    if v_key.expires_at <= p_now then return query select 'expired', null::uuid, null::text, null::text; return; end if;
    if v_key.use_count >= v_key.max_uses then return query select 'used_up', null::uuid, null::text, null::text; return; end if;
    select * into strict v_site from sites s where s.id = v_key.site_id;
    select * into strict v_client from clients c where c.id = v_site.client_id;
    update site_keys k set use_count = k.use_count + 1, last_used_at = p_now where k.id = v_key.id;
    insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version,
                        kernel_version, arch, agent_version, capabilities, enrolled_at, created_at, updated_at)
        values (p_agent_id, v_key.org_id, v_site.client_id, v_site.id, p_device_id, p_public_key, p_agent_key_hash, p_hostname, p_os,
                p_os_name, p_os_version, p_kernel_version, p_arch, p_agent_version, p_capabilities, p_now, p_now, p_now);
    insert into agent_presence (agent_id, org_id, status_changed_at, public_ip) values (p_agent_id, v_key.org_id, p_now, p_public_ip);
    insert into audit_events (id, org_id, occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
                              agent_id, client_id, site_id, detail, ip, request_id)
        values (p_audit_id, v_key.org_id, p_now, 'agent', p_agent_id, p_hostname, 'agent.enrolled', 'agent', p_agent_id, p_hostname,
                p_agent_id, v_site.client_id, v_site.id, jsonb_build_object('site_key_id', v_key.id, 'site_key_name', v_key.name), p_ip, p_request_id);
    return query select 'enrolled', v_key.org_id, v_client.name, v_site.name;
end
$$;
revoke all on function enrolment_enroll(bytea, uuid, uuid, bytea, bytea, text, text, text, text, text, text, text, jsonb, timestamptz, inet, inet, uuid, uuid) from public;
grant execute on function enrolment_enroll(bytea, uuid, uuid, bytea, bytea, text, text, text, text, text, text, text, jsonb, timestamptz, inet, inet, uuid, uuid) to gururmm_app;
