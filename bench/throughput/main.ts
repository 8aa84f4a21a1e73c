/**
 * Many tickets at once, from the webhook to the last mail, beside a workflow by hand that calls the same activities: CPU of all
 * processes, how fast deliveries are taken, how long votes and first approvals take meanwhile, the worker's memory, and what is written.
 *
 * `npm run -s bench throughput [-- --tickets 100] [--turns 5] [--live 500] [--against COMMIT] [--only PART,PART]`
 * Parts: tickets, approvals, memory, writes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../store/package-root.ts';
import { median, type Row, report } from '../report.ts';
import { ByHand } from './by-hand-stand.ts';
import { residentBytes } from './cpu.ts';
import { builtAt } from './earlier.ts';
import {
  type Accepted,
  percentile,
  type Side,
  send,
  sideByHand,
  sideOf,
  type Turn,
  turn,
  untilEnded,
  untilWaiting,
} from './measure.ts';
import { manager, writeRepository } from './repository.ts';
import { type Delivery, inLanes, Stand, type Written } from './stand.ts';

const { values } = parseArgs({
  options: {
    tickets: { type: 'string', default: '100' },
    turns: { type: 'string', default: '5' },
    live: { type: 'string', default: '500' },
    against: { type: 'string' },
    only: { type: 'string', default: 'tickets,approvals,memory,writes' },
  },
});
const tickets = Number(values.tickets);
const turns = Number(values.turns);
const live = Number(values.live);
const parts = new Set(values.only.split(','));
const warmUp = 10;
const voters = 20;
const writers = 10;
const mebibyte = 1024 * 1024;

/** Rows of the table, of which a smaller value is better unless it says `at least`. */
const rows: Row[] = [];
const atMost = (what: string, value: number, unit: string, limit: number) =>
  rows.push({ what, value, unit, limit, limitIs: 'at most' });
const atLeast = (what: string, value: number, unit: string, limit: number) =>
  rows.push({ what, value, unit, limit, limitIs: 'at least' });

let hung = 0;
let named = 0;

/** Another person each time. */
function names(count: number): string[] {
  return Array.from({ length: count }, () => {
    named += 1;
    return lettersOf(named);
  });
}

function lettersOf(number: number): string {
  const rest = Math.floor(number / 26);
  return (rest > 0 ? lettersOf(rest) : '') + String.fromCharCode(97 + (number % 26));
}

const hire = (name: string) => ({ givenName: 'Ida', familyName: `T${name}`, manager });
const nobodys = (name: string) => ({ key: `WEB-${numberOf(name)}`, type: 'Task', summary: 'Not for us' });
const notes = (name: string) => ({ key: `OPS-${numberOf(name)}`, type: 'Notes', summary: 'Twenty notes' });
const numberOf = (name: string) => [...name].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 97, 0);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-throughput-'));
  writeRepository(folder);
  const common = { repository: folder };
  const stands: Stand[] = [];
  let byHand: ByHand | undefined;
  const began = Date.now();
  const step = (what: string) => console.error(`${((Date.now() - began) / 1000).toFixed(0)} s: ${what}`);
  try {
    const own = await Stand.start({
      ...common,
      name: 'this version',
      root: packageRoot(),
      dataFolder: join(folder, 'own'),
    });
    stands.push(own);
    const earlier = values.against && (await earlierStand(common, folder, values.against));
    if (earlier) stands.push(earlier);
    byHand = await ByHand.start(own);
    const compared = [
      { side: sideByHand(byHand), stand: own },
      ...stands.map((stand) => ({ side: sideOf(stand), stand })),
    ];
    step('the stacks are up');
    for (const { side, stand } of compared) await turn(side, await stand.tickets(names(warmUp), hire));
    const measures: [part: string, what: string, measure: () => Promise<void>][] = [
      ['tickets', `${tickets} tickets`, () => compare(compared, step)],
      ['approvals', 'approvals and votes', () => approvals(own)],
      ['memory', `${live} runs that wait`, () => memory(own)],
      ['writes', 'twenty writes', () => writes(stands)],
    ];
    for (const [part, what, measure] of measures) {
      if (!parts.has(part)) continue;
      step(what);
      await measure();
    }
    atMost("error lines of Temporal's core", own.errorLines.length, 'lines', 0);
    for (const line of own.errorLines.slice(0, 5)) console.error(`  ${line.slice(0, 300)}`);
    atMost('runs that hung', hung, 'runs', 0);
    report('throughput', rows);
  } finally {
    byHand?.stop();
    for (const stand of stands) await stand.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function earlierStand(common: { repository: string }, folder: string, commit: string): Promise<Stand> {
  return Stand.start({ ...common, name: commit, root: builtAt(commit), dataFolder: join(folder, 'earlier') });
}

interface Compared {
  side: Side;
  stand: Stand;
}

async function compare(compared: readonly Compared[], step: (what: string) => void): Promise<void> {
  const seen = new Map<Side, Turn[]>(compared.map(({ side }) => [side, []]));
  const refused: Accepted[] = [];
  const own = compared[1] as Compared;
  for (let number = 0; number < turns; number += 1) {
    // The other way round every second time, so that a drift of the machine meets all of them.
    for (const { side, stand } of number % 2 === 0 ? compared : [...compared].reverse()) {
      const result = await turn(side, await stand.tickets(names(tickets), hire));
      seen.get(side)?.push(result);
      hung += result.hung;
      step(
        `${side.name}: ${result.cpuMsPerRun.toFixed(0)} ms CPU a run (${splitOf(result)}), ${result.seconds.toFixed(1)} s, ${result.perSecond.toFixed(0)} deliveries/s (p99 ${result.p99Ms.toFixed(0)} ms), first gate after ${result.firstGateMs.toFixed(0)} ms`,
      );
    }
    const unwanted = await send(own.side.hook, await own.stand.tickets(names(tickets), nobodys));
    refused.push(unwanted);
    step(`not for us: ${unwanted.perSecond.toFixed(0)} deliveries/s (p99 ${unwanted.p99Ms.toFixed(0)} ms)`);
  }
  const ours = seen.get(own.side) ?? [];
  const hand = seen.get(compared[0]?.side as Side) ?? [];
  const ratio = (of: (turn: Turn) => number, others: Turn[]) =>
    median(ours.map((each, index) => of(each) / of(others[index] as Turn)));
  atMost('CPU a run, against by hand', ratio(cpuOf, hand), 'times', 1.2);
  const before = compared[2] && seen.get(compared[2].side);
  if (before) atMost(`CPU a run, against ${compared[2]?.side.name}`, ratio(cpuOf, before), 'times', 0.55);
  atMost(
    `${tickets} tickets end to end, against by hand`,
    ratio(({ seconds }) => seconds, hand),
    'times',
    1.15,
  );
  const accepted = ours.map(({ perSecond }, index) => perSecond / (refused[index]?.perSecond ?? 1));
  atLeast('deliveries accepted a second, against those "not for us"', median(accepted), 'times', 0.9);
  const slowest = ours.map(({ p99Ms }, index) => p99Ms / (refused[index]?.p99Ms ?? 1));
  atMost('deliveries accepted, p99, against those "not for us"', median(slowest), 'times', 3);
}

const splitOf = ({ cpuMsOf }: Turn) =>
  Object.entries(cpuMsOf)
    .map(([part, ms]) => `${part} ${ms.toFixed(0)}`)
    .join(', ');

const cpuOf = ({ cpuMsPerRun }: Turn) => cpuMsPerRun;

/** How long an approval takes to open and a vote to be answered: on a stack with nothing to do, and while tickets arrive. */
async function approvals(own: Stand): Promise<void> {
  const side = sideOf(own);
  const first: number[] = [];
  for (let look = 0; look < 5; look += 1) {
    const one = await own.tickets(names(1), hire);
    const began = performance.now();
    await send(side.hook, one);
    await untilWaiting(side, one);
    first.push(performance.now() - began);
    const { waiting } = await side.look(keysOf(one));
    await Promise.all([...waiting.values()].map((sign) => sign()));
    hung += await untilEnded(side, one);
  }
  const idle = await open(own, side);
  await pause(2_000);
  const quiet = await votes(own, idle, 200);
  hung += await untilEnded(side, idle);
  const busy = await open(own, side);
  const crowd = await own.tickets(names(tickets), hire);
  const began = performance.now();
  const waited = untilFirst(side, crowd, began);
  const sent = send(side.hook, crowd);
  // As long as they start, by how long a run takes to its approval on this machine when many come.
  const loaded = await votes(own, busy, 250);
  await sent;
  const firstWhileBusy = await waited;
  hung += await untilEnded(side, busy);
  await untilWaiting(side, crowd);
  const { waiting } = await side.look(keysOf(crowd));
  await inLanes([...waiting.values()], 10, (sign) => sign());
  hung += await untilEnded(side, crowd);
  console.error(
    `  a vote p99 ${percentile(quiet, 99).toFixed(0)} ms idle, ${percentile(loaded, 99).toFixed(0)} ms while ${tickets} arrive; a gate ${median(first).toFixed(0)} ms alone, ${firstWhileBusy.toFixed(0)} ms while they arrive`,
  );
  atMost(
    `a vote, p99, while ${tickets} tickets start, against an idle stack`,
    percentile(loaded, 99) / percentile(quiet, 99),
    'times',
    5,
  );
  atMost(
    `first approval open while ${tickets} arrive, against one alone`,
    firstWhileBusy / median(first),
    'times',
    2,
  );
}

const keysOf = (deliveries: readonly Delivery[]) => new Set(deliveries.map(({ key }) => key));

async function open(own: Stand, side: Side): Promise<Delivery[]> {
  const some = await own.tickets(names(voters), hire);
  await send(side.hook, some);
  await untilWaiting(side, some);
  return some;
}

async function untilFirst(side: Side, crowd: readonly Delivery[], began: number): Promise<number> {
  for (;;) {
    const { waiting } = await side.look(keysOf(crowd));
    if (waiting.size > 0) return performance.now() - began;
    await pause(50);
  }
}

/** One vote after another, each begun at its moment. */
async function votes(own: Stand, on: readonly Delivery[], everyMs: number): Promise<number[]> {
  const runs = await own.runs(keysOf(on));
  const times: Promise<number>[] = [];
  for (const { id } of runs) {
    times.push(own.vote(id));
    await pause(everyMs);
  }
  return Promise.all(times);
}

async function memory(own: Stand): Promise<void> {
  const side = sideOf(own);
  const worker = own.processesOf('worker')[0] ?? 0;
  await pause(3_000);
  const before = residentBytes(worker);
  const many = await own.tickets(names(live), hire);
  await send(side.hook, many);
  await untilWaiting(side, many);
  await pause(3_000);
  const grown = (residentBytes(worker) - before) / mebibyte;
  atMost(`worker's memory growth with ${live} live runs`, grown, 'MiB', 100);
}

async function writes(stands: readonly Stand[]): Promise<void> {
  for (const stand of stands) {
    const { commits, walBytes, rows: changed } = await written(stand);
    console.error(
      `  ${stand.name}: a run of 20 writes is ${changed.toFixed(0)} rows, ${commits.toFixed(0)} commits, ${(walBytes / 1024).toFixed(0)} KB of WAL`,
    );
    if (stand !== stands[0]) continue;
    atMost('commits a run of 20 writes', commits, 'commits', 20);
    atMost('WAL a run of 20 writes', walBytes / 1024, 'KB', 30);
  }
}

async function written(stand: Stand): Promise<Written> {
  const side = sideOf(stand);
  const idleSeconds = 10;
  const began = await stand.written();
  await pause(idleSeconds * 1_000);
  const idle = await stand.written();
  const some = await stand.tickets(names(writers), notes);
  const from = performance.now();
  const before = await stand.written();
  await send(side.hook, some);
  hung += await untilEnded(side, some);
  const after = await stand.written();
  const seconds = (performance.now() - from) / 1000;
  const perRun = (of: keyof Written) => {
    const aSecond = (idle[of] - began[of]) / (idleSeconds + 1.5);
    return (after[of] - before[of] - aSecond * seconds) / writers;
  };
  return { rows: perRun('rows'), commits: perRun('commits'), walBytes: perRun('walBytes') };
}

await main();
