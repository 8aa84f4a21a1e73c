-- What was refused, over all runs, the last first: few of a large table.
create index audit_refused on audit (at desc, run_id, seq) where kind = 'call.refused';
