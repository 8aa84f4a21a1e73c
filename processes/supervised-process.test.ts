import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive, pause } from './local-server.ts';
import { PartProcess } from './supervised-process.ts';

let folder = '';
let part: PartProcess | undefined;
const said: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-part-'));
  said.length = 0;
});
afterEach(async () => {
  await part?.stop(500);
  await rm(folder, { recursive: true, force: true });
});

/** What every part does: tells that it is ready, and ends with its supervisor. */
const wellBehaved = `
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
  console.log(JSON.stringify({ ready: true, pid: process.pid, greeting: process.env.GREETING }));
  setInterval(() => {}, 1000);`;

async function make(program: string, environment: Record<string, string> = {}, readyLimitMs = 10_000) {
  const script = join(folder, 'part.mjs');
  await writeFile(script, program);
  part = new PartProcess({
    name: 'gateway',
    script,
    environment: () => environment,
    log: (line) => said.push(line),
    readyLimitMs,
  });
  return part;
}

describe('a supervised part', () => {
  it('is started when it says that it is ready, and has said what it had to', async () => {
    const gateway = await make(`console.log('warming up');${wellBehaved}`, { GREETING: 'hello' });
    await gateway.start();
    expect(gateway.state).toBe('ready');
    expect(gateway.ready).toMatchObject({ greeting: 'hello', pid: gateway.pid });
    expect(said).toEqual(['warming up']);
  });

  it('that dies is started again, and one line says so', async () => {
    const gateway = await make(wellBehaved);
    await gateway.start();
    const first = gateway.pid;
    gateway.kill('SIGKILL');
    await gateway.waitReady();
    expect(gateway.pid).not.toBe(first);
    expect(gateway.ready.pid).toBe(gateway.pid);
    expect(said).toEqual(['gateway ended (SIGKILL); starting it again']);
  });

  it('is started again when somebody else kills it', async () => {
    const gateway = await make(wellBehaved);
    await gateway.start();
    const first = gateway.pid ?? 0;
    process.kill(first, 'SIGKILL');
    for (let tries = 0; tries < 200 && (gateway.pid === first || gateway.state !== 'ready'); tries += 1)
      await pause(25);
    expect(gateway.state).toBe('ready');
    expect(gateway.pid).not.toBe(first);
  });

  it('is tried again and again, less and less often, until it starts', async () => {
    const count = join(folder, 'count');
    const gateway = await make(`
      import { appendFileSync, readFileSync } from 'node:fs';
      appendFileSync(${JSON.stringify(count)}, 'x');
      const times = readFileSync(${JSON.stringify(count)}, 'utf8').length;
      if (times === 2 || times === 3) { console.error('not yet'); process.exit(1); }
      ${wellBehaved}`);
    await gateway.start();
    gateway.kill();
    await gateway.waitReady();
    expect(gateway.state).toBe('ready');
    expect(await readFile(count, 'utf8')).toBe('xxxx');
    expect(said).toEqual([
      'gateway ended (SIGKILL); starting it again',
      'not yet',
      'gateway ended (exit 1); starting it again',
      'not yet',
      'gateway ended (exit 1); starting it again',
    ]);
  });

  it('that cannot start at first is not tried again, and its own words say why', async () => {
    const gateway = await make(`console.error('port 80 is taken'); process.exit(2);`);
    await expect(gateway.start()).rejects.toThrow('gateway could not start. port 80 is taken');
    expect(gateway.state).toBe('stopped');
  });

  it('that never gets ready is given up on', async () => {
    const gateway = await make('setInterval(() => {}, 1000);', {}, 300);
    await expect(gateway.start()).rejects.toThrow('gateway did not get ready in time');
    expect(gateway.state).toBe('stopped');
  });

  it('restarts when asked', async () => {
    const gateway = await make(wellBehaved);
    await gateway.start();
    const first = gateway.pid;
    await gateway.restart();
    expect(gateway.pid).not.toBe(first);
    expect(gateway.state).toBe('ready');
  });

  it('stays down once stopped, and a later kill is nothing', async () => {
    const gateway = await make(wellBehaved);
    await gateway.start();
    const pid = gateway.pid ?? 0;
    await gateway.stop();
    gateway.kill();
    await pause(400);
    expect(await isAlive(pid)).toBe(false);
    expect(gateway.state).toBe('stopped');
    expect(said).toEqual([]);
  });

  it('that ignores being stopped is ended after the limit', async () => {
    const gateway = await make(
      `process.on('SIGTERM', () => {});${wellBehaved.replace("process.on('SIGTERM', () => process.exit(0));", '')}`,
    );
    await gateway.start();
    const pid = gateway.pid ?? 0;
    await gateway.stop(100);
    expect(await isAlive(pid)).toBe(false);
  });

  it('stopped while it waits to be started again is not started', async () => {
    const gateway = await make(wellBehaved);
    await gateway.start();
    const first = gateway.pid;
    gateway.kill();
    while (gateway.state === 'ready') await pause(5);
    await gateway.stop();
    await pause(400);
    expect(gateway.pid).toBe(first);
    expect(gateway.state).toBe('stopped');
  });
});
