import { describe, expect, it } from '@jest/globals';
import { localTimeOf } from './local-time.ts';
import { readRecurrence } from './recurrence-parts.ts';
import { RecurrenceRule, skippedTimes, startProblem } from './recurrence-rules.ts';
import { utc, zoneNamed } from './time-zones.ts';

const at = (text: string) => localTimeOf(text) ?? Number.NaN;

function ruled(text: string, start: string, from: string, to: string): string[] {
  const rule = new RecurrenceRule(readRecurrence(text), at(start), utc);
  return rule.between(at(from), at(to)).map((local) => new Date(local).toISOString().slice(0, 16));
}

describe('a recurrence rule', () => {
  it.each([
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-01-02T20:00', '2026-01-02 2026-01-09 2026-01-16'],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-01-30T20:00', '2026-01-30 2026-02-27 2026-03-31'],
    ['FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1', '2026-03-31T20:00', '2026-03-31 2026-06-30 2026-09-30'],
    ['FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1', '2025-12-31T20:00', '2025-12-31 2026-03-31 2026-06-30'],
    ['FREQ=YEARLY;BYDAY=MO;BYSETPOS=20', '2026-05-18T20:00', '2026-05-18 2027-05-17 2028-05-15'],
    ['FREQ=YEARLY;BYDAY=20MO', '2026-05-18T20:00', '2026-05-18 2027-05-17 2028-05-15'],
    [
      'FREQ=MONTHLY;INTERVAL=5;BYMONTH=1,6,11',
      '2026-01-15T20:00',
      '2026-01-15 2026-06-15 2026-11-15 2031-01-15',
    ],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU', '2026-01-04T20:00', '2026-01-04 2026-01-05 2026-01-18'],
    ['FREQ=MONTHLY;BYMONTHDAY=31', '2026-01-31T20:00', '2026-01-31 2026-03-31 2026-05-31'],
    ['FREQ=YEARLY', '2024-02-29T20:00', '2024-02-29 2028-02-29 2032-02-29'],
    ['FREQ=DAILY;COUNT=3', '2026-01-01T20:00', '2026-01-01 2026-01-02 2026-01-03'],
  ])('%s comes on the days that RFC 5545 says', (text, start, days) => {
    const expected = days.split(' ').map((day) => `${day}T20:00`);
    expect(ruled(text, start, start, '2100-01-01').slice(0, expected.length)).toEqual(expected);
  });

  it('takes in the whole last day where UNTIL is a date', () => {
    const found = ruled('FREQ=DAILY;UNTIL=20260103', '2026-01-01T20:00', '2026-01-01', '2027-01-01');
    expect(found).toEqual(['2026-01-01T20:00', '2026-01-02T20:00', '2026-01-03T20:00']);
  });

  it('that began long ago is followed from where it is asked', () => {
    const rule = new RecurrenceRule(readRecurrence('FREQ=DAILY'), at('1990-01-01T02:00'), utc);
    expect(rule.between(at('2026-11-01'), at('2026-11-03'))).toHaveLength(2);
    const counted = new RecurrenceRule(readRecurrence('FREQ=DAILY;COUNT=10000'), at('1990-01-01T02:00'), utc);
    expect(counted.between(at('2017-01-01'), at('2030-01-01'))).toHaveLength(10_000 - 9_862);
  });

  it('says which of its times the clocks skip', () => {
    const berlin = zoneNamed('Europe/Berlin') ?? utc;
    const start = at('2026-01-04T02:30');
    const rule = new RecurrenceRule(readRecurrence('FREQ=WEEKLY;BYDAY=SU'), start, berlin);
    const skipped = skippedTimes(rule, berlin, Date.parse('2026-06-01T00:00Z'), 2);
    expect(skipped).toEqual([at('2027-03-28T02:30'), at('2028-03-26T02:30')]);
  });
});

describe('a rule is refused', () => {
  it.each([
    ['BYDAY=SA', 'no FREQ'],
    ['FREQ=HOURLY', 'too often'],
    ['FREQ=FORTNIGHTLY', 'none of DAILY'],
    ['FREQ=DAILY;FREQ=DAILY', 'twice'],
    ['FREQ=DAILY;BYEASTER=0', 'no part'],
    ['FREQ=DAILY;', 'no part'],
    ['FREQ=MONTHLY;BYMONTHDAY=32', '1 to 31'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', '1 to 31'],
    ['FREQ=YEARLY;BYMONTH=13', '1 to 12'],
    ['FREQ=DAILY;BYHOUR=24', '0 to 23'],
    ['FREQ=DAILY;COUNT=0', 'COUNT=0'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL=0'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20270101', 'cannot stand together'],
    ['FREQ=DAILY;UNTIL=20270231', 'is no time'],
    ['FREQ=WEEKLY;BYDAY=2SA', 'only with MONTHLY and YEARLY'],
    ['FREQ=MONTHLY;BYDAY=6SA', 'at most 5'],
    ['FREQ=YEARLY;BYDAY=54SA', 'at most 53'],
    ['FREQ=YEARLY;BYMONTH=1;BYDAY=6SA', 'at most 5'],
    ['FREQ=MONTHLY;BYDAY=1SA,SU', 'with and without a number'],
    ['FREQ=MONTHLY;BYDAY=0SA', 'the first is 1'],
    ['FREQ=WEEKLY;BYMONTHDAY=1', 'cannot stand with WEEKLY'],
    ['FREQ=MONTHLY;BYYEARDAY=1', 'only with YEARLY'],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYDAY=MO;BYMONTHDAY=1', 'differently by every product'],
    ['FREQ=MONTHLY;BYSETPOS=1', 'there is none'],
    ['FREQ=DAILY;BYMINUTE=0,1,2,3,4,5,6;BYSECOND=0,1,2,3,4,5,6', 'more than 48'],
  ])('%s', (text, why) => {
    expect(() => readRecurrence(text)).toThrow(why);
  });

  it.each([
    ['FREQ=DAILY;UNTIL=20251231', '2026-01-01T20:00', 'its UNTIL is before its start'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '2026-01-01T20:00', 'never comes within ten years'],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31', '2026-01-01T20:00', 'never comes within ten years'],
    ['FREQ=MONTHLY;INTERVAL=12;BYMONTH=5', '2026-04-01T20:00', 'never comes within ten years'],
    ['FREQ=WEEKLY;BYDAY=SA', '2026-01-01T20:00', 'the first day that is: 2026-01-03T20:00'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=2', '2026-01-06T20:00', 'read differently'],
  ])('%s from %s', (text, start, why) => {
    const rule = new RecurrenceRule(readRecurrence(text), at(start), utc);
    expect(startProblem(rule, at(start), { zone: utc })).toContain(why);
  });

  it('in a file only where its COUNT is read differently, since DTSTART comes whatever the rule says', () => {
    const problem = (text: string) =>
      startProblem(
        new RecurrenceRule(readRecurrence(text), at('2026-01-01T20:00'), utc),
        at('2026-01-01T20:00'),
        {
          zone: utc,
          countsStart: true,
        },
      );
    expect(problem('FREQ=WEEKLY;BYDAY=SA')).toBeUndefined();
    expect(problem('FREQ=WEEKLY;BYDAY=SA;COUNT=3')).toContain('count differently');
  });
});
