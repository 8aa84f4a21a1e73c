/** What is taken back: all that is to be, once, in reverse, with what it was done with; and nothing else. */
import type { ActionStep, Json } from '../../../plan/plan.ts';
import type { Left } from '../../../workflows/messages.ts';
import { type Effect, type Noted, same } from '../world.ts';
import type { History } from './observed.ts';
import { idOf, isCalledAtTheEnd, itemsOf, keyAround, keyOf, type Standing, standings } from './places.ts';

export function checkTakenBack(history: History): string[] {
  return [
    ...checkUndoCalls(history),
    ...history.world.effects.flatMap((effect) => checkEffect(effect, history)),
    ...checkOrder(history),
    ...checkSentAgain(history),
  ];
}

/** Whatever became of its undo, a system that remembers keys would say that it is done. */
function checkSentAgain({ world }: History): string[] {
  const keys = new Map(world.effects.map(({ id, run, step, item }) => [id, `${step}${item} of ${run}`]));
  const takenBack = new Set<string>();
  const broken: string[] = [];
  for (const { activity, input, run, step, item } of world.calls) {
    const undone = activity.startsWith('undo.') ? keys.get((input as { id?: string }).id ?? '') : undefined;
    if (undone !== undefined) takenBack.add(undone);
    const key = `${step}${item} of ${run}`;
    if (activity.startsWith('sim.') && takenBack.has(key))
      broken.push(`${key} was sent again under its key after it was to be taken back`);
  }
  return broken;
}

function checkUndoCalls({ world }: History): string[] {
  const done = new Set(world.effects.map(({ id }) => id));
  return world.calls
    .filter(({ activity }) => activity.startsWith('undo.'))
    .flatMap(({ input, activity }) => {
      const { id } = input as { id?: string };
      return id !== undefined && done.has(id) ? [] : [`${activity} took back ${id}, which was never done`];
    });
}

function checkEffect(effect: Effect, history: History): string[] {
  const { step, run, undone } = effect;
  const standing = standingOf(effect, history);
  const name = `${step}${effect.item} of ${run} (${effect.id})`;
  const broken: string[] = [];
  if (undone.length > 1) broken.push(`${name} was taken back ${undone.length} times`);
  for (const { at, input } of undone) {
    const given = (input as { with?: unknown }).with;
    if (!wasEdited(effect, history) && !wasCalledWith(effect, given as Json, history))
      broken.push(
        `${name} was done with ${JSON.stringify(effect.input)} and taken back with ${JSON.stringify(given)}`,
      );
    if (at < effect.done) broken.push(`${name} was taken back before it was done`);
    if (!mayTakeBack(effect, at, history)) broken.push(`${name} was taken back though nothing called for it`);
  }
  const due = isDue(effect, standing, history);
  if (due && undone.length === 0 && !isNamed(effect, standing, history))
    broken.push(`${name} was ${due}, and is neither taken back nor named`);
  return broken;
}

function standingOf({ run, step }: Effect, { plans }: History): Standing {
  const plan = plans.get(run);
  const standing = plan && standings(plan).get(step);
  if (!standing) throw new Error(`no plan has the step ${step} of ${run}`);
  return standing;
}

/** Why it is to be taken back or named at the end; undefined where it stands. */
function isDue(effect: Effect, standing: Standing, history: History): string | undefined {
  if (standing.closing) return undefined;
  // It is done in any case; called off is what it closes.
  const atTheEnd = isCalledAtTheEnd(effect.run, history.plans);
  const { undo } = standing.step as ActionStep;
  const runs = ancestors(effect.run);
  const isOver = (entry: Noted) =>
    entry.kind === 'run.undoing' && (atTheEnd ? entry.run === effect.run : runs.includes(entry.run));
  if (history.world.journal.some(isOver)) {
    if (undo) return 'done in a run that was called off';
    return effect.answered === undefined && !wasCompletedByHand(effect, history)
      ? 'done in a run that was called off, and never answered'
      : undefined;
  }
  if (effect.answered === undefined && !wasCompletedByHand(effect, history)) return 'done and never answered';
  if (undo && isItemUndone(effect, standing, history)) return 'done for an item that failed';
  return undo && isOverrun(effect, standing, history) ? 'done in a window that closed' : undefined;
}

function ancestors(run: string): string[] {
  const parts = run.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The entry to a window with `overrun: undo` in which it was done was the one that ended with the window. */
function isOverrun(effect: Effect, { around }: Standing, history: History): boolean {
  return around.some((window) => {
    if (window.kind !== 'window' || window.overrun !== 'undo') return false;
    const over = overrunsOf(effect, window.id, history);
    return over.some(
      ({ from, to }) =>
        (effect.answered ?? 0) > from && (effect.answered ?? 0) < to && !isDoneAgain(effect, to, history),
    );
  });
}

/** It was done for an item whose list takes back what failed, before that failed. */
function isItemUndone(effect: Effect, standing: Standing, history: History): boolean {
  const { answered } = effect;
  return failuresAround(effect, standing, history).some(
    (failure) =>
      answered !== undefined &&
      answered < failure.n &&
      !isOfAnotherRound(effect, standing, failure, history) &&
      !isDoneAgain(effect, failure.n, history),
  );
}

/** The list in which it was done had ended before that: what failed then failed in a later round. */
function isOfAnotherRound(
  { answered = 0 }: Effect,
  { around }: Standing,
  failure: Noted,
  { world }: History,
): boolean {
  return (
    around.some(({ kind }) => kind === 'repeat') &&
    world.journal.some(
      ({ kind, run, step, n }) =>
        kind === 'step.succeeded' &&
        run === failure.run &&
        step === failure.step &&
        n > answered &&
        n < failure.n,
    )
  );
}

function failuresAround(
  { run, step, item }: Pick<Effect, 'run' | 'step' | 'item'>,
  { around }: Standing,
  { world, plans }: History,
): Noted[] {
  const plan = plans.get(run);
  if (!plan) return [];
  const key = keyOf(step, item);
  return around.flatMap((list) => {
    const standing = standings(plan).get(list.id);
    if (!standing || list.kind !== 'forEach' || list.onItemError !== 'undo') return [];
    const listKey = keyAround(standing, key);
    const number = itemsOf(key)[itemsOf(listKey).length];
    return world.journal.filter(
      ({ kind, run: by, step: at, data }) =>
        kind === 'item.failed' && by === run && at === listKey && `[${data?.item}]` === number,
    );
  });
}

/** Taking it back was stopped, and a later entry of the window answered for it: then it stands by that one. */
function isDoneAgain({ run, step, item }: Effect, since: number, { world }: History): boolean {
  return (
    world.calls.some(
      (call) => call.run === run && call.step === step && call.item === item && call.n > since,
    ) &&
    world.journal.some(
      (entry) =>
        entry.kind === 'step.succeeded' &&
        entry.run === run &&
        entry.step === keyOf(step, item) &&
        entry.n > since &&
        entry.data?.completedBy === undefined,
    )
  );
}

/** Each time the window was entered and closed on its work. */
function overrunsOf({ run, step, item }: Effect, window: string, { world, plans }: History) {
  const plan = plans.get(run);
  const standing = plan && standings(plan).get(window);
  if (!standing) return [];
  const key = keyAround(standing, keyOf(step, item));
  const overruns: { from: number; to: number }[] = [];
  let from = 0;
  for (const entry of world.journal) {
    if (entry.run !== run || entry.step !== key) continue;
    if (entry.kind === 'window.entered') from = entry.n;
    if (entry.kind === 'window.overrun') overruns.push({ from, to: entry.n });
    // The last write was waited for, and nothing was left to do.
    if (entry.kind === 'step.succeeded' && overruns.at(-1)?.from === from) overruns.pop();
  }
  return overruns;
}

function mayTakeBack(effect: Effect, at: number, history: History): boolean {
  const runs = ancestors(effect.run);
  const undoing = history.world.journal.some(
    (entry) => entry.kind === 'run.undoing' && runs.includes(entry.run) && entry.n < at,
  );
  if (undoing) return true;
  if (itemsFailed(effect, history).some(({ n }) => n < at && n > effect.done)) return true;
  return ancestorSteps(effect, history).some(({ run, step, key }) =>
    history.world.journal.some(
      (entry) =>
        entry.kind === 'window.overrun' &&
        entry.run === run &&
        entry.n < at &&
        entry.n > effect.done &&
        step.kind === 'window' &&
        step.overrun === 'undo' &&
        entry.step === key,
    ),
  );
}

/** All that it was done in, in its run and in those that called it. */
function ancestorSteps(effect: Effect, { plans }: History) {
  const found: { run: string; step: Standing['step']; key: string }[] = [];
  let key = keyOf(effect.step, effect.item);
  for (const run of ancestors(effect.run).reverse()) {
    const plan = plans.get(run);
    if (!plan) break;
    const places = standings(plan);
    for (const step of places.get(idOf(key))?.around ?? []) {
      const standing = places.get(step.id);
      if (standing) found.push({ run, step, key: keyAround(standing, key) });
    }
    key = stepOfRun(run);
  }
  return found;
}

/** In its run and in those that called it, the failures of the items that it was done for. */
function itemsFailed(effect: Effect, history: History): Noted[] {
  const found: Noted[] = [];
  let key = keyOf(effect.step, effect.item);
  for (const run of ancestors(effect.run).reverse()) {
    const plan = history.plans.get(run);
    const standing = plan && standings(plan).get(idOf(key));
    const items = itemsOf(key).join('');
    if (standing) found.push(...failuresAround({ run, step: idOf(key), item: items }, standing, history));
    key = stepOfRun(run);
  }
  return found;
}

/** `run/call3[0].2` -> `call3[0]`: the step that called it. */
function stepOfRun(run: string): string {
  const last = run.split('/').at(-1) ?? '';
  const [id = ''] = last.split(/[[.~#]/);
  return keyOf(id, last.slice(id.length));
}

function pathOf({ run, step, item }: Effect): string[] {
  const calls = run.split('/').slice(1).map(stepOfRun);
  return [...calls, keyOf(step, item)];
}

/** In what the run leaves to people: by itself, or together with the list or the runbook in which it was done. */
function isNamed(effect: Effect, { around }: Standing, { results, root }: History): boolean {
  const left: Left[] = results.get(root)?.left ?? [];
  const path = pathOf(effect);
  const key = path.at(-1) ?? '';
  const whole = path.join('/');
  const calls = path.length - 1;
  const outer = new Set(around.map(({ id }) => id));
  return left.some(
    ({ step, why }) =>
      step === whole ||
      (calls > 0 && why.includes(whole)) ||
      (why.includes(key) && (whole.startsWith(`${step}/`) || outer.has(idOf(step.split('/').at(-1) ?? '')))),
  );
}

/** An answer that was lost is asked for again, with what is so by then. */
function wasCalledWith({ run, step, item }: Effect, given: Json, { world }: History): boolean {
  return world.calls.some(
    (call) => call.run === run && call.step === step && call.item === item && same(call.input, given),
  );
}

/** Whoever completes it by hand says what became of it. */
function wasCompletedByHand({ run, step, item }: Effect, { world }: History): boolean {
  const key = keyOf(step, item);
  return world.journal.some(
    (entry) =>
      entry.kind === 'step.succeeded' &&
      entry.run === run &&
      entry.step === key &&
      entry.data?.completedBy !== undefined,
  );
}

function wasEdited({ run, step, item }: Effect, { world }: History): boolean {
  const key = keyOf(step, item);
  return world.journal.some(
    (entry) =>
      entry.run === run && entry.step === key && entry.kind === 'command' && entry.data?.with !== undefined,
  );
}

/** Of two that one run did by itself the later is taken back first. Items of a list may be taken back side by side. */
function checkOrder(history: History): string[] {
  const broken: string[] = [];
  const byRun = new Map<string, { effect: Effect; at: number; completed: Completed }[]>();
  for (const effect of history.world.effects) {
    const [undo] = effect.undone;
    const completed = completionOf(effect, history);
    const undoing = history.world.journal.find(
      ({ kind, run }) => kind === 'run.undoing' && run === effect.run,
    );
    // A window takes its own work back, whatever goes on beside it; what it began is brought to its end first.
    if (!undo || !undoing || wasBegun(effect, undoing.n, history)) continue;
    // Taken back by its own run, and not together with a whole run by the one that called it.
    if (completed === undefined || undo.run !== effect.run || itemsOf(effect.item).length > 0) continue;
    byRun.set(effect.run, [...(byRun.get(effect.run) ?? []), { effect, at: undo.at, completed }]);
  }
  for (const list of byRun.values())
    for (const first of list)
      for (const second of list)
        if (
          first.completed.last < second.completed.first &&
          first.at < second.at &&
          second.completed.last < first.at
        )
          broken.push(
            `${first.effect.step} was taken back before ${second.effect.step}, which was done after it`,
          );
  return broken;
}

/** Taking it back was asked for before. */
function wasBegun({ id, step, run }: Effect, before: number, { world }: History): boolean {
  return world.calls.some(
    (call) =>
      call.n < before &&
      call.run === run &&
      call.activity === `undo.${step}` &&
      (call.input as { id?: string }).id === id,
  );
}

/** A step that is retried together with what is around it completes again. */
interface Completed {
  first: number;
  last: number;
}

function completionOf(effect: Effect, { world }: History): Completed | undefined {
  const { answered, run } = effect;
  if (answered === undefined) return undefined;
  const key = keyOf(effect.step, effect.item);
  const all = world.journal.filter(
    (entry) =>
      entry.kind === 'step.succeeded' && entry.run === run && entry.step === key && entry.n > answered,
  );
  const [first] = all;
  return first && { first: first.n, last: all.at(-1)?.n ?? first.n };
}
