/** Runs one part alone, as an installation does that keeps each on its own machine. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../store/package-root.ts';
import { Exit, usage } from '../exit.ts';

export function worker(): Promise<void> {
  return runScript('worker');
}

export function gateway(): Promise<void> {
  return runScript('gateway');
}

async function runScript(part: 'worker' | 'gateway'): Promise<void> {
  const missing = ['DATABASE_URL', 'COUNTERSIGN_CONFIG'].filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw usage(`Set ${missing.join(', ')}. To try things on one machine: countersign dev`);
  const child = spawn(process.execPath, [join(packageRoot(), 'dist', part, 'process.js')], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number>((resolve) => child.once('exit', (exit) => resolve(exit ?? 1)));
  if (code !== 0) throw new Exit(code, '');
}
