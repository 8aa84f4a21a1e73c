import { describe, expect, it } from '@jest/globals';
import { type CronLine, changedNights, nextTimes, nightProblem, readCron } from './cron.ts';
import { utc, zoneNamed } from './time-zones.ts';

function lineOf(text: string): CronLine {
  const line = readCron(text);
  if ('problem' in line) throw new Error(line.problem);
  return line;
}

function next(text: string, zone: string, after: string, count: number): string[] {
  return nextTimes(lineOf(text), zoneNamed(zone) ?? utc, Date.parse(after), count).map((at) =>
    new Date(at).toISOString().slice(0, 16),
  );
}

describe('a cron line', () => {
  it.each([
    ['0 8 * * 1-7', '2026-11-07T09:00Z', ['2026-11-08T08:00', '2026-11-09T08:00']],
    ['0 8 * * 6-7', '2026-11-07T09:00Z', ['2026-11-08T08:00', '2026-11-14T08:00']],
    ['0 8 * * SAT-SUN', '2026-11-07T09:00Z', ['2026-11-08T08:00', '2026-11-14T08:00']],
    ['0 9 1 * MON', '2026-11-01T00:00Z', ['2026-11-01T09:00', '2026-11-02T09:00', '2026-11-09T09:00']],
    ['0 8 29 FEB *', '2026-01-01T00:00Z', ['2028-02-29T08:00', '2032-02-29T08:00']],
    ['5/20 3 * * *', '2026-01-01T00:00Z', ['2026-01-01T03:05', '2026-01-01T03:25', '2026-01-01T03:45']],
    ['0 8 31 * *', '2026-02-01T00:00Z', ['2026-03-31T08:00', '2026-05-31T08:00']],
  ])('%s comes when it says, after %s', (text, after, expected) => {
    expect(next(text, 'UTC', after, expected.length)).toEqual(expected);
  });

  it.each([
    ['*/90 * * * *', 'a step of 90 leaves only 0'],
    ['0 */24 * * *', 'a step of 24 leaves only 0'],
    ['0 0 */31 * *', 'a step of 31 leaves only 1'],
    ['0 8 31 APR *', 'that day never comes'],
    ['0 8 30,31 2 *', 'that day never comes'],
    ['0 8 31 4,6,9,11 *', 'that day never comes'],
    ['0 8 31 APR MON', 'that day never comes'],
    ['0 9 */2 * MON', 'programs disagree'],
    ['0 9 1 * */2', 'programs disagree'],
    ['0 8 * * FRI-MON', 'begins after its end'],
    ['0 8 * * 8', 'it can be 0 to 7'],
    ['60 8 * * *', 'it can be 0 to 59'],
    ['@daily', 'short forms'],
    ['0 8 * *', 'needs five'],
  ])('%s is refused', (text, why) => {
    const line = readCron(text);
    expect('problem' in line ? line.problem : '').toContain(why);
  });
});

describe('in the night when clocks change', () => {
  it('a line that names its hour comes after the gap, and the first time of a double hour', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00Z', 2)).toEqual([
      '2027-03-28T01:30',
      '2027-03-29T00:30',
    ]);
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(next('30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', 2)).toEqual([
      '2026-11-01T05:30',
      '2026-11-02T06:30',
    ]);
  });

  it('a line of every hour comes in every hour that passes', () => {
    const hours = next('0 * * * *', 'Europe/Berlin', '2026-10-24T21:30Z', 26).map((each) =>
      Date.parse(`${each}Z`),
    );
    expect(hours.every((at, index) => index === 0 || at - (hours[index - 1] ?? 0) === 3_600_000)).toBe(true);
    const spring = next('0 * * * SUN', 'Europe/Berlin', '2027-03-27T12:00Z', 24);
    expect(spring.filter((each) => each < '2027-03-28T22:00')).toHaveLength(23);
  });

  it.each(['0 * * * *', '0 */1 * * *', '0 0-23 * * *'])('%s is every hour, however it is written', (text) => {
    expect(next(text, 'Europe/Berlin', '2026-10-24T23:30Z', 3)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
    ]);
  });

  it('its times that are missing or come twice are known', () => {
    const nights = changedNights(
      lineOf('30 2 * * *'),
      zoneNamed('Europe/Berlin') ?? utc,
      Date.parse('2026-06-01T00:00Z'),
      Date.parse('2027-06-01T00:00Z'),
    );
    expect(
      nights.map(({ kind, locals }) => [
        kind,
        ...locals.map((at) => new Date(at).toISOString().slice(0, 16)),
      ]),
    ).toEqual([
      ['twice', '2026-10-25T02:30'],
      ['skipped', '2027-03-28T02:30'],
    ]);
  });

  it('a line that comes too often for such nights is refused, unless it comes every day', () => {
    const berlin = zoneNamed('Europe/Berlin') ?? utc;
    const now = Date.UTC(2026, 0, 1);
    expect(nightProblem(lineOf('* * * * SUN'), berlin, now)).toContain('Europe/Berlin');
    for (const text of ['* * * * *', '*/15 * * * SUN', '* * * * MON-FRI'])
      expect(nightProblem(lineOf(text), berlin, now)).toBeUndefined();
  });
});
