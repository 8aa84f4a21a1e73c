/** `timezone`: the IANA zone in which business days are counted. */
import { text } from '../../schema/parts.ts';
import { textOf } from '../../source/tree.ts';
import type { Around, Section } from '../section.ts';

export const timezone = {
  rank: 2,
  schema: text('IANA time zone in which business days are counted.'),
  check: (node, around: Around) => around.checkTimezone(node),
  read: (node) => textOf(node) ?? 'UTC',
} satisfies Section<string>;
