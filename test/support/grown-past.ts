/** A past of as many finished runs as wanted, written by SQL alone: for measurements, and for tests of what must not read all of it. */
import type pg from 'pg';
import { weekIn } from '../../store/run-words.ts';

export interface GrownPast {
  runs: number;
  /** Of them the newest, which have not ended and wait for somebody. */
  live?: number;
  /** How many begin on a day: more runs are a longer past. */
  perDay?: number;
  /** The moment after the last one began. */
  now?: Date;
  log?: (line: string) => void;
}

const syllables = 'ka lo mi ne ru sa te vo bri dun fel gor hal jun kel lam'.split(' ');

/** One of 4,096. */
export function nameOf(n: number): string {
  return [n >> 8, n >> 4, n].map((part) => syllables[part & 15]).join('');
}

/** {@link nameOf} in SQL. */
function nameIn(n: string): string {
  const each = (shift: number) =>
    `(array[${syllables.map((syllable) => `'${syllable}'`).join(', ')}])[1 + (((${n})::int >> ${shift}) & 15)]`;
  return `(${[8, 4, 0].map(each).join(' || ')})`;
}

/** Of the run with this number, as the past has it. */
export function subjectOf(n: number): string {
  return `${nameOf((n * 7919) % 4096)} ${nameOf((n * 3571 + (n >> 12)) % 4096)}`;
}

/** Addresses as the past has them. */
export const people = Array.from(
  { length: 500 },
  (_, n) => `${nameOf(n * 31)}.${nameOf(n * 57)}${n}@example.com`,
);

/** What fills the tables, one after the other; `r` is made first. */
const fills: [table: string, statement: string][] = [
  [
    'runs',
    `insert into runs (id, workflow_id, runbook, title, kind, owner, plan_hash, requester, ticket, subject, status, reason,
       started_at, ended_at, summary_seq, compared_at)
     select id, runbook || '-' || n, runbook, initcap(replace(runbook, '-', ' ')), 'other', 'role:it-coordinators', 'plan-' || n % 40,
       requester, jsonb_build_object('system', 'jira', 'key', 'HR-' || n, 'id', n::text, 'url', '', 'summary', 'About ' || subject),
       subject, case when n % 50 = 0 then 'rejected' else 'succeeded' end, null, began, began + interval '1 hour', 4, began
     from r order by r.n`,
  ],
  [
    'run_words',
    `insert into run_words select id, array_to_tsvector(array(select ${weekIn('began')} || '~' || word from unnest(
       string_to_array(runbook, '-') || string_to_array(subject, ' ') || string_to_array(id, '-') || array['hr', n::text, 'site', (n % 12)::text]
       || string_to_array(replace(replace(requester, '@', '.'), '.', ' '), ' ')
       || string_to_array(replace(replace(signer, '@', '.'), '.', ' '), ' ')) word)) from r order by r.n`,
  ],
  [
    'run_people',
    `insert into run_people select person, id, began from r cross join lateral (values (requester), (signer)) p (person)
     order by r.n on conflict do nothing`,
  ],
  [
    'journal',
    `insert into journal (run_id, seq, at, kind, step, data)
     select id, j.seq, began + j.seq * interval '10 minutes', j.kind, j.step, j.data from r cross join lateral (values
       (1, 'run.started', null, jsonb_build_object('requester', requester, 'owner', 'role:it-coordinators',
          'inputs', jsonb_build_object('subject', subject))),
       (2, 'gate.opened', 'signoff', jsonb_build_object('approvers', jsonb_build_array(signer), 'hash', md5(id))),
       (3, 'vote', 'signoff', jsonb_build_object('by', signer, 'decision', 'approve', 'hash', md5(id))),
       (4, 'run.ended', null, jsonb_build_object('status', 'succeeded'))) j (seq, kind, step, data) order by r.n, j.seq`,
  ],
  [
    'audit',
    `insert into audit (run_id, seq, at, kind, step, actor, data, previous, hash, mac)
     select id, a.seq, began, a.kind, null, requester, jsonb_build_object('title', runbook), md5(id), md5(n::text), 'k1.x'
     from r cross join (values (1, 'run.started'), (2, 'run.ended')) a (seq, kind) order by r.n, a.seq`,
  ],
  ['audit_heads', `insert into audit_heads select id, 2, md5(n::text), 'k1.x' from r order by r.n`],
  [
    'deliveries',
    `insert into deliveries (system, delivery_key, transition_key, received_at, body, outcome, run_id, ticket_id, number, changed_at)
     select 'jira', 'delivery-' || n, 'transition-' || n, began, '{}', 'started', id, n::text, n, began from r order by r.n`,
  ],
  [
    'notices',
    `insert into notices (run_id, kind, created_at, sent_at) select id, 'run.ended', began, began from r order by r.n`,
  ],
  [
    'outbox',
    `insert into outbox (id, recipients, subject, body, created_at, due_at, sent_at)
     select 'signoff/' || id, '[]', 'Sign', 'Sign', began, began, began from r order by r.n`,
  ],
  [
    'events',
    `insert into events (name, key, data, source, source_key, received_at, run_id, step, wait_since, delivered_at)
     select 'order.shipped', n::text, '{}', 'cxml: supplier', 'event-' || n, began, id, 'arrived', began, began
     from r where n % 10 = 0 order by r.n`,
  ],
  ['run_start', `insert into run_start select 'start-' || id, id, began from r order by r.n`],
  [
    'first_look',
    `insert into first_look select 'look-' || id, '{}', began from r where n % 10 = 0 order by r.n`,
  ],
  [
    'gate_paper',
    `insert into gate_paper (run_id, gate, opened, kind, hash, content) select id, 'signoff', 2, 'issued', md5(id), '{}' from r order by r.n`,
  ],
  [
    'waiting',
    `insert into waiting (run_id, step, kind, title, assignee, since, deadline)
     select id, 'signoff', case when n % 20 = 0 then 'parked' else 'gate' end, 'A step',
       case when n % 20 = 0 then 'role:it-coordinators' else 'person:' || signer end, began, began + interval '2 days'
     from r where n > $1`,
  ],
];

/** Into an empty database with the tables of this version. */
export async function growPast(client: pg.Client, past: GrownPast): Promise<void> {
  const { runs, live = 1_000, perDay = 550, now = new Date(), log = () => {} } = past;
  const tables = fills.map(([table]) => table);
  const found = await client.query(
    `select i.indexname, i.indexdef from pg_indexes i where i.schemaname = current_schema() and i.tablename = any($1)
       and not exists (select 1 from pg_constraint c where c.conname = i.indexname)`,
    [tables],
  );
  // Made at the end, each in one go.
  for (const { indexname } of found.rows) await client.query(`drop index "${indexname}"`);
  await client.query(
    `set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '64MB'`,
  );
  await client.query(
    `create temporary table r as
     select n, began, lpad(to_hex(floor(extract(epoch from began) * 1000)::bigint), 12, '0') as time, md5(n::text) as md5,
       ($4::text[])[1 + n % 500] as requester, ($4::text[])[1 + (n * 13 + 7) % 500] as signer,
       (array['new-hire', 'leaver', 'firewall-change', 'access-review'])[1 + n % 4] as runbook, ''::text as id, ''::text as subject
     from generate_series(1, $1::int) n, lateral (select $2::timestamptz - ($1::int - n + 1) * $3::float8 * interval '1 second' as began) b`,
    [runs, now.toISOString(), 86_400 / perDay, people],
  );
  await client.query(
    `update r set runbook = case when n % 121 = 0 then 'rare-one' else runbook end,
       subject = ${nameIn('(n::bigint * 7919) % 4096')} || ' ' || ${nameIn('(n::bigint * 3571 + (n >> 12)) % 4096')},
       id = concat_ws('-', substr(time, 1, 8), substr(time, 9), '7' || substr(md5, 1, 3), '8' || substr(md5, 4, 3), substr(md5, 7, 12))`,
  );
  await client.query('analyze r');
  for (const [table, statement] of fills) {
    const began = performance.now();
    await client.query(statement, statement.includes('$1') ? [Math.max(0, runs - live)] : []);
    log(`${table}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  }
  await client.query(
    `update runs set status = case when w.kind = 'parked' then 'parked' else 'waiting' end, ended_at = null
     from waiting w where w.run_id = runs.id`,
  );
  await client.query('drop table r');
  const began = performance.now();
  for (const { indexdef } of found.rows) await client.query(String(indexdef));
  log(`indexes: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  await client.query('vacuum analyze');
}

/** The number that stands in a run's ticket, of one that is in the past. */
export function ticketOf(n: number): string {
  return `HR-${n}`;
}

/** Who is asked to sign the run with this number, and who asked for it. */
export function partiesOf(n: number): { requester: string; signer: string } {
  return { requester: people[n % 500] ?? '', signer: people[(n * 13 + 7) % 500] ?? '' };
}
