/**
 * How long the list, a search and an inbox take with 10,000 runs (`BENCH_FEW`) and with 100,000 (`BENCH_MANY`), as the gateway asks the
 * database: people find things as quickly in the fifth year as in the first.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { provisionPostgres } from '../../processes/postgres/server.ts';
import { weekIn, wordsIn } from '../../store/run-words.ts';
import type { RunFilter } from '../../store/runs.ts';
import { openStore, type Store } from '../../store/store.ts';
import { randomOf } from '../random.ts';
import { type Row, report } from '../report.ts';

const few = Number(process.env.BENCH_FEW ?? 10_000);
const many = Number(process.env.BENCH_MANY ?? 100_000);
const looks = Number(process.env.BENCH_LOOKS ?? 300);
/** A run begins every so often, so that ten times as many are ten times as long a past. */
const everyMs = 20 * 60_000;
/** That many wait at any time, however long the past is: what nobody answers is not ten times as much after ten times as long. */
const waiting = 1_000;
const batch = 5_000;
const mostMs = 150;
const mostGrowth = 1.5;

const random = randomOf(22);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const syllables = 'ka lo mi ne ru sa te vo bri dun fel gor hal jun kel lam'.split(' ');
const name = () => pick(syllables) + pick(syllables) + pick(syllables);
const people = Array.from({ length: 500 }, (_, index) => `${name()}.${name()}${index}@example.com`);
const runbooks = [
  ...Array.from(
    { length: 30 },
    () => ['new-hire', 'leaver', 'firewall-change', 'access-review'] as const,
  ).flat(),
  'rare-one',
] as const;

interface Made {
  id: string;
  subject: string;
  key: string;
  requester: string;
}

/** Runs from `from` to `to`, as they are listed and found; a sample of them. */
async function addRuns(client: pg.Client, from: number, to: number): Promise<Made[]> {
  const sample: Made[] = [];
  for (let at = from; at < to; at += batch) {
    const rows = Array.from({ length: Math.min(batch, to - at) }, (_, index) => runOf(at + index));
    await client.query(
      `insert into runs (id, workflow_id, runbook, title, kind, owner, requester, ticket, subject, status, reason, started_at, ended_at)
       select id, id, runbook, title, 'other', 'role:it-coordinators', requester, ticket, subject, status, null,
         to_timestamp(started / 1000.0), to_timestamp(ended / 1000.0)
       from jsonb_to_recordset($1::jsonb) as r(id text, runbook text, title text, requester text, ticket jsonb, subject text,
         status text, started double precision, ended double precision)`,
      [JSON.stringify(rows)],
    );
    await client.query(
      `insert into run_words
       select id, array_to_tsvector(array(select ${weekIn('to_timestamp(started / 1000.0)')} || '~' || word from unnest(words) word))
       from jsonb_to_recordset($1::jsonb) as r(id text, words text[], started double precision)`,
      [JSON.stringify(rows)],
    );
    await client.query(
      `insert into run_people select person, id, to_timestamp(started / 1000.0)
       from jsonb_to_recordset($1::jsonb) as r(id text, people text[], started double precision), unnest(people) person`,
      [JSON.stringify(rows)],
    );
    for (const { id, subject, ticket, requester } of rows.slice(0, 20))
      sample.push({ id, subject, key: ticket.key, requester });
  }
  return sample;
}

const began = Date.parse('2021-01-04T08:00:00Z');

function runOf(number: number) {
  const started = began + number * everyMs;
  const [subject, requester, runbook] = [`${name()} ${name()}`, pick(people), pick(runbooks)];
  const id = `${uuidTime(started)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
  const ticket = {
    system: 'jira',
    key: `HR-${number}`,
    id: String(number),
    url: '',
    summary: `About ${subject}`,
  };
  const title = runbook.replace('-', ' ');
  const parties = [requester, pick(people), pick(people)];
  return {
    id,
    runbook,
    title,
    requester,
    ticket,
    subject,
    status: number % 50 === 0 ? 'rejected' : 'succeeded',
    started,
    ended: started + 3_600_000,
    people: [...new Set(parties)],
    words: [...new Set([title, subject, ticket.key, id, ...parties, `site ${number % 12}`].flatMap(wordsIn))],
  };
}

function hex(length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

function uuidTime(at: number): string {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

/** The newest runs are live: two thirds wait for a signature, some are parked. */
async function letWait(client: pg.Client): Promise<void> {
  await client.query('delete from waiting');
  await client.query(
    `update runs set status = 'succeeded', ended_at = started_at + interval '1 hour' where ended_at is null`,
  );
  await client.query(
    `with live as (
       update runs set status = case when n % 20 = 0 then 'parked' else 'waiting' end, ended_at = null
       from (select id, row_number() over (order by started_at desc) as n from runs order by started_at desc limit $1) newest
       where runs.id = newest.id returning runs.id, n, started_at)
     insert into waiting (run_id, step, kind, title, assignee, since, deadline)
     select id, 'step', case when n % 20 = 0 then 'parked' else 'gate' end, 'A step',
       case when n % 20 = 0 then 'role:it-coordinators' else 'person:' || ($2::text[])[1 + n % 500] end, started_at,
       started_at + interval '2 days' from live`,
    [waiting, people],
  );
  await client.query('vacuum analyze');
}

type Look = (made: Made) => RunFilter;

const lists: Look[] = [
  () => ({}),
  () => ({ runbook: pick(['new-hire', 'rare-one']) }),
  () => ({ status: [pick(['parked', 'waiting', 'rejected', 'succeeded'] as const)] }),
  ({ requester }) => ({ concerning: [requester] }),
  () => {
    const from = new Date(began + Math.floor(random() * few) * everyMs).toISOString();
    return { began: { from, before: new Date(Date.parse(from) + 30 * 86_400_000).toISOString() } };
  },
  ({ requester }) => ({ waitingFor: { person: requester, roles: ['it-coordinators'] } }),
];

const searches: Look[] = [
  ({ subject }) => ({ text: subject }),
  ({ subject }) => ({ text: subject.slice(0, 5) }),
  ({ key }) => ({ text: key }),
  ({ id }) => ({ text: id.slice(-12, -4) }),
  ({ requester }) => ({ text: requester }),
  () => ({ text: 'hire' }),
  () => ({ text: `site ${pick([1, 5, 11])} leaver` }),
  ({ subject }) => ({ text: subject, runbook: 'rare-one' }),
  () => ({ text: 'nothing like it' }),
];

interface Past {
  store: Store;
  sample: Made[];
}

/** The two pasts in turn, so that what else the machine does slows both: p95 of each. */
async function times(
  whats: ((made: Made, store: Store) => Promise<unknown>)[],
  pasts: readonly [Past, Past],
): Promise<[number, number]> {
  const taken = pasts.map(() => whats.map((): number[] => []));
  for (let look = -20; look < looks; look += 1) {
    const kind = (look + looks) % whats.length;
    for (const [index, { store, sample }] of pasts.entries()) {
      const made = pick(sample);
      const start = performance.now();
      await whats[kind]?.(made, store);
      if (look >= 0) taken[index]?.[kind]?.push(performance.now() - start);
    }
  }
  for (const kinds of taken)
    console.error(`  of each kind ${kinds.map((each) => p95(each).toFixed(1)).join(', ')} ms`);
  const [first = [], then = []] = taken;
  return [p95(first.flat()), p95(then.flat())];
}

function p95(taken: readonly number[]): number {
  const sorted = [...taken].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-find-'));
  const database = await provisionPostgres({ dataFolder: folder, log: (line) => console.error(line) });
  try {
    const pasts: [Past, Past] = [
      await pastOf(database.url, 'few', few),
      await pastOf(database.url, 'many', many),
    ];
    const listed = (kinds: readonly Look[]) =>
      times(
        kinds.map((filter) => (made: Made, store: Store) => store.runs.list({ ...filter(made), limit: 25 })),
        pasts,
      );
    const rows = [
      ...rowsOf('list', await listed(lists)),
      ...rowsOf('search', await listed(searches)),
      ...rowsOf(
        'inbox',
        await times([({ requester }, store) => store.inbox.of(requester, ['it-coordinators'])], pasts),
      ),
    ];
    for (const { store } of pasts) await store.close();
    report('find', rows);
  } finally {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A database of its own with that many runs. */
async function pastOf(server: string, name: string, count: number): Promise<Past> {
  await inDatabase(server, (client) => client.query(`create database bench_${name}`));
  const url = new URL(server);
  url.pathname = `/bench_${name}`;
  const store = await openStore(url.href);
  const sample = await inDatabase(url.href, async (client) => {
    const made = await addRuns(client, 0, count);
    await letWait(client);
    return made;
  });
  console.error(`${count} runs are there`);
  return { store, sample };
}

async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

function rowsOf(what: string, [first, then]: [number, number]): Row[] {
  return [
    { what: `${what}, p95 at ${many} runs`, value: then, unit: 'ms', limit: mostMs, limitIs: 'at most' },
    {
      what: `${what}, p95 at ${many} runs against ${few}`,
      value: then / first,
      unit: 'times',
      limit: mostGrowth,
      limitIs: 'at most',
    },
  ];
}

await main();
