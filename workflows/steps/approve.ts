/** An approval: asks people, waits for the votes to decide, and tells how it ended. */
import { defined } from '../../plan/defined.ts';
import type { ApproveStep } from '../../plan/plan.ts';
import { EndRun } from '../failures.ts';
import { askPeople } from '../gate/ask.ts';
import { GateSession, rejectionReason } from '../gate/session.ts';
import { waitForVotes } from '../gate/settle.ts';
import { issueWarrant } from '../gate/warrants.ts';
import type { Cover } from '../hands.ts';
import { warrantsSince } from '../named-warrants.ts';
import { type Occasion, stepKey } from '../occasion.ts';
import { goOnBefore } from './retroactive.ts';
import type { Runner, StepResult } from './runner.ts';

export const runApprove: Runner<'approve'> = async (step, occasion) => {
  const { run } = occasion;
  const key = stepKey(step, occasion);
  if (step.retroactive && run.owed.has(key)) {
    // A later round, and nobody has answered yet: they are asked once, about what is so by now.
    run.gates.get(key)?.refresh();
    return { status: 'waiting' };
  }
  const session = await openGate(step, occasion);
  if (step.retroactive)
    return goOnBefore(step, session.gate, occasion, async (later, again) => {
      const asked = again ? await openGate(step, later) : session;
      asked.occasion = later;
      return settle(asked);
    });
  return settle(session);
};

async function settle(session: GateSession): Promise<StepResult> {
  const { gate } = session;
  try {
    do await waitForVotes(session);
    while (session.isOpen);
  } finally {
    session.concluded = true;
    // A cancelled run leaves no gate open: a vote that comes later is told so.
    gate.outcome ??= 'expired';
  }
  return await concludeGate(session);
}

async function openGate(step: ApproveStep, occasion: Occasion): Promise<GateSession> {
  const { run } = occasion;
  const view = run.state.step(step, stepKey(step, occasion));
  const session = new GateSession(step, occasion, coverOf(step, occasion), view.title);
  session.time = (run.state.timesAsked.get(view.id) ?? 0) + 1;
  run.state.timesAsked.set(view.id, session.time);
  // From here on whatever changes what it shows is noticed in the same instant, also while people are being asked.
  if (run.start.engine >= 3) run.register(session);
  try {
    await askPeople(session);
  } catch (error) {
    run.forgetGate(session);
    throw error;
  }
  run.register(session);
  view.status = 'waiting';
  session.decideNow();
  return session;
}

/** A plan of an older format says nothing of what its signatures stand for: then they stand for everything. */
function coverOf(step: ApproveStep, { run }: Occasion): Cover {
  return run.start.plan.covers?.[step.id] ?? 'everything';
}

/** Without a warrant nothing was signed: whoever tries again has people asked again. */
async function warranted(session: GateSession, by: string[]): Promise<void> {
  try {
    await issueWarrant(session, by, session.occasion.port);
  } catch (error) {
    session.approvedBefore = false;
    session.signedBy = undefined;
    session.signedForm = undefined;
    throw error;
  }
}

async function concludeGate(session: GateSession): Promise<StepResult> {
  const { gate, step, occasion } = session;
  const { state } = occasion.run;
  if (gate.outcome === 'approved') {
    const { approvedBy, form } = session.decidedBy();
    session.approvedBefore = true;
    session.signedBy = gate.from;
    session.signedForm = form;
    state.record('gate.approved', gate.step, { by: approvedBy, ...defined({ form }) });
    // A change by hand is a proposal from here on, also while the warrant is issued.
    if (occasion.run.start.engine >= warrantsSince) await warranted(session, approvedBy);
    return { approvers: approvedBy, ...defined({ output: form }) };
  }
  const reason = rejectionReason(gate);
  const view = state.step(step, gate.step);
  view.status = 'rejected';
  view.endedAt = occasion.port.now();
  state.record('gate.rejected', gate.step, defined({ reason }));
  if (step.onReject === 'continue') return { status: 'rejected' };
  throw new EndRun('rejected', reason);
}
