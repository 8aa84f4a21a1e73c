-- What people and the engine did in each run, one record after the other, each bound to the one before it by its hash.
create table audit (
  run_id   text not null,
  seq      integer not null,
  at       timestamptz(3) not null,
  kind     text not null,
  step     text,
  actor    text not null,
  data     jsonb not null,
  previous text not null,
  hash     text not null,
  -- KEY.MAC over the hash, by a key of the installation's key ring that the database does not have.
  mac      text not null,
  primary key (run_id, seq)
);
create unique index audit_once on audit (run_id, kind) where kind in ('run.started', 'run.ended');

-- Where each chain ends. Locked by whoever appends, so that a chain never forks; signed, so that a shorter one is noticed.
create table audit_heads (
  run_id text primary key,
  seq    integer not null,
  hash   text not null,
  mac    text not null
);

-- Against accidents. Whoever owns the tables can drop these, which is why each record is signed too.
create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'audit records are never changed or removed (% on %)', tg_op, tg_table_name;
end $$;
create trigger audit_kept before update or delete on audit for each row execute function audit_refuse();
create trigger audit_not_emptied before truncate on audit for each statement execute function audit_refuse();
create trigger audit_heads_kept before delete on audit_heads for each row execute function audit_refuse();
create trigger audit_heads_not_emptied before truncate on audit_heads for each statement execute function audit_refuse();

create function audit_head_forward() returns trigger language plpgsql as $$
begin
  if new.run_id <> old.run_id or new.seq <> old.seq + 1 then
    raise exception 'the head of an audit chain moves on by one record at a time';
  end if;
  return new;
end $$;
create trigger audit_heads_forward before update on audit_heads for each row execute function audit_head_forward();
