import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { isAlive, pause } from '../../processes/local-server.ts';
import { packageRoot } from '../../store/package-root.ts';
import { describeWith, testTemporal } from '../../test/support/services.ts';
import { skipped } from '../../test/support/skipped.ts';
import { readStackFile, type StackFile } from './stack-file.ts';

const program = join(packageRoot(), 'dist', 'cli', 'main.js');
if (!existsSync(program))
  skipped('tests of built programs. Run `npm run build`, or the whole of `npm test`.');
// Asked for only to know that there can be one: each stack here has its own.
const possible = existsSync(program) && (await testTemporal());

const limitMs = 90_000;

describeWith(possible)('a stack on one machine', () => {
  let folder = '';
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-stack-'));
  });
  afterEach(async () => {
    for (const child of started.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await exitOf(child);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

  const dev = () => {
    const child = spawn(process.execPath, [program, 'dev', '--data', folder, '--port', '0'], {
      cwd: packageRoot(),
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        JIRA_WEBHOOK_SECRET: 'test',
        TEMPORAL_ADDRESS: '',
        DATABASE_URL: '',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data: Buffer) => {
        output += data.toString();
      });
    return { child, output: () => output };
  };

  const up = async ({ child, output }: ReturnType<typeof dev>): Promise<StackFile> => {
    for (const until = Date.now() + limitMs; Date.now() < until; await pause(50)) {
      const file = await readStackFile(folder);
      if (file && file.pid === child.pid) return file;
      if (child.exitCode !== null) throw new Error(`it ended:\n${output()}`);
    }
    throw new Error(`it did not get ready:\n${output()}`);
  };

  it(
    'is one to a data folder: a second is refused and names the first',
    async () => {
      const first = dev();
      const { gateway } = await up(first);
      const second = dev();
      expect(await exitOf(second.child)).not.toBe(0);
      expect(second.output()).toContain(
        `Countersign already runs over ${folder} (process ${first.child.pid}, ${gateway})`,
      );
      expect((await fetch(gateway)).status).toBeLessThan(500);
    },
    limitMs,
  );

  it(
    'ends on Ctrl-C with nothing left behind and nothing started again',
    async () => {
      const stack = dev();
      await up(stack);
      const processes = offspring(stack.child.pid ?? 0);
      expect(processes.length).toBeGreaterThanOrEqual(7);
      stack.child.kill('SIGINT');
      expect(await exitOf(stack.child)).toBe(0);
      expect(await readStackFile(folder)).toBeUndefined();
      expect(await alive(processes)).toEqual([]);
      expect(stack.output()).not.toContain('starting it again');
    },
    limitMs,
  );

  it(
    'that is killed takes its parts along, and starts again at once with its addresses',
    async () => {
      const first = dev();
      const before = await up(first);
      const processes = offspring(first.child.pid ?? 0);
      first.child.kill('SIGKILL');
      await exitOf(first.child);
      const second = dev();
      const after = await up(second);
      expect(after.temporal).toBe(before.temporal);
      expect(await alive(processes)).toEqual([]);
      expect(await readFile(join(folder, 'stack.lock'), 'utf8')).toBe(String(second.child.pid));
    },
    limitMs,
  );
});

function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(child.exitCode ?? child.signalCode);
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
}

/** Every process that came from this one. */
function offspring(root: number): number[] {
  const table = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (const parent of found)
    for (const [pid = 0, ppid] of table) if (ppid === parent && pid !== parent) found.push(pid);
  return found.slice(1);
}

async function alive(pids: number[]): Promise<number[]> {
  const states = await Promise.all(pids.map(isAlive));
  return pids.filter((_, index) => states[index]);
}
