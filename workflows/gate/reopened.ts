/** Beside the steps: those who signed are asked about what somebody wants to change, and what they say becomes of it. */
import { failureOf } from '../failures.ts';
import { warrantsSince } from '../named-warrants.ts';
import { outside } from '../occasion.ts';
import type { Port } from '../port.ts';
import type { Proposal, Proposals } from '../proposals.ts';
import { standing } from '../votes.ts';
import { type GateSession, rejectionReason } from './session.ts';
import { waitForVotes } from './settle.ts';
import { issueWarrant, letStand } from './warrants.ts';

export async function settleProposals(session: GateSession, proposals: Proposals, port: Port): Promise<void> {
  session.occasion = { ...outside(session.occasion), port };
  session.settling = true;
  let failure: string | undefined;
  try {
    do {
      failure = await votesDecide(session);
      if (session.occasion.run.start.engine < warrantsSince) break;
      await concludeWarranted(session, proposals, failure);
      // Something else may have been proposed while the warrant was issued.
    } while (session.isOpen);
  } finally {
    session.settling = false;
    conclude(session, proposals, failure);
  }
}

/** Why it could not be decided, if so. */
async function votesDecide(session: GateSession): Promise<string | undefined> {
  try {
    while (session.isOpen) await waitForVotes(session);
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    return failure.message;
  }
}

/** Nothing that was countersigned is in force before its warrant is there. */
async function concludeWarranted(
  session: GateSession,
  proposals: Proposals,
  failure: string | undefined,
): Promise<void> {
  const { gate, proposals: asked } = session;
  const { port } = session.occasion;
  session.issuing = true;
  try {
    if (gate.outcome !== 'approved' || failure !== undefined || asked.length === 0) {
      conclude(session, proposals, failure);
      await letStand(session, port);
      return;
    }
    const { approvedBy } = standing(gate, session.counting());
    session.proposals = [];
    delete gate.unmet;
    recordApproved(session, asked, approvedBy);
    const refused = await issueWarrant(session, approvedBy, port).then(
      () => undefined,
      (error) => {
        const why = failureOf(error);
        for (const proposal of asked) proposals.fall(proposal, why?.message ?? 'the run was stopped');
        if (!why) throw error;
        return why.message;
      },
    );
    if (refused !== undefined) return;
    for (const proposal of asked) proposals.signed(proposal, session, approvedBy);
  } finally {
    session.issuing = false;
  }
}

/** The approval that was given stands, whatever became of the proposals. */
function conclude(session: GateSession, proposals: Proposals, failure: string | undefined): void {
  const { gate } = session;
  const outcome = gate.outcome ?? 'expired';
  const asked = session.proposals;
  session.proposals = [];
  gate.outcome = 'approved';
  delete gate.unmet;
  if (asked.length === 0) return;
  if (outcome === 'approved') {
    const { approvedBy } = standing(gate, session.counting());
    recordApproved(session, asked, approvedBy);
    for (const proposal of asked) proposals.signed(proposal, session, approvedBy);
    return;
  }
  const reason = failure ?? rejectionReason({ ...gate, outcome });
  for (const proposal of asked) proposals.fall(proposal, reason);
}

function recordApproved({ gate, occasion }: GateSession, asked: readonly Proposal[], by: string[]): void {
  occasion.run.state.record('gate.approved', gate.step, { by, proposals: asked.map(({ id }) => id) });
}
