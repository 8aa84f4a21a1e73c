/** Moments in a time zone: local dates and times, and working days (Monday to Friday, without holidays). */

/**
 * The same time of day, `days` working days later. Started on a weekend, counting begins on Monday.
 * Daylight saving is respected: 09:00 stays 09:00.
 */
export function addBusinessDays(
  start: number,
  days: number,
  timezone: string,
  /** Asked for a date such as 2026-01-31. */
  isHoliday: (day: string) => boolean = () => false,
): number {
  const local = localParts(start, timezone);
  let day = Date.UTC(local.year, local.month - 1, local.day);
  let left = days;
  while (left > 0) {
    day += dayMs;
    if (isWorkingDay(day) && !isHoliday(new Date(day).toISOString().slice(0, 10))) left -= 1;
  }
  return fromLocal(day + local.timeOfDayMs, timezone);
}

/** The local date of a moment, such as 2026-01-31. */
export function localDay(at: number, timezone: string): string {
  return localText(at, timezone).slice(0, 10);
}

/** The local date and time of a moment, such as 2026-01-31T09:00:00. */
export function localText(at: number, timezone: string): string {
  const { year, month, day, timeOfDayMs } = localParts(at, timezone);
  return new Date(Date.UTC(year, month - 1, day) + timeOfDayMs).toISOString().slice(0, 19);
}

/** A date or local time with its zone behind it, as RFC 9557 writes it: 2026-01-31T17:00[Europe/Lisbon]. */
const zonedForm = /^([^[\]]+)\[([A-Za-z0-9_+/-]+)\]$/;

/** The same as {@link localMoment}, where the text may name its own time zone. Undefined when either cannot be read. */
export function zonedMoment(text: string, timezone: string): number | undefined {
  const [, local = text, zone = timezone] = zonedForm.exec(text) ?? [];
  return isKnownZone(zone) ? localMoment(local, zone) : undefined;
}

function isKnownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const localForm = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** The moment of a local date (its midnight) or a local date and time. Undefined when the text is neither. */
export function localMoment(text: string, timezone: string): number | undefined {
  const match = localForm.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => (part === undefined ? 0 : Number(part)));
  const wanted = Date.UTC(year, month - 1, day, hour, minute, second);
  const isReal = new Date(wanted).getUTCDate() === day && new Date(wanted).getUTCMonth() === month - 1;
  return isReal && hour < 24 && minute < 60 && second < 60 ? fromLocal(wanted, timezone) : undefined;
}

/** From a local time written as if it were UTC. Twice, since the offset before and after a change of clocks differs. */
function fromLocal(wanted: number, timezone: string): number {
  const firstGuess = wanted - offsetMs(wanted, timezone);
  return wanted - offsetMs(firstGuess, timezone);
}

const dayMs = 86_400_000;

function isWorkingDay(utcMidnight: number): boolean {
  const weekday = new Date(utcMidnight).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

function offsetMs(at: number, timezone: string): number {
  const local = localParts(at, timezone);
  return Date.UTC(local.year, local.month - 1, local.day) + local.timeOfDayMs - Math.floor(at / 1000) * 1000;
}

function localParts(at: number, timezone: string) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, timeOfDayMs: ((hour * 60 + minute) * 60 + second) * 1000 };
}
