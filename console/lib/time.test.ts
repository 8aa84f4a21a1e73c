import { describe, expect, it } from '@jest/globals';
import { clock, dateWords, exact, leftWords, relative, tookWords } from './time.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.parse('2026-01-14T09:40:06Z');

describe('Times in words', () => {
  it.each([
    [now - 10_000, 'just now'],
    [now + 10_000, 'in a moment'],
    [now - 50_000, '1 minute ago'],
    [now - 25 * minute, '25 minutes ago'],
    [now - 59.8 * minute, '1 hour ago'],
    [now + 30 * hour, 'in 30 hours'],
    [now + 40 * hour, 'in 2 days'],
    [now - 90 * day, '3 months ago'],
  ])('say by the one unit that says most when something was or will be (%#)', (at, words) => {
    expect(relative(at, now)).toBe(words);
  });

  it('say how long is left, and how long too late it is', () => {
    expect(leftWords(now + 3 * hour, now)).toBe('3 hours left');
    expect(leftWords(now - 2 * day, now)).toBe('overdue by 2 days');
    expect(leftWords(now - 1_000, now)).toBe('overdue by less than a minute');
  });

  it.each([
    [400, '0.4 s'],
    [12_000, '12 s'],
    [200_000, '3 min 20 s'],
    [125 * minute, '2 h 5 min'],
    [2 * hour, '2 h'],
    [76 * hour, '3 d 4 h'],
  ])('say how long something took (%#)', (ms, words) => {
    expect(tookWords(ms)).toBe(words);
  });

  it('name the day by where it lies from today in the viewer’s zone', () => {
    expect(dateWords(now, now, 'Europe/Berlin')).toBe('today at 10:40');
    expect(dateWords(Date.parse('2026-01-14T23:30:00Z'), now, 'Europe/Berlin')).toBe('tomorrow at 00:30');
    expect(dateWords(Date.parse('2026-01-14T23:30:00Z'), now, 'UTC')).toBe('today at 23:30');
    expect(dateWords(now - day, now, 'UTC')).toBe('yesterday at 09:40');
    expect(dateWords(Date.parse('2026-01-16T16:00:00Z'), now, 'Europe/Berlin')).toBe('Fri 16 Jan at 17:00');
    expect(dateWords(Date.parse('2025-12-30T16:00:00Z'), now, 'UTC')).toBe('Tue 30 Dec 2025 at 16:00');
  });

  it('are exact to the second, with their zone, for whoever hovers', () => {
    expect(exact(now, 'UTC')).toMatch(/Wednesday.*14 January 2026.*09:40:06 UTC/);
    expect(clock(now, 'Asia/Tokyo')).toBe('18:40');
  });
});
