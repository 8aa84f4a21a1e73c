/** `banner`: a line that the console shows everybody. An example of a section: see docs/contributing.md. */
import { text } from '../../schema/parts.ts';
import { textOf } from '../../source/tree.ts';
import type { Section } from '../section.ts';

export const banner = {
  rank: 18,
  schema: text('A line that everybody who is signed in sees.'),
  read: (node) => textOf(node),
} satisfies Section<string | undefined>;
