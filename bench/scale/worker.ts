/** The worker of the scale bench, in a process of its own, so that its memory is its own. Driven over IPC by main.ts. */

import { Client, Connection } from '@temporalio/client';
import { engineActivities } from '../../activities/engine/activities.ts';
import { Calendars } from '../../organisation/calendars.ts';
import { type Answer, saidBy } from '../../plan/sealed.ts';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { openStore } from '../../store/store.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import { Projection } from '../../worker/projection.ts';
import { startWorkers } from '../../worker/worker.ts';
import type { JournalAnswer } from '../../workflows/journal.ts';
import { queries } from '../../workflows/messages.ts';
import { registerInMemory } from '../sealing.ts';
import { freeHeap, freeHeapElsewhere } from './collect.ts';

export interface WorkerArguments {
  address: string;
  namespace: string;
  dataFolder: string;
  database: string;
  bundle: string;
}

quietTemporalLog();
const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerArguments;
const keyRing = await loadKeyRing(settings.dataFolder);
const converter = dataConverter(keyRing);
const connection = await Connection.connect({ address: settings.address });
const client = new Client({ connection, namespace: settings.namespace, dataConverter: converter });
const store = await openStore(settings.database);
const projection = new Projection(
  store.runs,
  async ({ workflowId, runId }, after) =>
    saidBy(
      await client.workflow
        .getHandle(workflowId)
        .query<Answer<JournalAnswer>, [number]>(queries.journal, after),
      runId,
    ),
  (line) => console.error(line),
);
const calendars = new Calendars({ calendars: {}, timezone: 'UTC', read: () => '' });
await startWorkers({
  connection: { address: settings.address },
  namespace: settings.namespace,
  dataConverter: dataConverter(keyRing, { strangers: 'mark' }),
  register: registerInMemory(),
  workflowBundle: settings.bundle,
  groups: [
    { connector: 'bench', activities: { 'bench.write': async () => ({ id: 'x' }) } },
    {
      connector: 'countersign',
      activities: engineActivities({
        roles: () => ({}),
        calendars: () => calendars,
        tell: async () => {},
      }),
    },
  ],
  sinks: projection.sinks(),
});
process.on('message', async () => {
  const elsewhere = await freeHeapElsewhere();
  if (elsewhere.length === 0)
    throw new Error('the thread of the workflows did not say what of its heap is free');
  const free = [freeHeap(), ...elsewhere].reduce((sum, bytes) => sum + bytes, 0);
  process.send?.(process.memoryUsage().rss - free);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
