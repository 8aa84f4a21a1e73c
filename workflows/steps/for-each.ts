/**
 * Does its steps for every item, so many at a time. An item that fails counts; once more than are tolerated have failed, no
 * new item is started and the step parks. Retried, it does what is left and what failed.
 *
 * Many items are done in batches, each a child with a history of its own: a run must not outgrow what Temporal keeps.
 */

import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { ListReference } from '../../plan/kept-list.ts';
import type { ForEachStep, Json, JsonObject } from '../../plan/plan.ts';
import { canBatch, timesInOneHistory } from '../batches/batch-size.ts';
import { visibleTo } from '../batches/batch-variables.ts';
import type { BatchResult } from '../batches/messages.ts';
import { bind, unbind } from '../expressions.ts';
import { EndRun, FailedOnPurpose, failureOf } from '../failures.ts';
import { carriedTo } from '../gate/carried.ts';
import { warranted } from '../named-warrants.ts';
import { type Occasion, occasionKey, stepKey } from '../occasion.ts';
import type { Failure } from '../outcomes.ts';
import { CallFailure } from '../port.ts';
import { UndoScope } from '../undo-scope.ts';
import { keepUndos, takeBackNow, takeOver, undoneBefore } from './batch-results.ts';
import { type Item, ListNow } from './list-now.ts';
import { readItems } from './read-list.ts';
import { runAll } from './run-all.ts';
import type { Runner, StepResult } from './runner.ts';
import { checkSize } from './size.ts';
import { decidesNothing, msToSign, noTimeInWindow, runSteps } from './step.ts';

export interface Progress {
  /** By its content each item has a number of its own, which it keeps when the list changes. */
  numbers: Map<string, number>;
  /** Where the list is kept beside the run: which one it is. */
  kept?: ListReference | undefined;
  begun: Set<number>;
  done: Set<number>;
  failed: Map<number, string>;
  /** Items that a `fail` step ended: settled, and none of those that are tolerated. */
  onPurpose: Map<number, string>;
  /** Of each item that was begun, those of its tries: what an earlier one did is taken back with it. */
  scopes: Map<number, UndoScope[]>;
  collected: Json[];
  /** From which item each of these is. */
  collectedFrom: number[];
  /** What was refused because nobody signed it, which is no failure of an item: no more are begun, and a person looks at it. */
  refused?: Refused | undefined;
  /** How many batches there were, so that each has a number of its own, also after a retry. */
  batches: number;
  /** Whether the item is in the list at this moment, and nobody is asked whether it should be. */
  mayBegin?: (index: number) => boolean;
}

export type Refused = Pick<Failure, 'type' | 'message'>;

/** How many failures the output lists; the counts are always whole. */
const listedFailures = 20;
const mostInOneBatch = 500;

export function newProgress(): Progress {
  return {
    numbers: new Map(),
    begun: new Set(),
    done: new Set(),
    failed: new Map(),
    onPurpose: new Map(),
    scopes: new Map(),
    collected: [],
    collectedFrom: [],
    batches: 0,
  };
}

export const runForEach: Runner<'forEach'> = async (step, occasion) => {
  const progress = occasion.run.progressOf(occasionKey(step, occasion), occasion, newProgress);
  progress.failed.clear();
  progress.refused = undefined;
  progress.begun = new Set([...progress.done, ...progress.onPurpose.keys()]);
  const list = new ListNow(step, occasion, progress);
  progress.mayBegin = (index) => list.mayBegin(index);
  for (;;) {
    await doAll(step, list, occasion, progress);
    const { proposals, state } = occasion.run;
    const asked = proposals.revision;
    const { amendments } = state;
    if (list.isDone()) return resultOf(step, list.items, progress);
    if (list.hasNext()) continue;
    // The items that would change wait for those who signed; all others are done.
    const isSettled = () => proposals.revision !== asked || state.amendments !== amendments;
    const settled = await occasion.port.waitFor(isSettled, msToSign(occasion));
    if (!settled) proposals.giveUp(step.id, noTimeInWindow);
  }
};

async function doAll(
  step: ForEachStep,
  list: ListNow,
  occasion: Occasion,
  progress: Progress,
): Promise<void> {
  list.look();
  const { items } = list;
  const tolerated = toleratedOf(step, items.length);
  const size = batchSize(step);
  if (items.length <= size && !(progress.kept && canBatch(step.steps)))
    await doItems(step, await withValues(step, items, occasion, progress), occasion, progress, tolerated);
  else if (canBatch(step.steps)) await inBatches(step, items, occasion, progress, tolerated);
  else throw tooMany(items.length, size);
  if (progress.refused) throw new CallFailure(progress.refused);
  const left = items.filter(({ index }) => isNext(index, progress));
  // This history was long enough before all were begun: the rest is done in others.
  if (left.length > 0 && progress.failed.size <= tolerated) {
    if (!canBatch(step.steps)) throw tooMany(items.length, items.length - left.length);
    await inBatches(step, left, occasion, progress, tolerated);
    if (progress.refused) throw new CallFailure(progress.refused);
  }
  if (progress.failed.size > tolerated) throw tooManyFailed(items.length, progress);
}

/** Items of a list that is kept beside the run are read where they are done. */
async function withValues(
  step: ForEachStep,
  items: readonly Item[],
  occasion: Occasion,
  progress: Progress,
): Promise<readonly Item[]> {
  if (!progress.kept) return items;
  const next = items.filter(({ index }) => isNext(index, progress));
  const read = await readItems(step, progress.kept, next, occasion);
  if (read.length < next.length) throw tooMany(next.length, read.length);
  return read;
}

function isNext(index: number, { begun, mayBegin }: Progress): boolean {
  return !begun.has(index) && (mayBegin?.(index) ?? true);
}

function tooMany(total: number, atMost: number): CallFailure {
  return new CallFailure({
    type: 'TooMany',
    message: `There are ${total} items, and steps that wait for people or events can be done for ${atMost} at most. Divide the list, or let another runbook do them.`,
  });
}

/** Those that are not begun yet, `concurrency` at a time, until more than are tolerated have failed. */
export async function doItems(
  step: ForEachStep,
  items: readonly Item[],
  occasion: Occasion,
  progress: Progress,
  tolerated: number,
): Promise<void> {
  let next = 0;
  const lane = async (port: Occasion['port']) => {
    while (next < items.length && mayGoOn(progress, tolerated) && !port.isFull()) {
      const item = items[next];
      next += 1;
      if (!item || !isNext(item.index, progress)) continue;
      progress.begun.add(item.index);
      await doItem(step, item, { ...occasion, port }, progress);
    }
  };
  const lanes = Math.min(step.concurrency, items.length);
  await runAll(
    Array.from({ length: lanes }, () => lane),
    occasion.port,
  );
}

async function doItem(
  step: ForEachStep,
  { index, value = null }: Item,
  occasion: Occasion,
  progress: Progress,
): Promise<void> {
  // A copy: what one item's steps give is visible to that item alone.
  const steps = Object.assign(Object.create(null), occasion.variables.steps);
  const undoScope = new UndoScope(occasion.undoScope);
  const scopes = [undoScope, ...(progress.scopes.get(index) ?? [])];
  if (step.onItemError === 'undo') progress.scopes.set(index, scopes);
  const itemOccasion: Occasion = {
    ...occasion,
    item: `${occasion.item}[${index}]`,
    items: { ...occasion.items, [step.as]: value },
    failFast: true,
    undoScope,
    variables: { ...occasion.variables, steps, [step.as]: bind(value) },
  };
  try {
    await runSteps(step.steps, itemOccasion);
    progress.done.add(index);
    if (step.collect !== undefined && progress.collected.length < step.collect) {
      progress.collected.push(outputsOf(step, itemOccasion));
      progress.collectedFrom.push(index);
    }
  } catch (error) {
    const failure = failureOf(error);
    const onPurpose = error instanceof FailedOnPurpose;
    if (!failure && !onPurpose) throw error;
    if (failure && decidesNothing.has(failure.type)) {
      progress.refused ??= { type: failure.type, message: failure.message };
      progress.begun.delete(index);
      return;
    }
    if (failure) progress.failed.set(index, failure.message);
    else progress.onPurpose.set(index, (error as Error).message);
    tellFailed(step, { index, message: (error as Error).message, onPurpose }, occasion);
    if (step.onItemError !== 'undo') return;
    // An older run takes the turns that it took, so that what it asked for then comes in the same order.
    const together = occasion.run.start.engine < 6 ? scopes.map((scope) => [scope]) : [scopes];
    for (const each of together) await takeBackNow(step, each, occasion);
  }
}

/** Where it is more than one of so many that failed: it was meant, or something is taken back. */
function tellFailed(
  step: ForEachStep,
  { index, message, onPurpose }: { index: number; message: string; onPurpose: boolean },
  occasion: Occasion,
): void {
  if (!onPurpose && !step.onItemError) return;
  occasion.run.state.record('item.failed', stepKey(step, occasion), {
    item: index,
    message,
    ...defined({
      onPurpose: onPurpose ? true : undefined,
      undone: step.onItemError ? true : undefined,
    }),
  });
}

function mayGoOn({ failed, refused }: Progress, tolerated: number): boolean {
  return failed.size <= tolerated && refused === undefined;
}

/** One batch after the other, so that a failure beyond what is tolerated stops the rest. */
async function inBatches(
  step: ForEachStep,
  items: readonly Item[],
  occasion: Occasion,
  progress: Progress,
  tolerated: number,
): Promise<void> {
  const size = batchSize(step);
  const { run, port } = occasion;
  const key = stepKey(step, occasion);
  const view = run.state.step(step, key);
  const variables = unbind(visibleTo(step, occasion.variables)) as JsonObject;
  let left = items.filter(({ index }) => isNext(index, progress));
  while (left.length > 0 && mayGoOn(progress, tolerated)) {
    // A batch that has begun is finished; the next one waits.
    if (run.state.paused) await run.resumed(port);
    progress.batches += 1;
    const batch = left.slice(0, size);
    const open = batch.flatMap(({ index }) => run.state.unansweredOf(`${occasion.item}[${index}]`));
    const work = {
      type: 'items' as const,
      ...defined({ unanswered: unlessEmpty(open) }),
      step: step.id,
      item: occasion.item,
      round: occasion.round,
      ...undoneBefore(occasion),
      items: batch,
      ...defined({ list: progress.kept }),
      tolerated: tolerated - progress.failed.size,
      collect: Math.max(0, (step.collect ?? 0) - progress.collected.length),
      variables,
    };
    checkSize(work as unknown as Json, `What the items of "${view.title}" need`);
    const start = { ...warranted(occasion), ...carriedTo(step, occasion) };
    const result = await port.batch(start, { run: run.id, work }, `${key}~${progress.batches}`);
    take(result, progress);
    tellBatch(step, result, occasion);
    // Those that nobody answered there either are told again.
    for (const [key] of open) run.state.forgetUnanswered(key);
    takeOver(run.state, result);
    await keepUndos(step, result, occasion);
    view.progress = {
      total: progress.numbers.size || items.length,
      done: progress.done.size,
      failed: progress.failed.size,
    };
    run.state.record('batch.ended', key, { number: progress.batches, ...view.progress });
    if (result.ended) throw new EndRun(result.ended.status, result.ended.reason);
    // Stopped together with this run: goes no further here.
    if (result.cancelled) await port.sleep(1);
    const undone = new Set(result.left);
    if (undone.size === batch.length && !progress.refused)
      throw new CallFailure({
        type: 'PermanentFailure',
        message: `None of the next ${batch.length} of ${items.length} items was begun. Retry goes on with them.`,
      });
    left = [...batch.filter(({ index }) => undone.has(index)), ...left.slice(size)].filter(({ index }) =>
      isNext(index, progress),
    );
  }
}

function tellBatch(step: ForEachStep, { failed, onPurpose = [] }: BatchResult, occasion: Occasion): void {
  for (const item of failed) tellFailed(step, { ...item, onPurpose: false }, occasion);
  for (const item of onPurpose) tellFailed(step, { ...item, onPurpose: true }, occasion);
}

function take(result: BatchResult, progress: Progress): void {
  for (const index of result.done) {
    progress.done.add(index);
    progress.begun.add(index);
  }
  for (const { index, message } of result.failed) {
    progress.failed.set(index, message);
    progress.begun.add(index);
  }
  for (const { index, message } of result.onPurpose ?? []) {
    progress.onPurpose.set(index, message);
    progress.begun.add(index);
  }
  progress.collected.push(...result.collected);
  progress.collectedFrom.push(...(result.collectedFrom ?? []));
  progress.refused ??= result.refused;
}

/** Items whose steps fit into one history. */
function batchSize(step: ForEachStep): number {
  return Math.min(mostInOneBatch, timesInOneHistory(step.steps));
}

function outputsOf(step: ForEachStep, occasion: Occasion): Json {
  const outputs: JsonObject = {};
  for (const inner of step.steps) {
    const { output } = occasion.run.state.step(inner, stepKey(inner, occasion));
    if (output !== undefined) outputs[inner.id] = output;
  }
  return outputs;
}

/** Of a share the whole items, exactly: 29% of 100 is 29, though 0.29 * 100 is a little less. */
function toleratedOf(step: ForEachStep, total: number): number {
  // Each that fails is taken back, so that none is left halfway: all are tried.
  if (!step.tolerate) return step.onItemError ? Number.MAX_SAFE_INTEGER : 0;
  return 'count' in step.tolerate
    ? step.tolerate.count
    : Math.floor(Number((step.tolerate.fraction * total).toFixed(6)));
}

function tooManyFailed(total: number, progress: Progress): CallFailure {
  const [first] = progress.failed;
  const [index, message] = first ?? [0, ''];
  return new CallFailure({
    type: 'PermanentFailure',
    message: `${progress.failed.size} of ${total} items failed, more than are tolerated. Item ${index + 1}: ${message}`,
  });
}

/** Of the list as it became: what was taken out of it meanwhile counts no more. */
function resultOf(step: ForEachStep, items: readonly Item[], progress: Progress): StepResult {
  const listed = new Set(items.map(({ index }) => index));
  const failed = [...progress.failed, ...progress.onPurpose]
    .filter(([index]) => listed.has(index))
    .sort(([a], [b]) => a - b);
  const failures = failed.slice(0, listedFailures).map(([index, message]) => ({ index, message }));
  return {
    output: {
      total: items.length,
      succeeded: items.filter(({ index }) => progress.done.has(index)).length,
      failed: failed.length,
      failures,
      // As it is now: done again, the list collects more, and what was journalled stays what it was.
      ...defined({ collected: unlessEmpty(collectedOf(step, items, progress)) }),
    },
  };
}

/** As the list is now; what was taken out of it since comes last. */
function collectedOf(
  { inOrder }: ForEachStep,
  items: readonly Item[],
  { collected, collectedFrom }: Progress,
): Json[] {
  if (!inOrder) return [...collected];
  const places = new Map(items.map(({ index }, place) => [index, place]));
  const placeOf = (at: number) => places.get(collectedFrom[at] ?? -1) ?? items.length;
  const order = collected.map((_, at) => at).sort((a, b) => placeOf(a) - placeOf(b));
  return order.map((at) => collected[at] ?? null);
}
