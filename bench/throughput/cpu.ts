/** The CPU time of processes, by the kernel's own count: over all their threads, and the children that have ended. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc: USER_HZ, which Linux shows to programs as 100 whatever the kernel's own clock. */
const ticksPerSecond = 100;

export interface Seen {
  pid: number;
  parent: number;
  command: string;
  cpuMs: number;
}

/** All processes of this machine that can be looked at now. */
export function processes(): Seen[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return [seen(name)];
    } catch {
      // It ended between the two looks.
      return [];
    }
  });
}

/** proc(5): the command's name stands in parentheses and may hold anything, so fields are counted from the last of them. */
function seen(name: string): Seen {
  const text = readFileSync(`/proc/${name}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return {
    pid: Number(name),
    parent: Number(fields[1]),
    command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
    cpuMs: (ticks * 1000) / ticksPerSecond,
  };
}

/** The process and all below it. */
export function under(root: number, all: readonly Seen[]): Seen[] {
  const found = all.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

export function cpuMsOf(roots: readonly number[]): number {
  const all = processes();
  const found = new Map(roots.flatMap((root) => under(root, all)).map((each) => [each.pid, each.cpuMs]));
  return [...found.values()].reduce((sum, ms) => sum + ms, 0);
}

/** Bytes that are in memory for it now. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes ?? Number.NaN) * 1024;
}
