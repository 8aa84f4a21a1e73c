import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import {
  commandOf,
  endingWithOwner,
  endProcess,
  freePort,
  isAlive,
  isFree,
  withPrivileges,
} from './local-server.ts';

describe('a process on this machine', () => {
  it('is alive until it ends, and then is not', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    expect(await isAlive(pid)).toBe(true);
    expect(await commandOf(pid)).toContain('setInterval');
    const gone = once(child, 'exit');
    await endProcess(pid, 'SIGTERM');
    await gone;
    expect(await isAlive(pid)).toBe(false);
    expect(await commandOf(pid)).toBe('');
  });

  it('is made to end when it ignores being asked', async () => {
    const program = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)';
    const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    const gone = once(child, 'exit');
    await endProcess(child.pid ?? 0, 'SIGTERM', 100);
    expect((await gone)[1]).toBe('SIGKILL');
  });

  it('ends with an owner that is killed', async () => {
    const { path, args } = endingWithOwner({ path: 'sleep', args: ['60'] }, 'SIGTERM');
    if (path === 'sleep') return; // Only Linux can do it.
    const owner = `const { spawn } = require("node:child_process");
      console.log(spawn(${JSON.stringify(path)}, ${JSON.stringify(args)}, { stdio: "ignore" }).pid); setInterval(() => {}, 1000)`;
    const child = spawn(process.execPath, ['--eval', owner], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number(String((await once(child.stdout, 'data'))[0]));
    expect(await isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    for (let tries = 0; tries < 100 && (await isAlive(pid)); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await isAlive(pid)).toBe(false);
  });

  it('keeps its program and arguments when privileges are put before them', () => {
    const once = withPrivileges({ path: 'postgres', args: ['-D', 'data'] }, ['--reuid', '5']);
    const twice = withPrivileges(once, ['--pdeathsig', 'SIGINT']);
    expect(twice).toEqual({
      path: 'setpriv',
      args: ['--pdeathsig', 'SIGINT', '--reuid', '5', '--', 'postgres', '-D', 'data'],
    });
  });
});

describe('a free port', () => {
  it('is none that the system may give to a client meanwhile, and none that was given before', async () => {
    const ports = await Promise.all(Array.from({ length: 40 }, freePort));
    expect(new Set(ports).size).toBe(40);
    expect(ports.filter((port) => port >= 32_768 || port < 1_024)).toEqual([]);
  });

  it('is one that nothing listens on', async () => {
    const server = createServer().listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    expect(await isFree((server.address() as { port: number }).port)).toBe(false);
    server.close();
  });
});
