-- What the first attempt of a step found before its first write, by the step's key and input: at every later attempt, also of another
-- worker, or days later when a person retries, it tells what the step itself did.
create table first_look (
  key   text primary key,
  found jsonb not null,
  at    timestamptz not null default now()
);
create index first_look_at on first_look (at);
