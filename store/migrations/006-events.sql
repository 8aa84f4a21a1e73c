-- What came from outside and may wake a run: kept first, then told to the one run that waits for it.
create table events (
  id           uuid primary key default gen_random_uuid(),
  name         text not null,
  key          text not null,
  data         jsonb not null,
  -- Who sent it, and the sender's own mark: the same mark again is the same event.
  source       text not null,
  source_key   text not null,
  received_at  timestamptz not null default now(),
  -- The wait that it is for, once there is one.
  run_id       text,
  step         text,
  wait_since   timestamptz,
  delivered_at timestamptz,
  unique (source, source_key)
);
-- A wait takes one event, whoever hands them out.
create unique index events_wait on events (run_id, step, wait_since);
create index events_free on events (name, key, received_at) where run_id is null;
create index events_undelivered on events (received_at) where run_id is not null and delivered_at is null;
create index events_received on events (received_at desc);

-- Which event a run waits for.
alter table waiting add column event_name text, add column event_key text;
create index waiting_event on waiting (event_name, event_key) where event_name is not null;

-- Runs that wait already have said so in their journals.
update waiting w set event_name = j.data->'event'->>'name', event_key = j.data->'event'->>'key'
from journal j
where w.kind = 'event' and j.run_id = w.run_id and j.step = w.step and j.kind = 'wait.started'
  and j.seq = (select max(l.seq) from journal l where l.run_id = w.run_id and l.step = w.step and l.kind = 'wait.started');
