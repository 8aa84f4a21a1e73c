-- Who alone may send what a run waits for, and the roles that whoever sent an event had.
alter table waiting add column event_from text[];
alter table events add column roles text[] not null default '{}';
