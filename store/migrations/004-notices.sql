-- What the requester of a run is still to be told. Written with the journal entry it is about, so that none is lost.
create table notices (
  run_id     text not null,
  kind       text not null,
  created_at timestamptz not null default now(),
  claimed_at timestamptz,
  sent_at    timestamptz,
  primary key (run_id, kind)
);
create index notices_due on notices (created_at) where sent_at is null;
