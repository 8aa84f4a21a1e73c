/**
 * What a runbook costs over the same workflow written by hand: history events and bytes, worker CPU, runs per second.
 * Both run on one server in one go, in turns, each worker a process of its own; figures are medians over the turns.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { defined } from '../../plan/defined.ts';
import { provisionTemporal } from '../../processes/temporal/provision.ts';
import { endTemporalRuntime, quietTemporalLog } from '../../processes/temporal-logging.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import { ENGINE_VERSION, type RunStart } from '../../workflows/messages.ts';
import { median, type Row, report } from '../report.ts';
import { sealedStart } from '../sealing.ts';
import { gatedRows } from './gated.ts';
import { benchPlan } from './plan.ts';
import { type Switches, startSwitches } from './read-back.ts';
import type { WorkerArguments } from './worker.ts';

const turns = Number(process.env.BENCH_TURNS ?? 5);
const runsPerTurn = Number(process.env.BENCH_RUNS ?? 30);
const atOnce = 10;
const stepReads = 8;
/** `gated`: what warrants cost, alone. `by-hand`: the comparison with the workflow written by hand, alone. */
const only = process.argv[2];

const here = dirname(fileURLToPath(import.meta.url));
const packageRoot = join(here, '..', '..', '..');
quietTemporalLog();

interface Variant {
  name: WorkerArguments['kind'];
  taskQueue: string;
  child: ChildProcess;
  start(id: string, reads: number): Promise<unknown>;
}

interface Cost {
  cpuMs: number[];
  runsPerSecond: number[];
  events: number;
  bytes: number;
}

const inputs = { givenName: 'Ada', familyName: 'Lee' };

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const server = await provisionTemporal({ dataFolder: folder, log: (line) => console.error(line) });
  const children: ChildProcess[] = [];
  try {
    const connection = await Connection.connect({ address: server.address });
    const client = new Client({
      connection,
      namespace: server.namespace,
      dataConverter: dataConverter(await loadKeyRing(folder)),
    });
    const byHandBundle = join(folder, 'by-hand.js');
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(packageRoot, 'bench', 'overhead', 'by-hand.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    await writeFile(byHandBundle, code);
    const settings = { address: server.address, namespace: server.namespace, dataFolder: folder };
    const spawn = async (more: Omit<WorkerArguments, 'address' | 'namespace' | 'dataFolder'>) => {
      const child = fork(join(here, 'worker.js'), [JSON.stringify({ ...settings, ...more })]);
      children.push(child);
      await once(child, 'message');
      return child;
    };
    const common = { workflowTaskTimeout: '5s' } as const;
    const plans = new Map([0, stepReads].map((reads) => [reads, benchPlan(reads)]));
    const engine = async (
      name: Variant['name'],
      taskQueue: string,
      systemUrl?: string,
    ): Promise<Variant> => ({
      name,
      taskQueue,
      child: await spawn({
        kind: name,
        bundle: join(packageRoot, 'dist', 'workflow-bundle.js'),
        taskQueue,
        ...defined({ systemUrl }),
      }),
      start: (id, reads) => {
        const plan = plans.get(reads);
        if (!plan) throw new Error('no such plan');
        const start: RunStart = {
          engine: ENGINE_VERSION,
          plan,
          inputs,
          requester: { id: 'bench@example.com', roles: [] },
          cause: { type: 'manual' },
        };
        return client.workflow.execute('bench', {
          ...common,
          workflowId: id,
          taskQueue,
          args: [sealedStart(id, start)],
        });
      },
    });
    const runbook = await engine('runbook', 'countersign');
    const byHand: Variant = {
      name: 'by hand',
      taskQueue: 'by-hand',
      child: await spawn({ kind: 'by hand', bundle: byHandBundle, taskQueue: 'by-hand' }),
      start: (id, reads) =>
        client.workflow.execute('byHand', {
          ...common,
          workflowId: id,
          taskQueue: 'by-hand',
          args: [inputs, reads],
        }),
    };
    const rows: Row[] = [];
    for (const reads of only === 'gated' ? [] : [0, stepReads]) {
      const [ours, theirs] = await compare(client, runbook, byHand, reads);
      rows.push(...(reads === 0 ? writeRows(ours, theirs) : readRows(ours, theirs)));
    }
    if (only !== 'by-hand')
      rows.push(...(await gatedRows({ client, folder, settings, spawn, turns, runsPerTurn, packageRoot })));
    for (const variant of [runbook, byHand]) variant.child.disconnect();
    if (only !== 'by-hand')
      rows.push(
        ...(await readBackRows(client, (name, { url }) => engine(name, name.replaceAll(' ', '-'), url))),
      );
    report('overhead', rows);
    await connection.close();
  } finally {
    // A worker that is left connected keeps this process alive.
    for (const child of children.filter((each) => each.connected)) child.disconnect();
    await server.stop();
    await endTemporalRuntime();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What it costs that each write is read back: the same runbook through the action kit, with `verify` and without. */
async function readBackRows(
  client: Client,
  variantOf: (name: Variant['name'], system: Switches) => Promise<Variant>,
): Promise<Row[]> {
  const systems = [await startSwitches(), await startSwitches()] as const;
  try {
    const [without, withIt] = [
      await variantOf('not read back', systems[0]),
      await variantOf('read back', systems[1]),
    ];
    const [a, b] = await compare(client, withIt, without, 0);
    describeCosts('20 writes', [withIt.name, a], [without.name, b]);
    const what = '20 writes read back, against the same not read back:';
    const writes = 20 * (20 + turns * runsPerTurn);
    const [fewer, more] = systems.map((system) => system.requests() / writes);
    return [
      row(`${what} requests a write`, (more ?? 0) - (fewer ?? 0), 'more', 1),
      row(`${what} history bytes`, a.bytes / b.bytes, 'times', 1.05),
      row(`${what} worker CPU a run`, paired(a.cpuMs, b.cpuMs), 'times', 1.25),
    ];
  } finally {
    for (const system of systems) system.close();
  }
}

function row(what: string, value: number, unit: string, limit: number): Row {
  return { what, value, unit, limit, limitIs: 'at most' };
}

async function compare(client: Client, a: Variant, b: Variant, reads: number): Promise<[Cost, Cost]> {
  const costs = new Map<Variant, Cost>();
  for (const variant of [a, b]) {
    await burst(variant, reads, `warm-${reads}`, 20);
    const handle = client.workflow.getHandle(`${variant.name}-warm-${reads}-0`);
    const { events } = await handle.fetchHistory();
    const described = await handle.describe();
    costs.set(variant, {
      cpuMs: [],
      runsPerSecond: [],
      events: events?.length ?? 0,
      bytes: Number(described.raw.workflowExecutionInfo?.historySizeBytes ?? 0),
    });
  }
  for (let turn = 0; turn < turns; turn += 1) {
    // In turns, and the other way round every second time, so that a drift of the machine meets both.
    for (const variant of turn % 2 === 0 ? [a, b] : [b, a]) {
      const cost = costs.get(variant);
      const before = await cpuOf(variant.child);
      const seconds = await burst(variant, reads, `${reads}-${turn}`, runsPerTurn);
      const after = await cpuOf(variant.child);
      cost?.cpuMs.push((after - before) / runsPerTurn);
      cost?.runsPerSecond.push(runsPerTurn / seconds);
    }
  }
  return [costs.get(a) as Cost, costs.get(b) as Cost];
}

/** Runs `count` runs, `atOnce` at a time. Returns the seconds it took. */
async function burst(variant: Variant, reads: number, label: string, count: number): Promise<number> {
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const id = `${variant.name}-${label}-${next}`;
      next += 1;
      await variant.start(id, reads);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (performance.now() - began) / 1000;
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [usage] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return (usage.user + usage.system) / 1000;
}

function writeRows(ours: Cost, theirs: Cost): Row[] {
  describeCosts('20 writes', ['runbook', ours], ['by hand', theirs]);
  const what = '20 writes, against the same by hand:';
  return [
    {
      what: `${what} history events`,
      value: ours.events - theirs.events,
      unit: 'more',
      limit: 2,
      limitIs: 'at most',
    },
    {
      what: `${what} history bytes`,
      value: ours.bytes / theirs.bytes,
      unit: 'times',
      limit: 1.3,
      limitIs: 'at most',
    },
    {
      what: `${what} worker CPU a run`,
      value: paired(ours.cpuMs, theirs.cpuMs),
      unit: 'times',
      limit: 1.15,
      limitIs: 'at most',
    },
    {
      what: `${what} runs per second`,
      value: paired(ours.runsPerSecond, theirs.runsPerSecond),
      unit: 'times',
      limit: 0.95,
      limitIs: 'at least',
    },
  ];
}

function readRows(ours: Cost, theirs: Cost): Row[] {
  describeCosts(`20 steps, ${stepReads} of them reads`, ['runbook', ours], ['by hand', theirs]);
  const what = `20 steps, ${stepReads} of them reads:`;
  return [
    {
      what: `${what} history events`,
      value: ours.events / theirs.events,
      unit: 'times',
      limit: 0.75,
      limitIs: 'at most',
    },
    {
      what: `${what} runs per second`,
      value: paired(ours.runsPerSecond, theirs.runsPerSecond),
      unit: 'times',
      limit: 1.3,
      limitIs: 'at least',
    },
  ];
}

function describeCosts(what: string, ...costs: [name: string, cost: Cost][]): void {
  console.log(`${what} (median of ${turns} turns of ${runsPerTurn} runs, ${atOnce} at a time)`);
  for (const [name, cost] of costs) {
    const cpu = median(cost.cpuMs).toFixed(1);
    const rate = median(cost.runsPerSecond).toFixed(1);
    console.log(`  ${name}: ${cost.events} events, ${cost.bytes} bytes, ${cpu} ms CPU a run, ${rate} runs/s`);
  }
}

/** The median of the ratios turn by turn, which a drift of the machine's speed does not touch. */
function paired(ours: number[], theirs: number[]): number {
  return median(ours.map((value, turn) => value / (theirs[turn] ?? Number.NaN)));
}

await main();
