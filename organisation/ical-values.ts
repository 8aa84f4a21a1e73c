/** Times and lengths of time as calendar files write them. */
import { localTimeOf } from './local-time.ts';
import { dayMs, instantOf, utc, type Zone } from './time-zones.ts';
import type { Length } from './timetable.ts';

export interface FileMoment {
  /** A time in UTC, in a zone that the file names, in no zone (then the calendar's own counts), or a date alone. */
  form: 'utc' | 'zoned' | 'floating' | 'date';
  local: number;
  zone: Zone;
}

export interface ZoneFinder {
  /** Of the configuration: for dates, and times without a zone. */
  own: Zone;
  /** Throws when there is none. */
  named(name: string): Zone;
}

/** A value of type `date` or `date-time` in jCal's form. Throws what is wrong with it. */
export function fileMoment(value: unknown, tzid: unknown, zones: ZoneFinder): FileMoment {
  const text = String(value);
  // A date whose VALUE=DATE was forgotten.
  const day = /^(\d{4}-\d\d-\d\d)(?:T::)?$/.exec(text)?.[1];
  if (day !== undefined) return { form: 'date', local: localTime(day, text), zone: zones.own };
  const local = localTime(text.replace(/Z$/, '').replace(/:60$/, ':59'), text);
  if (text.endsWith('Z')) return { form: 'utc', local, zone: utc };
  if (typeof tzid !== 'string' || tzid === '') return { form: 'floating', local, zone: zones.own };
  return { form: 'zoned', local, zone: zones.named(tzid) };
}

export function instantOfMoment({ local, zone }: FileMoment): number {
  return instantOf(local, zone);
}

/** RFC 5545 3.3.6: days and weeks are those of the calendar, hours are exact. */
export function fileLength(text: unknown): Length {
  const match =
    /^([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/.exec(
      String(text),
    );
  const [, sign, ...numbers] = match ?? [];
  if (!match || numbers.every((each) => each === undefined))
    throw new Error(`"${String(text)}" is no length of time such as PT6H`);
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = numbers.map((each) => Number(each ?? 0));
  const length = { days: weeks * 7 + days, ms: ((hours * 60 + minutes) * 60 + seconds) * 1000 };
  if (sign === '-' && (length.days > 0 || length.ms > 0)) throw new Error('it ends before it begins');
  return length;
}

/** Of a whole-day event: never less than a day, since its last day counts (RFC 5545 3.6.1). */
export function wholeDays({ days, ms }: Length): Length {
  if (ms % dayMs !== 0) throw new Error('it is a whole day, and its DURATION has hours');
  return { days: Math.max(1, days + ms / dayMs), ms: 0 };
}

/** `-05:00`, `+05:30:00` in milliseconds. */
export function fileOffset(value: unknown): number {
  const match = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(String(value));
  const [, sign, hours = 0, minutes = 0, seconds = 0] = match ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (!match || ms >= dayMs) throw new Error(`"${String(value)}" is no offset such as +0100`);
  return sign === '-' ? -ms : ms;
}

function localTime(text: string, whole: string): number {
  const local = localTimeOf(text);
  if (local === undefined) throw new Error(`"${whole}" is no date or time`);
  return local;
}
