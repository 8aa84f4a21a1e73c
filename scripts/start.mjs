// `npm start`: the same stack as the demo's, left running (`countersign dev`).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { root } from './root.mjs';

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

const child = spawn(
  process.execPath,
  [join(root, 'dist', 'cli', 'main.js'), 'dev', ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
// The terminal sends Ctrl-C to both; the stack takes its parts down and this waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
