import { describe, expect, it } from '@jest/globals';
import { scheduleText } from './schedule-text.ts';

const now = Date.parse('2026-09-30T12:00Z');
const text = (cron: string, timezone = 'Europe/Berlin') => scheduleText({ cron, timezone }, now);

describe('a schedule in a plan', () => {
  it('says when it comes next, in its own time zone', () => {
    expect(text('0 8 * * SAT-SUN')).toEqual([
      'next Sat 2026-10-03 08:00, Sun 2026-10-04 08:00, Sat 2026-10-10 08:00, Sun 2026-10-11 08:00, Sat 2026-10-17 08:00',
    ]);
  });

  it('says that either of its days will do', () => {
    expect(text('0 9 1 * MON')).toEqual([
      'next Thu 2026-10-01 09:00, Mon 2026-10-05 09:00, Mon 2026-10-12 09:00, Mon 2026-10-19 09:00, Mon 2026-10-26 09:00',
      'on its days of the month and on its days of the week: either will do',
    ]);
  });

  it('has a word about the nights when clocks change, where they concern it', () => {
    expect(text('30 2 * * *').slice(1)).toEqual([
      'on 2026-10-25 the clocks show 02:30 twice: it runs the first time',
      'on 2027-03-28 the clocks skip 02:30: it runs at 03:30',
    ]);
    expect(text('0 * * * *').slice(1)).toEqual([
      'on 2026-10-25 the clocks show an hour twice: it runs in both',
      'on 2027-03-28 the clocks skip an hour: it has no run in it',
    ]);
    expect(text('30 2 * * *', 'UTC')).toHaveLength(1);
  });
});
