/** Gives a Jest run the folder in which its suites find their shared servers; none is started before a suite asks. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../scripts/root.mjs';

export default async function setup() {
  const folder = join(root, '.countersign', 'test', String(process.pid));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // The servers run outside Jest, which transforms our sources only for its own use.
  await build({
    entryPoints: [join(root, 'test', 'support', 'service-process.ts')],
    outfile: join(folder, 'service.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  process.env.COUNTERSIGN_TEST_FOLDER = folder;
  process.env.COUNTERSIGN_TEST_OWNER = String(process.pid);
}
