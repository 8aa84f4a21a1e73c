/** Waits: for a length of time, until a moment, or for an event from outside. Amended inputs move what is not over yet. */
import type { WaitStep } from '../../plan/plan.ts';
import { evaluateText } from '../expressions.ts';
import { CallFailure } from '../port.ts';
import { type Frame, keyOf } from '../run.ts';
import type { Runner, StepResult } from './step.ts';
import { momentAfter, momentOf } from './until.ts';

export const runWait: Runner<'wait'> = async (step, frame) => {
  if (step.event) return waitForEvent(step, step.event, frame);
  const began = frame.port.now();
  const { state } = frame.run;
  const key = keyOf(step, frame);
  for (;;) {
    const amendments = state.amendments;
    const due = await dueAt(step, began, frame);
    state.startWaiting({ key, kind: 'moment', deadline: due });
    try {
      const moved = await frame.port.waitFor(() => state.amendments !== amendments, due - frame.port.now());
      if (!moved) return {};
    } finally {
      state.stopWaiting(key);
    }
  }
};

async function dueAt(step: WaitStep, began: number, frame: Frame): Promise<number> {
  if (step.for) return momentAfter(step.for, began, frame, step.id);
  return momentOf(evaluateText(step.until ?? '', frame.variables), frame, step.id);
}

async function waitForEvent(
  step: WaitStep,
  event: { name: string; key: unknown },
  frame: Frame,
): Promise<StepResult> {
  const { state } = frame.run;
  const key = keyOf(step, frame);
  const eventKey = evaluateText(step.event?.key ?? '', frame.variables);
  const deadline = step.within && (await momentAfter(step.within, frame.port.now(), frame, step.id));
  state.startWaiting({
    key,
    kind: 'event',
    event: { name: event.name, key: eventKey },
    ...(deadline === undefined ? {} : { deadline }),
  });
  try {
    const left = deadline === undefined ? undefined : deadline - frame.port.now();
    const came = await frame.port.waitFor(() => state.hasEvent(event.name, eventKey), left);
    if (came) return { output: state.takeEvent(event.name, eventKey) };
  } finally {
    state.stopWaiting(key);
  }
  return expired(step, `No "${event.name}" for ${eventKey} came in time.`);
}

/** What becomes of a `task` or `wait` whose time has passed: it parks, unless its author said to go on. */
export function expired(step: { onExpiry?: 'continue' }, message: string): StepResult {
  if (step.onExpiry === 'continue') return { status: 'expired' };
  throw new CallFailure({ type: 'Expired', message });
}
