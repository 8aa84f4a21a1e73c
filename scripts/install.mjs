// Makes sure that node_modules matches package-lock.json, so that a fresh clone needs no step before `npm test` or `npm run demo`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const stamp = join(root, 'node_modules', '.countersign-installed');

export function ensureInstalled() {
  requireNode();
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing dependencies; the first time takes about half a minute …');
  const npm = process.env.npm_execpath
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  // Exactly what the lock file says, which stays as it is; `npm ci` would refuse a lock file that does not list the
  // binaries of every other platform. No install script is run: nothing here depends on one.
  const args = [
    ...npm.slice(1),
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-fund',
    '--no-audit',
    '--loglevel=error',
  ];
  const result = spawnSync(npm[0], args, { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) {
    console.error(
      'The dependencies could not be installed. Check the network and npm’s registry setting, then try again.',
    );
    process.exit(2);
  }
  writeFileSync(stamp, wanted);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Countersign needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(2);
}
