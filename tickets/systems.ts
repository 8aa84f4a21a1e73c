/** Every ticket system that can start runs: `connectors/NAME/tickets.yaml` of the product, as it was compiled, and of a runbook repository. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeclaredTicketSystem } from '../plan/declared-tickets.ts';
import { ticketSystemOf } from './declared.ts';
import type { TicketSystem } from './ticket-system.ts';

interface Declared {
  tickets?: DeclaredTicketSystem;
}

let shipped: readonly DeclaredTicketSystem[] | undefined;
let own: readonly TicketSystem[] = [];
let known: readonly TicketSystem[] | undefined;

/** Those that ship. */
export function declaredTicketSystems(): readonly DeclaredTicketSystem[] {
  shipped ??= readShipped();
  return shipped;
}

/** Those of this process's runbook repository, whenever it is read: one of a name stands in the place of what ships. */
export function useOwnTicketSystems(connectors: readonly Declared[]): void {
  own = connectors.flatMap(({ tickets }) => (tickets ? [ticketSystemOf(tickets)] : []));
}

export function ticketSystems(): readonly TicketSystem[] {
  known ??= declaredTicketSystems().map(ticketSystemOf);
  const names = new Set(own.map(({ name }) => name));
  return own.length === 0 ? known : [...known.filter(({ name }) => !names.has(name)), ...own];
}

export function ticketSystem(name: string): TicketSystem | undefined {
  return ticketSystems().find((system) => system.name === name);
}

function readShipped(): DeclaredTicketSystem[] {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'schemas', 'ticket-systems.json');
    if (!existsSync(file)) continue;
    return JSON.parse(readFileSync(file, 'utf8')) as DeclaredTicketSystem[];
  }
  return [];
}
