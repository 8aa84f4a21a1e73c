/** CS192x: calendars of `countersign.yaml`, and the .ics files that they name. */
import { define } from '../diagnostic.ts';

export const refusedRule = define<{ name: string; rule: string; why: string }>({
  code: 'CS1920',
  title: 'A recurrence rule that is refused',
  message: ({ name, rule, why }) => `The rule "${rule}" of the calendar \`${name}\` is refused: ${why}.`,
  explanation:
    'A rule is refused where RFC 5545 does not allow it, where products that read calendars disagree about the days it has, or where it never comes. Its `start` must be one of its own days.',
  wrong:
    'calendars:\n  night: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SA, start: 2026-01-02T22:00, duration: 6h }',
  right:
    'calendars:\n  night: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SA, start: 2026-01-03T22:00, duration: 6h }',
});

export const noCalendarFile = define<{ file: string; why: string }>({
  code: 'CS1921',
  title: 'A calendar file that cannot be opened',
  message: ({ file, why }) => `The calendar file ${file} cannot be opened: ${why}.`,
  explanation: 'The path of an .ics file is relative to `countersign.yaml`.',
  wrong: 'calendars:\n  office: { timezone: Europe/Berlin, ics: missing.ics }',
  right: 'calendars:\n  office: { timezone: Europe/Berlin, ics: office.ics }',
});

export const badCalendarFile = define<{ calendar: string; what: string }>({
  code: 'CS1922',
  title: 'A calendar file that cannot be read',
  message: ({ calendar, what }) => `The calendar \`${calendar}\` cannot be used: ${what}.`,
  explanation:
    'An .ics file is read as RFC 5545 writes it. A window on a day that nobody agreed is worse than none, so that a file with anything in it that cannot be read, or is read differently by every product, is refused as a whole.',
  wrong: 'calendars:\n  office: { timezone: Europe/Berlin, ics: broken.ics }',
  right: 'calendars:\n  office: { timezone: Europe/Berlin, ics: office.ics }',
});

export const skippedHour = define<{ name: string; local: string; opens: string; timezone: string }>({
  code: 'CS1923',
  title: 'A beginning that the clocks skip',
  severity: 'warning',
  message: ({ name, local, opens, timezone }) =>
    `\`${name}\` begins at ${local}, which the clocks of ${timezone} skip: it opens at ${opens} that night.`,
  explanation:
    'In the night when clocks go forward an hour is missing. What begins in it begins as much later as they go forward (RFC 5545 3.3.5), and lasts as long as ever.',
  wrong:
    'calendars:\n  night: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SU, start: 2026-01-04T02:30, duration: 6h }',
  right:
    'calendars:\n  night: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SU, start: 2026-01-04T04:00, duration: 6h }',
});

export const badExcept = define<{ value: string }>({
  code: 'CS1924',
  title: 'An exception that is no date',
  message: ({ value }) => `"${value}" under \`except\` is no date such as 2026-01-31.`,
  explanation: '`except` lists the dates, in the time zone of the calendar, on which nothing of it begins.',
  wrong:
    'calendars:\n  night: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SA, start: 2026-01-03T22:00, duration: 6h, except: [31.01.2026] }',
  right:
    'calendars:\n  night: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SA, start: 2026-01-03T22:00, duration: 6h, except: [2026-01-31] }',
});
