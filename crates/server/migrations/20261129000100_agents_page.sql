-- The list of machines is found by the owner's functions, and read under row-level security.
--
-- Whoever plans a statement under policies knows nothing of what they let through, and takes forty thousand machines for a few hundred. Here the
-- organisation and the places stand as they are, and the ids of a page come by the shortest way; what may be seen of a machine is
-- asked once more where its row is read. Statements are put together of what stands here alone: everything that is asked for is bound.

-- Two orders are walked like the one by name, instead of sorting every machine.
create index agents_os on agents (org_id, os, id);
create index agents_enrolled on agents (org_id, enrolled_at, id);

-- Runs what begins and ends so, over the machines that this transaction sees and the filter lets through. Not for others than the functions below.
--
-- What a filter may have: search, tags, field {id, value}, status, state, os, client_id, site_id, site_key_id.
create function agents_select(p_org_id uuid, p_head text, p_sort text, p_tail text, p_filter jsonb, p_after text, p_after_id uuid, p_limit integer)
    returns table (agent_id uuid, sort_value text)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
declare
    v_filter       constant jsonb := jsonb_strip_nulls(p_filter);
    -- machines that a search may find one by one, of each of its two kinds: above that a page fills sooner by looking at them in order,
    -- where there is an index of the order
    v_few          constant integer := case when p_sort in ('name', 'os', 'enrolled') then 5000 else 20000 end;
    v_text         constant text := lower(v_filter ->> 'search');
    v_tags         constant text[] := array(select lower(t) from jsonb_array_elements_text(coalesce(v_filter -> 'tags', '[]')) t);
    v_by_presence  constant boolean := p_sort in ('status', 'cpu', 'memory', 'disk', 'last_seen');
    v_found        uuid[];
    v_is_many      boolean := false;
    v_from         text := ' from agents a';
    v_where        text := ' where a.org_id = $1';
begin
    -- who asks for another organisation than the transaction's finds nothing
    if p_org_id is distinct from current_org() then
        return;
    end if;
    if v_text is not null then
        v_found := array(select * from agents_search(v_text, v_few) union select * from agent_tags_search(v_text, v_few));
        v_is_many := cardinality(v_found) >= v_few;
    end if;

    if v_by_presence and not v_is_many and not v_filter ?| array['state', 'os', 'site_key_id'] then
        -- a join of the whole fleet takes longer than all the rest
        v_from := ' from agent_presence p cross join lateral (select p.agent_id as id, p.org_id, p.client_id, p.site_id) a';
    else
        if p_sort in ('client', 'site') then
            -- one after the other in their order, so that no more than the first ones' machines are sorted
            v_from := format(' from (select o.id, lower(o.name) as name from %1$ss o where o.org_id = $1 order by lower(o.name) offset 0) o
                join agents a on a.%1$s_id = o.id', p_sort);
        end if;
        if v_by_presence or v_is_many or v_filter ? 'status' then
            v_from := v_from || ' join agent_presence p on p.agent_id = a.id and p.org_id = $1';
        end if;
    end if;

    if not place_is('see', 'all') then
        v_where := v_where || ' and ($2 or a.client_id = any ($3) or a.site_id = any ($4)) and a.client_id <> all ($5) and a.site_id <> all ($6)';
    end if;
    if v_is_many then
        -- the condition of agents_search and agent_tags_search
        v_where := v_where || ' and (position($10 in lower(a.hostname || '' '' || coalesce(a.display_name, ''''))) > 0 or position($10 in lower(a.serial)) > 0
            or position($10 in lower(p.logged_in_user)) > 0 or position($10 in host(p.public_ip)) > 0
            or exists (select from agent_tags t where t.agent_id = a.id and position($10 in t.key) > 0))';
    elsif v_text is not null then
        v_where := v_where || ' and a.id = any ($11)';
    end if;
    for place in 1 .. cardinality(v_tags) loop
        v_where := v_where || format(' and exists (select from agent_tags t where t.org_id = $1 and t.agent_id = a.id and t.key = ($12)[%s])', place);
    end loop;
    if v_filter ? 'field' then
        v_where := v_where || ' and exists (select from agent_field_values v where v.org_id = $1 and v.agent_id = a.id and v.field_id = $13 and v.key = $14)';
    end if;
    if v_filter ? 'state' then
        v_where := v_where || ' and a.state = $16';
    end if;
    if v_filter ->> 'state' <> 'active' then
        -- so that the planner sees that the index of the few holds them
        v_where := v_where || ' and a.state <> ''active''';
    end if;
    v_where := v_where
        || case when v_filter ? 'status' then ' and p.status = $15' else '' end
        || case when v_filter ? 'os' then ' and a.os = $17' else '' end
        || case when v_filter ? 'client_id' then ' and a.client_id = $18' else '' end
        || case when v_filter ? 'site_id' then ' and a.site_id = $19' else '' end
        || case when v_filter ? 'site_key_id' then ' and a.site_key_id = $20' else '' end;

    return query execute p_head || v_from || v_where || p_tail
        using p_org_id, place_is('see', 'most'), place_ids('see_clients'), place_ids('see_sites'), place_ids('see_not_clients'),
              place_ids('see_not_sites'), p_after, p_after_id, p_limit, v_text, v_found, v_tags, (v_filter #>> '{field,id}')::uuid,
              lower(v_filter #>> '{field,value}'), v_filter ->> 'status', v_filter ->> 'state', v_filter ->> 'os',
              (v_filter ->> 'client_id')::uuid, (v_filter ->> 'site_id')::uuid, (v_filter ->> 'site_key_id')::uuid;
end
$$;
revoke all on function agents_select(uuid, text, text, text, jsonb, text, uuid, integer) from public;

-- Machines in their order, at most so many, from behind a place on: a value of the order as text, and an id. The value is never null.
create function agents_page(p_org_id uuid, p_filter jsonb, p_sort text, p_descends boolean, p_after text, p_after_id uuid, p_limit integer)
    returns table (agent_id uuid, sort_value text)
    language plpgsql stable security definer rows 100 set search_path = public, pg_temp
    as $$
declare
    v_value   constant text := case p_sort
        when 'name' then 'a.sort_name'
        when 'status' then 'p.status'
        when 'os' then 'a.os'
        when 'client' then 'o.name'
        when 'site' then 'o.name'
        when 'cpu' then 'coalesce(p.cpu_percent, -1::real)'
        when 'memory' then 'coalesce(p.memory_percent, -1::real)'
        when 'disk' then 'coalesce(p.disk_percent, -1::real)'
        when 'last_seen' then 'coalesce(p.last_seen_at, to_timestamp(0))'
        when 'enrolled' then 'a.enrolled_at' end;
    v_is_time constant boolean := p_sort in ('last_seen', 'enrolled');
    v_after   constant text := case when v_is_time then '$7::timestamptz' when p_sort in ('cpu', 'memory', 'disk') then '$7::real' else '$7' end;
    v_order   constant text := case when p_descends then ' desc' else ' asc' end;
    v_text    constant text := case when v_is_time then '(extract(epoch from %s) * 1000000)::bigint::text' else '%s::text' end;
    v_tail    text := '';
begin
    if v_value is null then
        raise exception 'there is no order %', p_sort;
    end if;
    if p_after_id is not null then
        v_tail := format(' and (%s, a.id) %s (%s, $8)', v_value, case when p_descends then '<' else '>' end, v_after);
    end if;
    v_tail := v_tail || ' order by ' || v_value || v_order || ', a.id' || v_order || ' limit $9';
    return query select * from agents_select(p_org_id, format('select a.id, ' || v_text, v_value), p_sort, v_tail, p_filter, p_after, p_after_id, p_limit);
end
$$;

-- How many machines this transaction sees that the filter lets through.
create function agents_count(p_org_id uuid, p_filter jsonb) returns bigint
    language sql stable security definer set search_path = public, pg_temp
    return coalesce((select s.sort_value::bigint from agents_select(p_org_id, 'select null::uuid, count(*)::text', '', '', p_filter, null, null, null) s), 0);

revoke all on function agents_page(uuid, jsonb, text, boolean, text, uuid, integer), agents_count(uuid, jsonb) from public;
grant execute on function agents_page(uuid, jsonb, text, boolean, text, uuid, integer), agents_count(uuid, jsonb) to gururmm_app;
