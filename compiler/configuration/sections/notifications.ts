/** `notifications`: which messages go where. */
import type { JsonObject } from '../../../plan/plan.ts';
import { open } from '../../schema/parts.ts';
import { type Around, readMap, type Section } from '../section.ts';

export const notifications = {
  rank: 11,
  schema: open('Which messages go where.'),
  secrets: true,
  read: (node, around: Around) => readMap(node, around),
} satisfies Section<JsonObject>;
