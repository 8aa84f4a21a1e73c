/** Many generated plans beside each other, each on both ports. */
import { inspect } from 'node:util';
import type { EngineStack } from './engine-stack.ts';
import { Restarts } from './restarts.ts';
import { differences, Told } from './two-ports.ts';

export interface Compared {
  /** Of each that was not alike: its seed, its plan, and in what. */
  different: string[];
  /** How often each end, and each thing that somebody did, was seen. */
  seen: Map<string, number>;
  restarts: number;
  abortedDuringWrites: number;
}

export async function compareAll(
  stack: EngineStack,
  {
    first,
    count,
    atOnce,
    restartEveryMs,
  }: { first: number; count: number; atOnce: number; restartEveryMs?: number },
): Promise<Compared> {
  const restarts = new Restarts(stack, restartEveryMs);
  const left = Array.from({ length: count }, (_, index) => first + index);
  const seen = new Map<string, number>();
  const different: string[] = [];
  let abortedDuringWrites = 0;
  const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  const lane = async () => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const told = new Told(seed);
      if (told.plan.abortedDuring !== undefined) abortedDuringWrites += 1;
      const plan = JSON.stringify(told.plan.plan.steps);
      try {
        const virtual = await told.onVirtualClock();
        note(virtual.status);
        for (const each of virtual.told) note(each.split(' ')[0] ?? '');
        const found = differences(virtual, await told.onTemporal(stack, restarts));
        if (found.length > 0) different.push(`seed ${seed}: ${plan}\n  ${found.join('\n  ')}`);
      } catch (error) {
        different.push(`seed ${seed}: ${plan}\n  ${inspect(error)}`);
      }
    }
  };
  // All of them, so that none is still at work when the stack ends.
  await Promise.all(Array.from({ length: atOnce }, lane));
  await restarts.stop();
  return { different, seen, restarts: restarts.count, abortedDuringWrites };
}
