/** Moments in a time zone: local dates and times, and working days (Monday to Friday, without holidays). */
import { dayMs, instantOf, localOf, utcOf, type Zone, zoneNamed } from './time-zones.ts';

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
  const zone = zoneOf(timezone);
  const local = localOf(start, zone);
  let day = Math.floor(local / dayMs) * dayMs;
  const timeOfDay = local - day;
  let left = days;
  while (left > 0) {
    day += dayMs;
    if (isWorkingDay(day) && !isHoliday(dayText(day))) left -= 1;
  }
  return instantOf(day + timeOfDay, zone);
}

/** The local date of a moment, such as 2026-01-31. */
export function localDay(at: number, timezone: string): string {
  return dayText(localOf(at, zoneOf(timezone)));
}

/** The local date and time of a moment, such as 2026-01-31T09:00:00. */
export function localText(at: number, timezone: string): string {
  return new Date(localOf(at, zoneOf(timezone))).toISOString().slice(0, 19);
}

/** The date of a local time. */
export function dayText(local: number): string {
  return new Date(local).toISOString().slice(0, 10);
}

/** A local time as people write it: 2026-01-31T09:00, with seconds only where there are any. */
export function minuteText(local: number): string {
  return new Date(local).toISOString().slice(0, local % 60_000 === 0 ? 16 : 19);
}

/** A date or local time with its zone behind it, as RFC 9557 writes it: 2026-01-31T17:00[Europe/Lisbon]. */
const zonedForm = /^([^[\]]+)\[([A-Za-z0-9_+/-]+)\]$/;

/** The same as {@link localMoment}, where the text may name its own time zone. Undefined when either cannot be read. */
export function zonedMoment(text: string, timezone: string): number | undefined {
  const [, local = text, zone = timezone] = zonedForm.exec(text) ?? [];
  return zoneNamed(zone) && localMoment(local, zone);
}

const localForm = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** The moment of a local date (its midnight) or a local date and time. Undefined when the text is neither. */
export function localMoment(text: string, timezone: string): number | undefined {
  const local = localTimeOf(text);
  return local === undefined ? undefined : instantOf(local, zoneOf(timezone));
}

/** A local date (its midnight) or a local date and time as if it were UTC. Undefined when the text is neither. */
export function localTimeOf(text: string): number | undefined {
  const match = localForm.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => (part === undefined ? 0 : Number(part)));
  const midnight = utcOf(year, month, day);
  const isReal = new Date(midnight).getUTCDate() === day && new Date(midnight).getUTCMonth() === month - 1;
  if (!isReal || hour >= 24 || minute >= 60 || second >= 60) return undefined;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000;
}

function zoneOf(timezone: string): Zone {
  const zone = zoneNamed(timezone);
  if (!zone) throw new RangeError(`There is no time zone "${timezone}".`);
  return zone;
}

function isWorkingDay(utcMidnight: number): boolean {
  const weekday = new Date(utcMidnight).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}
