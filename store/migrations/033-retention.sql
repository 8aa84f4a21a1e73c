-- What goes after a time. The chain of records stays.

-- Its journal, and what people were shown, are gone by then.
alter table runs add column pruned_at timestamptz;
create index runs_kept on runs (kind, ended_at) where ended_at is not null;
create index runs_journal_kept on runs (kind, ended_at) where ended_at is not null and pruned_at is null;
-- Of a delivery that started or told a run only what it said goes: sent again, it must be known.
alter table deliveries add column emptied_at timestamptz;
create index deliveries_to_empty on deliveries (received_at)
  where emptied_at is null and outcome in ('started', 'told', 'already');
create index deliveries_to_remove on deliveries (received_at)
  where emptied_at is null and outcome not in ('started', 'told', 'already', 'received');
create index deliveries_run on deliveries (run_id) where run_id is not null;
create index outbox_of_run on outbox ((about->>'id')) where about is not null;
create index outbox_sent on outbox (sent_at) where sent_at is not null;
create index notices_sent on notices (sent_at) where sent_at is not null;

-- What is left of a run that is no longer listed, so that its records can be found and verified.
create table removed_runs (
  id          text primary key,
  workflow_id text not null,
  runbook     text not null,
  kind        text not null,
  owner       text not null,
  plan_hash   text,
  part_of     text,
  status      text not null,
  started_at  timestamptz not null,
  ended_at    timestamptz,
  removed_at  timestamptz not null default now()
);
create index removed_runs_begin on removed_runs (id text_pattern_ops);

-- What people were shown at an approval and what actions gave are kept for good from the gateway and the workers, unless the chain of
-- the run says that it was pruned.
create function remove_papers(ids text[]) returns void language sql security definer set search_path from current as $$
  delete from gate_paper p where p.run_id = any(ids)
    and exists (select 1 from audit a where a.run_id = p.run_id and a.kind = 'run.pruned');
  delete from recorded_output o where o.run_id = any(ids)
    and exists (select 1 from audit a where a.run_id = o.run_id and a.kind = 'run.pruned');
$$;
