-- They go with the journal of their run.
create index run_list_run on run_list (run_id);
