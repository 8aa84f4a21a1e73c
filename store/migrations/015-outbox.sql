-- Messages to people, written by whoever asks or tells them and sent by the worker: no gate and no task ever waits for a mail server.
create table outbox (
  id text primary key,
  recipients jsonb not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  claimed_at timestamptz,
  attempts integer not null default 0,
  last_error text,
  sent_at timestamptz
);
create index outbox_due on outbox (due_at) where sent_at is null;
