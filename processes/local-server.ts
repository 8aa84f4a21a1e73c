/** What the servers that we start on this machine have in common: a free port, a process id, and an end with their owner. */
import { execFile, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

/** Below what Linux (from 32,768), macOS and Windows (from 49,152) hand out by themselves, above what services usually have. */
const ports = { from: 15_000, below: 32_000 };
const given = new Set<number>();

/**
 * A loopback port that nothing listens on now, not given twice by this process. It is drawn from outside the range from which
 * the system serves every outgoing connection: a server that takes its port a moment later, or again after it was killed,
 * would sometimes find it in use by a client.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.below);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Whether a process runs. One that ended but that nobody has collected (usual in containers) does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name before the state stands in parentheses and may hold anything.
  return !/^Z/.test(state.slice(state.lastIndexOf(')') + 2));
}

/** The command line of a process; empty when it is gone or cannot be known. */
export async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return raw.replaceAll('\0', ' ').trim();
  }
  const found = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return found?.stdout.trim() ?? '';
}

/** Asks a process to end, and after a while makes it. */
export async function endProcess(pid: number, signal: NodeJS.Signals, limitMs = 10_000): Promise<void> {
  send(pid, signal);
  const late = Date.now() + limitMs;
  let forced = false;
  while (await isAlive(pid)) {
    if (!forced && Date.now() > late) {
      send(pid, 'SIGKILL');
      forced = true;
    }
    await pause(30);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It was quicker.
  }
}

/**
 * Whether the process that started a server still looks after it. One that was just told to end gets a moment to do so, as
 * when everything is stopped and started again at once.
 */
export async function isLookedAfter(
  pid: number,
  owner: number | undefined,
  limitMs = 5_000,
): Promise<boolean> {
  if (owner === process.pid) return true;
  const until = Date.now() + limitMs;
  while (owner && (await isAlive(owner)) && (await isAlive(pid))) {
    if (Date.now() > until) return true;
    await pause(50);
  }
  return false;
}

export interface Command {
  path: string;
  args: string[];
}

/**
 * The same command, so that on Linux the kernel sends it this signal when the process that started it is gone, even by
 * SIGKILL. Elsewhere the next start finds what was left behind.
 */
export function endingWithOwner(command: Command, signal: 'SIGTERM' | 'SIGINT'): Command {
  return canFollowOwner() ? withPrivileges(command, ['--pdeathsig', signal]) : command;
}

/** The command under `setpriv`, which becomes the command: the process id stays. Options may be added to one already there. */
export function withPrivileges(command: Command, options: string[]): Command {
  if (command.path === 'setpriv') return { path: 'setpriv', args: [...options, ...command.args] };
  return { path: 'setpriv', args: [...options, '--', command.path, ...command.args] };
}

let followsOwner: boolean | undefined;

/** BusyBox has a `setpriv` without this option. */
function canFollowOwner(): boolean {
  followsOwner ??=
    process.platform === 'linux' &&
    spawnSync('setpriv', ['--pdeathsig', 'SIGTERM', '--', 'true'], { stdio: 'ignore' }).status === 0;
  return followsOwner;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
