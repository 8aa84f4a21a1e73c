/** Takes completed work back, the last first. An undo that fails parks, like any step. */
import { defined } from '../plan/defined.ts';
import type { ForEachStep, RepeatStep, RunbookStep, Step } from '../plan/plan.ts';
import type { PendingUndo } from './batches/messages.ts';
import { failureOf } from './failures.ts';
import { type Occasion, occasionKey, stepKey } from './occasion.ts';
import type { Port } from './port.ts';
import { defaultRetry, defaultTimeoutMs } from './steps/action.ts';
import { park } from './steps/park.ts';
import type { Undoable, UndoLog } from './undo-log.ts';
import type { UndoScope } from './undo-scope.ts';

/** Everything that was done within the scope. */
export async function takeBack(log: UndoLog, scope: UndoScope, port: Port): Promise<void> {
  for (let next = log.takeLast(scope); next; next = log.takeLast(scope)) {
    const occasion = { ...next.occasion, port };
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
    occasion.run.countUndone(occasionKey(next.step, occasion));
    if (!next.single) for (const call of all) occasion.run.countUndone(call.key + roundOf(call));
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
    const { undos: kept, failed } = await port.batch(
      run.start,
      { run: run.id, work },
      `${key}.undo~${progress.batches}`,
    );
    left = kept;
    undoable.calls = kept;
    if (left.length === 0) break;
    const [first] = failed;
    const message = `${left.length} of ${calls.length} of its steps could not be taken back. ${first?.message ?? ''}`;
    const decision = await park(step, { type: 'PermanentFailure', message }, occasion, { undo: true });
    if (decision.type !== 'skip') continue;
    const which = left.map((undo) => undo.key).slice(0, 20);
    run.state.leave(
      key,
      view.title,
      `the undo of ${which.join(', ')}${left.length > which.length ? ' and others' : ''} was given up on by ${decision.by}: ${decision.reason}`,
    );
    return;
  }
  view.status = 'undone';
  run.state.record('step.undone', key, { items: calls.length });
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
