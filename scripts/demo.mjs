// `npm run demo`: from a fresh clone to a finished onboarding, with a worker killed on the way. Exits 0 only if the count is right.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { root } from './root.mjs';

// At once: what follows may take minutes the first time, before it can say anything of its own.
console.log(`
  Countersign, watched: an approved ticket onboards a new hire, somebody signs, and the worker is killed on the way.
  Everything runs on this machine, with stand-ins for every outside system; it is kept in .countersign/demo here.

  1. install and build       the first time about two minutes, later seconds
  2. get a Temporal server   the first time a download, or a build with Go of two to four minutes; kept for later
  3. start and play          about half a minute, then it ends by itself. Ctrl-C ends it at any time.
`);
ensureInstalled();
const { build } = await import('./build.mjs');
await build({ programsBuilt: getTemporal });
/** Meanwhile: the stack waits for it, if it is not there by then. */
function getTemporal() {
  spawn(process.execPath, [join(root, 'dist', 'cli', 'dev', 'get-temporal.js')], {
    cwd: root,
    stdio: 'inherit',
  });
}

const run = spawnSync(
  process.execPath,
  [join(root, 'dist', 'cli', 'demo', 'main.js'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exit(run.status ?? 1);
