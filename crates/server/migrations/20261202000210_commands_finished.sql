-- no-transaction
create index concurrently if not exists commands_finished on commands (org_id, finished_at) where finished_at is not null;
