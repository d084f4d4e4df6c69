-- The set-up names the organisation that the first start made.
grant update (name) on organisations to gururmm_app;
