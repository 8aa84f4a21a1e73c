import { describe, expect, it } from '@jest/globals';
import { eventsOf } from './events.ts';
import { zoneNamed } from './time-zones.ts';
import { Timetable } from './timetable.ts';

const berlin = zoneNamed('Europe/Berlin');
if (!berlin) throw new Error('this machine has no time zones');
const own = berlin;

/** A calendar of these events, each given by the lines within it. */
function fileOf(events: string[], more = ''): string {
  const parts = events.map((lines, index) =>
    [
      'BEGIN:VEVENT',
      ...(lines.includes('UID:') ? [] : [`UID:${index}@example.com`]),
      lines,
      'END:VEVENT',
    ].join('\n'),
  );
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...(more ? [more] : []), ...parts, 'END:VCALENDAR', ''].join(
    '\r\n',
  );
}

/** `FROM/TO` in UTC of what begins in the year, by default 2026. */
function times(text: string, year = 2026): string[] {
  const { series, problems } = eventsOf(text, { own, name: 'calendar' });
  expect(problems).toEqual([]);
  const minute = (at: number) => new Date(at).toISOString().slice(0, 16);
  return new Timetable(series)
    .between(Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1))
    .map(
      ({ from, to }) =>
        `${minute(from)}/${minute(to).slice(minute(from).slice(0, 10) === minute(to).slice(0, 10) ? 11 : 0)}`,
    );
}

function problems(text: string): string[] {
  return eventsOf(text, { own, name: 'calendar' }).problems.map(({ line, what }) => `${line}: ${what}`);
}

const outlook = (name: string) => `BEGIN:VTIMEZONE
TZID:${name}
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE`;

describe('a time zone in a calendar file', () => {
  const inZone = (zone: string) => `DTSTART;TZID=${zone}:20260701T200000\nDTEND;TZID=${zone}:20260701T210000`;

  it.each([
    ['GMT Standard Time', '2026-07-01T19:00/20:00'],
    ['/freeassociation.sourceforge.net/America/New_York', '2026-07-02T00:00/01:00'],
    ['"Eastern Standard Time"', '2026-07-02T00:00/01:00'],
  ])('is known by the name %s, defined in the file or not', (zone, expected) => {
    expect(times(fileOf([inZone(zone)]))).toEqual([expected]);
    expect(times(fileOf([inZone(zone)], outlook(zone.replaceAll('"', ''))))).toEqual([expected]);
  });

  it('of a name that nobody knows is what the file defines, also in the nights of change', () => {
    const at = (local: string) => `DTSTART;TZID=Our zone:${local}\nDURATION:PT1H`;
    const events = ['20260329T010000', '20260329T013000', '20260701T200000', '20261025T013000'].map(at);
    expect(times(fileOf(events, outlook('Our zone')))).toEqual([
      '2026-03-29T01:00/02:00',
      '2026-03-29T01:30/02:30',
      '2026-07-01T19:00/20:00',
      '2026-10-25T00:30/01:30',
    ]);
  });

  it('that is neither known nor defined is refused with its line', () => {
    expect(problems(fileOf([inZone('Our zone')]))).toEqual([
      '5: DTSTART "20260701T200000": the time zone "Our zone" is unknown: it is no IANA or Windows name, and the file has no VTIMEZONE for it',
    ]);
  });
});

describe('what a calendar file takes out or moves', () => {
  const series = `UID:a
DTSTART;TZID=America/New_York:20260105T200000
DTEND;TZID=America/New_York:20260105T210000
RRULE:FREQ=WEEKLY;COUNT=3`;

  it.each([
    'EXDATE:20260113T010000Z',
    'EXDATE;TZID=America/New_York:20260112T200000',
    'EXDATE;TZID=Europe/Berlin:20260113T020000',
    'EXDATE:20260112T200000',
    'EXDATE;VALUE=DATE:20260112',
  ])('by %s does not happen', (line) => {
    expect(times(fileOf([`${series}\n${line}`]))).toEqual([
      '2026-01-06T01:00/02:00',
      '2026-01-20T01:00/02:00',
    ]);
  });

  it.each(['RECURRENCE-ID:20260113T010000Z', 'RECURRENCE-ID;TZID=Eastern Standard Time:20260112T200000'])(
    'by %s happens only where it was moved to, and not at all when that is cancelled',
    (line) => {
      const moved = `UID:a\n${line}\nDTSTART:20260115T120000Z\nDTEND:20260115T140000Z`;
      expect(times(fileOf([series, moved]))).toEqual([
        '2026-01-06T01:00/02:00',
        '2026-01-15T12:00/14:00',
        '2026-01-20T01:00/02:00',
      ]);
      expect(times(fileOf([series, `${moved}\nSTATUS:CANCELLED`]))).toHaveLength(2);
    },
  );

  it.each([
    'EXDATE;VALUE=DATE:20260512',
    'EXDATE:20260512T000000',
    'EXDATE:20260511T220000Z',
    'EXDATE:20260512T000000Z',
  ])('of whole days is the day, written as %s', (line) => {
    const days = `DTSTART;VALUE=DATE:20260511\nRRULE:FREQ=DAILY;COUNT=3\n${line}`;
    expect(times(fileOf([days]))).toEqual([
      '2026-05-10T22:00/2026-05-11T22:00',
      '2026-05-12T22:00/2026-05-13T22:00',
    ]);
  });

  it.each([
    'RECURRENCE-ID;VALUE=DATE:20260512',
    'RECURRENCE-ID:20260512T000000',
    'RECURRENCE-ID:20260511T220000Z',
    'RECURRENCE-ID;TZID=Europe/Berlin:20260512T000000',
  ])('of whole days happens where it was moved to, by %s', (line) => {
    const days = 'UID:a\nDTSTART;VALUE=DATE:20260511\nRRULE:FREQ=DAILY;COUNT=3';
    expect(times(fileOf([days, `UID:a\n${line}\nDTSTART;VALUE=DATE:20260520`]))).toEqual([
      '2026-05-10T22:00/2026-05-11T22:00',
      '2026-05-12T22:00/2026-05-13T22:00',
      '2026-05-19T22:00/2026-05-20T22:00',
    ]);
  });

  it('of all that follows is refused, whichever revision it is', () => {
    const range = (more: string) =>
      `UID:a\n${more}RECURRENCE-ID;RANGE=THISANDFUTURE:20260113T010000Z\nDTSTART:20260113T030000Z\nDTEND:20260113T040000Z`;
    for (const more of ['', 'SEQUENCE:1\n'])
      expect(problems(fileOf([series, range(more)]))).toEqual([
        expect.stringContaining('end the series and begin another'),
      ]);
  });

  it('as a whole happens nowhere', () => {
    expect(times(fileOf([`${series}\nSTATUS:cancelled`]))).toEqual([]);
    expect(times(fileOf([series], 'METHOD:CANCEL'))).toEqual([]);
  });

  it('happens besides the occurrence that it was moved to the beginning of', () => {
    const moved =
      'UID:a\nRECURRENCE-ID:20260113T010000Z\nDTSTART;TZID=America/New_York:20260119T200000\nDURATION:PT4H';
    expect(times(fileOf([series, moved]))).toEqual([
      '2026-01-06T01:00/02:00',
      '2026-01-20T01:00/02:00',
      '2026-01-20T01:00/05:00',
    ]);
  });

  it('stands by itself where its series is not in the file', () => {
    expect(
      times(fileOf(['RECURRENCE-ID:20260113T010000Z\nDTSTART:20260115T120000Z\nDURATION:PT1H'])),
    ).toEqual(['2026-01-15T12:00/13:00']);
  });

  it('is what the newest revision says', () => {
    const revision = (sequence: number, day: string) =>
      `UID:a\nSEQUENCE:${sequence}\nDTSTART:202601${day}T120000Z\nDURATION:PT1H`;
    expect(times(fileOf([revision(2, '10'), revision(10, '20'), revision(1, '30')]))).toEqual([
      '2026-01-20T12:00/13:00',
    ]);
    expect(problems(fileOf([revision(2, '10'), revision(2, '20')]))).toEqual([
      '9: the events of lines 3 and 9 have the same UID, and neither SEQUENCE nor DTSTAMP says which one counts',
    ]);
    expect(times(fileOf([revision(2, '10'), revision(2, '10')]))).toHaveLength(1);
  });
});

describe('how long an event lasts', () => {
  it.each([
    ['DTSTART;VALUE=DATE:20260501\nDTEND;VALUE=DATE:20260501', '2026-04-30T22:00/2026-05-01T22:00'],
    ['DTSTART;VALUE=DATE:20260501', '2026-04-30T22:00/2026-05-01T22:00'],
    ['DTSTART:20260501', '2026-04-30T22:00/2026-05-01T22:00'],
    ['DTSTART;VALUE=DATE:20261024\nDTEND;VALUE=DATE:20261026', '2026-10-23T22:00/2026-10-25T23:00'],
    ['DTSTART:20261024T230000\nDURATION:PT6H', '2026-10-24T21:00/2026-10-25T03:00'],
    ['DTSTART:20261024T230000\nDURATION:P1D', '2026-10-24T21:00/2026-10-25T22:00'],
    ['DTSTART:20261024T230000\nDTEND:20261025T050000', '2026-10-24T21:00/2026-10-25T04:00'],
  ])('%s', (lines, expected) => {
    expect(times(fileOf([lines]))).toEqual([expected]);
  });

  it('is nothing for a reminder without an end, which opens and freezes nothing', () => {
    expect(times(fileOf(['DTSTART:20260501T120000Z']))).toEqual([]);
    expect(times(fileOf(['DTSTART:20260501T120000Z\nDTEND:20260501T120000Z']))).toEqual([]);
  });

  it('stays exact in a series over a change of clocks', () => {
    const lines = 'DTSTART:20261017T230000\nDTEND:20261018T050000\nRRULE:FREQ=WEEKLY;COUNT=2';
    expect(times(fileOf([lines]))).toEqual([
      '2026-10-17T21:00/2026-10-18T03:00',
      '2026-10-24T21:00/2026-10-25T03:00',
    ]);
  });

  it('is refused where it ends before it begins', () => {
    expect(problems(fileOf(['DTSTART:20260501T120000Z\nDTEND:20260501T110000Z']))).toEqual([
      '6: DTEND "20260501T110000Z": it ends before it begins',
    ]);
  });
});

describe('a series of a calendar file', () => {
  it('has its dates of RDATE, its start and their own lengths', () => {
    const lines = `DTSTART:20260101T120000Z
DURATION:PT1H
RDATE:20260103T120000Z,20260102T120000Z
RDATE;VALUE=PERIOD:20260104T120000Z/PT3H,20260105T120000Z/20260105T140000Z`;
    expect(times(fileOf([lines]))).toEqual([
      '2026-01-01T12:00/13:00',
      '2026-01-02T12:00/13:00',
      '2026-01-03T12:00/13:00',
      '2026-01-04T12:00/15:00',
      '2026-01-05T12:00/14:00',
    ]);
  });

  it('of two rules has each time once', () => {
    const lines = `DTSTART:20260105T120000Z
DURATION:PT1H
RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260112T120000Z
RRULE:FREQ=DAILY;UNTIL=20260106T120000Z`;
    expect(times(fileOf([lines])).map((each) => each.slice(8, 10))).toEqual(['05', '06', '12']);
  });

  it('begins with its DTSTART, and ends with the whole day of UNTIL', () => {
    const lines = 'DTSTART:20260101T120000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=SA;UNTIL=20260110';
    expect(times(fileOf([lines])).map((each) => each.slice(8, 10))).toEqual(['01', '03', '10']);
  });

  it('that lasts longer than a year each time is refused', () => {
    expect(problems(fileOf(['DTSTART:20260101T120000Z\nDURATION:P53W\nRRULE:FREQ=YEARLY']))).toEqual([
      '7: RRULE "FREQ=YEARLY": it repeats, and lasts longer than a year',
    ]);
  });

  it.each([
    ['RRULE:FREQ=WEEKLY;BYDAY=SA;COUNT=3', 'count differently'],
    ['RRULE:FREQ=HOURLY', 'too often'],
    ['RRULE:FREQ=WEEKLY;UNTIL=20260201T000000', 'its UNTIL is in no time zone'],
    ['RDATE;VALUE=DATE:20260105', 'it is a date, and its DTSTART is a time'],
    ['RDATE;VALUE=PERIOD:20260105T120000Z/20260105T110000Z', 'it ends before it begins'],
    ['EXRULE:FREQ=WEEKLY', 'write EXDATE'],
    ['EXDATE:2026-01-05', 'is no date or time'],
  ])('is refused for %s', (line, why) => {
    const found = problems(fileOf([`DTSTART;TZID=Europe/Berlin:20260101T120000\nDURATION:PT1H\n${line}`]));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(why);
    expect(found[0]).toMatch(/^7: /);
  });

  it('in many is followed quickly', () => {
    const events = Array.from(
      { length: 20 },
      (_, index) => `DTSTART:1990010${(index % 7) + 1}T120000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY`,
    );
    expect(times(fileOf(events), 2026)).toHaveLength(20 * 52 + 3);
  });
});

describe('the form of a calendar file', () => {
  const event = 'DTSTART:20260501T120000Z\nDURATION:PT1H';

  it('may have several calendars, a byte-order mark and any line breaks', () => {
    const two = fileOf([`UID:a\n${event}`]) + fileOf([`UID:b\n${event}`]);
    expect(times(`\uFEFF${two}`)).toHaveLength(2);
    expect(times(two.replaceAll('\r\n', '\n'))).toHaveLength(2);
  });

  it('folds lines, and hides an alarm’s own length', () => {
    const alarm = 'BEGIN:VALARM\nTRIGGER:-PT15M\nDURATION:PT9H\nEND:VALARM';
    expect(times(fileOf([`${alarm}\nDTSTART:20260501T12\r\n 0000Z\nDURATION:PT1H`]))).toEqual([
      '2026-05-01T12:00/13:00',
    ]);
  });

  it.each([
    ['', '1: it is no calendar: it does not begin with BEGIN:VCALENDAR'],
    ['<html>', '1: it is no calendar: "<html>" stands outside of BEGIN:VCALENDAR'],
    [
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR',
      '3: "END:VCALENDAR" ends what was not begun: VEVENT of line 2 is open',
    ],
    ['BEGIN:VCALENDAR\nBEGIN:VEVENT', '1: its VCALENDAR has no end: the file is cut'],
    [fileOf(['SUMMARY:nothing']), '3: this event has no DTSTART'],
  ])('is refused: %j', (text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });
});
