/**
 * Hosts the engine and the connectors: one Temporal worker for the workflows, and one for each connector's task queue, so
 * that a slow or rate-limited system holds up only its own calls.
 */

import type { DataConverter } from '@temporalio/common';
import {
  type InjectedSinks,
  NativeConnection,
  Worker,
  type WorkerDeploymentOptions,
} from '@temporalio/worker';
import { boundActivities, type CallRegister } from '../activities/kit/bound-call.ts';
import type { TemporalAccess } from '../activities/kit/temporal-access.ts';
import type { TemporalVersioning } from '../compiler/configuration/temporal.ts';
import { defined } from '../plan/defined.ts';
import type { CallContext, Json } from '../plan/plan.ts';
import { usualGraceMs } from '../processes/grace.ts';
import { taskQueue } from '../workflows/messages.ts';
import type { JournalSinks } from '../workflows/temporal/journal.ts';
import type { RefusalSinks } from '../workflows/temporal/refusals.ts';

export type Activity = (input: Json, call: CallContext) => Promise<Json>;

/** The activities of one connector, which have their own task queue. */
export interface ActivityGroup {
  /** The part of the activities' names before the dot. */
  connector: string;
  activities: Record<string, Activity>;
  /** The most calls a second over all workers; enforced by Temporal. */
  callsPerSecond?: number;
}

export interface WorkerSettings {
  /** How Temporal is reached. */
  connection: TemporalAccess['connection'];
  namespace: string;
  dataConverter: DataConverter;
  /** File made by `npm run build`. */
  workflowBundle: string;
  groups: ActivityGroup[];
  sinks: InjectedSinks<JournalSinks>;
  /** What calls are compared with. */
  register: CallRegister;
  taskQueue?: string;
  /** Runs waiting at a gate stay in memory up to this many; more are rebuilt from history when needed (ENGINE, measured). */
  cachedRuns?: number;
  /** What is under way when the worker is asked to stop has so long to end; then it is told to. */
  graceMs?: number;
  /** By which Temporal knows this worker's build; without it, any worker takes any run. */
  version?: WorkerVersion;
}

export interface WorkerVersion {
  deployment: string;
  build: string;
  runs: TemporalVersioning['runs'];
}

/** 0.23 MB each, measured: less than 100 MB. With fewer, a morning's tickets push each other out, and each step replays its run. */
const usualCachedRuns = 400;

/** Workers that are up and polling. `done` settles when they have stopped, and rejects when one fails. */
export interface RunningWorkers {
  done: Promise<void>;
  stop(): void;
}

export async function startWorkers(settings: WorkerSettings): Promise<RunningWorkers> {
  const queue = settings.taskQueue ?? taskQueue;
  const connection = await NativeConnection.connect(settings.connection);
  const groups = settings.groups.map((group) => ({
    ...group,
    activities: boundActivities(group.activities, settings.register),
  }));
  const common = {
    connection,
    namespace: settings.namespace,
    dataConverter: settings.dataConverter,
    shutdownGraceTime: settings.graceMs ?? usualGraceMs,
    // The connectors' queues too: a run of one build has its calls made by the same.
    ...(settings.version ? { workerDeploymentOptions: deploymentOf(settings.version) } : {}),
  };
  const engine = await Worker.create({
    ...common,
    taskQueue: queue,
    workflowBundle: { codePath: settings.workflowBundle },
    // Reads are tried here first, as local activities; ordinary ones are polled for on the connectors' queues alone.
    enableNonLocalActivities: false,
    activities: Object.assign({}, ...groups.map((group) => group.activities)),
    sinks: { ...settings.sinks, ...refusalSinks(settings.register) },
    maxCachedWorkflows: settings.cachedRuns ?? usualCachedRuns,
    // A worker that died is given up on after a second, instead of the default ten.
    stickyQueueScheduleToStartTimeout: '1s',
  });
  const connectors = await Promise.all(
    groups.map((group) =>
      Worker.create({
        ...common,
        taskQueue: `${queue}.${group.connector}`,
        activities: group.activities,
        // Heartbeats are due every 2 s; throttled to their usual 80 % they would come too close to that.
        maxHeartbeatThrottleInterval: '500ms',
        ...defined({ maxTaskQueueActivitiesPerSecond: group.callsPerSecond || undefined }),
      }),
    ),
  );
  const workers = [engine, ...connectors];
  return {
    done: runTogether(workers).finally(() => connection.close()),
    stop: () => workers.forEach(stopOne),
  };
}

function deploymentOf({ deployment, build, runs }: WorkerVersion): WorkerDeploymentOptions {
  return {
    version: { deploymentName: deployment, buildId: build },
    useWorkerVersioning: true,
    defaultVersioningBehavior: runs === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE',
  };
}

/** What a workflow did not believe. */
function refusalSinks({ refused }: CallRegister): InjectedSinks<RefusalSinks> {
  const fn: InjectedSinks<RefusalSinks>['refusals']['note']['fn'] = (
    { firstExecutionRunId },
    { what, step, why },
  ) => refused({ run: firstExecutionRunId, activity: what, why, ...defined({ step }) });
  return {
    refusals: { note: { fn, callDuringReplay: false }, noteOfReset: { fn, callDuringReplay: true } },
  };
}

/** Runs the workers until all have stopped; when one fails, the others are stopped and its error is thrown. */
async function runTogether(workers: Worker[]): Promise<void> {
  const runs = workers.map((worker) => worker.run());
  try {
    await Promise.all(runs);
  } catch (error) {
    workers.forEach(stopOne);
    await Promise.allSettled(runs);
    throw error;
  }
}

function stopOne(worker: Worker): void {
  if (worker.getState() === 'RUNNING') worker.shutdown();
}
