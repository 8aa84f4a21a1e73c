/** Runs one service for a Jest run, until it is told to end or that Jest is gone. Arguments: kind, folder, Jest's process id. */

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../plan/error-text.ts';
import { isAlive } from '../../processes/local-server.ts';
import { provisionPostgres } from '../../processes/postgres/server.ts';
import { provisionTemporal } from '../../processes/temporal/provision.ts';
import { startKeycloak } from './keycloak-server.ts';
import type { ServiceReport } from './services.ts';

const [kind = '', folder = '', owner = ''] = process.argv.slice(2);
const options = { dataFolder: join(folder, `${kind}-data`), log: (line: string) => console.log(line) };

try {
  const server = await started();
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await server.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  setInterval(async () => {
    if (!(await isAlive(Number(owner)))) await stop();
  }, 1_000);
  const report: ServiceReport =
    'url' in server ? { url: server.url, pid: process.pid } : { ...addressOf(server), pid: process.pid };
  await tell(report);
} catch (error) {
  await tell({ pid: process.pid, error: errorText(error) });
  process.exit(1);
}

function started() {
  if (kind === 'temporal') return provisionTemporal(options);
  if (kind === 'keycloak') return startKeycloak(folder, options.log);
  return provisionPostgres(options);
}

function addressOf({ address, namespace }: { address: string; namespace: string }) {
  return { address, namespace };
}

/** Whole or not at all, since others look for the file all the time. */
async function tell(report: ServiceReport): Promise<void> {
  const file = join(folder, `${kind}.ready.json`);
  await writeFile(`${file}.new`, JSON.stringify(report));
  await rename(`${file}.new`, file);
}
