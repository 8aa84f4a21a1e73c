/** Tells whoever asked, and whoever operates the runbook, that a ticket started nothing: else nobody would hear of it. */
import { resolvePeople } from '../../organisation/people.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Outbox } from '../../store/outbox.ts';
import type { Transition } from '../../tickets/ticket-system.ts';
import type { Library } from '../runbooks.ts';

export async function tellRejected(
  delivery: string,
  reason: string,
  { plan, transition }: { plan: Pick<Plan, 'title' | 'owner'>; transition: Transition },
  { outbox, roles }: { outbox: Pick<Outbox, 'put'>; roles: Library['configuration']['roles'] },
): Promise<void> {
  const { ticket, requester } = transition;
  const to = [...new Set([requester.id, ...owners(plan.owner, roles)])].filter((person) =>
    person.includes('@'),
  );
  if (to.length === 0) return;
  await outbox.put({
    id: `delivery.${delivery}.rejected`,
    to,
    subject: `Nothing was started: ${plan.title} (${ticket.key})`,
    text: [
      reason,
      '',
      ...(ticket.url ? [`Ticket: ${ticket.url}`] : []),
      `Look at it:  countersign deliveries show ${delivery}`,
    ].join('\n'),
  });
}

function owners(owner: string, roles: Library['configuration']['roles']): string[] {
  try {
    return resolvePeople([owner], roles);
  } catch {
    // A role that nobody is in hears of nothing; the requester does all the same.
    return [];
  }
}
