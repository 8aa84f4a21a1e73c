-- What people see of a run is compared with Temporal: soon after it was told something, and now and then.
alter table runs add column asked_at timestamptz;
alter table runs add column compared_at timestamptz;
-- How long its history was then.
alter table runs add column compared_length integer;
create index runs_asked on runs (asked_at) where asked_at is not null;
create index runs_compared on runs ((coalesce(compared_at, started_at))) where ended_at is null;
