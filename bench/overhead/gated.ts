/**
 * What warrants cost: twenty writes behind an approval, by a worker that issues, names and looks at them and by one that does not, side
 * by side over one database. Both put every attempt on record.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { Sealing } from '../../gateway/sealing.ts';
import { type Answer, saidBy } from '../../plan/sealed.ts';
import { provisionPostgres } from '../../processes/postgres/server.ts';
import { openStore, type Store } from '../../store/store.ts';
import { loadGatewayKey } from '../../vault/commands.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { Seal } from '../../vault/seal.ts';
import { ENGINE_VERSION, queries, type RunView } from '../../workflows/messages.ts';
import { runPlanOf } from '../../workflows/run-plan.ts';
import { median, type Row } from '../report.ts';
import { gatedPlan } from './plan.ts';
import type { WorkerArguments } from './worker.ts';

export interface GatedOptions {
  client: Client;
  folder: string;
  settings: Pick<WorkerArguments, 'address' | 'namespace' | 'dataFolder'>;
  spawn(more: Omit<WorkerArguments, 'address' | 'namespace' | 'dataFolder'>): Promise<ChildProcess>;
  turns: number;
  runsPerTurn: number;
  packageRoot: string;
}

const atOnce = 10;
const writes = 20;
const boss = 'boss@example.com';

interface Side {
  name: 'with warrants' | 'without warrants';
  child: ChildProcess;
  taskQueue: string;
  cpuMs: number[];
  writeBytes: number;
  bytes: number;
}

export async function gatedRows(options: GatedOptions): Promise<Row[]> {
  const { folder, spawn, packageRoot, turns, runsPerTurn } = options;
  const postgres = await provisionPostgres({ dataFolder: folder, log: () => {} });
  const store = await openStore(postgres.url, new Seal(await loadKeyRing(folder)));
  const sides: Side[] = [];
  try {
    const key = await loadGatewayKey(folder);
    await store.gatewayKeys.list(key.id, key.publicKey);
    const sealing = new Sealing({ key });
    const plan = gatedPlan();
    await store.runs.savePlan(plan);
    for (const name of ['with warrants', 'without warrants'] as const) {
      const taskQueue = name.replace(' ', '-');
      const bundle = join(packageRoot, 'dist', 'workflow-bundle.js');
      const child = await spawn({ kind: name, bundle, taskQueue, database: postgres.url });
      sides.push({ name, child, taskQueue, cpuMs: [], writeBytes: 0, bytes: 0 });
    }
    const runs = new GatedRuns(options.client, store, sealing);
    for (const side of sides) {
      await runs.burst(side, 'warm', 10);
      Object.assign(side, await runs.bytesOf(`${side.taskQueue}-warm-0`));
    }
    for (let turn = 0; turn < turns; turn += 1)
      for (const side of turn % 2 === 0 ? sides : [...sides].reverse()) {
        const before = await cpuOf(side.child);
        await runs.burst(side, String(turn), runsPerTurn);
        side.cpuMs.push(((await cpuOf(side.child)) - before) / runsPerTurn);
      }
    return rowsOf(sides);
  } finally {
    // Before their database goes: they would look for it all through the next measurement.
    for (const { child } of sides) child.disconnect();
    await store.close();
    await postgres.stop();
  }
}

class GatedRuns {
  private readonly client: Client;
  private readonly store: Store;
  private readonly sealing: Sealing;
  private readonly plan = gatedPlan();

  constructor(client: Client, store: Store, sealing: Sealing) {
    this.client = client;
    this.store = store;
    this.sealing = sealing;
  }

  async burst(side: Side, label: string, count: number): Promise<void> {
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const id = `${side.taskQueue}-${label}-${next}`;
        next += 1;
        await this.one(id, side.taskQueue);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  }

  /** Started, signed and carried out, as a gateway does it. */
  private async one(workflowId: string, taskQueue: string): Promise<void> {
    const { plan, store, sealing } = this;
    const argument = sealing.start(workflowId, {
      engine: ENGINE_VERSION,
      plan: runPlanOf(plan),
      inputs: { givenName: 'Ada', familyName: 'Lee' },
      requester: { id: 'bench@example.com', roles: [] },
      cause: { type: 'manual' },
    });
    const handle = await this.client.workflow.start(plan.runbook, {
      workflowId,
      taskQueue,
      workflowTaskTimeout: '5s',
      args: [argument],
    });
    const run = handle.firstExecutionRunId;
    await store.runs.add({
      id: run,
      workflowId,
      runbook: plan.runbook,
      title: plan.title,
      kind: plan.kind,
      owner: plan.owner,
      planHash: plan.hash,
      requester: 'bench@example.com',
      startedAt: new Date().toISOString(),
    });
    const hash = await this.hashOf(workflowId, run);
    const request = { step: 'signoff', decision: 'approve', principal: { id: boss, roles: [] }, hash };
    const data = { request: workflowId, decision: 'approve', hash };
    await store.audit.append({ runId: run, kind: 'vote.requested', step: 'signoff', actor: boss, data });
    await handle.executeUpdate('vote', { args: [await sealing.command(run, 'vote', request)] });
    await store.audit.append({ runId: run, kind: 'vote.accepted', step: 'signoff', actor: boss, data });
    const { status } = (await handle.result()) as { status: string };
    if (status !== 'succeeded') throw new Error(`the run ${workflowId} ended as ${status}`);
  }

  private async hashOf(workflowId: string, run: string): Promise<string> {
    for (;;) {
      const answer = await this.client.workflow.getHandle(workflowId).query<Answer<RunView>>(queries.view);
      const gate = saidBy(answer, run).gates.find(({ hash }) => hash !== '');
      if (gate) return gate.hash;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async bytesOf(workflowId: string): Promise<Pick<Side, 'bytes' | 'writeBytes'>> {
    const handle = this.client.workflow.getHandle(workflowId);
    const { events } = await handle.fetchHistory();
    const inputs = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: call }) =>
      call?.activityType?.name === 'bench.write' ? [call.input?.payloads ?? []] : [],
    );
    const sizes = inputs.map((payloads) => payloads.reduce((sum, { data }) => sum + (data?.length ?? 0), 0));
    const described = await handle.describe();
    return {
      writeBytes: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
      bytes: Number(described.raw.workflowExecutionInfo?.historySizeBytes ?? 0),
    };
  }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [usage] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return (usage.user + usage.system) / 1000;
}

function rowsOf([ours, theirs]: Side[]): Row[] {
  if (!ours || !theirs) return [];
  console.log(`${writes} writes behind an approval`);
  for (const { name, bytes, writeBytes, cpuMs } of [ours, theirs])
    console.log(
      `  ${name}: ${bytes} bytes of history, ${writeBytes.toFixed(0)} a call, ${median(cpuMs).toFixed(1)} ms CPU a run`,
    );
  const what = `${writes} writes behind an approval, with warrants against without:`;
  return [
    {
      what: `${what} bytes a write`,
      value: ours.writeBytes - theirs.writeBytes,
      unit: 'more',
      limit: 80,
      limitIs: 'at most',
    },
    {
      what: `${what} worker CPU a run`,
      value: median(ours.cpuMs.map((value, turn) => value / (theirs.cpuMs[turn] ?? Number.NaN))),
      unit: 'times',
      limit: 1.05,
      limitIs: 'at most',
    },
  ];
}
