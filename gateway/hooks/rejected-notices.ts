/** Tells whoever asked, and whoever operates the runbook, that a ticket started nothing: else nobody would hear of it. */
import type { Plan } from '../../plan/plan.ts';
import type { Outbox } from '../../store/outbox.ts';
import type { Transition } from '../../tickets/ticket-system.ts';
import { ownersOf } from '../operators.ts';
import type { Library } from '../runbooks.ts';

export async function tellRejected(
  delivery: string,
  reason: string,
  { plan, transition }: { plan: Pick<Plan, 'title' | 'owner'>; transition: Transition },
  { outbox, roles }: { outbox: Pick<Outbox, 'put'>; roles: Library['configuration']['roles'] },
): Promise<void> {
  const { ticket, requester } = transition;
  const operators = ownersOf(plan.owner, roles);
  const message = {
    subject: `Nothing was started: ${plan.title} (${ticket.key})`,
    text: [reason, ...(ticket.url ? ['', `Ticket: ${ticket.url}`] : [])].join('\n'),
  };
  // What came in is shown to those who operate the runbook alone: whoever asked looks at the ticket.
  if (requester.id.includes('@') && !operators.includes(requester.id.toLowerCase()))
    await outbox.put({ id: `delivery.${delivery}.rejected`, to: [requester.id], ...message });
  if (operators.length === 0) return;
  const look = `Look at it:  countersign deliveries show ${delivery}`;
  await outbox.put({
    id: `delivery.${delivery}.rejected.operators`,
    to: operators,
    subject: message.subject,
    text: `${message.text}\n\n${look}`,
    about: { page: 'delivery', id: delivery, commands: [look] },
  });
}
