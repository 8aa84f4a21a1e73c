/** Waits: for a length of time, until a moment, or for an event from outside. Amended inputs move what is not over yet. */
import { defined } from '../../plan/defined.ts';
import type { JsonObject, WaitStep } from '../../plan/plan.ts';
import { evaluateText } from '../expressions.ts';
import { type Occasion, stepKey } from '../occasion.ts';
import { CallFailure } from '../port.ts';
import type { Runner, StepResult } from './runner.ts';
import { notHeld } from './step.ts';
import { momentAfter, momentOf } from './until.ts';

export const runWait: Runner<'wait'> = async (step, occasion) => {
  if (step.event) return waitForEvent(step, step.event, occasion);
  const began = occasion.port.now();
  const { state } = occasion.run;
  const key = stepKey(step, occasion);
  for (;;) {
    const amendments = state.amendments;
    // What was signed holds until a proposal is settled: the moment that it would move is waited for no longer than that.
    if (occasion.run.proposals.isHeld(step.id)) await notHeld(step, occasion);
    const due = await dueAt(step, began, occasion);
    state.startWaiting({ key, kind: 'moment', deadline: due });
    try {
      const moved = await occasion.port.waitFor(
        () => state.amendments !== amendments,
        due - occasion.port.now(),
      );
      if (!moved && !occasion.run.proposals.isHeld(step.id)) return {};
    } finally {
      state.stopWaiting(key);
    }
  }
};

async function dueAt(step: WaitStep, began: number, occasion: Occasion): Promise<number> {
  if (step.for) return momentAfter(step.for, began, occasion, step.id);
  return momentOf(evaluateText(step.until ?? '', occasion.variables), occasion, step.id);
}

async function waitForEvent(
  step: WaitStep,
  event: NonNullable<WaitStep['event']>,
  occasion: Occasion,
): Promise<StepResult> {
  const { state } = occasion.run;
  const key = stepKey(step, occasion);
  const eventKey = evaluateText(step.event?.key ?? '', occasion.variables);
  const from = event.from?.map((each) => senderOf(evaluateText(each, occasion.variables)));
  const deadline = step.within && (await momentAfter(step.within, occasion.port.now(), occasion, step.id));
  state.startWaiting({
    key,
    kind: 'event',
    event: { name: event.name, key: eventKey, ...defined({ from }) },
    ...defined({ deadline }),
  });
  try {
    const left = deadline === undefined ? undefined : deadline - occasion.port.now();
    let taken: JsonObject | undefined;
    const came = await occasion.port.waitFor(() => {
      taken ??= state.takeEvent(event.name, eventKey, from);
      return taken !== undefined;
    }, left);
    if (came && taken) return { output: taken };
  } finally {
    state.stopWaiting(key);
  }
  return expired(step, `No "${event.name}" for ${eventKey} came in time.`);
}

/** Addresses are told apart without regard to case; suppliers and roles as they are written. */
function senderOf(text: string): string {
  return text.includes('@') ? text.trim().toLowerCase() : text.trim();
}

/** What becomes of a `task` or `wait` whose time has passed: it parks, unless its author said to go on. */
export function expired(step: { onExpiry?: 'continue' }, message: string): StepResult {
  if (step.onExpiry === 'continue') return { status: 'expired' };
  throw new CallFailure({ type: 'Expired', message });
}
