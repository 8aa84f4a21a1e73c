-- Of chains that may be long, whom each signature was asked of: for the agenda of a role, and its minutes.
create index audit_gates on audit (run_id, step) where kind = 'gate.opened';
