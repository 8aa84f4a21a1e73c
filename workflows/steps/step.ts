/** Runs steps in order, and gives every kind what all steps share: `if`, parking, `onError`, undo, the journal. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonObject, Step, StepKind } from '../../plan/plan.ts';
import { notOurs } from '../../plan/sealed.ts';
import { notCovered, notCurrent } from '../../plan/warrant.ts';
import { evaluateCondition } from '../expressions.ts';
import { EndRun, FailedOnPurpose, failureOf, isUnanswered, notCalled, WindowOver } from '../failures.ts';
import { itemName } from '../item-name.ts';
import type { Failure, StepView } from '../messages.ts';
import { type AskedApproval, type Occasion, occasionKey, stepKey } from '../occasion.ts';
import type { Decision } from '../state.ts';
import { containsApproval } from './contains-approval.ts';
import { park } from './park.ts';
import { type Runner, runners, type StepResult } from './runner.ts';

export async function runSteps(steps: readonly Step[], occasion: Occasion): Promise<void> {
  for (const step of steps) await runStep(step, occasion);
}

export async function runStep(step: Step, occasion: Occasion): Promise<void> {
  const { run } = occasion;
  const view = run.state.step(step, stepKey(step, occasion));
  let edited: JsonObject | undefined;
  let outdated = 0;
  let inputs: Record<string, unknown> | undefined;
  for (;;) {
    try {
      // A write that was waited for when the run was stopped is the last thing that is done.
      occasion.port.throwIfCancelled();
      if (run.state.paused) await run.resumed(occasion.port);
      // Asked first: in a workflow every promise is paid for.
      if (run.proposals.isHeld(step.id)) await notHeld(step, occasion);
      if (step.if !== undefined && !evaluateCondition(step.if, occasion.variables)) {
        return await skip(step, view, occasion);
      }
      if (occasion.window) await occasion.window(occasion.port);
      if (run.isHalfTakenBack(occasionKey(step, occasion))) await finishTakingBack(step, occasion);
      begin(view, occasion);
      // Inputs may be amended while a write is under way: it is taken back with what it was called with.
      if (step.kind === 'action' && step.undo) inputs = run.inputsNow();
      // The registry's type says which runner takes which step; TypeScript cannot follow the key through the lookup.
      const runner = runners[step.kind] as Runner<StepKind>;
      const result = await runner(step, occasion, edited);
      if (result.status === 'waiting') run.publish(occasion, step, { status: 'waiting' });
      else succeed(step, view, inputs ? withInputs(occasion, inputs) : occasion, result);
      return;
    } catch (error) {
      if (error instanceof EndRun || error instanceof WindowOver) throw error;
      if (error instanceof FailedOnPurpose) {
        view.failure = { type: 'OnPurpose', message: error.message };
        end(view, 'failed', occasion);
        run.state.record('step.failed', view.id, { ...view.failure });
        // In a list it is its item that fails.
        throw occasion.failFast ? error : new EndRun('failed', error.message);
      }
      if (occasion.port.isCancel(error)) {
        // Since then the port knows of a write that it had not begun.
        if (isWrite(step) && view.status === 'running' && run.start.engine < 5)
          run.state.notAnswered(view.id, occasion.round, 'it was stopped before it answered');
        end(view, 'cancelled', occasion);
        run.state.record('step.cancelled', view.id, unlessEmpty(calledWith(view, occasion)));
        throw error;
      }
      const failure = failureOf(error);
      if (!failure) throw error;
      if (failure.type === notCurrent && outdated < mostOutdated) {
        outdated += 1;
        await onPaper(occasion);
        continue;
      }
      view.failure = failure;
      if (isWrite(step) && isUnanswered(failure))
        run.state.notAnswered(view.id, occasion.round, failure.message);
      // What nobody of us said decides nothing: a person looks at it.
      if (step.onError && !decidesNothing.has(failure.type)) {
        end(view, 'failed', occasion);
        run.state.record('step.failed', view.id, { ...failure, ...calledWith(view, occasion, failure) });
        run.publish(occasion, step, { status: 'failed' });
        if (step.onError === 'continue') return;
        throw new EndRun('failed', `step "${view.title}" failed: ${failure.message}`);
      }
      if (occasion.failFast) {
        end(view, 'failed', occasion);
        run.state.record('step.failed', view.id, { ...failure, ...calledWith(view, occasion, failure) });
        throw error;
      }
      const decision = await park(step, failure, occasion);
      if (decision.type === 'skip') {
        endClosing(step, occasion, decision.reason);
        return await skip(step, view, occasion, { by: decision.by, reason: decision.reason });
      }
      if (decision.type === 'complete') {
        return completeByHand(step, view, occasion, decision);
      }
      edited = decision.with ?? edited;
    }
  }
}

/** What nobody of us said, or nobody signed. */
export const decidesNothing: ReadonlySet<string> = new Set([notOurs, notCovered, notCurrent]);

/** How often a step is called anew with what is in force, after what was signed changed before its call had begun. */
const mostOutdated = 3;

/** What became of a proposal is written down before a call is tried again that is looked at beside it. */
async function onPaper({ run, port }: Occasion): Promise<void> {
  const isBeingWritten = ({ issuing, settling, isOpen }: AskedApproval) =>
    // Withdrawn while people were being asked, which is on paper already: that it stands comes next.
    issuing || (settling && !isOpen && run.start.engine >= 5);
  await port.waitFor(() => ![...run.gates.values()].some(isBeingWritten));
}

/** Inside a list: what the item is called, so that nobody has to count. */
function itemNamed({ items }: Occasion): JsonObject | undefined {
  const name = itemName(Object.values(items ?? {}).at(-1));
  return name === undefined ? undefined : { item: name };
}

function begin(view: StepView, occasion: Occasion): void {
  view.status = 'running';
  view.attempts += 1;
  view.startedAt ??= occasion.port.now();
  delete view.failure;
  occasion.run.state.record('step.started', view.id, itemNamed(occasion));
}

/** Ends a step that did its work. Exported for those that do it while others go on. */
export function succeed(
  step: Step,
  view: StepView,
  occasion: Occasion,
  result: StepResult,
  note: JsonObject = {},
): void {
  const { run } = occasion;
  const status = result.status ?? 'succeeded';
  if (result.output !== undefined) view.output = result.output;
  const called = note.completedBy === undefined ? calledWith(view, occasion) : {};
  delete view.failure;
  delete view.input;
  end(view, status, occasion);
  run.publish(occasion, step, {
    status,
    ...defined({ output: result.output, approvers: result.approvers }),
  });
  if (step.kind === 'action') {
    run.state.answeredIn(view.id, occasion.round);
    if (step.undo && note.completedBy === undefined) run.onCompleted(step, step.undo, occasion);
  }
  if (status === 'expired') run.state.record('step.expired', view.id);
  // A gate that was refused has said so in the journal itself.
  if (status !== 'succeeded') return;
  run.state.record('step.succeeded', view.id, {
    ...defined({ output: result.output, verified: result.verified }),
    ...called,
    ...note,
  });
}

/** What an action was called with stands beside what became of it, for whoever reads the run later. */
function calledWith({ input }: StepView, { run }: Occasion, failure?: Failure): JsonObject {
  return run.start.engine < 4 || input === undefined || notCalled(failure) ? {} : { input };
}

function withInputs(occasion: Occasion, inputs: Record<string, unknown>): Occasion {
  return { ...occasion, variables: { ...occasion.variables, inputs } };
}

/** What was begun to be taken back comes to its end before anything more is done; meanwhile the run may have been called off. */
async function finishTakingBack(step: Step, occasion: Occasion): Promise<void> {
  await occasion.run.finishTakingBack(occasionKey(step, occasion), occasion.port);
  occasion.port.throwIfCancelled();
}

/** A step that reads what somebody proposed to change is not begun before that is settled. */
export async function notHeld({ id }: Step, occasion: Occasion): Promise<void> {
  const { run, port } = occasion;
  const settled = await port.waitFor(() => !run.proposals.isHeld(id), msToSign(occasion));
  if (!settled) run.proposals.giveUp(id, noTimeInWindow);
}

export const noTimeInWindow = 'the window would close before the work is done';

/** A window that closed on what waits for a signature would take back what was signed: half of what is left is for the work. */
export function msToSign({ run, port, closesAt }: Occasion): number | undefined {
  return closesAt === undefined || run.start.engine < 4 ? undefined : Math.max(0, closesAt - port.now()) / 2;
}

/** Nobody knows what was done, so the run takes it back neither by itself nor silently. */
function completeByHand(
  step: Step,
  view: StepView,
  occasion: Occasion,
  { by, output }: Extract<Decision, { type: 'complete' }>,
): void {
  if (step.kind === 'action' && step.undo) occasion.run.state.completedByHand.set(view.id, by);
  succeed(step, view, occasion, { output }, { completedBy: by });
}

function isWrite(step: Step): boolean {
  return step.kind === 'action' && step.effect !== 'read';
}

/** What stands behind an approval that was given up on is not done, and a run at its closing steps has nothing else to end it. */
function endClosing(step: Step, { run }: Occasion, reason: string): void {
  if (run.state.closing && containsApproval(step, run.start.plans ?? {}))
    throw new EndRun('cancelled', reason);
}

async function skip(step: Step, view: StepView, occasion: Occasion, note: JsonObject = {}): Promise<void> {
  end(view, 'skipped', occasion);
  occasion.run.state.record('step.skipped', view.id, note);
  // A group that is skipped may say what to do instead.
  if (step.kind === 'group' && step.else) await runSteps(step.else, occasion);
}

function end(view: StepView, status: StepView['status'], occasion: Occasion): void {
  view.status = status;
  view.endedAt = occasion.port.now();
}
