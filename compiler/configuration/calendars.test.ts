import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import { testCatalogue } from '../testing.ts';

const january = Date.UTC(2026, 0, 1);

function problems(configuration: string, files: Record<string, string> = {}): string[] {
  const { diagnostics } = compile({
    files: [],
    configuration: { path: 'conf/countersign.yaml', text: configuration },
    catalogue: testCatalogue,
    calendarFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('there is no such file');
      return text;
    },
    now: january,
  });
  return diagnostics.map(
    ({ file, line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`,
  );
}

const night = (more: string) =>
  `calendars:\n  night:\n    timezone: Europe/Berlin\n    duration: 6h\n    ${more.replaceAll('\n', '\n    ')}\n`;

describe('a calendar of the configuration', () => {
  it.each([
    'rrule: FREQ=WEEKLY;BYDAY=SA\nstart: 2026-01-03T22:00',
    'rrule: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1\nstart: 2026-01-02T22:00',
    'rrule: FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1\nstart: 2026-03-31T22:00',
    'rrule: FREQ=WEEKLY;BYDAY=SA;UNTIL=20260301T220000\nstart: 2026-01-03T22:00',
  ])('may say %j', (text) => {
    expect(problems(night(text))).toEqual([]);
  });

  it.each([
    ['rrule: FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO\nstart: 2026-05-11T22:00', 'BYWEEKNO is read differently'],
    [
      'rrule: FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1\nstart: 2026-01-01T22:00',
      'the first day that is: 2026-01-27T22:00',
    ],
    ['rrule: FREQ=HOURLY\nstart: 2026-01-01T22:00', 'comes too often'],
    ['rrule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nstart: 2026-01-01T22:00', 'never comes within ten years'],
  ])('is refused for %j at its rule', (text, why) => {
    const [found, ...others] = problems(night(text));
    expect(others).toEqual([]);
    expect(found).toContain('conf/countersign.yaml:5:12 CS1920');
    expect(found).toContain(why);
  });

  it('is told of the night in which its hour is missing, once', () => {
    expect(problems(night('rrule: FREQ=DAILY\nstart: 2020-01-01T02:30'))).toEqual([
      'conf/countersign.yaml:6:12 CS1923 `night` begins at 2026-03-29T02:30, which the clocks of Europe/Berlin skip: it opens at 03:30 that night.',
    ]);
    expect(problems(night('rrule: FREQ=DAILY\nstart: 2020-01-01T03:30'))).toEqual([]);
    const windows = ['2025-03-30T02:30', '2026-03-29T02:30', '2026-03-29T03:30', '2026-03-29'];
    expect(
      problems(night(`windows: [${windows.map((from) => `{ from: ${from}, to: 2027-01-01 }`).join(', ')}]`)),
    ).toEqual([
      'conf/countersign.yaml:5:67 CS1923 `night` begins at 2026-03-29T02:30, which the clocks of Europe/Berlin skip: it opens at 03:30 that night.',
    ]);
  });

  it('has exceptions that are dates, and windows that end after they begin', () => {
    expect(
      problems(night('windows: [{ from: 2026-01-02, to: 2026-01-01 }]\nexcept: [soon, 2026-01-04]')),
    ).toEqual([
      'conf/countersign.yaml:5:15 CS1907 The calendar `night` has no times: "2026-01-02" to "2026-01-01" is no length of time; write dates or times such as 2026-12-20T18:00.',
      'conf/countersign.yaml:6:14 CS1924 "soon" under `except` is no date such as 2026-01-31.',
    ]);
  });
});

describe('the .ics file of a calendar', () => {
  const office = 'calendars:\n  office: { timezone: Europe/Berlin, ics: feeds/office.ics }\n';
  const file = (lines: string) =>
    `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n${lines.replaceAll('\n', '\r\n')}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;

  it('is opened, and what is wrong in it is told with its line', () => {
    expect(
      problems(office, { 'feeds/office.ics': file('DTSTART:20260101T120000Z\nRRULE:FREQ=WEEKLY;COUNT=0') }),
    ).toEqual([
      'conf/feeds/office.ics:5:1 CS1922 The calendar `office` cannot be used: RRULE "FREQ=WEEKLY;COUNT=0": COUNT=0 is not 1 to 10000.',
    ]);
    expect(problems(office, { 'feeds/office.ics': file('DTSTART;TZID=Our zone:20260101T120000') })).toEqual([
      'conf/feeds/office.ics:4:1 CS1922 The calendar `office` cannot be used: DTSTART "20260101T120000": the time zone "Our zone" is unknown: it is no IANA or Windows name, and the file has no VTIMEZONE for it.',
    ]);
    expect(problems(office, { 'feeds/office.ics': '\uFEFF<html>' })[0]).toContain(
      'conf/feeds/office.ics:1:1 CS1922',
    );
    expect(problems(office, { 'feeds/office.ics': `\uFEFF${file('DTSTART:20260101T120000Z')}` })).toEqual([]);
  });

  it('that is not there is told where it is named', () => {
    expect(problems(office)).toEqual([
      'conf/countersign.yaml:2:43 CS1921 The calendar file feeds/office.ics cannot be opened: there is no such file.',
    ]);
  });

  it('is told of the night in which an hour is missing, but not for whole days', () => {
    const timed = file('DTSTART;TZID=America/New_York:20260201T020000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY');
    expect(problems(office, { 'feeds/office.ics': timed })).toEqual([
      'conf/feeds/office.ics:2:1 CS1923 `office` begins at 2026-03-08T02:00, which the clocks of America/New_York skip: it opens at 03:00 that night.',
    ]);
    const days = file('DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY');
    expect(problems(office, { 'feeds/office.ics': days })).toEqual([]);
  });

  it('keeps the configuration in use, since only what asks that calendar depends on it', () => {
    const { configuration } = compile({
      files: [],
      configuration: { path: 'countersign.yaml', text: office },
      catalogue: testCatalogue,
      calendarFile: () => 'nothing',
    });
    expect(configuration?.calendars.office).toBeDefined();
  });
});
