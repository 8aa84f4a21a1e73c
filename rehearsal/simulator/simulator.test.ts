/** Histories of generated plans: what must hold of every run holds of each of them. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { packageRoot } from '../../store/package-root.ts';
import { tellHistory } from './history.ts';

const folder = join(packageRoot(), '.countersign', 'test', `simulator-${process.pid}`);

/** As `npm run bench` does, in a process of its own: within Jest each history takes ten times as long. */
async function bench(name: string, histories: number): Promise<{ what: string; value: number }[]> {
  const program = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(packageRoot(), 'bench', name, 'main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  const { stdout } = await promisify(execFile)(process.execPath, [program, `--histories=${histories}`], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { rows } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  if (rows[0].value > 0) throw new Error(stdout);
  return rows;
}

describe('Simulated histories', () => {
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('break no promise, whatever plan, world and people do', async () => {
    expect(await bench('simulate', 2_000)).toMatchObject([{ value: 0 }, { value: 2_000 }]);
  }, 120_000);

  it('do nothing that was not signed by enough of the right people', async () => {
    expect(await bench('signed', 1_000)).toMatchObject([{ value: 0 }, { value: 1_000 }]);
  }, 120_000);

  it('are the same again by the same seed', async () => {
    const [first, second] = [await tellHistory(7), await tellHistory(7)];
    expect(second.history.world.journal).toEqual(first.history.world.journal);
    expect(second.did).toEqual(first.did);
  });
});
