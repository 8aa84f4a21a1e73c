-- What people who work on a run write for each other. Not a part of its evidence.
create table run_notes (
  id     bigserial primary key,
  run_id text not null references runs (id) on delete cascade,
  at     timestamptz not null default now(),
  person text not null,
  body   text not null
);
create index run_notes_run on run_notes (run_id, id);
