-- When each piece of output was written, by the clock that its machine shares with the server; null for pieces of before.
alter table command_outputs add column recorded_at timestamptz;

-- As the function of the same name without times, which servers of before call.
create function ingest_command_output(
        p_agent_ids uuid[], p_command_ids uuid[], p_streams text[], p_offsets bigint[], p_data bytea[], p_recorded_at timestamptz[]) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
    with pieces as (
        select c.id, c.org_id, i.stream, i.at, i.data, i.recorded_at,
               greatest(case i.stream when 'stdout' then c.stdout_bytes else c.stderr_bytes end,
                        max(i.at + octet_length(i.data)) over (partition by c.id, i.stream order by i.place
                                                               rows between unbounded preceding and 1 preceding)) as free_from
            from unnest(p_agent_ids, p_command_ids, p_streams, p_offsets, p_data, p_recorded_at) with ordinality
                 as i (agent_id, command_id, stream, at, data, recorded_at, place)
            join commands c on c.id = i.command_id and c.agent_id = i.agent_id
    ), kept as (
        insert into command_outputs (command_id, org_id, stream, "offset", data, recorded_at)
            select p.id, p.org_id, p.stream, p.at, p.data, p.recorded_at from pieces p where p.at >= p.free_from
            on conflict do nothing
            returning command_id, stream, "offset" + octet_length(data) as kept_end
    )
    update commands c
        set stdout_bytes = greatest(c.stdout_bytes, k.stdout_end), stderr_bytes = greatest(c.stderr_bytes, k.stderr_end)
        from (select k.command_id, max(k.kept_end) filter (where k.stream = 'stdout') as stdout_end,
                     max(k.kept_end) filter (where k.stream = 'stderr') as stderr_end
                  from kept k group by k.command_id) k
        where c.id = k.command_id
    $$;
revoke all on function ingest_command_output(uuid[], uuid[], text[], bigint[], bytea[], timestamptz[]) from public;
grant execute on function ingest_command_output(uuid[], uuid[], text[], bigint[], bytea[], timestamptz[]) to gururmm_ingest;
