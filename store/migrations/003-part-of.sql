-- A run that a step of another run started: found from there, and shown below it.
alter table runs add column part_of text;
create index runs_part_of on runs (part_of) where part_of is not null;
