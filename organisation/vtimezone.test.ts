import { describe, expect, it } from '@jest/globals';
import { readCalendarFile } from './icalendar.ts';
import { utc, type Zone, zoneNamed } from './time-zones.ts';
import { zoneOfComponent } from './vtimezone.ts';

function zoneOf(lines: string): Zone {
  const text = `BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Ours\n${lines}\nEND:VTIMEZONE\nEND:VCALENDAR`;
  const { calendars, problems } = readCalendarFile(text);
  expect(problems).toEqual([]);
  const [component] = calendars[0]?.inner ?? [];
  if (!component) throw new Error('no VTIMEZONE');
  return zoneOfComponent(component);
}

const part = (name: string, start: string, offsets: string, rule: string) =>
  `BEGIN:${name}\nDTSTART:${start}\nTZOFFSETFROM:${offsets.split(' ')[0]}\nTZOFFSETTO:${offsets.split(' ')[1]}\n${rule}\nEND:${name}`;

/** Half hours of two years at which the offsets differ. */
function differences(zone: Zone, name: string): string[] {
  const known = zoneNamed(name) ?? utc;
  const wrong: string[] = [];
  for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2028, 0, 1); at += 900_000)
    if (zone.offsetAt(at) !== known.offsetAt(at)) wrong.push(new Date(at).toISOString());
  return wrong;
}

describe('a VTIMEZONE', () => {
  it.each([
    [
      'America/New_York',
      part('STANDARD', '20071104T020000', '-0400 -0500', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU'),
      part('DAYLIGHT', '20070311T020000', '-0500 -0400', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU'),
    ],
    [
      'Europe/Berlin',
      part('STANDARD', '16010101T030000', '+0200 +0100', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10'),
      part('DAYLIGHT', '16010101T020000', '+0100 +0200', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3'),
    ],
    [
      'Australia/Lord_Howe',
      part('STANDARD', '20080406T020000', '+1100 +1030', 'RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU'),
      part('DAYLIGHT', '20081005T020000', '+1030 +1100', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU'),
    ],
    ['Asia/Kathmandu', part('STANDARD', '19860101T000000', '+0530 +0545', ''), ''],
    [
      'Asia/Tokyo',
      part(
        'DAYLIGHT',
        '19480502T000000',
        '+0900 +1000',
        'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=1SU;UNTIL=19510505T150000Z',
      ),
      part(
        'STANDARD',
        '19480912T010000',
        '+1000 +0900',
        'RDATE:19490911T010000,19500910T010000,19510908T010000',
      ),
    ],
  ])(
    'as %s has it gives the same offsets, minute by minute of the nights of change',
    (name, first, second) => {
      expect(
        differences(zoneOf([first, second].filter(Boolean).join('\n').replaceAll('\n\n', '\n')), name),
      ).toEqual([]);
    },
  );

  it.each([
    ['', 'neither STANDARD nor DAYLIGHT'],
    ['BEGIN:STANDARD\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD', 'has no DTSTART'],
    ['BEGIN:STANDARD\nDTSTART:20260101T000000\nTZOFFSETTO:+0100\nEND:STANDARD', 'has no TZOFFSETFROM'],
    [part('STANDARD', '20260101T000000', '+0100 +0100', 'RRULE:FREQ=HOURLY'), 'too often'],
  ])('that lacks something is refused', (lines, why) => {
    expect(() => zoneOf(lines)).toThrow(why);
  });
});
