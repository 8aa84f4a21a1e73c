/** What a person typed in the place of what a step would have given, and who signed that. */
import type { Json, JsonObject } from '../../../plan/plan.ts';
import { type Noted, same } from '../world.ts';
import type { History } from './observed.ts';
import { idOf, keyAround, standings } from './places.ts';
import { changesOf, type Signed } from './signatures.ts';

/** Where and when a value was used. */
export interface UsedAt {
  run: string;
  n: number;
  key: string;
}

interface ByHand {
  entry: Noted;
  by: string;
  path: string;
  /** Whether what was signed or countersigned under that path is this. */
  isThis(after: Json): boolean;
  asked?: boolean;
}

/** What a step gave, or whether it did its work, where a later one reads it. */
export function whyNotStep(
  leaf: string,
  value: Json,
  used: UsedAt,
  { history, signed }: { history: History; signed: Signed },
): string | undefined {
  const id = leaf.match(/steps\.(\w+)\./)?.[1] ?? '';
  const plan = history.plans.get(used.run);
  const step = plan && standings(plan).get(id)?.step;
  const made = step && madeByHand(id, value, used, history);
  if (!made || !step) return undefined;
  if (made.entry.n < signed.n && signed.by.includes(made.by))
    return `${made.by} ${made.path} by hand and signed for it`;
  if (step.amend || made.asked || wasShown(made, signed) || wasCountersigned(made, used, history))
    return undefined;
  return `${made.by} did ${made.path} by hand, and nobody signed that (${signed.hash.slice(0, 8)})`;
}

/** Undefined where an action, or the event that came, gave it. */
function madeByHand(id: string, value: Json, used: UsedAt, history: History): ByHand | undefined {
  const { run, n } = used;
  if (typeof value === 'string' && /^(hand|task)-/.test(value)) {
    const entry = history.world.journal.findLast(
      (each) =>
        each.kind === 'step.succeeded' &&
        each.run === run &&
        each.n < n &&
        idOf(each.step ?? '') === id &&
        typedIn(each.data?.output) === value,
    );
    if (!entry) return undefined;
    const by = String(entry.data?.completedBy ?? reporterOf(entry, history));
    const asked = entry.data?.completedBy === undefined && wasAsked(entry, by, history);
    return { entry, by, asked, path: `steps.${id}.output`, isThis: (after) => typedIn(after) === value };
  }
  const ended = lastEnd(id, used, history);
  const by = ended?.data?.by ?? ended?.data?.completedBy;
  if (!ended || by === undefined) return undefined;
  const isSkip = ended.kind === 'step.skipped';
  if (value === 'none' && isSkip)
    return { entry: ended, by: String(by), path: `steps.${id}`, isThis: (after) => after === 'skipped' };
  if (value !== 'succeeded' || isSkip) return undefined;
  return {
    entry: ended,
    by: String(by),
    path: `steps.${id}.status`,
    isThis: (after) => after === 'succeeded',
  };
}

/** How the step ended last, for the same items. */
function lastEnd(id: string, { run, n, key }: UsedAt, { world, plans }: History): Noted | undefined {
  const plan = plans.get(run);
  const standing = plan && standings(plan).get(id);
  const own = standing && keyAround(standing, key);
  return world.journal.findLast(
    (entry) =>
      entry.run === run &&
      entry.n < n &&
      entry.step === own &&
      ['step.succeeded', 'step.skipped', 'step.failed', 'step.expired'].includes(entry.kind),
  );
}

function typedIn(output: Json | undefined): Json | undefined {
  return (output as { value?: Json } | null | undefined)?.value;
}

function wasShown({ path, isThis }: ByHand, { shown }: Signed): boolean {
  return ((shown.byHand ?? []) as JsonObject[]).some(
    (each) => each.path === path && isThis(each.after ?? null),
  );
}

function wasCountersigned({ path, isThis }: ByHand, { run, n }: UsedAt, { world }: History): boolean {
  return world.journal.some(
    (entry) =>
      entry.kind === 'proposal.countersigned' &&
      entry.run === run &&
      entry.n < n &&
      changesOf(entry).some((change) => change.path === path && isThis(change.after)),
  );
}

function reporterOf(typed: Noted, { world }: History): Json | undefined {
  return world.journal.findLast(
    ({ kind, run, step, n, data }) =>
      kind === 'command' &&
      data?.command === 'complete' &&
      run === typed.run &&
      step === typed.step &&
      n < typed.n,
  )?.data?.by;
}

function wasAsked(typed: Noted, by: string, { world }: History): boolean {
  return world.journal.some(
    ({ kind, run, step, data }) =>
      (kind === 'task.opened' || kind === 'task.escalated') &&
      run === typed.run &&
      step === typed.step &&
      ((data?.people ?? []) as string[]).includes(by),
  );
}

/** What was typed for a step tells nobody what was done: nothing takes it back by itself. */
export function checkUndosByHand({ world, plans }: History): string[] {
  return world.calls
    .filter(({ activity, run }) => activity.startsWith('undo.') && plans.has(run))
    .filter(({ input }) => same((input as JsonObject).id, 'hand'))
    .map(
      ({ activity, run, n }) =>
        `${activity} of ${run} at ${n} takes back what was completed by hand, which nobody signed`,
    );
}
