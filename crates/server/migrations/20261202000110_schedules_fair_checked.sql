alter table schedules validate constraint schedules_client_fkey, validate constraint schedules_site_fkey;
