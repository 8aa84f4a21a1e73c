/** What is measured of either side: tickets that arrive together, and how they go through. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ByHand } from './by-hand-stand.ts';
import { type Delivery, inLanes, type Stand } from './stand.ts';

/** Deliveries under way at once, and signatures. */
const [sendersAtOnce, signersAtOnce] = [20, 10];
const lookEveryMs = 200;
const turnLimitMs = 8 * 60_000;

/** One that carries tickets: a stack, or the workflow by hand. */
export interface Side {
  name: string;
  hook: string;
  /** By part, milliseconds since each began. */
  cpuMs(): Readonly<Record<string, number>>;
  /** Of these tickets: who waits for a signature, and who has come to an end. */
  look(keys: ReadonlySet<string>): Promise<{ waiting: Map<string, () => Promise<unknown>>; ended: number }>;
}

export function sideOf(stand: Stand): Side {
  return {
    name: stand.name,
    get hook() {
      return stand.hook;
    },
    cpuMs: () => ({
      gateway: stand.cpuMs(['gateway']),
      worker: stand.cpuMs(['worker']),
      temporal: stand.cpuMs(['temporal']),
      postgres: stand.cpuMs(['postgres']),
    }),
    look: async (keys) => {
      const runs = await stand.runs(keys);
      const waiting = runs
        .filter(({ waits }) => waits)
        .map(({ id, key }) => [key, () => stand.vote(id)] as const);
      return { waiting: new Map(waiting), ended: runs.filter(({ ended }) => ended).length };
    },
  };
}

export function sideByHand(byHand: ByHand): Side {
  return {
    name: 'by hand',
    get hook() {
      return byHand.hook;
    },
    cpuMs: () => byHand.cpuMs(),
    look: async (keys) => {
      const of = (what: string) => [...keys].filter((key) => byHand.told.get(key) === what);
      const waiting = of('gate').map((key) => [key, () => byHand.vote(key)] as const);
      return { waiting: new Map(waiting), ended: of('end').length };
    },
  };
}

export interface Accepted {
  perSecond: number;
  p99Ms: number;
}

export interface Turn extends Accepted {
  cpuMsPerRun: number;
  /** The same by part. */
  cpuMsOf: Readonly<Record<string, number>>;
  seconds: number;
  firstGateMs: number;
  hung: number;
}

/** Sends them as fast as they are taken. */
export async function send(hook: string, deliveries: readonly Delivery[]): Promise<Accepted> {
  const times: number[] = [];
  const began = performance.now();
  await inLanes(deliveries, sendersAtOnce, async ({ headers, body }) => {
    const sent = performance.now();
    const response = await fetch(hook, { method: 'POST', headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`a delivery was answered ${response.status}: ${text}`);
    times.push(performance.now() - sent);
  });
  return {
    perSecond: deliveries.length / ((performance.now() - began) / 1000),
    p99Ms: percentile(times, 99),
  };
}

/** Tickets arrive together, each is signed as soon as it waits, until all have ended. */
export async function turn(side: Side, deliveries: readonly Delivery[]): Promise<Turn> {
  const cpu = side.cpuMs();
  const began = performance.now();
  const through = carry(side, deliveries, began);
  const accepted = await send(side.hook, deliveries);
  const { firstGateMs, hung } = await through;
  const cpuMsOf = Object.fromEntries(
    Object.entries(side.cpuMs()).map(([part, ms]) => [part, (ms - (cpu[part] ?? 0)) / deliveries.length]),
  );
  return {
    ...accepted,
    seconds: (performance.now() - began) / 1000,
    cpuMsPerRun: Object.values(cpuMsOf).reduce((sum, ms) => sum + ms, 0),
    cpuMsOf,
    firstGateMs,
    hung,
  };
}

async function carry(side: Side, deliveries: readonly Delivery[], began: number) {
  const keys = new Set(deliveries.map(({ key }) => key));
  const signed = new Set<string>();
  let firstGateMs = Number.NaN;
  let signing = 0;
  const failures: unknown[] = [];
  for (const end = began + turnLimitMs; performance.now() < end; ) {
    const { waiting, ended } = await side.look(keys);
    if (waiting.size > 0 && Number.isNaN(firstGateMs)) firstGateMs = performance.now() - began;
    if (ended === keys.size) return { firstGateMs, hung: 0 };
    for (const [key, sign] of waiting) {
      if (signed.has(key) || signing >= signersAtOnce) continue;
      signed.add(key);
      signing += 1;
      sign()
        .catch((error: unknown) => failures.push(error))
        .finally(() => {
          signing -= 1;
        });
    }
    if (failures.length > 0) throw failures[0];
    await pause(lookEveryMs);
  }
  const { ended } = await side.look(keys);
  return { firstGateMs, hung: keys.size - ended };
}

/** Until all of them wait for a signature. Gives how long the first took. */
export async function untilWaiting(side: Side, deliveries: readonly Delivery[]): Promise<number> {
  const keys = new Set(deliveries.map(({ key }) => key));
  const began = performance.now();
  let firstMs = Number.NaN;
  for (const end = began + turnLimitMs; performance.now() < end; ) {
    const { waiting } = await side.look(keys);
    if (waiting.size > 0 && Number.isNaN(firstMs)) firstMs = performance.now() - began;
    if (waiting.size === keys.size) return firstMs;
    await pause(keys.size > 50 ? lookEveryMs : 50);
  }
  throw new Error(`not all of ${keys.size} runs of ${side.name} got to their signature`);
}

export async function untilEnded(side: Side, deliveries: readonly Delivery[]): Promise<number> {
  const keys = new Set(deliveries.map(({ key }) => key));
  for (const end = performance.now() + turnLimitMs; performance.now() < end; ) {
    const { ended } = await side.look(keys);
    if (ended === keys.size) return 0;
    await pause(lookEveryMs);
  }
  return keys.size - (await side.look(keys)).ended;
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}
