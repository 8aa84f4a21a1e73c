/** The child's side: does what it was handed, with the steps and rules of the run it belongs to. */

import { defined } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { JsonObject, Step } from '../../plan/plan.ts';
import { bind, unbind, type Variables } from '../expressions.ts';
import { EndRun, FailedOnPurpose, failureOf } from '../failures.ts';
import type { RunStart } from '../messages.ts';
import type { Occasion } from '../occasion.ts';
import { CallFailure, type Port } from '../port.ts';
import { Run } from '../run.ts';
import { defaultRetry, defaultTimeoutMs } from '../steps/action.ts';
import { doItems, newProgress } from '../steps/for-each.ts';
import { readItems } from '../steps/read-list.ts';
import { doRounds } from '../steps/repeat.ts';
import { runAll } from '../steps/run-all.ts';
import type { Batch, BatchResult, ItemsWork, PendingUndo, RoundsWork, UndoWork } from './messages.ts';

export async function runBatch(start: RunStart, batch: Batch, port: Port): Promise<BatchResult> {
  const { work } = batch;
  const result: BatchResult = { done: [], failed: [], left: [], collected: [], undos: [] };
  try {
    if (work.type === 'items') await someItems(start, batch.run, work, port, result);
    else if (work.type === 'rounds') await someRounds(start, batch.run, work, port, result);
    else await someUndos(work, port, result);
  } catch (error) {
    // Told and not thrown: whoever stopped it, or is ended by it, has to take back what was done.
    if (error instanceof EndRun && start.engine >= 3)
      result.ended = { status: error.status, reason: error.message };
    else if (port.isCancel(error)) result.cancelled = true;
    else throw error;
  }
  return result;
}

async function someItems(
  start: RunStart,
  id: string,
  work: ItemsWork,
  port: Port,
  result: BatchResult,
): Promise<void> {
  const { plan } = start;
  const step = findStep([...plan.steps, ...plan.finally], work.step, 'forEach');
  const run = new Run(start, port, id);
  run.knowUndone(work.undone ?? []);
  for (const each of work.unanswered ?? []) run.state.knowUnanswered(each);
  const progress = newProgress();
  const variables: Variables = { ...run.variables(), ...(bind(work.variables) as JsonObject) };
  run.carryGates(port, variables);
  const occasion: Occasion = {
    run,
    port,
    variables,
    item: work.item,
    round: work.round,
    undoScope: run.wholeRun,
  };
  const collecting = { ...step, collect: work.collect };
  try {
    const items = work.list ? await readItems(step, work.list, work.items, occasion) : work.items;
    await doItems(collecting, items, occasion, progress, work.tolerated);
  } catch (error) {
    // Its items could not be read: none of them was begun, and a person looks at it.
    const failure = work.list && progress.begun.size === 0 ? failureOf(error) : undefined;
    if (!failure) throw error;
    progress.refused = { type: failure.type, message: failure.message };
  } finally {
    result.done = [...progress.done];
    result.failed = [...progress.failed].map(([index, message]) => ({ index, message }));
    if (progress.onPurpose.size > 0)
      result.onPurpose = [...progress.onPurpose].map(([index, message]) => ({ index, message }));
    if (progress.refused) result.refused = progress.refused;
    result.left = work.items.map(({ index }) => index).filter((index) => !progress.begun.has(index));
    result.collected = progress.collected;
    if (step.inOrder) result.collectedFrom = progress.collectedFrom;
    const undoNow = run.undosOfFailed();
    if (undoNow.length > 0) result.undoNow = undoNow;
    result.undos = run.pendingUndos();
    result.unanswered = run.state.unansweredOf('');
    result.settle = [...run.state.left.values()];
  }
}

async function someRounds(
  start: RunStart,
  id: string,
  work: RoundsWork,
  port: Port,
  result: BatchResult,
): Promise<void> {
  const { plan } = start;
  const step = findStep([...plan.steps, ...plan.finally], work.step, 'repeat');
  const run = new Run(start, port, id);
  run.knowUndone(work.undone ?? []);
  const variables: Variables = { ...run.variables(), ...(bind(work.variables) as JsonObject) };
  run.carryGates(port, variables);
  const occasion: Occasion = {
    run,
    port,
    variables,
    item: work.item,
    round: work.round,
    undoScope: run.wholeRun,
    failFast: true,
  };
  const inside = new Set(idsIn(step.steps));
  let began = work.from;
  try {
    result.rounds = await doRounds(step, occasion, work.from, work.limits, (round) => {
      began = round;
    });
  } catch (error) {
    const failure = failureOf(error);
    const onPurpose = error instanceof FailedOnPurpose;
    if (!failure && !onPurpose) throw error;
    if (failure) result.failure = failure;
    if (onPurpose) result.onPurpose = [{ index: began, message: error.message }];
    result.rounds = { next: began, end: 'full' };
  } finally {
    if (step.state) result.state = unbind(variables.state) as JsonObject;
    const known = Object.entries(variables.steps as Record<string, unknown>);
    result.published = unbind(Object.fromEntries(known.filter(([name]) => inside.has(name)))) as JsonObject;
    const undoNow = run.undosOfFailed();
    if (undoNow.length > 0) result.undoNow = undoNow;
    result.undos = run.pendingUndos();
    result.unanswered = run.state.unansweredOf('');
    result.settle = [...run.state.left.values()];
  }
}

function idsIn(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => [step.id, ...innerSteps(step).flatMap(idsIn)]);
}

/** Those of one item the last one first; items at the same time. What cannot be taken back is told. */
async function someUndos({ undos, concurrency }: UndoWork, port: Port, result: BatchResult): Promise<void> {
  const byItem = new Map<string, PendingUndo[]>();
  for (const undo of undos) byItem.set(undo.item, [...(byItem.get(undo.item) ?? []), undo]);
  const queue = [...byItem.values()].map((each) => [...each].reverse());
  const lane = async (child: Port) => {
    for (let next = queue.shift(); next; next = queue.shift()) await undoItem(next, child, result);
  };
  try {
    await runAll(
      Array.from({ length: Math.min(concurrency, queue.length) }, () => lane),
      port,
    );
  } finally {
    // Stopped before it came to these: they are still to be taken back.
    for (const each of queue) result.undos.push(...each.reverse());
  }
}

async function undoItem(undos: PendingUndo[], port: Port, result: BatchResult): Promise<void> {
  for (const [index, undo] of undos.entries()) {
    try {
      if (undo.problem !== undefined)
        throw new CallFailure({ type: 'ExpressionFailure', message: undo.problem });
      await port.call(undo.uses, undo.input, {
        step: `${undo.key}.undo`,
        ...defined({ item: undo.round || undefined, warrants: undo.warrants }),
        timeoutMs: defaultTimeoutMs,
        retry: defaultRetry,
      });
    } catch (error) {
      const failure = failureOf(error);
      // What comes before it in the item stays: it is taken back in order or not at all.
      result.undos.push(...undos.slice(index).reverse());
      if (!failure) throw error;
      result.failed.push({ index, message: `${undo.key}: ${failure.message}` });
      return;
    }
  }
}

function findStep<Kind extends 'forEach' | 'repeat'>(
  steps: readonly Step[],
  id: string,
  kind: Kind,
): Extract<Step, { kind: Kind }> {
  const queue = [...steps];
  for (let step = queue.shift(); step; step = queue.shift()) {
    if (step.id === id && step.kind === kind) return step as Extract<Step, { kind: Kind }>;
    queue.push(...innerSteps(step).flat());
  }
  throw new CallFailure({ type: 'PermanentFailure', message: `The plan has no ${kind} "${id}".` });
}
