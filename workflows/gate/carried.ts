/** Approvals behind which a run was called, as the called one asks them again about changes by hand in it. */
import { defined } from '../../plan/defined.ts';
import type { ApproveStep, Step } from '../../plan/plan.ts';
import { evaluateText } from '../expressions.ts';
import { textsTyped } from '../hands.ts';
import type { CarriedGate, RunStart } from '../messages.ts';
import type { AskedApproval, Occasion } from '../occasion.ts';
import { lengthNow } from '../steps/until.ts';
import { isBehind } from './behind.ts';
import { GateSession } from './session.ts';

/** In the called run: signed already, and standing for everything that is done there. */
export function carriedSession(carried: CarriedGate, occasion: Occasion): GateSession {
  const { step: id, title, from, instead, ...rules } = carried;
  const step = { id, kind: 'approve', title, from, ...rules } as ApproveStep;
  const session = new GateSession(step, occasion, 'everything', title);
  session.approvedBefore = true;
  session.carried = true;
  session.concluded = true;
  session.signedBy = from;
  session.instead = instead;
  session.gate.outcome = 'approved';
  return session;
}

/** In the calling run: what it hands to the run that this step calls, and to the part of itself that does so for it. */
export function carriedTo(step: Step, occasion: Occasion): Pick<RunStart, 'carried' | 'typedBy'> {
  const { run } = occasion;
  const { start, state } = run;
  const behind = [...run.gates.values()].filter(
    (session) =>
      session.isSigned && (session.cover === 'everything' || isBehind(start.plan, session.step.id, step.id)),
  );
  const typedBy = [...new Set([...(start.typedBy ?? []), ...state.hands.map(({ by }) => by)])];
  return defined({
    carried: behind.length > 0 ? behind.map((approval) => carriedGate(approval, occasion)) : undefined,
    typedBy: typedBy.length > 0 ? typedBy : undefined,
  });
}

function carriedGate(
  { step, gate, signedBy, instead }: AskedApproval,
  { variables, run }: Occasion,
): CarriedGate {
  const typed = textsTyped(run.state.hands);
  const named = (signedBy ?? []).filter((name) => step.from.includes(name) || !typed.has(name.toLowerCase()));
  return defined({
    step: gate.step,
    title: gate.title,
    from: named.length > 0 ? named : (signedBy ?? []),
    instead,
    except: step.except?.map((person) => evaluateText(person, variables)),
    quorum: step.quorum,
    within: step.within && lengthNow(step.within, variables),
    remind: step.remind && lengthNow(step.remind, variables),
    escalate: step.escalate === undefined ? undefined : evaluateText(step.escalate, variables),
  });
}
