// `npm run -s bench NAME`: builds, then runs one measurement. Without a name it lists what can be measured.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root } from './root.mjs';

const [name, ...args] = process.argv.slice(2);
const names = readdirSync(join(root, 'bench'))
  .filter((entry) => existsSync(join(root, 'bench', entry, 'main.ts')))
  .sort();
if (!name || !names.includes(name)) {
  console.error(`Usage: npm run -s bench NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(2);
}
await build({ quiet: true });
const run = spawnSync(process.execPath, [join(root, 'dist', 'bench', name, 'main.js'), ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
