/**
 * Whether this version of the engine can go on with runs that another one began: their histories are replayed, which changes
 * nothing. To be asked before a worker is replaced by a newer one.
 */

import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { defined } from '../plan/defined.ts';

export interface Replayed {
  workflowId: string;
  runbook: string;
  /** Why the run could not go on with this version. */
  problem?: string;
}

export interface MigrateOptions {
  client: Client;
  namespace: string;
  taskQueue: string;
  dataConverter: DataConverter;
  /** File made by `npm run build`. */
  workflowBundle: string;
}

export function replayOptions(bundle: string, dataConverter?: DataConverter): ReplayWorkerOptions {
  return {
    workflowBundle: { codePath: bundle },
    ...defined({ dataConverter }),
    // Replayed runs have told what they did already.
    sinks: {
      journal: { append: { fn: () => {}, callDuringReplay: false } },
      refusals: { note: { fn: () => {}, callDuringReplay: false } },
    },
  };
}

/** Every live run, the oldest first as Temporal lists them. */
export async function* replayLiveRuns(options: MigrateOptions): AsyncGenerator<Replayed> {
  const { client, taskQueue } = options;
  const query = `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}'`;
  for await (const { workflowId, runId, type } of client.workflow.list({ query })) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const problem = await replay(options, history, workflowId);
    yield { workflowId, runbook: type, ...defined({ problem: problem || undefined }) };
  }
}

async function replay(
  { workflowBundle, dataConverter }: MigrateOptions,
  history: unknown,
  workflowId: string,
): Promise<string | undefined> {
  try {
    await Worker.runReplayHistory(replayOptions(workflowBundle, dataConverter), history, workflowId);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
  }
}
