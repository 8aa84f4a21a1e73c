-- What ticket systems sent, and what became of it. Never the signature, never a credential.
create table deliveries (
  id             uuid primary key default gen_random_uuid(),
  system         text not null,
  delivery_key   text not null,
  -- The ticket's transition, which several deliveries may report.
  transition_key text,
  received_at    timestamptz not null default now(),
  body           text not null,
  outcome        text not null default 'received',
  reason         text,
  run_id         text,
  attempts       integer not null default 1,
  unique (system, delivery_key)
);
create index deliveries_transition on deliveries (system, transition_key);
create index deliveries_received on deliveries (received_at desc);
