/** `rules`: how much each rule of good habit weighs. */

import type { Weights } from '../../lints/lint.ts';
import { rules as all } from '../../lints/registry.ts';
import { object } from '../../schema/parts.ts';
import { readMap, type Section } from '../section.ts';

export const rules = {
  rank: 10,
  schema: object(
    Object.fromEntries(
      all.map(({ name, weight, definition: { title } }) => [
        name,
        { enum: ['off', 'warning', 'error'], description: `${title}. Unless said: ${weight}.` },
      ]),
    ),
    [],
    'How much each rule of good habit weighs; `countersign rules` lists them.',
  ),
  read: (node, around) => readMap(node, around) as unknown as Weights,
} satisfies Section<Weights>;
