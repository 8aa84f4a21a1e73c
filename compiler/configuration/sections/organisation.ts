/** `organisation`: values for every runbook. */
import type { JsonObject } from '../../../plan/plan.ts';
import { open } from '../../schema/parts.ts';
import { type Around, readMap, type Section } from '../section.ts';

export const organisation = {
  rank: 1,
  schema: open('Values that every runbook can use, such as the name and the mail domain.'),

  read: (node, around: Around) => readMap(node, around),
} satisfies Section<JsonObject>;
