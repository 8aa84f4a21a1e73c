/** Beside the steps: those who signed are asked about what somebody wants to change, and what they say becomes of it. */
import { failureOf } from '../failures.ts';
import { outside } from '../occasion.ts';
import type { Port } from '../port.ts';
import type { Proposals } from '../proposals.ts';
import { standing } from '../votes.ts';
import { type GateSession, rejectionReason } from './session.ts';
import { waitForVotes } from './settle.ts';

export async function settleProposals(session: GateSession, proposals: Proposals, port: Port): Promise<void> {
  session.occasion = { ...outside(session.occasion), port };
  session.settling = true;
  let failure: string | undefined;
  try {
    while (session.isOpen) await waitForVotes(session);
  } catch (error) {
    failure = failureOf(error)?.message;
    if (failure === undefined) throw error;
  } finally {
    session.settling = false;
    conclude(session, proposals, failure);
  }
}

/** The approval that was given stands, whatever became of the proposals. */
function conclude(session: GateSession, proposals: Proposals, failure: string | undefined): void {
  const { gate, occasion } = session;
  const outcome = gate.outcome ?? 'expired';
  const asked = session.proposals;
  session.proposals = [];
  gate.outcome = 'approved';
  delete gate.unmet;
  if (asked.length === 0) return;
  if (outcome === 'approved') {
    const { approvedBy } = standing(gate, session.counting());
    occasion.run.state.record('gate.approved', gate.step, {
      by: approvedBy,
      proposals: asked.map(({ id }) => id),
    });
    for (const proposal of asked) proposals.signed(proposal, session, approvedBy);
    return;
  }
  const reason = failure ?? rejectionReason({ ...gate, outcome });
  for (const proposal of asked) proposals.fall(proposal, reason);
}
