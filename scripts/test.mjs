// `npm test`: installs, builds, then runs every check. `npm test -- PATTERN` runs only the matching test files.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { countsFile, root } from './root.mjs';

ensureInstalled();
const { build } = await import('./build.mjs');
await build();

const only = process.argv.slice(2);
if (only.length === 0) {
  check('Formatting and lint (Biome)', ['@biomejs/biome/bin/biome', 'check', '.']);
  check('Types (tsc)', ['typescript/bin/tsc', '--noEmit']);
  check('Types of the console (tsc)', ['typescript/bin/tsc', '-p', 'console']);
}
// What an earlier run left would stand for one that never came to its end.
rmSync(countsFile, { force: true });
const jest = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    ...only,
  ],
  { cwd: root, stdio: 'inherit' },
);
const {
  numPassedTests = 0,
  numFailedTests = 1,
  numPendingTests = 0,
  numRuntimeErrorTestSuites = 0,
} = readReport();
const failed = numFailedTests + numRuntimeErrorTestSuites;
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
console.log(`\n${numPassedTests} passed, ${failed} failed${skipped}`);
if (process.env.CI === 'true' && only.length === 0 && numPendingTests > 0) {
  console.error('In CI nothing may skip: a part that a suite needs is missing (see the lines above).');
  process.exit(1);
}
process.exit(jest.status === 0 ? 0 : 1);

function check(title, [script, ...args]) {
  console.log(`${title} …`);
  const result = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) {
    console.error(`\n${title}: problems found.`);
    console.log('0 passed, 1 failed');
    process.exit(1);
  }
}

function readReport() {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8'));
  } catch {
    return {};
  }
}
