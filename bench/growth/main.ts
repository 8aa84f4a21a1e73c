/**
 * How long people wait with 10,000 finished runs (`BENCH_FEW`) and with 1,000,000 (`BENCH_RUNS`): the list, a search, an inbox, what the
 * database has to do to start a run, and what runs by itself every second or so. On a PostgreSQL of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { PLAN_FORMAT, type Plan } from '../../plan/plan.ts';
import { provisionPostgres } from '../../processes/postgres/server.ts';
import type { RunFilter } from '../../store/runs.ts';
import { openStore, type Store } from '../../store/store.ts';
import { growPast, partiesOf, people, subjectOf, ticketOf } from '../../test/support/grown-past.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { Seal } from '../../vault/seal.ts';
import { randomOf } from '../random.ts';
import { median, type Row, report } from '../report.ts';

const few = Number(process.env.BENCH_FEW ?? 10_000);
const many = Number(process.env.BENCH_RUNS ?? 1_000_000);
const looks = Number(process.env.BENCH_LOOKS ?? 300);
const mostMs = 150;
const mostGrowth = 1.5;
const day = 86_400_000;

const random = randomOf(23);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

interface Past {
  store: Store;
  runs: number;
}

type Act = (past: Past) => Promise<unknown>;

const numberIn = ({ runs }: Past) => 1 + Math.floor(random() * runs);
const listed =
  (filter: (past: Past) => RunFilter): Act =>
  (past) =>
    past.store.runs.list({ ...filter(past), limit: 25 });
const now = Date.now();

const lists: Act[] = [
  () => ({}),
  () => ({ runbook: pick(['new-hire', 'rare-one']) }),
  () => ({ status: [pick(['parked', 'waiting', 'rejected', 'succeeded'] as const)] }),
  (past: Past) => ({ concerning: [partiesOf(numberIn(past)).requester] }),
  () => {
    const from = new Date(now - Math.floor(random() * 15) * day).toISOString();
    return { began: { from, before: new Date(Date.parse(from) + 5 * day).toISOString() } };
  },
  (past: Past) => ({ waitingFor: { person: partiesOf(numberIn(past)).signer, roles: ['it-coordinators'] } }),
].map(listed);

const searches: Act[] = [
  (past: Past) => ({ text: subjectOf(numberIn(past)) }),
  (past: Past) => ({ text: subjectOf(numberIn(past)).slice(0, 5) }),
  (past: Past) => ({ text: ticketOf(numberIn(past)) }),
  (past: Past) => ({ text: partiesOf(numberIn(past)).requester }),
  () => ({ text: 'hire' }),
  () => ({ text: `site ${pick([1, 5, 11])} leaver` }),
  (past: Past) => ({ text: subjectOf(numberIn(past)), runbook: 'rare-one' }),
  () => ({ text: 'nothing like it' }),
].map(listed);

const inboxes: Act[] = [(past) => past.store.inbox.of(partiesOf(numberIn(past)).signer, ['it-coordinators'])];

let started = 0;

/** All that is asked of the database from a ticket's delivery to the run's first words. */
const starts: Act[] = [
  async ({ store }) => {
    started += 1;
    const [id, key] = [`started-${started}`, `NEW-${started}`];
    const ticket = { system: 'jira', id: key, key, url: '', summary: 'About somebody new' };
    const place = { ticketId: key, number: started, at: Date.now(), changed: ['status'] };
    const delivery = await store.deliveries.receive('jira', id, '{}', place);
    await store.deliveries.unsettledBefore('jira', delivery.id, place);
    await store.deliveries.later('jira', delivery.id, place);
    await store.deliveries.runOfTransition('jira', `transition ${id}`);
    await store.deliveries.begin(delivery.id);
    await store.runs.liveOfTicket(ticket);
    await store.runs.savePlan(plan);
    const requester = pick(people);
    await store.audit.appendOnce({
      runId: id,
      kind: 'run.started',
      actor: requester,
      data: { planHash: plan.hash },
    });
    const run = {
      id,
      workflowId: id,
      runbook: plan.runbook,
      title: plan.title,
      kind: plan.kind,
      owner: plan.owner,
      requester,
    };
    await store.runs.add({ ...run, planHash: plan.hash, ticket, startedAt: new Date().toISOString() });
    await store.starts.executionOf(id, id);
    const data = { requester, cause: 'ticket', inputs: { givenName: 'Ada' } };
    await store.runs.appendJournal({
      runId: id,
      workflowId: id,
      runbook: plan.runbook,
      entries: [{ seq: 1, at: Date.now(), kind: 'run.started', data }],
      summary: { status: 'waiting', waitingOn: [] },
    });
    await store.deliveries.finish(delivery.id, {
      outcome: 'started',
      runId: id,
      transitionKey: `transition ${id}`,
    });
  },
];

const plan: Plan = {
  format: PLAN_FORMAT,
  hash: 'growth',
  runbook: 'new-hire',
  title: 'New hire onboarding',
  kind: 'onboarding',
  owner: 'role:it-coordinators',
  inputs: {},
  steps: [],
  finally: [],
  outputs: {},
  triggers: [],
  positions: {},
} as unknown as Plan;

/** What gateway and workers do every second or so, whether anybody asks or not. */
const loops: Act[] = [
  ({ store }) => store.runs.silentRuns(5_000, 50),
  ({ store }) => store.comparisons.asked(50),
  ({ store }) => store.comparisons.due(25_000, 200),
  ({ store }) => store.events.handOut(),
  ({ store }) => store.events.due(),
  ({ store }) => store.notices.claim(),
  ({ store }) => store.outbox.claim(),
  ({ store }) => store.deliveries.unsettled(['jira']),
  ({ store }) => store.lag.liveRuns(),
  ({ store }) => store.lag.waiting(),
  ({ store }) => store.lag.deliveries(),
  ({ store }) => store.lag.outbox(),
];

/** The two pasts in turn, so that what else the machine does slows both. */
async function measured(what: string, acts: readonly Act[], pasts: readonly [Past, Past]): Promise<Row[]> {
  const taken = pasts.map(() => acts.map((): number[] => []));
  for (let look = -2 * acts.length; look < looks; look += 1) {
    const kind = (look + looks * acts.length) % acts.length;
    for (const [index, past] of pasts.entries()) {
      const before = performance.now();
      await acts[kind]?.(past);
      if (look >= 0) taken[index]?.[kind]?.push(performance.now() - before);
    }
  }
  for (const kinds of taken)
    console.error(`  ${what}: medians ${kinds.map((each) => median(each).toFixed(1)).join(', ')} ms`);
  const [first = 0, then = 0] = taken.map((kinds) => p95(kinds.flat()));
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

function p95(taken: readonly number[]): number {
  const sorted = [...taken].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-growth-'));
  const server = await provisionPostgres({ dataFolder: folder, log: (line) => console.error(line) });
  const seal = new Seal(await loadKeyRing(folder));
  const names = ['few', 'many'].map((name) => `bench_growth_${name}`);
  try {
    const pasts: [Past, Past] = [
      await pastOf(server.url, names[0] ?? '', few, seal),
      await pastOf(server.url, names[1] ?? '', many, seal),
    ];
    const rows: Row[] = [];
    for (const [what, acts] of Object.entries({
      list: lists,
      search: searches,
      inbox: inboxes,
      start: starts,
      'background loops': loops,
    }))
      rows.push(...(await measured(what, acts, pasts)));
    for (const { store } of pasts) await store.close();
    report('growth', rows);
  } finally {
    for (const name of names)
      await inDatabase(server.url, (client) => client.query(`drop database if exists ${name} with (force)`));
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A database of its own with that many runs. */
async function pastOf(server: string, name: string, runs: number, seal: Seal): Promise<Past> {
  await inDatabase(server, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
  });
  const url = new URL(server);
  url.pathname = `/${name}`;
  const store = await openStore(url.href, seal);
  const began = performance.now();
  await inDatabase(url.href, (client) =>
    growPast(client, { runs, log: (line) => console.error(`  ${line}`) }),
  );
  console.error(`${runs} runs are there, after ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  return { store, runs };
}

async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

await main();
