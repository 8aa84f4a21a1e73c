/** Who operates runbooks: the gateway's own answer, for what is about no run yet. A run decides for itself. */
import { type Roles, resolvePeople } from '../organisation/people.ts';
import type { Plan } from '../plan/plan.ts';
import type { Principal } from '../workflows/messages.ts';
import { Problem } from './problem.ts';

/** `owner` as a runbook has it: `role:NAME` or an e-mail address. */
export function owns(principal: Principal, owner: string): boolean {
  return owner.startsWith('role:')
    ? principal.roles.includes(owner.slice(5))
    : principal.id === owner.toLowerCase();
}

/** Their addresses. */
export function ownersOf(owner: string, roles: Roles): string[] {
  try {
    return resolvePeople([owner], roles);
  } catch {
    // A role that nobody is in hears of nothing; the requester does all the same.
    return [];
  }
}

export function operatesAny(principal: Principal, plans: Iterable<Plan>): boolean {
  return [...plans].some((plan) => owns(principal, plan.owner));
}

/** Throws unless the principal operates the runbook that a delivery, handled again, is about. */
export function mustOwn(principal: Principal, owner: string, runbook: string): void {
  if (owns(principal, owner)) return;
  throw new Problem(
    403,
    'Not allowed',
    `${principal.id} may not have this delivery handled again: only those who operate ${runbook} may (${owner}).`,
  );
}
