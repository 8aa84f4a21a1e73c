/** `holidays`: the calendar whose days are no working days. */
import * as codes from '../../diagnostics/registry/configuration.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { text } from '../../schema/parts.ts';
import { textOf } from '../../source/tree.ts';
import type { Around, Section } from '../section.ts';

export const holidays = {
  rank: 8,
  schema: text('The calendar whose days are no working days.'),
  check(node, around: Around) {
    const calendars = around.section('calendars');
    const known = calendars?.kind === 'map' ? calendars.entries.map(({ key }) => key) : [];
    const name = textOf(node);
    if (name === undefined || known.includes(name)) return;
    const suggestion = nearest(name, known);
    around.reporter.report(codes.unknownHolidays, node, { name, known }, { suggestion });
  },
  read: (node) => textOf(node),
} satisfies Section<string | undefined>;
