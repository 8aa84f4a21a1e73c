/** Before an upgrade: whether the live runs can go on with this version. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import colors from 'picocolors';
import { readConfiguration, secretsOf } from '../../activities/kit/configured-services.ts';
import {
  type TemporalAccess,
  TemporalMisconfigured,
  temporalAccess,
} from '../../activities/kit/temporal-access.ts';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import { rememberedAddress } from '../../processes/temporal/provision.ts';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { packageRoot } from '../../store/package-root.ts';
import { CommandSeals } from '../../vault/commands.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import { ConfiguredSecrets } from '../../vault/secrets.ts';
import { type Replayed, replayLiveRuns } from '../../worker/migrate-check.ts';
import { taskQueue } from '../../workflows/messages.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type Options, text } from './options.ts';

export async function migrateCheck(_args: string[], options: Options): Promise<void> {
  const data = resolve(text(options, 'data') ?? process.env.COUNTERSIGN_DATA ?? '.countersign');
  const { namespace, connection: access } = await accessFrom(data);
  quietTemporalLog();
  const connection = await connected(access);
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

/** As gateway and worker have it, else the server that `countersign dev` keeps over the data folder. */
async function accessFrom(data: string): Promise<TemporalAccess> {
  const path = resolve(process.env.COUNTERSIGN_CONFIG ?? 'countersign.yaml');
  const configuration = existsSync(path) ? await readConfiguration(path) : undefined;
  const secrets = configuration ? secretsOf(configuration, path) : new ConfiguredSecrets({});
  const temporal = configuration?.temporal ?? {};
  const remembered = temporal.address ? undefined : await rememberedAddress(data);
  try {
    return await temporalAccess({
      configuration: { temporal: { ...temporal, ...defined({ address: temporal.address ?? remembered }) } },
      path,
      secrets,
    });
  } catch (error) {
    if (!(error instanceof TemporalMisconfigured)) throw error;
    throw new Exit(exitCodes.usage, `${error.message} Or say where its data is: --data FOLDER.`);
  }
}

async function connected(access: TemporalAccess['connection']): Promise<Connection> {
  try {
    return await Connection.connect({ ...access, connectTimeout: 5_000 });
  } catch (error) {
    const why = errorText(error).split('\n')[0];
    throw new Exit(exitCodes.unreachable, `The Temporal server at ${access.address} does not answer: ${why}`);
  }
}
