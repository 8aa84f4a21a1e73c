/** Calendars of a configuration on disk: its .ics files stand beside it, and are read again when they have changed. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { CalendarConfiguration } from '../plan/organisation.ts';
import type { CalendarSettings } from './calendar-settings.ts';
import { Calendars } from './calendars.ts';

const kept = new WeakMap<CalendarConfiguration, { path: string; calendars: Calendars }>();

/** What was read and followed for a configuration is kept as long as that is in use. */
export function calendarsOf(configuration: CalendarConfiguration, path: string): Calendars {
  const known = kept.get(configuration);
  if (known?.path === path) return known.calendars;
  const calendars = new Calendars({
    calendars: configuration.calendars as unknown as Record<string, CalendarSettings>,
    holidays: configuration.holidays,
    timezone: configuration.timezone,
    read: calendarFileReader(path),
  });
  kept.set(configuration, { path, calendars });
  return calendars;
}

/** Reads .ics files by their path in the configuration; the very same text as before for a file that has not changed. */
export function calendarFileReader(configurationPath: string): (file: string) => string {
  const texts = new Map<string, { stamp: string; text: string }>();
  return (file) => {
    const path = calendarFilePath(configurationPath, file);
    const { mtimeMs, size, ino } = statSync(path);
    const stamp = `${mtimeMs} ${size} ${ino}`;
    const known = texts.get(path);
    if (known?.stamp === stamp) return known.text;
    const text = readFileSync(path, 'utf8');
    texts.set(path, { stamp, text });
    return text;
  };
}

export function calendarFilePath(configurationPath: string, file: string): string {
  return resolve(dirname(configurationPath), file);
}
