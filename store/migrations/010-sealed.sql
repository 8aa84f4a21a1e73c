-- The public keys by which commands of gateways are known. Never removed: a run may be replayed long after.
create table gateway_key (
  id         text primary key,
  -- SPKI, DER, base64.
  public_key text not null,
  -- KEY.MAC by the installation's key ring: who has the database alone can list no key.
  mac        text not null,
  listed_at  timestamptz(3) not null default now()
);

-- Which execution in Temporal a start began. A start that is sent again, or a run that was reset, is another execution.
create table run_start (
  number    text primary key,
  execution text not null,
  at        timestamptz(3) not null default now()
);

-- Runs that were live when calls began to be bound to their run. Only theirs may come unbound.
create table unbound_run (
  run_id      text primary key,
  workflow_id text not null
);
insert into unbound_run (run_id, workflow_id) select id, workflow_id from runs where ended_at is null;
