-- What runs are found by. Words: of title, subject, ticket, people and inputs that are not sealed. People: who asked for a run, owns it,
-- was asked in it or did something in it.
create table run_words (
  run_id text primary key references runs (id) on delete cascade,
  words  tsvector not null
);
create index run_words_words on run_words using gin (words);

create table run_people (
  person     text not null,
  run_id     text not null references runs (id) on delete cascade,
  started_at timestamptz not null,
  primary key (run_id, person)
);
create index run_people_person on run_people (person, started_at desc, run_id desc);

create index runs_newest on runs (started_at desc, id desc);
drop index runs_started;
create index runs_runbook on runs (runbook, started_at desc, id desc);
create index runs_id_begin on runs (id text_pattern_ops);
create index runs_id_end on runs (split_part(id, '-', 5) text_pattern_ops);
create index waiting_parked on waiting (since) where kind = 'parked';

insert into run_people (person, run_id, started_at)
select lower(p.person), r.id, r.started_at from runs r cross join lateral (
  select r.requester as person
  union select r.owner
  union select substr(w.assignee, 8) from waiting w where w.run_id = r.id and w.assignee like 'person:%'
  union select j.data->>'by' from journal j where j.run_id = r.id and jsonb_typeof(j.data->'by') = 'string'
  union select a.name from journal j, jsonb_array_elements_text(j.data->'approvers') a (name)
    where j.run_id = r.id and j.kind = 'gate.opened' and jsonb_typeof(j.data->'approvers') = 'array'
  union select a.name from journal j, jsonb_array_elements_text(j.data->'people') a (name)
    where j.run_id = r.id and j.kind in ('task.opened', 'task.escalated') and jsonb_typeof(j.data->'people') = 'array'
) p where p.person <> '' and p.person not like 'role:%'
on conflict do nothing;

-- A list that somebody looks at again: the console's filters under a name.
create table saved_views (
  person     text not null,
  name       text not null,
  query      text not null,
  created_at timestamptz not null default now(),
  primary key (person, name)
);

-- The overview: durations of what ended lately.
create index runs_ended on runs (ended_at) where ended_at is not null;
