/** The calendars of a configuration on disk. */
import type { CalendarConfiguration } from '../plan/organisation.ts';
import { configuredFileReader } from './calendar-disk.ts';
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
    read: configuredFileReader(path),
  });
  kept.set(configuration, { path, calendars });
  return calendars;
}
