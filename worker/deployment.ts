/** How a worker ends, and which build it is, as whoever deploys it says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TemporalVersioning } from '../compiler/configuration/temporal.ts';
import { defined } from '../plan/defined.ts';
import { graceMs } from '../processes/grace.ts';
import { packageRoot } from '../store/package-root.ts';
import { ENGINE_VERSION } from '../workflows/messages.ts';
import type { WorkerSettings, WorkerVersion } from './worker.ts';

export function deploymentOf(
  versioning: TemporalVersioning | undefined,
): Pick<WorkerSettings, 'version'> & { graceMs: number } {
  return { graceMs: graceMs(), ...defined({ version: workerVersion(versioning) }) };
}

/** COUNTERSIGN_BUILD, or else what tells this build from every other. */
export function workerVersion(versioning: TemporalVersioning | undefined): WorkerVersion | undefined {
  if (!versioning) return undefined;
  const { deployment = 'countersign', runs } = versioning;
  return { deployment, runs, build: process.env.COUNTERSIGN_BUILD || ownBuild() };
}

function ownBuild(): string {
  const stamp = join(packageRoot(), 'dist', '.programs.stamp');
  if (!existsSync(stamp))
    throw new Error(
      '`temporal.versioning` needs a build, and dist/ has none: set COUNTERSIGN_BUILD, or run `npm run build`.',
    );
  return `engine-${ENGINE_VERSION}-${readFileSync(stamp, 'utf8').slice(0, 12)}`;
}
