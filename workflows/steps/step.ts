/** Runs steps in order, and gives every kind what all steps share: `if`, parking, `onError`, undo, the journal. */
import type { Json, JsonObject, Step, StepKind } from '../../plan/plan.ts';
import { evaluateCondition } from '../expressions.ts';
import type { StepView } from '../messages.ts';
import { EndRun, type Frame, failureOf, keyOf } from '../run.ts';
import { runAction } from './action.ts';
import { runApprove } from './approve.ts';
import { runEnd } from './end.ts';
import { runForEach } from './for-each.ts';
import { runGroup } from './group.ts';
import { runParallel } from './parallel.ts';
import { runRepeat } from './repeat.ts';
import { runRunbook } from './runbook.ts';
import { runTask } from './task.ts';
import { runWait } from './wait.ts';
import { runWindow } from './window.ts';

export interface StepResult {
  output?: Json;
  approvers?: string[];
  /** Set by steps that may end otherwise than by succeeding. One that still waits lets the steps after it go on. */
  status?: 'succeeded' | 'rejected' | 'expired' | 'waiting';
}

/** Runs one step of its kind. `edited` replaces an action's input after a retry with edits. */
export type Runner<K extends StepKind> = (
  step: Extract<Step, { kind: K }>,
  frame: Frame,
  edited?: JsonObject,
) => Promise<StepResult>;

const runners: { [K in StepKind]: Runner<K> } = {
  action: runAction,
  approve: runApprove,
  end: runEnd,
  forEach: runForEach,
  group: runGroup,
  parallel: runParallel,
  repeat: runRepeat,
  runbook: runRunbook,
  task: runTask,
  wait: runWait,
  window: runWindow,
};

export async function runSteps(steps: readonly Step[], frame: Frame): Promise<void> {
  for (const step of steps) await runStep(step, frame);
}

export async function runStep(step: Step, frame: Frame): Promise<void> {
  const { run } = frame;
  const view = run.state.step(step, keyOf(step, frame));
  let edited: JsonObject | undefined;
  for (;;) {
    try {
      if (run.state.paused) await run.resumed(frame.port);
      if (step.if !== undefined && !evaluateCondition(step.if, frame.variables)) {
        return await skip(step, view, frame);
      }
      begin(view, frame);
      // The registry's type says which runner takes which step; TypeScript cannot follow the key through the lookup.
      const runner = runners[step.kind] as Runner<StepKind>;
      const result = await runner(step, frame, edited);
      if (result.status === 'waiting') run.publish(frame, step, { status: 'waiting' });
      else succeed(step, view, frame, result);
      return;
    } catch (error) {
      if (error instanceof EndRun) throw error;
      if (frame.port.isCancel(error)) {
        end(view, 'cancelled', frame);
        run.state.record('step.cancelled', view.id);
        throw error;
      }
      const failure = failureOf(error);
      if (!failure) throw error;
      view.failure = failure;
      if (step.onError) {
        end(view, 'failed', frame);
        run.state.record('step.failed', view.id, { ...failure });
        run.publish(frame, step, { status: 'failed' });
        if (step.onError === 'continue') return;
        throw new EndRun('failed', `step "${view.title}" failed: ${failure.message}`);
      }
      if (frame.failFast) {
        end(view, 'failed', frame);
        run.state.record('step.failed', view.id, { ...failure });
        throw error;
      }
      const decision = await run.park(step, failure, frame);
      if (decision.type === 'skip') {
        return await skip(step, view, frame, { by: decision.by, reason: decision.reason });
      }
      if (decision.type === 'complete') {
        return succeed(step, view, frame, { output: decision.output }, { completedBy: decision.by });
      }
      edited = decision.with ?? edited;
    }
  }
}

function begin(view: StepView, frame: Frame): void {
  view.status = 'running';
  view.attempts += 1;
  view.startedAt ??= frame.port.now();
  delete view.failure;
  frame.run.state.record('step.started', view.id);
}

/** Ends a step that did its work. Exported for those that do it while others go on. */
export function succeed(
  step: Step,
  view: StepView,
  frame: Frame,
  result: StepResult,
  note: JsonObject = {},
): void {
  const { run } = frame;
  const status = result.status ?? 'succeeded';
  if (result.output !== undefined) view.output = result.output;
  delete view.failure;
  delete view.input;
  end(view, status, frame);
  run.publish(frame, step, {
    status,
    ...(result.output === undefined ? {} : { output: result.output }),
    ...(result.approvers ? { approvers: result.approvers } : {}),
  });
  if (step.kind === 'action' && step.undo) run.onUndo(step, step.undo, frame);
  if (status === 'expired') run.state.record('step.expired', view.id);
  // A gate that was refused has said so in the journal itself.
  if (status !== 'succeeded') return;
  run.state.record('step.succeeded', view.id, {
    ...(result.output === undefined ? {} : { output: result.output }),
    ...note,
  });
}

async function skip(step: Step, view: StepView, frame: Frame, note: JsonObject = {}): Promise<void> {
  end(view, 'skipped', frame);
  frame.run.state.record('step.skipped', view.id, note);
  // A group that is skipped may say what to do instead.
  if (step.kind === 'group' && step.else) await runSteps(step.else, frame);
}

function end(view: StepView, status: StepView['status'], frame: Frame): void {
  view.status = status;
  view.endedAt = frame.port.now();
}
