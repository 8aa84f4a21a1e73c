/** `database`: PostgreSQL. */
import type { JsonObject } from '../../../plan/plan.ts';
import { open } from '../../schema/parts.ts';
import { type Around, readMap, type Section } from '../section.ts';

export const database = {
  rank: 14,
  schema: open('The PostgreSQL database.'),
  secrets: true,
  read: (node, around: Around) => readMap(node, around),
} satisfies Section<JsonObject>;
