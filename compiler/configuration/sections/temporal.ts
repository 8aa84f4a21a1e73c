/** `temporal`: the cluster. */
import type { JsonObject } from '../../../plan/plan.ts';
import { open } from '../../schema/parts.ts';
import { type Around, readMap, type Section } from '../section.ts';

export const temporal = {
  rank: 13,
  schema: open('The Temporal cluster.'),
  secrets: true,
  read: (node, around: Around) => readMap(node, around),
} satisfies Section<JsonObject>;
