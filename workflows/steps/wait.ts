/** Waits: for a length of time, until a moment, or for an event from outside. Amended inputs move what is not over yet. */
import { defined } from '../../plan/defined.ts';
import type { JsonObject, WaitStep } from '../../plan/plan.ts';
import { evaluateText } from '../expressions.ts';
import type { EventRequest } from '../messages.ts';
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
  const began = occasion.port.now();
  const announced = async () => {
    const deadline = await endOf(step, began, occasion);
    const named = { name: event.name, key: eventKey, ...defined({ from }) };
    state.startWaiting({ key, kind: 'event', event: named, ...defined({ deadline }) });
    return deadline;
  };
  try {
    const take = () => state.takeEvent(event.name, eventKey, from);
    const output = await takenBefore(announced, step, occasion, take);
    if (output) return { output };
  } finally {
    state.stopWaiting(key);
  }
  return expired(step, `No "${event.name}" for ${eventKey} came in time.`);
}

/** When an event is waited for no longer. */
async function endOf(step: WaitStep, began: number, occasion: Occasion): Promise<number | undefined> {
  if (step.until !== undefined)
    return momentOf(evaluateText(step.until, occasion.variables), occasion, step.id);
  return step.within && momentAfter(step.within, began, occasion, step.id);
}

/** The event's data once they are in force. What a person sends whom nobody named is a change by hand where somebody signed. */
async function takenBefore(
  announced: () => Promise<number | undefined>,
  step: WaitStep,
  occasion: Occasion,
  take: () => EventRequest | undefined,
): Promise<JsonObject | undefined> {
  const { run, port } = occasion;
  const giveUp: ((reason: string) => void)[] = [];
  let output: JsonObject | undefined;
  let deadline = await announced();
  for (;;) {
    let event: EventRequest | undefined;
    const { amendments } = run.state;
    // Only a moment moves with what it is computed from.
    const isMoved = () => step.until !== undefined && run.state.amendments !== amendments;
    const left = deadline === undefined ? undefined : deadline - port.now();
    await port.waitFor(() => {
      if (output === undefined) event ??= take();
      return output !== undefined || event !== undefined || isMoved();
    }, left);
    if (output !== undefined) break;
    if (event === undefined) {
      const held = step.until !== undefined && run.proposals.isHeld(step.id);
      if (!isMoved() && !held) break;
      // What was signed holds until a proposal is settled, which may move the moment.
      if (held && !isMoved()) await notHeld(step, occasion);
      deadline = await announced();
      continue;
    }
    const { data } = event;
    if (run.start.engine < 4 || !isByHand(event, step)) output = data;
    else
      giveUp.push(
        run.byHand.event(step, event, () => {
          output ??= data;
        }),
      );
    if (output !== undefined) break;
  }
  const why = output === undefined ? 'the time to wait for it has passed' : 'another one came';
  for (const each of giveUp) each(why);
  return output;
}

/** Sent by a person, for a wait that does not say who may: a supplier's own delivery is from its source. */
function isByHand({ source }: EventRequest, { event }: WaitStep): boolean {
  return event?.from === undefined && source !== undefined && source.includes('@');
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
