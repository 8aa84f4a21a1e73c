import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { packageRoot } from '../store/package-root.ts';

it('The demo says what it will do, and how long each part may take, before it installs or builds anything', async () => {
  const child = spawn(process.execPath, [join(packageRoot(), 'scripts', 'demo.mjs')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const first = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => {
      child.kill('SIGKILL');
      resolve(chunk.toString());
    }),
  );
  expect(first).toContain('Countersign, watched');
  expect(first).toMatch(/Temporal server .*two to four minutes/);
  expect(first).toContain('Ctrl-C');
});
