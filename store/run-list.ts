/** Which runs a list has: a filter as PostgreSQL is asked it. */
import type { RunStatus } from '../workflows/messages.ts';
import type { Query } from './database.ts';
import { assigneesOf } from './inbox.ts';
import { type RunRow, runOf, selectRuns } from './run-rows.ts';
import { termsOf, tsqueryOf, weekIn } from './run-words.ts';

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

/** Asked for at once. */
const mostWeeks = 256;
const weeksOfAQuery = 8;

/** Puts `value` behind those of a query; gives its place. */
type Place = (value: unknown) => string;

/** The newest first. */
export async function listRuns(query: Query, filter: RunFilter): Promise<RunRow[]> {
  const limit = Math.min(filter.limit ?? 50, mostRows);
  if (!filter.text?.trim()) return page(query, filter, limit);
  const terms = termsOf(filter.text);
  // Signs alone are no words: nothing has them.
  if (terms.length === 0) return [];
  const found: RunRow[] = [];
  for (const weeks of spansOf(await reachOf(query, filter))) {
    found.push(...(await page(query, filter, limit - found.length, { weeks, terms })));
    if (found.length >= limit) break;
  }
  return found;
}

/** The first week and the last, both in it. */
type Weeks = readonly [number, number];

interface Search {
  weeks: Weeks;
  terms: readonly string[];
}

async function page(query: Query, filter: RunFilter, limit: number, search?: Search): Promise<RunRow[]> {
  const hits = search && (await runsWith(query, search));
  if (hits?.length === 0) return [];
  const values: unknown[] = [];
  const place: Place = (value) => `$${values.push(value)}`;
  const where = conditionsOf(filter, place);
  const [first, ...others] = filter.concerning ?? [];
  for (const person of others) where.push(concerns(place(person.toLowerCase())));
  const of = first === undefined ? 'r' : 'p';
  if (first !== undefined) where.push(`p.person = ${place(first.toLowerCase())}`);
  const id = of === 'r' ? 'r.id' : 'p.run_id';
  if (hits && hits.length <= mostHits) where.push(`r.id = any(${place(hits)})`);
  else if (search) where.push(...oneByOne(search, of, place));
  if (filter.after) {
    const { startedAt, id: last } = filter.after;
    where.push(`(${of}.started_at, ${id}) < (${place(startedAt)}, ${place(last)})`);
  }
  const rows = await query(
    `${selectRuns} ${of === 'p' ? 'join run_people p on p.run_id = r.id' : ''}
     ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
     order by ${of}.started_at desc, ${id} desc limit ${place(limit)}`,
    values,
  );
  return rows.map(runOf);
}

/** In which weeks what is looked for can be; undefined where there are no runs. */
async function reachOf(query: Query, { began, after }: RunFilter): Promise<Weeks | undefined> {
  const [row] = await query(
    `select ${weekIn('greatest(min(started_at), $1::timestamptz)')} as first,
       ${weekIn('least(max(started_at), $2::timestamptz, $3::timestamptz)')} as last from runs`,
    [began?.from ?? null, began?.before ?? null, after?.startedAt ?? null],
  );
  return row?.first === null || row?.last === null ? undefined : [Number(row?.first), Number(row?.last)];
}

/** The last week, then ever more at once: what is common is found in few weeks, and what is rare costs little in each. */
function spansOf(reach: Weeks | undefined): Weeks[] {
  const spans: Weeks[] = [];
  if (!reach) return spans;
  const [first, last] = reach;
  for (let [end, length] = [last, 1]; end >= first; length = Math.min(length * 4, mostWeeks)) {
    const begin = Math.max(first, end - length + 1);
    spans.push([begin, end]);
    end = begin - 1;
  }
  return spans;
}

async function runsWith(query: Query, search: Search): Promise<string[]> {
  const weeks = queriesOf(search).map((each) => `(${each})`);
  const few = Array.from({ length: Math.ceil(weeks.length / weeksOfAQuery) }, (_, index) =>
    weeks.slice(index * weeksOfAQuery, (index + 1) * weeksOfAQuery).join(' | '),
  );
  // One after the other: PostgreSQL takes one query for all weeks for as good as every run, and reads them all.
  const rows = await query(
    `select k.run_id from unnest($1::tsquery[]) words cross join lateral (
       select run_id from run_words where run_words.words @@ words.words limit $2) k limit $2`,
    [few, mostHits + 1],
  );
  return rows.map(({ run_id }) => String(run_id));
}

/** Those of so many that have the words are not gathered: each of the newest is looked at until the page is full. */
function oneByOne(search: Search, of: string, place: Place): string[] {
  const [first, last] = search.weeks;
  const moment = (week: number) => new Date(week * 7 * 86_400_000).toISOString();
  const began = `${of}.started_at`;
  return [
    `${began} >= ${place(moment(first))} and ${began} < ${place(moment(last + 1))}`,
    // As a value and not as `exists`: PostgreSQL would gather all that have them first, which are many.
    `(select k.words @@ (${place(queriesOf(search))}::tsquery[])[${weekIn('r.started_at')} - ${place(first)}::int + 1]
      from run_words k where k.run_id = r.id)`,
  ];
}

/** Of each week. */
function queriesOf({ weeks: [first, last], terms }: Search): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => tsqueryOf(first + index, terms));
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
