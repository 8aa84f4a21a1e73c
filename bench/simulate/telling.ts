/** What stands beside each history, by the bench that tells it. */
import type { Telling } from '../../rehearsal/simulator/history.ts';
import type { Asked } from './histories.ts';
import { ticketsBy } from './tickets/tickets.ts';

/** What was signed is one run's matter: tickets beside it would only be slower. */
export function tellingOf({ focus, onlySigned }: Pick<Asked, 'focus' | 'onlySigned'>): Telling {
  return { focus, ...(onlySigned ? {} : { outside: ticketsBy }) };
}
