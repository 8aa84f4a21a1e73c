import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventsOf } from './events.ts';
import { utc } from './time-zones.ts';
import { Timetable } from './timetable.ts';

const file = [
  'BEGIN:VCALENDAR',
  'BEGIN:VTIMEZONE',
  'TZID:Ours',
  'BEGIN:STANDARD',
  'DTSTART:16010101T030000',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
  'END:STANDARD',
  'END:VTIMEZONE',
  'BEGIN:VEVENT',
  'UID:a@example.com',
  'SEQUENCE:1',
  'DTSTART;TZID=Ours:20260105T120000',
  'DTEND;TZID=Ours:20260105T140000',
  'RRULE:FREQ=MONTHLY;BYDAY=1MO,-1FR;BYSETPOS=-1;UNTIL=20280101T000000Z',
  'RDATE;VALUE=PERIOD:20260110T120000Z/PT2H',
  'EXDATE;TZID=Ours:20260105T120000,20260112T120000',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'UID:b@example.com',
  'DTSTART;VALUE=DATE:20260105',
  'RRULE:FREQ=DAILY;INTERVAL=3;COUNT=20',
  'END:VEVENT',
  'END:VCALENDAR',
].join('\r\n');
const pieces = fc.oneof(
  fc.constantFrom(...['\r\n', '=', ';', ':', '"', '-', '0', '9', 'T', 'Z', '\0', 'é', ',']),
  fc.constantFrom(...['BEGIN:VEVENT', 'END:VEVENT', 'RRULE:FREQ=YEARLY;INTERVAL=999', 'DURATION:P99999W']),
  fc.constantFrom(...['DTSTART:00010101T000000Z', 'DTEND:99991231T235959Z', 'TZID=/a/b', 'COUNT=10000']),
  fc.string({ maxLength: 5 }),
);
const change = fc.record({ at: fc.nat(file.length), length: fc.nat(8), put: pieces });

it('a damaged calendar file is read or refused, and never throws or takes for ever', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const text = changes.reduce(
        (before, { at, length, put }) => before.slice(0, at) + put + before.slice(at + length),
        file,
      );
      const { series, problems } = eventsOf(text, { own: utc, name: 'office' });
      for (const { line, what } of problems) {
        expect(line).toBeGreaterThan(0);
        expect(what).not.toMatch(/undefined|NaN|is not a function|Cannot read/);
      }
      if (problems.length === 0) new Timetable(series).between(Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1));
    }),
    { numRuns: 1_000, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
  );
}, 90_000);
