/** Before an upgrade: whether the live runs can go on with this version. */

import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import colors from 'picocolors';
import { rememberedAddress } from '../../processes/temporal/provision.ts';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { packageRoot } from '../../store/package-root.ts';
import { CommandSeals } from '../../vault/commands.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import { type Replayed, replayLiveRuns } from '../../worker/migrate-check.ts';
import { taskQueue } from '../../workflows/messages.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type Options, text } from './options.ts';

export async function migrateCheck(_args: string[], options: Options): Promise<void> {
  const data = resolve(text(options, 'data') ?? process.env.COUNTERSIGN_DATA ?? '.countersign');
  const address = process.env.TEMPORAL_ADDRESS ?? (await rememberedAddress(data));
  const namespace = process.env.TEMPORAL_NAMESPACE ?? 'countersign';
  if (!address)
    throw new Exit(
      exitCodes.usage,
      `No Temporal server is known. Set TEMPORAL_ADDRESS, or say where its data is: --data FOLDER.`,
    );
  quietTemporalLog();
  const connection = await connected(address);
  // As a worker reads them; what was believed when it came is not checked again.
  const converter = dataConverter(await loadKeyRing(data), {
    commands: new CommandSeals(undefined),
    strangers: 'mark',
  });
  const client = new Client({ connection, namespace, dataConverter: converter });
  const found: Replayed[] = [];
  const workflowBundle = join(packageRoot(), 'dist', 'workflow-bundle.js');
  const asked = { client, namespace, taskQueue, dataConverter: converter, workflowBundle };
  for await (const run of replayLiveRuns(asked)) {
    found.push(run);
    if (!options.json && run.problem)
      console.log(`${colors.red('cannot go on')}  ${run.workflowId}: ${run.problem}`);
  }
  await connection.close();
  const broken = found.filter(({ problem }) => problem).length;
  if (options.json) console.log(JSON.stringify({ runs: found.length, broken, found }, null, 2));
  else
    console.log(
      found.length === 0
        ? 'No run is live, so nothing can break.'
        : `${found.length - broken} of ${found.length} live runs can go on with this version.`,
    );
  if (broken > 0)
    throw new Exit(exitCodes.problems, 'Let those end on the version they run on, then replace its worker.');
}

async function connected(address: string): Promise<Connection> {
  try {
    return await Connection.connect({ address, connectTimeout: 5_000 });
  } catch {
    throw new Exit(exitCodes.unreachable, `The Temporal server at ${address} does not answer.`);
  }
}
