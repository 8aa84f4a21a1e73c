/** A calendar of countersign.yaml as series: its rule and its single windows, and what is wrong with them. */
import { errorText } from '../plan/error-text.ts';
import { parseDuration } from '../plan/lexical.ts';
import { localTimeOf } from './local-time.ts';
import { readRecurrence } from './recurrence-parts.ts';
import { RecurrenceRule, startProblem } from './recurrence-rules.ts';
import { dayMs, instantOf, type Zone } from './time-zones.ts';
import { dayOf, longestRepeatedMs, type Series } from './timetable.ts';

/** As `calendars:` of countersign.yaml has them. */
export interface CalendarSettings {
  timezone: string;
  description?: string;
  ics?: string;
  rrule?: string;
  start?: string;
  duration?: string;
  except?: string[];
  windows?: { name?: string; from: string; to: string }[];
}

export interface SettingsProblem {
  /** Another key is missing beside it, or what it says cannot stand. */
  kind: 'missing' | 'wrong';
  /** The key that is wrong, and for a list which of its items. */
  key: keyof CalendarSettings;
  index?: number;
  what: string;
}

export interface SettingsReading {
  series: Series[];
  problems: SettingsProblem[];
}

/** All but the .ics file, which {@link ./events.ts} reads. Never throws. */
export function readSettings(name: string, settings: CalendarSettings, zone: Zone): SettingsReading {
  const problems: SettingsProblem[] = [];
  const ruled = settings.rrule === undefined ? undefined : ruledSeries(name, settings, zone, problems);
  const single = singleWindows(name, settings, zone, problems);
  exceptDays(settings, problems);
  return { series: [...(ruled ? [ruled] : []), ...(single ? [single] : [])], problems };
}

/** The days of `except`, as {@link dayOf} counts them. */
export function exceptDays({ except = [] }: CalendarSettings, problems: SettingsProblem[] = []): Set<number> {
  const days = new Set<number>();
  for (const [index, text] of except.entries()) {
    const day = localTimeOf(String(text));
    if (day === undefined || day % dayMs !== 0)
      problems.push({
        kind: 'wrong',
        key: 'except',
        index,
        what: `"${text}" is no date such as 2026-01-31.`,
      });
    else days.add(dayOf(day));
  }
  return days;
}

function ruledSeries(
  name: string,
  { rrule = '', start, duration }: CalendarSettings,
  zone: Zone,
  problems: SettingsProblem[],
): Series | undefined {
  const length = parseDuration(String(duration ?? ''));
  if (!length || !('ms' in length))
    problems.push({ kind: 'missing', key: 'rrule', what: 'with `rrule` it needs a `duration`, such as 6h.' });
  const first = localTimeOf(String(start ?? ''));
  if (first === undefined)
    problems.push({
      kind: 'missing',
      key: 'rrule',
      what: 'with `rrule` it needs the `start` of the first occurrence, such as 2026-01-03T22:00.',
    });
  try {
    const parts = readRecurrence(String(rrule));
    if (length && 'ms' in length && length.ms > longestRepeatedMs)
      throw new Error('each of its times would last longer than a year');
    if (first === undefined || !length || !('ms' in length)) return undefined;
    const rule = new RecurrenceRule(parts, first, zone);
    const problem = startProblem(rule, first, { zone });
    if (problem) throw new Error(problem);
    return {
      name,
      zone,
      rules: [rule],
      length: { days: 0, ms: length.ms },
      fixed: [],
      excluded: new Set(),
      excludedDays: new Set(),
    };
  } catch (error) {
    problems.push({ kind: 'wrong', key: 'rrule', what: errorText(error) });
    return undefined;
  }
}

function singleWindows(
  name: string,
  { windows = [] }: CalendarSettings,
  zone: Zone,
  problems: SettingsProblem[],
): Series | undefined {
  if (!Array.isArray(windows) || windows.length === 0) return undefined;
  const fixed = windows.flatMap((window, index) => {
    const [from, to] = [window?.from, window?.to].map((text) => localTimeOf(String(text)));
    if (from === undefined || to === undefined || to <= from) {
      problems.push({
        kind: 'wrong',
        key: 'windows',
        index,
        what: `"${window?.from}" to "${window?.to}" is no length of time; write dates or times such as 2026-12-20T18:00.`,
      });
      return [];
    }
    return [{ name: window.name ?? name, from: instantOf(from, zone), to: instantOf(to, zone) }];
  });
  const none = {
    rules: [],
    length: { days: 0, ms: 0 },
    excluded: new Set<number>(),
    excludedDays: new Set<number>(),
  };
  return { name, zone, fixed, ...none };
}
