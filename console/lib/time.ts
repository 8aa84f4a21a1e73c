/** Times in words, in the zone of whoever looks. Moments are milliseconds since 1970. */

import { defined } from '../../plan/defined.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const locale = 'en-GB';

/** `5 minutes`, `2 days`: the one unit that says most. */
export function lengthWords(ms: number): string {
  const length = Math.abs(ms);
  // From each limit on the next unit says more; 36 hours are better than "2 days" when a deadline is near.
  if (length < 45_000) return 'less than a minute';
  if (length < 59.5 * minute) return counted(length / minute, 'minute');
  if (length < 36 * hour) return counted(length / hour, 'hour');
  if (length < 60 * day) return counted(length / day, 'day');
  return counted(length / (30.44 * day), 'month');
}

function counted(amount: number, unit: string): string {
  const whole = Math.max(1, Math.round(amount));
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

/** `just now`, `5 minutes ago`, `in 2 days`. */
export function relative(at: number, now: number): string {
  if (Math.abs(at - now) < 45_000) return at > now ? 'in a moment' : 'just now';
  return at > now ? `in ${lengthWords(at - now)}` : `${lengthWords(at - now)} ago`;
}

/** `2 days left`, `overdue by 3 hours`. */
export function leftWords(deadline: number, now: number): string {
  return deadline >= now
    ? `${lengthWords(deadline - now)} left`
    : `overdue by ${lengthWords(deadline - now)}`;
}

/** Less than this much time left asks for attention. */
export const soonMs = 4 * hour;

/** How long something took: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function tookWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  if (ms < hour) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(ms / minute);
  if (ms < day) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(ms / hour);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

/** `Wednesday 14 January 2026 at 09:40:06 CET`. */
export function exact(at: number, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...defined({ timeZone: timeZone || undefined }),
  }).format(at);
}

/** `today at 09:40`, `Fri 16 Jan at 17:00`, and the year where it is another. */
export function dateWords(at: number, now: number, timeZone?: string): string {
  const zone = timeZone ? { timeZone } : {};
  const dayOf = (moment: number) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'short', ...zone }).format(moment);
  const yearOf = (moment: number) =>
    new Intl.DateTimeFormat(locale, { year: 'numeric', ...zone }).format(moment);
  const time = clock(at, timeZone);
  if (dayOf(at) === dayOf(now)) return `today at ${time}`;
  if (dayOf(at) === dayOf(now + day)) return `tomorrow at ${time}`;
  if (dayOf(at) === dayOf(now - day)) return `yesterday at ${time}`;
  const date = new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...defined({ year: yearOf(at) === yearOf(now) ? undefined : ('numeric' as const) }),
    ...zone,
  }).format(at);
  return `${date.replace(',', '')} at ${time}`;
}

/** `09:40`. */
export function clock(at: number, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    ...defined({ timeZone: timeZone || undefined }),
  }).format(at);
}

/** `2026-01-14 09:40:06`, for records. */
export function stamp(at: number, timeZone?: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    ...defined({ timeZone: timeZone || undefined }),
  }).format(at);
}
