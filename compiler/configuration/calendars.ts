/** The calendars of `countersign.yaml`: their rules, their windows, and the .ics files that they name. */
import {
  type CalendarSettings,
  readSettings,
  type SettingsProblem,
} from '../../organisation/calendar-settings.ts';
import { type CalendarFile, eventsOf } from '../../organisation/events.ts';
import { localTimeOf, minuteText } from '../../organisation/local-time.ts';
import { skippedTimes } from '../../organisation/recurrence-rules.ts';
import { instantOf, localOf, type Zone, zoneNamed } from '../../organisation/time-zones.ts';
import type { Series } from '../../organisation/timetable.ts';
import { errorText } from '../../plan/error-text.ts';
import { isTimezone } from '../../plan/lexical.ts';
import * as codes from '../diagnostics/registry/calendars.ts';
import * as configurationCodes from '../diagnostics/registry/configuration.ts';
import { Reporter } from '../diagnostics/reporter.ts';
import { SourceFile, type SourceRange } from '../source/source-file.ts';
import { childOf, jsonOf, type MapNode, type Node, textOf } from '../source/tree.ts';

/** What it takes to open the files that calendars name. */
export interface CalendarReading {
  /** The text of an .ics file by its path in the configuration; throws why there is none. Without it none is opened. */
  calendarFile?: ((path: string) => string) | undefined;
  /** From when on a night with a missing hour is warned of. Without it no night is. */
  now?: number | undefined;
}

const warnedYears = 2;
/** A file with an event in every missing hour is not helped by more than this. */
const mostWarnings = 10;

/** Reports on the configuration itself, and gives the reports on its .ics files. */
export function checkCalendars(root: MapNode, reporter: Reporter, reading: CalendarReading): Reporter[] {
  const calendars = childOf(root, 'calendars');
  return (calendars?.kind === 'map' ? calendars.entries : []).flatMap(({ key, keyRange, value }) =>
    value.kind === 'map' ? new CalendarCheck(key, keyRange, value, reporter, reading).run() : [],
  );
}

class CalendarCheck {
  private readonly name: string;
  private readonly nameRange: SourceRange;
  private readonly node: MapNode;
  private readonly reporter: Reporter;
  private readonly reading: CalendarReading;

  constructor(
    name: string,
    nameRange: SourceRange,
    node: MapNode,
    reporter: Reporter,
    reading: CalendarReading,
  ) {
    this.name = name;
    this.nameRange = nameRange;
    this.node = node;
    this.reporter = reporter;
    this.reading = reading;
  }

  run(): Reporter[] {
    const settings = jsonOf(this.node) as unknown as CalendarSettings;
    const { ics, rrule, windows, timezone } = settings;
    if (ics === undefined && rrule === undefined && windows === undefined)
      this.noTimes('it needs a `rrule`, an `ics` file or `windows`.');
    // An unknown zone is reported by itself; its rules are read as if it were UTC.
    const zone = (isTimezone(String(timezone)) && zoneNamed(timezone)) || zoneNamed('UTC');
    if (!zone) return [];
    const { series, problems } = readSettings(this.name, withLists(settings), zone);
    for (const problem of problems) this.report(problem);
    const at = childOf(this.node, 'start') ?? this.nameRange;
    for (const each of series) this.warn(each, this.reporter, at, this.name);
    this.warnOfWindows(zone);
    return ics === undefined ? [] : this.checkFile(String(ics), zone);
  }

  /** Single windows that are still to come. */
  private warnOfWindows(zone: Zone): void {
    const { now } = this.reading;
    const windows = childOf(this.node, 'windows');
    if (now === undefined || windows?.kind !== 'list') return;
    for (const item of windows.items) {
      const from = item.kind === 'map' ? childOf(item, 'from') : undefined;
      const local = localTimeOf(textOf(from) ?? '');
      if (!from || local === undefined || local % 86_400_000 === 0) continue;
      const at = instantOf(local, zone);
      if (at < now || localOf(at, zone) === local) continue;
      this.reportSkipped(this.reporter, from, { name: this.name, local, zone });
    }
  }

  private report({ kind, key, index, what }: SettingsProblem): void {
    const node = childOf(this.node, key);
    const item = node?.kind === 'list' && index !== undefined ? node.items[index] : undefined;
    if (kind === 'missing' || !node) this.noTimes(what);
    else if (key === 'rrule')
      this.reporter.report(codes.refusedRule, node, { name: this.name, rule: textOf(node) ?? '', why: what });
    else if (key === 'except')
      this.reporter.report(codes.badExcept, item ?? node, { value: textOf(item) ?? '' });
    else this.noTimes(what, item ?? node);
  }

  private noTimes(what: string, at: SourceRange = this.nameRange): void {
    this.reporter.report(configurationCodes.badCalendar, at, { name: this.name, what });
  }

  private checkFile(file: string, zone: Zone): Reporter[] {
    const { calendarFile } = this.reading;
    const node: Node = childOf(this.node, 'ics') ?? this.node;
    if (!calendarFile) return [];
    let text: string;
    try {
      text = calendarFile(file);
    } catch (error) {
      this.reporter.report(codes.noCalendarFile, node, { file, why: errorText(error) });
      return [];
    }
    const own = new Reporter(new SourceFile(besidePath(this.reporter.file.path, file), text));
    const { problems, series, lines } = readKept(text, zone, this.name);
    for (const { line, what } of problems)
      own.report(codes.badCalendarFile, lineRange(own.file, line), { calendar: this.name, what });
    for (const each of series)
      if (own.diagnostics.length < mostWarnings)
        this.warn(each, own, lineRange(own.file, lines.get(each) ?? 1), each.name);
    return [own];
  }

  /** Of the first night to come in which its hour is missing. */
  private warn({ rules, zone }: Series, reporter: Reporter, at: SourceRange, name: string): void {
    const { now } = this.reading;
    if (now === undefined) return;
    for (const rule of rules) {
      const [local] = skippedTimes(rule, zone, now, warnedYears);
      // A whole day that begins with the missing hour is a whole day all the same.
      if (local === undefined || local % 86_400_000 === 0) continue;
      this.reportSkipped(reporter, at, { name, local, zone });
    }
  }

  private reportSkipped(
    reporter: Reporter,
    at: SourceRange,
    { name, local, zone }: { name: string; local: number; zone: Zone },
  ): void {
    const opens = minuteText(localOf(instantOf(local, zone), zone)).slice(11);
    reporter.report(codes.skippedHour, at, { name, local: minuteText(local), opens, timezone: zone.name });
  }
}

/** The last files read: an editor asks for the same ones at every pause in typing. */
const kept = new Map<string, { text: string; zone: Zone; file: CalendarFile }>();
const mostKept = 20;

function readKept(text: string, zone: Zone, name: string): CalendarFile {
  const known = kept.get(name);
  if (known?.text === text && known.zone === zone) return known.file;
  const file = eventsOf(text, { own: zone, name });
  if (kept.size >= mostKept) kept.clear();
  kept.set(name, { text, zone, file });
  return file;
}

/** Whatever is no list is reported by the schema's own check. */
function withLists(settings: CalendarSettings): CalendarSettings {
  const { except, windows } = settings as { except?: unknown; windows?: unknown };
  return {
    ...settings,
    except: Array.isArray(except) ? except : [],
    windows: Array.isArray(windows) ? windows : [],
  };
}

/** A path beside the configuration, as diagnostics show it. */
export function besidePath(configuration: string, file: string): string {
  const folder = configuration.slice(0, configuration.lastIndexOf('/') + 1);
  return file.startsWith('/') ? file : `${folder}${file.replace(/^\.\//, '')}`;
}

function lineRange(file: SourceFile, line: number): SourceRange {
  return { start: file.lineStart(line), end: file.lineEnd(line) };
}
