/** For tests: a ticket system that ships, by its name. */
import { ticketSystem } from './systems.ts';
import type { TicketSystem } from './ticket-system.ts';

export function shippedSystem(name: string): TicketSystem {
  const system = ticketSystem(name);
  if (!system) throw new Error(`no ticket system ${name} ships`);
  return system;
}
