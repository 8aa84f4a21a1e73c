-- Of which run, step or delivery a message is: it gets its ticket and its link when it is sent.
alter table outbox add column about jsonb;

-- Under which address people reach this installation, where the configuration does not say it.
create table gateway_address (
  id  boolean primary key default true check (id),
  url text not null,
  at  timestamptz not null default now()
);
