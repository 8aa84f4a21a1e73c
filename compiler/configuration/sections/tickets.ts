/** `tickets`: ticket system -> its settings, such as `webhookSecret`. */
import type { JsonObject } from '../../../plan/plan.ts';
import { ticketSystemNames } from '../../../plan/ticket-systems.ts';
import { object, open } from '../../schema/parts.ts';
import { type Around, readMap, type Section } from '../section.ts';

export const tickets = {
  rank: 6,
  schema: object(
    Object.fromEntries(ticketSystemNames.map((name) => [name, open('Settings of the ticket system.')])),
    [],
    'The ticket systems that start runs.',
  ),
  secrets: true,
  read: (node, around: Around) => readMap(node, around) as Record<string, JsonObject>,
} satisfies Section<Record<string, JsonObject>>;
