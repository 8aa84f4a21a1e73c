-- Words carry the week in which their run began, so that a search goes through the newest weeks first and ends when its page is full,
-- however long the past is. Those that an earlier version wrote get theirs from the worker, the newest first.
-- What was added last is read one by one by each search: little of it is left so.
alter index run_words_words set (gin_pending_list_limit = 256);

-- How far something has come that is done for older runs a page at a time.
create table catch_up (
  what       text primary key,
  started_at timestamptz,
  run_id     text,
  done_at    timestamptz
);

-- What is forgotten after a month, apart from what is kept for longer.
create index events_soon_forgotten on events (received_at) where source not like 'cxml: %';
