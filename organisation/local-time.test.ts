import { describe, expect, it } from '@jest/globals';
import { addBusinessDays, localMoment, zonedMoment } from './local-time.ts';

const at = (text: string) => Date.parse(text);

describe('business days', () => {
  it('skip the weekend', () => {
    expect(addBusinessDays(at('2026-11-20T09:00:00Z'), 1, 'UTC')).toBe(at('2026-11-23T09:00:00Z'));
  });

  it('start counting on Monday when the wait starts on a Saturday', () => {
    expect(addBusinessDays(at('2026-11-21T15:00:00Z'), 1, 'UTC')).toBe(at('2026-11-23T15:00:00Z'));
  });

  it('keep the time of day over a change of clocks', () => {
    // Berlin leaves summer time on 25 October 2026: 09:00 is 07:00 UTC before it and 08:00 UTC after it.
    expect(addBusinessDays(at('2026-10-23T07:00:00Z'), 1, 'Europe/Berlin')).toBe(at('2026-10-26T08:00:00Z'));
  });

  it('end after the gap where the clocks skip the time of day', () => {
    // Cairo goes forward at the first moment of Friday, 24 April 2026.
    expect(addBusinessDays(at('2026-04-22T22:30:00Z'), 1, 'Africa/Cairo')).toBe(at('2026-04-23T22:30:00Z'));
  });

  it('are counted in the local calendar, not in UTC', () => {
    // Friday 20:00 in Los Angeles is already Saturday in UTC.
    expect(addBusinessDays(at('2026-11-21T04:00:00Z'), 1, 'America/Los_Angeles')).toBe(
      at('2026-11-24T04:00:00Z'),
    );
  });
});

describe('a local moment', () => {
  it('of a date is its midnight there', () => {
    expect(localMoment('2026-07-01', 'Europe/Berlin')).toBe(at('2026-06-30T22:00:00Z'));
  });

  it('of a date and time follows daylight saving', () => {
    expect(localMoment('2026-01-31T09:00', 'Europe/Berlin')).toBe(at('2026-01-31T08:00:00Z'));
    expect(localMoment('2026-07-31T09:00', 'Europe/Berlin')).toBe(at('2026-07-31T07:00:00Z'));
  });

  it('that the clocks skip has the offset before the gap, and one that comes twice is the first, on both sides of the Atlantic', () => {
    expect(localMoment('2026-03-08T02:00', 'America/New_York')).toBe(at('2026-03-08T07:00:00Z'));
    expect(localMoment('2026-03-29T02:00', 'Europe/Berlin')).toBe(at('2026-03-29T01:00:00Z'));
    expect(localMoment('2026-11-01T01:30', 'America/New_York')).toBe(at('2026-11-01T05:30:00Z'));
    expect(localMoment('2026-10-25T02:30', 'Europe/Berlin')).toBe(at('2026-10-25T00:30:00Z'));
  });

  it('may name its own time zone', () => {
    expect(zonedMoment('2026-07-31T17:00[Europe/Lisbon]', 'Europe/Berlin')).toBe(at('2026-07-31T16:00:00Z'));
    expect(zonedMoment('2026-07-31T17:00', 'Europe/Berlin')).toBe(at('2026-07-31T15:00:00Z'));
    for (const text of ['2026-07-31T17:00[Lisbon]', '2026-07-31T17:00[Europe/Lisbon', '[Europe/Lisbon]'])
      expect(zonedMoment(text, 'UTC')).toBeUndefined();
  });

  it.each(['2026-02-30', 'tomorrow', '31.01.2026', '2026-01-01T25:00'])('does not exist for "%s"', (text) => {
    expect(localMoment(text, 'UTC')).toBeUndefined();
  });
});
