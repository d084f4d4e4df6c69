-- The policies ask for the organisation once in a statement, and no longer once for each row that is looked at.
do $$
declare
    v_policy record;
    v_once   constant text := '( SELECT current_org() )';
begin
    for v_policy in
        select tablename, policyname, replace(qual, 'current_org()', v_once) as using_what,
               replace(with_check, 'current_org()', v_once) as with_what
            from pg_policies where schemaname = 'public' and concat(qual, with_check) like '%current_org()%'
    loop
        execute format('alter policy %I on public.%I', v_policy.policyname, v_policy.tablename)
            || coalesce(' using (' || v_policy.using_what || ')', '') || coalesce(' with check (' || v_policy.with_what || ')', '');
    end loop;
end
$$;
