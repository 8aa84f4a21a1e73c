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
  /** Runs with a signature or a task whose time has passed. */
  overdue?: true;
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
const mostWeeks = 8;

/** A word that more runs of the last two weeks have is common. */
const mostRare = 200;

/** Puts `value` behind those of a query; gives its place. */
type Place = (value: unknown) => string;

/** The newest first. */
export async function listRuns(query: Query, filter: RunFilter): Promise<RunRow[]> {
  const limit = Math.min(filter.limit ?? 50, mostRows);
  if (!filter.text?.trim()) return page(query, filter, limit);
  const terms = termsOf(filter.text);
  const reach = terms.length > 0 ? await reachOf(query, filter) : undefined;
  // Signs alone are no words: nothing has them.
  if (!reach) return [];
  const { ids, isAll } = await runsWith(query, reach, terms);
  const found =
    ids.length > 0 ? await page(query, filter, limit, (of, place) => [`${of}.id = any(${place(ids)})`]) : [];
  if (isAll || found.length >= limit) return found;
  return page(query, filter, limit, (of, place) => oneByOne({ reach, terms }, of, place));
}

/** The first week and the last, both in it. */
type Weeks = readonly [number, number];

/** `of` is the run's row. */
type Further = (of: string, place: Place) => string[];

async function page(query: Query, filter: RunFilter, limit: number, further?: Further): Promise<RunRow[]> {
  const values: unknown[] = [];
  const place: Place = (value) => `$${values.push(value)}`;
  const where = conditionsOf(filter, place);
  const [first, ...others] = filter.concerning ?? [];
  for (const person of others) where.push(concerns(place(person.toLowerCase())));
  const of = first === undefined ? 'r' : 'p';
  if (first !== undefined) where.push(`p.person = ${place(first.toLowerCase())}`);
  const id = of === 'r' ? 'r.id' : 'p.run_id';
  if (further) where.push(...further('r', place));
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
  return row?.last === null ? undefined : [Number(row?.first), Number(row?.last)];
}

/** Those of the newest weeks that have the words: all of some weeks, and of all weeks where these are not too many. */
async function runsWith(
  query: Query,
  reach: Weeks,
  terms: readonly string[],
): Promise<{ ids: string[]; isAll: boolean }> {
  const selecting = await rareOf(query, reach, terms);
  const spans = spansOf(reach);
  const asked = (words: readonly string[]) => spans.map((span) => anyOf(queriesOf(span, words)));
  // One span after the other until there are enough: asked for all at once, PostgreSQL takes nearly every run to have the words. What
  // is common is looked at in the runs that have what is rare, which without the || the index would be asked for too.
  const rows = await query(
    `select k.run_id, span.number
     from unnest($1::tsquery[], $3::tsquery[]) with ordinality span (rare, whole, number) cross join lateral (
       select run_id from run_words where words @@ span.rare and (words || '') @@ span.whole limit $2) k limit $2`,
    [asked(selecting), mostHits + 1, asked(terms)],
  );
  const isAll = rows.length <= mostHits;
  const cutOff = isAll ? undefined : rows.at(-1)?.number;
  return { ids: rows.filter(({ number }) => number !== cutOff).map(({ run_id }) => String(run_id)), isAll };
}

/**
 * Without the words that very many have, as the last weeks tell: for one that begins so, the index gives all of them before anything
 * else is asked.
 */
async function rareOf(
  query: Query,
  [first, last]: Weeks,
  terms: readonly string[],
): Promise<readonly string[]> {
  if (terms.length < 2) return terms;
  const rows = await query(
    `select term.number, (select count(*) from (
       select 1 from run_words where words @@ term.query limit $2) k) as count
     from unnest($1::tsquery[]) with ordinality term (query, number)`,
    [terms.map((term) => anyOf(queriesOf([Math.max(first, last - 1), last], [term]))), mostRare + 1],
  );
  const rare = rows.filter(({ count }) => Number(count) <= mostRare).map(({ number }) => Number(number) - 1);
  return rare.length > 0 ? terms.filter((_, index) => rare.includes(index)) : terms;
}

function anyOf(queries: readonly string[]): string {
  return queries.map((each) => `(${each})`).join(' | ');
}

/** The last week by itself, then more at once: what is common is found in few weeks, and what is rare costs little in each. */
function spansOf([first, last]: Weeks): Weeks[] {
  const spans: Weeks[] = [];
  for (let [end, length] = [last, 1]; end >= first; length = Math.min(length * 2, mostWeeks)) {
    const begin = Math.max(first, end - length + 1);
    spans.push([begin, end]);
    end = begin - 1;
  }
  return spans;
}

/** Those of so many that have the words are not gathered: each of the newest is looked at until the page is full. */
function oneByOne(
  { reach, terms }: { reach: Weeks; terms: readonly string[] },
  of: string,
  place: Place,
): string[] {
  // As a value and not as `exists`: PostgreSQL would gather all that have them first, which are many.
  return [
    `(select k.words @@ (${place(queriesOf(reach, terms))}::tsquery[])[${weekIn(`${of}.started_at`)} - ${place(reach[0])}::int + 1]
      from run_words k where k.run_id = ${of}.id)`,
  ];
}

/** Of each week. */
function queriesOf([first, last]: Weeks, terms: readonly string[]): string[] {
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
  if (filter.overdue)
    where.push(
      "r.id in (select w.run_id from waiting w where w.kind in ('gate', 'task') and w.deadline < now())",
    );
  if (filter.began?.from) where.push(`r.started_at >= ${place(filter.began.from)}::timestamptz`);
  if (filter.began?.before) where.push(`r.started_at < ${place(filter.began.before)}::timestamptz`);
  return where;
}

/** `person` is the place of an address in small letters. */
export function concerns(person: string): string {
  return `exists (select 1 from run_people p where p.run_id = r.id and p.person = ${person})`;
}
