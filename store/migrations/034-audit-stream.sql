-- Where audit records go as they are written: one row while they go anywhere, held by the gateway that sends now.
create table audit_stream (
  id boolean primary key default true check (id),
  held_by text,
  held_until timestamptz not null default now(),
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  last_error text,
  sent_at timestamptz
);
-- How far each chain was sent.
create table audit_sent (
  run_id text primary key,
  seq integer not null
);
-- Chains that go further than they were sent, since when, and how far.
create table audit_due (
  run_id text primary key,
  seq integer not null,
  since timestamptz not null default now()
);
create index audit_due_since on audit_due (since);

-- Written with the record itself, and kept apart from it. Where nothing is sent, nothing is written here. What is due already is locked by
-- whoever appends, so that a sender who has seen the chain without this record cannot strike it off.
create function audit_now_due() returns trigger language plpgsql as $$
begin
  if exists (select 1 from audit_stream) then
    insert into audit_due (run_id, seq) select run_id, seq from moved where seq > 0
    on conflict (run_id) do update set seq = greatest(audit_due.seq, excluded.seq);
  end if;
  return null;
end $$;
create trigger audit_heads_now_due after update on audit_heads referencing new table as moved
  for each statement execute function audit_now_due();
