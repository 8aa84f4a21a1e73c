/**
 * Does its steps for every item, so many at a time. An item that fails counts; once more than are tolerated have failed, no
 * new item is started and the step parks. Retried, it does what is left and what failed.
 *
 * Many items are done in batches, each a child with a history of its own: a run must not outgrow what Temporal keeps.
 */
import type { ForEachStep, Json, JsonObject } from '../../plan/plan.ts';
import { canBatch, timesInOneHistory } from '../batches/batch-size.ts';
import { visibleTo } from '../batches/batch-variables.ts';
import type { BatchResult } from '../batches/messages.ts';
import { bind, evaluate, unbind } from '../expressions.ts';
import { CallFailure } from '../port.ts';
import { type Frame, failureOf, keyOf } from '../run.ts';
import { runAll } from './run-all.ts';
import { checkSize } from './size.ts';
import type { Runner, StepResult } from './step.ts';
import { runSteps } from './step.ts';

export interface Progress {
  begun: Set<number>;
  done: Set<number>;
  failed: Map<number, string>;
  collected: Json[];
  /** How many batches there were, so that each has a number of its own, also after a retry. */
  batches: number;
}

export interface Item {
  index: number;
  value: Json;
}

/** How many failures the output lists; the counts are always whole. */
const listedFailures = 20;
const mostInOneBatch = 500;

export function newProgress(): Progress {
  return { begun: new Set(), done: new Set(), failed: new Map(), collected: [], batches: 0 };
}

export const runForEach: Runner<'forEach'> = async (step, frame) => {
  const values = evaluate(step.items, frame.variables);
  if (!Array.isArray(values)) {
    throw new CallFailure({ type: 'ExpressionFailure', message: `\${{ ${step.items} }} is no list.` });
  }
  const key = keyOf(step, frame);
  const progress = frame.run.progressOf(key, newProgress);
  progress.failed.clear();
  progress.begun = new Set(progress.done);
  const tolerated = toleratedOf(step, values.length);
  const items = values.map((value, index) => ({ index, value }));
  const size = batchSize(step);
  if (items.length <= size) await doItems(step, items, frame, progress, tolerated);
  else if (canBatch(step.steps)) await inBatches(step, items, frame, progress, tolerated, size);
  else {
    throw new CallFailure({
      type: 'TooMany',
      message: `There are ${items.length} items, and steps that wait for people or events can be done for ${size} at most. Divide the list, or let another runbook do them.`,
    });
  }
  if (progress.failed.size > tolerated) throw tooManyFailed(values.length, progress);
  return resultOf(values.length, progress);
};

/** Those that are not begun yet, `concurrency` at a time, until more than are tolerated have failed. */
export async function doItems(
  step: ForEachStep,
  items: readonly Item[],
  frame: Frame,
  progress: Progress,
  tolerated: number,
): Promise<void> {
  let next = 0;
  const lane = async (port: Frame['port']) => {
    while (next < items.length && progress.failed.size <= tolerated && !port.isFull()) {
      const item = items[next];
      next += 1;
      if (!item || progress.begun.has(item.index)) continue;
      progress.begun.add(item.index);
      await doItem(step, item, { ...frame, port }, progress);
    }
  };
  const lanes = Math.min(step.concurrency, items.length);
  await runAll(
    Array.from({ length: lanes }, () => lane),
    frame.port,
  );
}

async function doItem(
  step: ForEachStep,
  { index, value }: Item,
  frame: Frame,
  progress: Progress,
): Promise<void> {
  // A copy: what one item's steps give is visible to that item alone.
  const steps = Object.assign(Object.create(null), frame.variables.steps);
  const itemFrame: Frame = {
    ...frame,
    item: `${frame.item}[${index}]`,
    failFast: true,
    variables: { ...frame.variables, steps, [step.as]: bind(value) },
  };
  try {
    await runSteps(step.steps, itemFrame);
    progress.done.add(index);
    if (step.collect !== undefined && progress.collected.length < step.collect) {
      progress.collected.push(outputsOf(step, itemFrame));
    }
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    progress.failed.set(index, failure.message);
  }
}

/** One batch after the other, so that a failure beyond what is tolerated stops the rest. */
async function inBatches(
  step: ForEachStep,
  items: readonly Item[],
  frame: Frame,
  progress: Progress,
  tolerated: number,
  size: number,
): Promise<void> {
  const { run, port } = frame;
  const key = keyOf(step, frame);
  const view = run.state.step(step, key);
  const variables = unbind(visibleTo(step, frame.variables)) as JsonObject;
  let left = items.filter(({ index }) => !progress.begun.has(index));
  while (left.length > 0 && progress.failed.size <= tolerated) {
    // A batch that has begun is finished; the next one waits.
    if (run.state.paused) await run.resumed(port);
    progress.batches += 1;
    const batch = left.slice(0, size);
    const work = {
      type: 'items' as const,
      step: step.id,
      item: frame.item,
      round: frame.round,
      items: batch,
      tolerated: tolerated - progress.failed.size,
      collect: Math.max(0, (step.collect ?? 0) - progress.collected.length),
      variables,
    };
    checkSize(work as unknown as Json, `What the items of "${view.title}" need`);
    const result = await port.batch(run.start, { run: run.id, work }, `${key}~${progress.batches}`);
    take(result, progress);
    run.onBatchUndo(step, result.undos, frame);
    view.progress = { total: items.length, done: progress.done.size, failed: progress.failed.size };
    run.state.record('batch.ended', key, { number: progress.batches, ...view.progress });
    // Stopped together with this run: goes no further here.
    if (result.cancelled) await port.sleep(1);
    const undone = new Set(result.left);
    left = [...batch.filter(({ index }) => undone.has(index)), ...left.slice(size)];
  }
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
  progress.collected.push(...result.collected);
}

/** Items whose steps fit into one history. */
function batchSize(step: ForEachStep): number {
  return Math.min(mostInOneBatch, timesInOneHistory(step.steps));
}

function outputsOf(step: ForEachStep, frame: Frame): Json {
  const outputs: JsonObject = {};
  for (const inner of step.steps) {
    const { output } = frame.run.state.step(inner, keyOf(inner, frame));
    if (output !== undefined) outputs[inner.id] = output;
  }
  return outputs;
}

function toleratedOf(step: ForEachStep, total: number): number {
  if (!step.tolerate) return 0;
  return 'count' in step.tolerate ? step.tolerate.count : Math.floor(step.tolerate.fraction * total);
}

function tooManyFailed(total: number, progress: Progress): CallFailure {
  const [first] = progress.failed;
  const [index, message] = first ?? [0, ''];
  return new CallFailure({
    type: 'PermanentFailure',
    message: `${progress.failed.size} of ${total} items failed, more than are tolerated. Item ${index + 1}: ${message}`,
  });
}

function resultOf(total: number, progress: Progress): StepResult {
  const failures = [...progress.failed]
    .slice(0, listedFailures)
    .map(([index, message]) => ({ index, message }));
  return {
    output: {
      total,
      succeeded: progress.done.size,
      failed: progress.failed.size,
      failures,
      ...(progress.collected.length > 0 ? { collected: progress.collected } : {}),
    },
  };
}
