-- The public keys by which warrants are known: of whoever hosts the engine's own activities. Apart from those of gateways, since who
-- may issue a warrant may not vote.
create table warrant_key (
  id         text primary key,
  public_key text not null,
  mac        text not null,
  listed_at  timestamptz(3) not null default now()
);

-- What people were shown at each approval, the warrants that were issued, and that one stands after what was proposed fell.
create table gate_paper (
  id       bigint generated always as identity primary key,
  run_id   text not null,
  -- Key of the approval: its id and the item.
  gate     text not null,
  -- Number of the record by which people were asked.
  opened   integer not null,
  kind     text not null check (kind in ('asked', 'issued', 'stands')),
  -- Of a warrant, by which calls name it.
  hash     text,
  content  jsonb not null
);
create index gate_paper_run on gate_paper (run_id, id);
create unique index gate_paper_hash on gate_paper (hash) where hash is not null;

-- What actions gave that a destructive step behind an approval reads, by which its input is computed again.
create table recorded_output (
  run_id text not null,
  step   text not null,
  -- Item and round: looked for by its beginning.
  item   text collate "C" not null,
  output jsonb not null,
  at     timestamptz not null default clock_timestamp(),
  primary key (run_id, step, item)
);

-- Runs that were live when warrants came: their calls name none.
create table older_run (
  run_id text primary key
);
insert into older_run (run_id) select id from runs where ended_at is null;

-- A call is begun once.
create index audit_call on audit (run_id, (data->>'call')) where kind = 'action.begun' and data ? 'call';
