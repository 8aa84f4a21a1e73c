-- Declared actions as they were compiled: what the plans of live runs are bound to.

create table declared_action (
  hash    text primary key,
  name    text not null,
  content jsonb not null,
  at      timestamptz not null default now()
);
create index declared_action_name on declared_action (name, at desc);
