-- Deliveries that were not believed are kept too, so that one can see why; they never start anything.
alter table deliveries add column believed boolean not null default true;
create index deliveries_unbelieved on deliveries (system, received_at) where not believed;
create index deliveries_outcome on deliveries (outcome, received_at desc);

-- Anybody can send what is not believed: past a number an hour, only its count is kept.
create table unbelieved_counts (
  system text not null,
  hour   timestamptz not null,
  count  integer not null,
  primary key (system, hour)
);

-- Who had a delivery handled again, and what became of it then.
create table delivery_replays (
  delivery_id uuid not null references deliveries (id) on delete cascade,
  at          timestamptz not null default now(),
  by          text not null,
  outcome     text not null,
  reason      text,
  run_id      text
);
create index delivery_replays_delivery on delivery_replays (delivery_id, at);
