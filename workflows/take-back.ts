/** Takes completed work back, the last first. An undo that fails parks, like any step. */
import { defined } from '../plan/defined.ts';
import type { ForEachStep, RepeatStep, RunbookStep, Step } from '../plan/plan.ts';
import type { BatchResult, PendingUndo, UndoWork } from './batches/messages.ts';
import { failureOf } from './failures.ts';
import { type Occasion, occasionKey, type RunOfSteps, stepKey } from './occasion.ts';
import type { Port } from './port.ts';
import { defaultRetry, defaultTimeoutMs } from './steps/action.ts';
import { park } from './steps/park.ts';
import { identityOf, type Undoable, type UndoLog } from './undo-log.ts';
import type { UndoScope } from './undo-scope.ts';

/** Everything that was done within the scope. */
export async function takeBack(log: UndoLog, scope: UndoScope, port: Port): Promise<void> {
  for (let next = log.takeLast(scope); next; next = log.takeLast(scope)) {
    const occasion = { ...next.occasion, port };
    const { run } = occasion;
    const all = next.calls;
    try {
      if (next.single) await undoOne(next, occasion);
      else await undoMany(next, occasion);
    } catch (error) {
      // The run was called off while it was taking back a window: what is left of it is still to be taken back.
      log.putBack(next, scope);
      throw error;
    }
    // What is done again after this is a new write, and no retry of the old one.
    run.countUndone(occasionKey(next.step, occasion));
    if (!next.single && run.start.engine < 6) count(all, run);
  }
}

async function undoOne({ step, calls }: Undoable, occasion: Occasion): Promise<void> {
  const { run, port } = occasion;
  const key = stepKey(step, occasion);
  const view = run.state.step(step, key);
  const [call] = calls;
  if (!call) return;
  for (;;) {
    try {
      if (call.problem !== undefined) throw notComputed(call.problem);
      let verified: true | undefined;
      await port.call(call.uses, call.input, {
        step: `${call.key}.undo`,
        ...defined({ item: call.round || undefined, warrants: call.warrants }),
        summary: `Undo: ${view.title}`,
        timeoutMs: defaultTimeoutMs,
        retry: defaultRetry,
        onVerified: () => {
          verified = true;
        },
      });
      view.status = 'undone';
      run.state.record('step.undone', key, {
        uses: call.uses,
        ...(run.start.engine < 4 ? {} : { input: call.input }),
        ...defined({ verified }),
      });
      return;
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      const decision = await park(step, failure, occasion, { undo: true });
      if (decision.type !== 'skip') continue;
      run.state.leave(key, view.title, `its undo was given up on by ${decision.by}: ${decision.reason}`);
      return;
    }
  }
}

/** In children: taking 10,000 items back is as long as doing them. */
async function undoMany(undoable: Undoable, occasion: Occasion): Promise<void> {
  const { step, calls } = undoable;
  const { run, port } = occasion;
  const key = stepKey(step, occasion);
  const view = run.state.step(step, key);
  const progress = run.progressOf(`${occasionKey(step, occasion)}.undo`, occasion, () => ({ batches: 0 }));
  for (let left = calls; left.length > 0; ) {
    progress.batches += 1;
    const work = { type: 'undo' as const, undos: left, concurrency: concurrencyOf(step) };
    const name = `${key}.undo~${progress.batches}`;
    // An older run takes no turn more than it took: what it asked for then comes in the same order.
    const { kept, why, cancelled } =
      run.start.engine < 6
        ? keptOf(await port.batch(run.start, { run: run.id, work }, name))
        : await inChild(work, name, occasion);
    // Each that was taken back is counted at once: the rest may be stopped.
    if (run.start.engine >= 6) count(without(left, kept), run);
    left = kept;
    undoable.calls = kept;
    if (left.length === 0) break;
    // Stopped together with this run: goes no further here.
    if (cancelled && run.start.engine >= 6) await port.sleep(1);
    const message = `${left.length} of ${calls.length} of its steps could not be taken back. ${why}`;
    const decision = await park(step, { type: 'PermanentFailure', message }, occasion, { undo: true });
    if (decision.type !== 'skip') continue;
    if (run.start.engine >= 6) count(left, run);
    const by = `was given up on by ${decision.by}: ${decision.reason}`;
    run.state.leave(key, view.title, `the undo of ${namedUndos(left)} ${by}`);
    return;
  }
  view.status = 'undone';
  run.state.record('step.undone', key, { items: calls.length });
}

/** As many as anybody reads. */
export function namedUndos(undos: readonly PendingUndo[]): string {
  const which = undos.map(({ key }) => key).slice(0, 20);
  return `${which.join(', ')}${undos.length > which.length ? ' and others' : ''}`;
}

interface Kept {
  kept: PendingUndo[];
  why: string;
  cancelled?: true;
}

/** What is left of it, and why. A child that was ended from outside told nothing: all of it is asked for once more. */
async function inChild(work: UndoWork, name: string, { run, port }: Occasion): Promise<Kept> {
  try {
    return keptOf(await port.batch(run.start, { run: run.id, work }, name));
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    return { kept: work.undos, why: failure.message };
  }
}

function keptOf({ undos, failed, cancelled }: BatchResult): Kept {
  return { kept: undos, why: failed[0]?.message ?? '', ...defined({ cancelled }) };
}

/** What is done again after this is a new write, and no retry of the old one. */
function count(undone: readonly PendingUndo[], run: RunOfSteps): void {
  for (const call of undone) run.countUndone(call.key + roundOf(call));
}

function without(all: readonly PendingUndo[], some: readonly PendingUndo[]): PendingUndo[] {
  const known = new Set(some.map(identityOf));
  return all.filter((each) => !known.has(identityOf(each)));
}

function concurrencyOf(step: Step): number {
  return step.kind === 'forEach' ? step.concurrency : 1;
}

/** Of those whose steps were done in children, as one list; what a called runbook did is taken back in one order. */
export function undosOf(
  step: ForEachStep | RepeatStep | RunbookStep,
  undos: PendingUndo[],
  key: string,
): PendingUndo[] {
  if (step.kind !== 'runbook') return undos;
  return undos.map((undo) => ({ ...undo, key: `${key}/${undo.key}`, item: '' }));
}

function notComputed(problem: string): Error {
  const error = new Error(problem);
  error.name = 'ExpressionFailure';
  return error;
}

/** Without how often it was undone before. Undos that an older engine's batches gave have no round. */
function roundOf({ round }: { round?: string }): string {
  return (round ?? '').replace(/~\d+$/, '');
}
