-- Measurements, one partition a day (UTC). Partitions inherit no policy: nobody is granted anything on them.
create table metrics (
    agent_id            uuid not null,
    org_id              uuid not null,
    recorded_at         timestamptz not null,
    interval_seconds    real not null,
    cpu_percent         real not null,
    load_1              real,
    memory_used_bytes   bigint not null,
    memory_total_bytes  bigint not null,
    swap_used_bytes     bigint not null,
    swap_total_bytes    bigint not null,
    network_rx_bytes    bigint not null,
    network_tx_bytes    bigint not null,
    disks               jsonb not null
) partition by range (recorded_at);
create index metrics_agent_time on metrics (agent_id, recorded_at);
alter table metrics enable row level security;
create policy metrics_of_organisation on metrics to gururmm_app using (org_id = current_org());
grant select on metrics to gururmm_app;

-- Makes the partitions of p_days days from p_first on; says how many were missing.
create function metrics_create_partitions(p_first date, p_days integer) returns integer
    language plpgsql set search_path = public, pg_temp
    as $$
declare
    v_day date;
    v_made integer := 0;
begin
    for v_day in select p_first + i from generate_series(0, p_days - 1) i loop
        if to_regclass(format('public.metrics_%s', to_char(v_day, 'YYYYMMDD'))) is null then
            execute format('create table public.metrics_%s partition of public.metrics for values from (%L) to (%L)',
                to_char(v_day, 'YYYYMMDD'), v_day::text || ' 00:00:00+00', (v_day + 1)::text || ' 00:00:00+00');
            execute format('alter table public.metrics_%s enable row level security', to_char(v_day, 'YYYYMMDD'));
            v_made := v_made + 1;
        end if;
    end loop;
    return v_made;
end
$$;
revoke all on function metrics_create_partitions(date, integer) from public;
