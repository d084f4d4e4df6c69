-- One function makes the partitions of every table that has them: `p_unit` is `day` or `month` (UTC), the name ends with it. Makes
-- those from p_first to p_last; says how many were missing.
drop function metrics_create_partitions(date, integer);

create function partitions_create(p_table text, p_unit text, p_first date, p_last date) returns integer
    language plpgsql set search_path = public, pg_temp
    as $$
declare
    v_from date := date_trunc(p_unit, p_first::timestamp);
    v_to   date;
    v_name text;
    v_made integer := 0;
begin
    while v_from <= p_last loop
        v_to := v_from + ('1 ' || p_unit)::interval;
        v_name := p_table || '_' || to_char(v_from, case p_unit when 'day' then 'YYYYMMDD' else 'YYYYMM' end);
        if to_regclass(format('public.%I', v_name)) is null then
            execute format('create table public.%I partition of public.%I for values from (%L) to (%L)',
                v_name, p_table, v_from::text || ' 00:00:00+00', v_to::text || ' 00:00:00+00');
            execute format('alter table public.%I enable row level security', v_name);
            v_made := v_made + 1;
        end if;
        v_from := v_to;
    end loop;
    return v_made;
end
$$;
revoke all on function partitions_create(text, text, date, date) from public;
