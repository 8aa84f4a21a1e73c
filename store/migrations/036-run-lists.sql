-- Items of lists that are too large for the history of their run, which carries their count and hash alone.
create table run_list (
  -- The call that gave the list, and the hash of its content.
  list    text not null,
  run_id  text not null,
  -- Place of the piece's first item, from 0.
  first   int not null,
  -- Encrypted with the installation's key ring, together with the list and the place that it belongs to.
  content text not null,
  at      timestamptz(3) not null default now(),
  primary key (list, first)
);
create index run_list_at on run_list (at);
