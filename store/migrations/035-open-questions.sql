-- Questions at a gate that nobody has answered yet, and whose inbox they are in. What was asked and answered stands in the audit chain.
create table open_questions (
  run_id   text not null references runs (id) on delete cascade,
  step     text not null,
  question integer not null,
  title    text not null,
  assignee text not null,
  at       timestamptz not null default now(),
  primary key (run_id, question, assignee)
);
create index open_questions_assignee on open_questions (assignee);

-- Of a run's chain, which may be long, the few records that its page shows as questions.
create index audit_questions on audit (run_id, seq) where kind in ('question.asked', 'question.answered');
