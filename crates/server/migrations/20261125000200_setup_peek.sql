-- The set-up as it looks to somebody with this token: `open`, `closed` or `wrong_token`. Asked before a password is hashed, which costs a
-- lot; setup_complete decides.
create function setup_peek(p_token_hash bytea) returns text
    language sql stable security definer set search_path = public, pg_temp
    as $$ select case when completed_at is not null then 'closed'
                      when token_hash is distinct from p_token_hash then 'wrong_token'
                      else 'open' end
          from setup_state $$;
revoke all on function setup_peek(bytea) from public;
grant execute on function setup_peek(bytea) to gururmm_app;
