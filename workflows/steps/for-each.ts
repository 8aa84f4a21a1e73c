/**
 * Does its steps for every item, so many at a time. An item that fails counts; once more than are tolerated have failed, no
 * new item is started and the step parks. Retried, it does what is left and what failed.
 */
import type { ForEachStep, Json, JsonObject } from '../../compiler/plan.ts';
import { bind, evaluate } from '../expressions.ts';
import { CallFailure } from '../port.ts';
import { type Frame, failureOf, keyOf } from '../run.ts';
import { runAll } from './run-all.ts';
import type { Runner, StepResult } from './step.ts';
import { runSteps } from './step.ts';

interface Progress {
  done: Set<number>;
  failed: Map<number, string>;
  collected: Json[];
}

/** How many failures the output lists; the counts are always whole. */
const listedFailures = 20;

export const runForEach: Runner<'forEach'> = async (step, frame) => {
  const items = evaluate(step.items, frame.variables);
  if (!Array.isArray(items)) {
    throw new CallFailure({ type: 'ExpressionFailure', message: `\${{ ${step.items} }} is no list.` });
  }
  const key = keyOf(step, frame);
  const progress = frame.run.progressOf<Progress>(key, () => ({
    done: new Set(),
    failed: new Map(),
    collected: [],
  }));
  progress.failed.clear();
  const tolerated = toleratedOf(step, items.length);
  let next = 0;
  const lane = async (port: Frame['port']) => {
    while (next < items.length && progress.failed.size <= tolerated) {
      const index = next;
      next += 1;
      if (!progress.done.has(index))
        await runItem(step, items[index] ?? null, index, { ...frame, port }, progress);
    }
  };
  const lanes = Math.min(step.concurrency, items.length);
  await runAll(
    Array.from({ length: lanes }, () => lane),
    frame.port,
  );
  if (progress.failed.size > tolerated) throw tooManyFailed(items.length, progress);
  return resultOf(items.length, progress);
};

async function runItem(
  step: ForEachStep,
  value: Json,
  index: number,
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
