-- A span is made anew only of as many measurements as it was made of, or more. Fewer mean that some are no longer kept: of the rest
-- it would be made wrong.
do $$
declare
    v_before constant text := pg_get_functiondef('history_roll_up(integer, timestamptz, timestamptz, uuid[], timestamptz[])'::regprocedure);
    v_after  constant text := replace(replace(v_before, 'insert into %I (', 'insert into %I as kept ('),
                                      'disks = excluded.disks' || chr(10),
                                      'disks = excluded.disks where kept.samples <= excluded.samples' || chr(10));
begin
    if length(v_after) <> length(v_before) + length(' as kept') + length(' where kept.samples <= excluded.samples') then
        raise exception 'history_roll_up is not the function that this step changes';
    end if;
    execute v_after;
end
$$;
