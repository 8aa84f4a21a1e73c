/** Generated histories of generated plans on the virtual clock, and how many of them broke a promise. */
import type { Step } from '../../plan/plan.ts';
import { insideOf } from '../../rehearsal/simulator/checks/places.ts';
import { type Told, tellHistory } from '../../rehearsal/simulator/history.ts';
import { mutants } from '../../rehearsal/simulator/mutants.ts';
import { kindOf, shrunk } from '../../rehearsal/simulator/shrink.ts';
import { type Row, report } from '../report.ts';

const options = new Map(
  process.argv.slice(2).map((each) => each.replace(/^--/, '').split('=') as [string, string | undefined]),
);
const histories = Number(options.get('histories') ?? process.env.BENCH_HISTORIES ?? 100_000);
const first = Number(options.get('seed') ?? 1);
/** Enough failing histories to read. */
const mostFailures = Number(options.get('failures') ?? 3);

/** Within so many histories each fault that is put back must be found. */
const mostForMutant = 20_000;

const kinds = new Map<string, number>();
const happened = new Map<string, number>();
if (options.has('mutants')) await findMutants();
else await tellHistories();

async function findMutants(): Promise<void> {
  const wanted = options.get('mutants');
  const rows: Row[] = [];
  for (const { row, what, put } of mutants) {
    if (wanted !== undefined && wanted !== row) continue;
    const takeOut = put();
    let took = 0;
    let found = '';
    while (found === '' && took < mostForMutant) {
      took += 1;
      found = (await tellHistory(first + took - 1)).broken[0] ?? '';
    }
    takeOut();
    console.log(`${row} ${what}: ${found === '' ? 'NOT FOUND' : `found in ${took}: ${found.slice(0, 150)}`}`);
    const value = found === '' ? Number.POSITIVE_INFINITY : took;
    rows.push({ what: `${row} ${what}`, value, unit: 'histories', limit: mostForMutant, limitIs: 'at most' });
  }
  report('simulate', rows);
}

async function tellHistories(): Promise<void> {
  const broken = new Map<string, { count: number; seed: number }>();
  const failing: Told[] = [];
  const began = performance.now();
  let told = 0;
  for (let seed = first; seed < first + histories; seed += 1) {
    const one = await tellHistory(seed);
    told += 1;
    for (const plan of one.history.plans.values()) countKinds([...plan.steps, ...plan.finally]);
    for (const { kind } of one.history.world.journal) count(happened, kind);
    if (one.broken.length === 0) continue;
    failing.push(one);
    for (const each of one.broken) {
      const kind = kindOf(each);
      const known = broken.get(kind);
      broken.set(kind, { count: (known?.count ?? 0) + 1, seed: known?.seed ?? seed });
    }
  }
  const seconds = (performance.now() - began) / 1000;
  for (const each of failing.slice(0, mostFailures)) printFailure(await shrunk(each));
  for (const [kind, { count: times, seed }] of broken)
    console.log(`${times} times, first in ${seed}: ${kind}`);
  console.log(
    `Seeds ${first} to ${first + told - 1}: ${Math.round((told / seconds) * 60)} histories a minute`,
  );
  console.log(`Steps: ${text(kinds)}`);
  console.log(`Happened: ${text(happened)}`);
  report('simulate', [
    {
      what: 'histories in which a promise was broken',
      value: failing.length,
      unit: 'histories',
      limit: 0,
      limitIs: 'at most',
    },
    { what: 'histories', value: told, unit: 'histories', limit: histories, limitIs: 'at least' },
  ]);
}

function countKinds(steps: readonly Step[]): void {
  for (const step of steps) {
    count(kinds, step.kind);
    for (const inner of insideOf(step)) countKinds(inner);
  }
}

function count(of: Map<string, number>, kind: string): void {
  of.set(kind, (of.get(kind) ?? 0) + 1);
}

function text(of: ReadonlyMap<string, number>): string {
  return [...of]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ');
}

function printFailure({ seed, broken: what, generated, history, did }: Told): void {
  console.log(`\nSeed ${seed}:\n  ${what.join('\n  ')}`);
  const { covers: _, ...plan } = generated.plan;
  console.log(`Plan: ${JSON.stringify(plan.steps)}\nFinally: ${JSON.stringify(plan.finally)}`);
  for (const [hash, { steps }] of Object.entries(generated.called))
    console.log(`${hash}: ${JSON.stringify(steps)}`);
  console.log(`Inputs: ${JSON.stringify(history.inputs.get(history.root))}`);
  const { world } = history;
  const lines: [number, string][] = [
    ...world.journal.map(({ n, run, kind, step, data }): [number, string] => [
      n,
      `${n} ${run} ${kind} ${step ?? ''} ${JSON.stringify(data ?? {})}`,
    ]),
    ...world.calls.map(({ n, run, activity, step, item, input }): [number, string] => [
      n,
      `${n} ${run} calls ${activity} for ${step}${item} ${JSON.stringify(input).slice(0, 200)}`,
    ]),
    ...world.effects.map(({ done, id, step, item }): [number, string] => [
      done,
      `${done} ${step}${item} done: ${id}`,
    ]),
    ...did.map((line): [number, string] => [Number.parseInt(line, 10), line]),
  ];
  for (const [, line] of lines.sort(([a], [b]) => a - b)) console.log(`  ${line.slice(0, 400)}`);
}
