import { describe, expect, it } from '@jest/globals';
import { daysShown, later, laterMonth, mondayOf, startOf, within } from './month.ts';

describe('The days of a calendar', () => {
  it('of a month are whole weeks from Monday on, in leap years and where a month begins on one', () => {
    const february = daysShown('month', '2028-02-15');
    expect([february[0], february.at(-1), february.length % 7]).toEqual(['2028-01-31', '2028-03-05', 0]);
    const june = daysShown('month', '2026-06-30');
    expect([june[0], june.at(-1)]).toEqual(['2026-06-01', '2026-07-05']);
  });

  it('of a week begin on Monday, also across years and the night on which clocks change', () => {
    expect(daysShown('week', '2027-01-01')).toEqual([
      '2026-12-28',
      '2026-12-29',
      '2026-12-30',
      '2026-12-31',
      '2027-01-01',
      '2027-01-02',
      '2027-01-03',
    ]);
    expect(mondayOf('2026-03-29')).toBe('2026-03-23');
    expect(later('2026-03-28', 2)).toBe('2026-03-30');
    expect(laterMonth('2026-12-31', 1)).toBe('2027-01-01');
  });

  it('have what reaches into them, and not what ends as they begin', () => {
    const at = startOf('2026-05-04');
    const items = [
      { from: at - 1, to: at },
      { from: at - 1, to: at + 1 },
      { from: at + 86_400_000, to: at + 86_400_001 },
    ];
    expect(within(items, '2026-05-04')).toEqual([items[1]]);
  });
});
