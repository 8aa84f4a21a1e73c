/** Every ticket system that can start runs; a new one is one line here. */
import { jira } from './jira.ts';
import { servicenow } from './servicenow.ts';
import type { TicketSystem } from './ticket-system.ts';

export const ticketSystems: readonly TicketSystem[] = [jira, servicenow];

export function ticketSystem(name: string): TicketSystem | undefined {
  return ticketSystems.find((system) => system.name === name);
}
