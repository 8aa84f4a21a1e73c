-- Plans by their hash, so that a run can always be read with the text it was compiled from.
create table plans (
  hash       text primary key,
  runbook    text not null,
  plan       jsonb not null,
  commit     text,
  created_at timestamptz not null default now()
);

-- The run index: what the list, the inbox and the run's page show without asking Temporal.
create table runs (
  id          text primary key,
  workflow_id text not null,
  runbook     text not null,
  title       text not null,
  kind        text not null,
  owner       text not null,
  plan_hash   text,
  requester   text not null,
  ticket      jsonb,
  status      text not null,
  reason      text,
  started_at  timestamptz not null,
  ended_at    timestamptz,
  -- Number of the journal entry that the row's status comes from: an older one never overwrites a newer one.
  summary_seq integer not null default 0
);
create index runs_started on runs (started_at desc, id);
create index runs_status on runs (status, started_at desc);
create index runs_workflow on runs (workflow_id);

-- Who or what each live run waits for. `assignee` is `person:E-MAIL`, `role:NAME`, or empty for a moment or an event.
create table waiting (
  run_id   text not null references runs (id) on delete cascade,
  step     text not null,
  kind     text not null,
  title    text not null,
  assignee text not null,
  since    timestamptz not null,
  deadline timestamptz,
  primary key (run_id, step, assignee)
);
create index waiting_assignee on waiting (assignee, deadline);

-- Every run's own account of itself, numbered without gaps.
create table journal (
  run_id text not null,
  seq    integer not null,
  at     timestamptz not null,
  kind   text not null,
  step   text,
  data   jsonb,
  primary key (run_id, seq)
);
