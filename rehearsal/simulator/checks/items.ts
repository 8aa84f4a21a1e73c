/** Every item of a list is done or named. */
import type { ForEachStep, Step } from '../../../plan/plan.ts';
import type { Effect } from '../world.ts';
import type { History } from './observed.ts';
import { idOf, insideOf, itemsOf, standings } from './places.ts';

interface Output {
  total: number;
  succeeded: number;
  failed: number;
  failures: unknown[];
}

export function checkItems(history: History): string[] {
  const broken: string[] = [];
  const { world, plans } = history;
  for (const { kind, step: key = '', run, data, n } of world.journal) {
    const plan = plans.get(run);
    const step = plan && standings(plan).get(idOf(key))?.step;
    if (kind !== 'step.succeeded' || step?.kind !== 'forEach' || data?.completedBy !== undefined) continue;
    const output = data?.output as unknown as Output;
    const name = `${key} of ${run}`;
    if (output.succeeded + output.failed !== output.total)
      broken.push(`${name} says ${output.total} items, ${output.succeeded} done and ${output.failed} failed`);
    if (output.failures.length !== output.failed) broken.push(`${name} does not name each item that failed`);
    const round = roundOf(step, { key, run, n }, history);
    const done = new Set(
      world.effects
        .filter((effect) => effect.run === run && isOf(effect, step, key))
        .filter(({ done, item }) => done < n && roundIn(item) === round)
        .filter(({ undone }) => undone.every(({ at }) => at > n))
        .map(({ item }) => itemsOf(item).join('')),
    );
    if (alwaysWrites(step) && done.size < output.succeeded)
      broken.push(`${name} says that ${output.succeeded} items are done, and ${done.size} were`);
  }
  return broken;
}

function isOf({ step, item }: Effect, { steps: [first] }: ForEachStep, key: string): boolean {
  const around = itemsOf(key);
  const items = itemsOf(item);
  return (
    step === first?.id && items.length === around.length + 1 && around.every((each, at) => each === items[at])
  );
}

/** The first thing that is done for an item is a write, whatever the case. */
function alwaysWrites({ steps: [first] }: ForEachStep): boolean {
  return (
    first?.kind === 'action' &&
    first.effect !== 'read' &&
    first.if === undefined &&
    first.onError === undefined
  );
}

/** Which round of the repeat around it this is, by the last call from inside that, for the same items around both. */
function roundOf(
  { id }: ForEachStep,
  { key, run, n }: { key: string; run: string; n: number },
  { world, plans }: History,
): string {
  const plan = plans.get(run);
  const around = (plan && standings(plan).get(id)?.around) ?? [];
  const repeat = around.findLast(({ kind }) => kind === 'repeat');
  if (repeat?.kind !== 'repeat') return '';
  const inside = new Set(idsIn(repeat.steps));
  const call = world.calls.findLast(
    ({ run: by, activity, n: at, item = '' }) =>
      by === run &&
      at < n &&
      inside.has(activity.replace(/^sim\./, '')) &&
      itemsOf(key).every((each, place) => each === itemsOf(item)[place]),
  );
  // Repeats further inside count rounds of their own behind these.
  const depth = around.filter(({ kind }) => kind === 'repeat').length;
  return roundIn(call?.item ?? '')
    .split('.')
    .slice(0, depth + 1)
    .join('.');
}

function idsIn(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => [step.id, ...insideOf(step).flatMap(idsIn)]);
}

function roundIn(item: string): string {
  return item.replace(/\[\d+\]/g, '').replace(/~.*$/, '');
}
