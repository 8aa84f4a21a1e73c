/** Which runs a list has: a filter as PostgreSQL is asked it. */
import type { RunStatus } from '../workflows/messages.ts';
import type { Query } from './database.ts';
import { assigneesOf } from './inbox.ts';
import { type RunRow, runOf, selectRuns } from './run-rows.ts';
import { tsqueryOf } from './run-words.ts';

export interface RunFilter {
  status?: RunStatus[];
  runbook?: string;
  /** Of one of these kinds of runbooks. */
  kind?: string[];
  /** Runs that wait for this person, or for one of these roles. */
  waitingFor?: { person: string; roles: string[] };
  /** Runs that each of these people asked for, was asked in, or did something in. */
  concerning?: string[];
  /** Words, or beginnings of words, that a run must have all of: in its title, subject, ticket, people, or inputs that are not sealed. */
  text?: string;
  /** Runs that began in this time: RFC 3339, or a day; the end is not in it. */
  began?: { from?: string; before?: string };
  limit?: number;
  /** The last run of the page before. */
  after?: { startedAt: string; id: string };
}

const mostRows = 500;

/** With as many runs as this or fewer, those that have the words are put in order; with more, the newest are looked at one by one. */
const mostHits = 700;

/** Puts `value` behind those of a query; gives its place. */
type Place = (value: unknown) => string;

/** The newest first. */
export async function listRuns(query: Query, filter: RunFilter): Promise<RunRow[]> {
  const words = filter.text?.trim() ? tsqueryOf(filter.text) : undefined;
  // Signs alone are no words: nothing has them.
  if (filter.text?.trim() && words === undefined) return [];
  const hits = words === undefined ? undefined : await runsWith(query, words);
  const values: unknown[] = [];
  const place: Place = (value) => `$${values.push(value)}`;
  const where = conditionsOf(filter, place);
  if (hits && hits.length <= mostHits) where.push(`r.id = any(${place(hits)})`);
  // As a value and not as `exists`: PostgreSQL would gather all that have them first, which are many.
  else if (words !== undefined)
    where.push(`(select k.words @@ ${place(words)}::tsquery from run_words k where k.run_id = r.id)`);
  const [first, ...others] = filter.concerning ?? [];
  for (const person of others) where.push(concerns(place(person.toLowerCase())));
  const of = first === undefined ? 'r' : 'p';
  if (first !== undefined) where.push(`p.person = ${place(first.toLowerCase())}`);
  const id = of === 'r' ? 'r.id' : 'p.run_id';
  if (filter.after) {
    const { startedAt, id: last } = filter.after;
    where.push(`(${of}.started_at, ${id}) < (${place(startedAt)}, ${place(last)})`);
  }
  const rows = await query(
    `${selectRuns} ${of === 'p' ? 'join run_people p on p.run_id = r.id' : ''}
     ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
     order by ${of}.started_at desc, ${id} desc limit ${place(Math.min(filter.limit ?? 50, mostRows))}`,
    values,
  );
  return rows.map(runOf);
}

async function runsWith(query: Query, words: string): Promise<string[]> {
  const rows = await query('select run_id from run_words where words @@ $1::tsquery limit $2', [
    words,
    mostHits + 1,
  ]);
  return rows.map(({ run_id }) => String(run_id));
}

function conditionsOf(filter: RunFilter, place: Place): string[] {
  const where: string[] = [];
  if (filter.status) where.push(`r.status = any(${place(filter.status)})`);
  if (filter.kind) where.push(`r.kind = any(${place(filter.kind)})`);
  if (filter.runbook) where.push(`r.runbook = ${place(filter.runbook)}`);
  if (filter.waitingFor) {
    const { person, roles } = filter.waitingFor;
    where.push(
      `r.id in (select w.run_id from waiting w where w.assignee = any(${place(assigneesOf(person, roles))}))`,
    );
  }
  if (filter.began?.from) where.push(`r.started_at >= ${place(filter.began.from)}::timestamptz`);
  if (filter.began?.before) where.push(`r.started_at < ${place(filter.began.before)}::timestamptz`);
  return where;
}

/** `person` is the place of an address in small letters. */
export function concerns(person: string): string {
  return `exists (select 1 from run_people p where p.run_id = r.id and p.person = ${person})`;
}
