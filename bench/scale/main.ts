/**
 * What many runs and long lists cost: the worker's memory while 10,000 runs wait at a gate (`BENCH_RUNS`), how long the
 * inbox then takes, and a forEach over 10,000 items (`BENCH_ITEMS`), whose histories must stay small.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { PLAN_FORMAT, type Step } from '../../plan/plan.ts';
import { provisionPostgres } from '../../processes/postgres/server.ts';
import { provisionTemporal } from '../../processes/temporal/provision.ts';
import { endTemporalRuntime, quietTemporalLog } from '../../processes/temporal-logging.ts';
import { openStore, type Store } from '../../store/store.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import { ENGINE_VERSION, type RunPlan, type RunStart } from '../../workflows/messages.ts';
import { type Row, report } from '../report.ts';
import { sealedStart } from '../sealing.ts';
import type { WorkerArguments } from './worker.ts';

const runs = Number(process.env.BENCH_RUNS ?? 10_000);
const items = Number(process.env.BENCH_ITEMS ?? 10_000);
const approvers = 50;
const looks = 200;
const mebibyte = 1024 * 1024;

const here = dirname(fileURLToPath(import.meta.url));
const packageRoot = join(here, '..', '..', '..');
quietTemporalLog();

function startOf(steps: Step[], inputs: RunStart['inputs']): RunStart {
  const plan: RunPlan = {
    format: PLAN_FORMAT,
    hash: 'bench',
    runbook: 'bench',
    title: 'Scale',
    kind: 'other',
    owner: 'owner@example.com',
    inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, { schema: {}, required: true }])),
    steps,
    finally: [],
    outputs: {},
  };
  return {
    engine: ENGINE_VERSION,
    plan,
    inputs,
    requester: { id: 'bench@example.com', roles: [] },
    cause: { type: 'manual' },
  };
}

function gated(index: number): RunStart {
  const approver = `approver${index % approvers}@example.com`;
  return startOf(
    [
      {
        id: 'sign',
        kind: 'approve',
        title: 'Sign',
        from: [approver],
        quorum: 1,
        within: { ms: 30 * 86_400_000 },
      },
      { id: 'write', kind: 'action', uses: 'bench.write', effect: 'write', with: {} },
    ],
    { number: index },
  );
}

function listed(): RunStart {
  const each: Step = {
    id: 'all',
    kind: 'forEach',
    items: 'inputs.items',
    as: 'item',
    concurrency: 20,
    steps: [
      {
        id: 'write',
        kind: 'action',
        uses: 'bench.write',
        effect: 'write',
        with: { number: { $expr: 'item' } },
      },
    ],
  };
  return startOf([each], { items: Array.from({ length: items }, (_, index) => index) });
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-scale-'));
  const log = (line: string) => console.error(line);
  const server = await provisionTemporal({ dataFolder: folder, log });
  const database = await provisionPostgres({ dataFolder: folder, log });
  let worker: ChildProcess | undefined;
  try {
    const store = await openStore(database.url);
    const connection = await Connection.connect({ address: server.address });
    const client = new Client({
      connection,
      namespace: server.namespace,
      dataConverter: dataConverter(await loadKeyRing(folder)),
    });
    const settings: WorkerArguments = {
      address: server.address,
      namespace: server.namespace,
      dataFolder: folder,
      database: database.url,
      bundle: join(packageRoot, 'dist', 'workflow-bundle.js'),
    };
    const collect = pathToFileURL(join(here, 'collect.js')).href;
    worker = fork(join(here, 'worker.js'), [JSON.stringify(settings)], {
      execArgv: ['--expose-gc', '--import', collect],
    });
    await once(worker, 'message');
    const rows = [...(await manyWaiting(client, store, worker)), ...(await longList(client))];
    report('scale', rows);
    await connection.close();
    await store.close();
  } finally {
    worker?.disconnect();
    await server.stop();
    await database.stop();
    await endTemporalRuntime();
    await rm(folder, { recursive: true, force: true });
  }
}

async function manyWaiting(client: Client, store: Store, worker: ChildProcess): Promise<Row[]> {
  // What a worker needs that has had as much to do, and waits for nobody: the growth is what the waiting runs add.
  const warm = Math.min(500, runs);
  await startAll(client, 'warm', warm);
  await waitingRuns(store, warm);
  const before = await memoryOf(worker);
  await startAll(client, 'wait', runs - warm);
  await waitingRuns(store, runs);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const after = await memoryOf(worker);
  const times: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    const began = performance.now();
    const person = `approver${look % approvers}@example.com`;
    const { items } = await store.inbox.of(person, []);
    if (items.length === 0) throw new Error(`the inbox of ${person} is empty`);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return [
    {
      what: `${runs} runs waiting at a gate: worker memory growth`,
      value: (after - before) / mebibyte,
      unit: 'MiB',
      limit: 50,
      limitIs: 'at most',
    },
    {
      what: `${runs} runs waiting at a gate: inbox p95`,
      value: times[Math.floor(times.length * 0.95)] ?? 0,
      unit: 'ms',
      limit: 200,
      limitIs: 'at most',
    },
  ];
}

async function startAll(client: Client, name: string, count: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await client.workflow.start('bench', {
        workflowId: `${name}-${index}`,
        taskQueue: 'countersign',
        args: [sealedStart(`${name}-${index}`, gated(index))],
      });
    }
  };
  await Promise.all(Array.from({ length: 20 }, lane));
}

/** Until the index says so of as many runs: then their journals have come through too. */
async function waitingRuns(store: Store, count: number): Promise<void> {
  for (const until = Date.now() + 30 * 60_000; Date.now() < until; ) {
    if ((await store.runs.countByStatus('waiting')) >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`not all of ${count} runs got to their gate`);
}

async function memoryOf(worker: ChildProcess): Promise<number> {
  worker.send('memory');
  const [bytes] = (await once(worker, 'message')) as [number];
  return bytes;
}

async function longList(client: Client): Promise<Row[]> {
  const handle = await client.workflow.start('bench', {
    workflowId: 'long-list',
    taskQueue: 'countersign',
    args: [sealedStart('long-list', listed())],
  });
  const result = (await handle.result()) as { status: string };
  let [events, bytes] = [0, 0];
  const all = `WorkflowId = 'long-list' OR WorkflowId STARTS_WITH '${handle.firstExecutionRunId}/'`;
  // The list of runs follows a moment later.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  let histories = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query: all })) {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    histories += 1;
    events = Math.max(events, Number(raw.workflowExecutionInfo?.historyLength ?? 0));
    bytes = Math.max(bytes, Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0));
  }
  console.log(`forEach over ${items} items: ${result.status}, in ${histories} histories`);
  if (result.status !== 'succeeded') throw new Error(`the forEach ended as ${result.status}`);
  return [
    {
      what: `forEach over ${items} items: events of the longest history`,
      value: events,
      unit: 'events',
      limit: 10_000,
      limitIs: 'at most',
    },
    {
      what: `forEach over ${items} items: size of the largest history`,
      value: bytes / mebibyte,
      unit: 'MiB',
      limit: 10,
      limitIs: 'at most',
    },
  ];
}

await main();
