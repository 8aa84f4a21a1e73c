-- The address under which somebody's calendar program reads what is planned: kept as a digest, one for each person, ended by a new one.
create table calendar_feeds (
  person     text primary key,
  digest     text not null unique,
  created_at timestamptz not null default now()
);
