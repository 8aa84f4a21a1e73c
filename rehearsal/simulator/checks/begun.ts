/** Once a run was called off nothing more is begun in it, or in what it called, but undos and closing steps. */
import type { History } from './observed.ts';
import { idOf, isCalledAtTheEnd, standings } from './places.ts';

export function checkBegun({ world, plans }: History): string[] {
  const broken: string[] = [];
  const stopped = new Map<string, number>();
  for (const { kind, run, data, n, step = '' } of world.journal) {
    const isAbort = kind === 'command' && data?.command === 'abort';
    if ((isAbort || kind === 'run.undoing') && !stopped.has(run)) stopped.set(run, n);
    if (kind !== 'step.started') continue;
    const plan = plans.get(run);
    const standing = plan && standings(plan).get(idOf(step));
    if (!standing || standing.closing || isCalledAtTheEnd(run, plans)) continue;
    const by = [...stopped.keys()].find((other) => run === other || isCalledBy(run, other));
    if (by !== undefined) broken.push(`${step} of ${run} was begun after ${by} was called off`);
  }
  return broken;
}

function isCalledBy(run: string, other: string): boolean {
  return run.startsWith(`${other}/`);
}
