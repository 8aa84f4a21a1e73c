// `npm run demo`: from a fresh clone to a finished onboarding, with a worker killed on the way. Exits 0 only if the count is right.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { root } from './root.mjs';

ensureInstalled();
const { build } = await import('./build.mjs');
await build();
const run = spawnSync(
  process.execPath,
  [join(root, 'dist', 'cli', 'demo', 'main.js'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exit(run.status ?? 1);
