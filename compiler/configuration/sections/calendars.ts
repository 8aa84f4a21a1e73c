/** `calendars`: change windows, freezes and holidays. What keeps one from having any time in it is said by `calendars.ts` above. */
import type { JsonObject } from '../../../plan/plan.ts';
import { named, object, text } from '../../schema/parts.ts';
import { childOf } from '../../source/tree.ts';
import { type Around, readMap, type Section } from '../section.ts';

const calendar = object(
  {
    description: text('What the calendar is for.'),
    timezone: text('IANA time zone, such as Europe/Berlin.'),
    ics: text('Path of an .ics file beside this one.'),
    rrule: text('Recurrence rule (RFC 5545), such as FREQ=WEEKLY;BYDAY=SA.'),
    start: text('Start of the first occurrence: 2026-01-03T22:00.'),
    duration: text('How long each occurrence lasts, such as 6h.'),
    except: { type: 'array', items: { type: 'string' }, description: 'Dates on which there is none.' },
    windows: {
      type: 'array',
      description: 'Single occurrences.',
      items: object(
        { name: text('What it is called.'), from: text('Start.'), to: text('End.') },
        ['from', 'to'],
        'One occurrence.',
      ),
    },
  },
  ['timezone'],
  'Windows, freezes or holidays.',
);

export const calendars = {
  rank: 7,
  schema: named(calendar, 'Change windows, freezes and holidays.'),
  check(node, around: Around) {
    for (const { value } of node.kind === 'map' ? node.entries : [])
      around.checkTimezone(childOf(value, 'timezone'));
  },
  read: (node, around) => readMap(node, around) as Record<string, JsonObject>,
} satisfies Section<Record<string, JsonObject>>;
