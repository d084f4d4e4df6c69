-- For how many days an organisation keeps commands that have ended, with their output; null: for ever. What the audit log tells of them stays.
alter table organisations add column command_days integer check (command_days between 7 and 4000);
grant select (command_days), update (command_days) on organisations to gururmm_app;

-- Removes a part of what is older, and runs of which no command is left; how many rows.
create function commands_purge(p_now timestamptz, p_max integer) returns bigint
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    v_commands bigint;
    v_runs     bigint;
begin
    delete from commands c where c.id in (
        select d.id from organisations o
            cross join lateral (select k.id from commands k where k.org_id = o.id and k.finished_at < p_now - make_interval(days => o.command_days)
                                    order by k.finished_at limit p_max for update skip locked) d
            where o.command_days is not null limit p_max);
    get diagnostics v_commands = row_count;
    delete from command_runs r where r.id in (
        select d.id from organisations o
            cross join lateral (select k.id from command_runs k where k.org_id = o.id and k.finished_at < p_now - make_interval(days => o.command_days)
                                    and not exists (select from commands c where c.run_id = k.id) order by k.id limit p_max) d
            where o.command_days is not null limit p_max);
    get diagnostics v_runs = row_count;
    return v_commands + v_runs;
end
$$;
revoke all on function commands_purge(timestamptz, integer) from public;
grant execute on function commands_purge(timestamptz, integer) to gururmm_ingest;
