-- One row that is written anew by whoever asks whether the database works.
create table health (
  id boolean primary key default true check (id),
  at timestamptz not null
);
