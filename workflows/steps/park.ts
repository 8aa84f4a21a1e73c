/** A step that failed waits for an operator. The owner is told; that telling them fails never holds up the run. */
import { defined } from '../../plan/defined.ts';
import type { JsonObject, Step } from '../../plan/plan.ts';
import { engineActivities } from '../engine-activities.ts';
import { notCalled } from '../failures.ts';
import type { Failure } from '../messages.ts';
import { type Occasion, stepKey } from '../occasion.ts';
import type { Decision, ParkedStep } from '../state.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';

export async function park(
  step: Step,
  failure: Failure,
  occasion: Occasion,
  { undo = false }: { undo?: boolean } = {},
): Promise<Decision> {
  const { port, run } = occasion;
  const key = stepKey(step, occasion);
  const view = run.state.step(step, key);
  view.status = 'parked';
  view.failure = failure;
  const parked: ParkedStep = { step, key, title: view.title, failure, since: port.now(), undo };
  run.state.parked.set(key, parked);
  const called = undo || run.start.engine < 4 || notCalled(failure) ? undefined : view.input;
  run.state.record('step.parked', key, {
    ...failure,
    ...defined({ undo: undo ? true : undefined, input: called }),
  });
  notifyOwner(parked, occasion);
  try {
    await port.waitFor(() => parked.decision !== undefined);
    if (!parked.decision) throw new Error('a parked step went on without a decision');
    return parked.decision;
  } catch (error) {
    // Called off while it waited. An undo is still to be done.
    if (port.isCancel(error) && !undo) {
      view.status = 'cancelled';
      view.endedAt = port.now();
      run.state.record('step.cancelled', key);
    }
    throw error;
  } finally {
    run.state.parked.delete(key);
  }
}

function notifyOwner({ key, title, failure, since }: ParkedStep, { run, port }: Occasion): void {
  const { plan } = run.start;
  const input: JsonObject = {
    owner: plan.owner,
    runbookTitle: run.state.name,
    step: key,
    title,
    message: failure.message,
    since,
  };
  port
    .call(engineActivities.tellOwner, input, {
      step: key,
      summary: 'Tell the owner',
      timeoutMs: defaultTimeoutMs,
      retry: defaultRetry,
    })
    .catch(() => {
      // The parked step stands in the owner's inbox all the same.
    });
}
