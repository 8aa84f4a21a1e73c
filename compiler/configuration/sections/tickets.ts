/** `tickets`: ticket system -> its settings, such as `webhookSecret`. */
import type { JsonObject } from '../../../plan/plan.ts';
import { ticketSystemNames } from '../../../plan/ticket-systems.ts';
import * as structure from '../../diagnostics/registry/structure.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { named, open } from '../../schema/parts.ts';
import { childOf } from '../../source/tree.ts';
import { type Around, readMap, type Section } from '../section.ts';

export const tickets = {
  rank: 6,
  schema: named(
    open(
      'Settings of the ticket system: `webhookSecret`, and `people`, e-mail addresses by account for people whose address it hides.',
    ),
    `The ticket systems that start runs: ${ticketSystemNames.join(', ')}.`,
  ),
  secrets: true,
  check(node, around: Around) {
    const { reporter } = around;
    const known = [...new Set([...ticketSystemNames, ...around.ticketSystems])];
    for (const { key, keyRange, value } of node.kind === 'map' ? node.entries : []) {
      const people = childOf(value, 'people');
      for (const person of people?.kind === 'map' ? people.entries : [])
        around.checkPerson(person.value, `\`${person.key}\``);
      if (known.some((name) => name === key)) continue;
      const params = { key, where: '`tickets`', known };
      reporter.report(structure.unknownKey, keyRange, params, { suggestion: nearest(key, known) });
    }
  },
  read: (node, around: Around) => readMap(node, around) as Record<string, JsonObject>,
} satisfies Section<Record<string, JsonObject>>;
