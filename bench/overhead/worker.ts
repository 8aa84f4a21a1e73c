/** One worker process of the overhead bench, so that its CPU time is its own. Driven over IPC by main.ts. */

import { NativeConnection, Worker } from '@temporalio/worker';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { CommandSeals } from '../../vault/commands.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import { type Activity, startWorkers } from '../../worker/worker.ts';
import { registerInMemory } from '../sealing.ts';
import { keptGroups } from './kept.ts';
import { keptActivities } from './read-back.ts';

export interface WorkerArguments {
  kind: 'runbook' | 'by hand' | 'with warrants' | 'without warrants' | 'not read back' | 'read back';
  address: string;
  namespace: string;
  dataFolder: string;
  bundle: string;
  taskQueue: string;
  /** Of the runbook with an approval: where attempts are kept. */
  database?: string;
  /** Of the system that the action kit writes to. */
  systemUrl?: string;
}

quietTemporalLog();
const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerArguments;

let count = 0;
const answer: Activity = async () => {
  count += 1;
  return { id: `object-${count}` };
};
const simple = { 'bench.read': answer, 'bench.write': answer };
const { kind, systemUrl } = settings;
const activities = systemUrl ? keptActivities(systemUrl, kind === 'read back') : simple;

const { address, namespace } = settings;
const keys = await loadKeyRing(settings.dataFolder);
const converter = dataConverter(keys, { strangers: 'mark' });
if (settings.database !== undefined) {
  const { database, dataFolder } = settings;
  const warrants = settings.kind === 'with warrants';
  const { groups, store } = await keptGroups({ database, dataFolder, keys, warrants });
  await startWorkers({
    connection: { address },
    namespace,
    dataConverter: dataConverter(keys, {
      strangers: 'mark',
      commands: new CommandSeals((id) => store.gatewayKeys.find(id)),
    }),
    workflowBundle: settings.bundle,
    groups,
    sinks: { journal: { append: { fn: () => {}, callDuringReplay: false } } },
    taskQueue: settings.taskQueue,
    register: registerInMemory(),
  });
} else if (kind !== 'by hand') {
  await startWorkers({
    connection: { address },
    namespace,
    dataConverter: converter,
    workflowBundle: settings.bundle,
    groups: [{ connector: 'bench', activities }],
    // The hand-written workflow tells nobody what it does; handing the journal out is part of the engine's price.
    sinks: { journal: { append: { fn: () => {}, callDuringReplay: false } } },
    taskQueue: settings.taskQueue,
    register: registerInMemory(),
  });
} else {
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    dataConverter: converter,
    taskQueue: settings.taskQueue,
    workflowBundle: { codePath: settings.bundle },
    activities: simple,
    maxCachedWorkflows: 50,
    maxHeartbeatThrottleInterval: '500ms',
    stickyQueueScheduleToStartTimeout: '1s',
  });
  void worker.run();
}
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
