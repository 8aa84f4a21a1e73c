import { describe, expect, it } from '@jest/globals';
import { addBusinessDays } from './business-days.ts';

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

  it('are counted in the local calendar, not in UTC', () => {
    // Friday 20:00 in Los Angeles is already Saturday in UTC.
    expect(addBusinessDays(at('2026-11-21T04:00:00Z'), 1, 'America/Los_Angeles')).toBe(
      at('2026-11-24T04:00:00Z'),
    );
  });
});
