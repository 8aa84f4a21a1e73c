/** A VTIMEZONE of a calendar file (RFC 5545 3.6.5) as a source of offsets. Local times become instants as everywhere else. */
import { fileMoment, fileOffset } from './ical-values.ts';
import { type Component, firstProperty, propertiesOf } from './icalendar.ts';
import { readRecurrence } from './recurrence-parts.ts';
import { RecurrenceRule, startProblem } from './recurrence-rules.ts';
import { dayMs, utc, type Zone } from './time-zones.ts';

/** STANDARD or DAYLIGHT: when it begins, and which offset is in force from then on. */
interface Observance {
  offset: number;
  offsetBefore: number;
  /** Instants, in order. */
  single: number[];
  rules: RecurrenceRule[];
}

const yearMs = 366 * dayMs;
/** A rule that has ended is looked for as far back as this. */
const furthestYears = 500;

/** Throws what is wrong with it. */
export function zoneOfComponent(component: Component): Zone {
  const name = String(firstProperty(component, 'tzid')?.values[0] ?? '');
  const observances = component.inner
    .filter((inner) => inner.name === 'standard' || inner.name === 'daylight')
    .map(readObservance);
  if (observances.length === 0) throw new Error('it has neither STANDARD nor DAYLIGHT');
  return new FileZone(name, observances);
}

class FileZone implements Zone {
  readonly name: string;
  private readonly observances: readonly Observance[];
  private readonly firstOffset: number;
  /** Changes by year, in order. */
  private readonly kept = new Map<number, { at: number; offset: number }[]>();
  /** By year: the offset in force when it begins. */
  private readonly starts = new Map<number, number>();

  constructor(name: string, observances: readonly Observance[]) {
    this.name = name;
    this.observances = observances;
    const begun = observances
      .map((each) => ({ each, at: Math.min(...each.single) }))
      .sort((a, b) => a.at - b.at);
    this.firstOffset = begun[0]?.each.offsetBefore ?? 0;
  }

  offsetAt(instant: number): number {
    const year = Math.floor(instant / yearMs);
    const last = this.changesOf(year).findLast(({ at }) => at <= instant);
    return last?.offset ?? this.offsetAtStartOf(year);
  }

  private offsetAtStartOf(year: number): number {
    const known = this.starts.get(year);
    if (known !== undefined) return known;
    let offset = this.firstOffset;
    for (let back = 1; back <= furthestYears; back += 1) {
      const last = this.changesOf(year - back).at(-1);
      if (!last) continue;
      offset = last.offset;
      break;
    }
    this.starts.set(year, offset);
    return offset;
  }

  private changesOf(year: number): { at: number; offset: number }[] {
    const known = this.kept.get(year);
    if (known) return known;
    const from = year * yearMs;
    const changes = this.observances
      .flatMap((each) => onsetsBetween(each, from, from + yearMs).map((at) => ({ at, offset: each.offset })))
      .sort((a, b) => a.at - b.at);
    this.kept.set(year, changes);
    return changes;
  }
}

function onsetsBetween({ single, rules, offsetBefore }: Observance, from: number, to: number): number[] {
  const ruled = rules.flatMap((rule) =>
    rule.between(from + offsetBefore, to + offsetBefore).map((local) => local - offsetBefore),
  );
  return [...new Set([...single.filter((at) => at >= from && at < to), ...ruled])];
}

function readObservance(component: Component): Observance {
  const [offsetBefore, offset] = ['tzoffsetfrom', 'tzoffsetto'].map((name) =>
    fileOffset(valueIn(component, name)),
  ) as [number, number];
  // Onsets are local times by the offset before them.
  const before: Zone = { name: 'before', offsetAt: () => offsetBefore };
  const local = (value: unknown) => fileMoment(value, undefined, { own: utc, named: () => utc }).local;
  const begin = local(valueIn(component, 'dtstart'));
  const rules = propertiesOf(component, 'rrule').map(({ raw }) => {
    const rule = new RecurrenceRule(readRecurrence(raw), begin, before);
    const problem = startProblem(rule, begin, { zone: before, countsStart: true });
    if (problem) throw new Error(`its rule "${raw}" is refused: ${problem}`);
    return rule;
  });
  const more = propertiesOf(component, 'rdate').flatMap(({ values }) => values.map(local));
  const single = [begin, ...more].map((each) => each - offsetBefore).sort((a, b) => a - b);
  return { offset, offsetBefore, single, rules };
}

function valueIn(component: Component, name: string): unknown {
  const [value] = firstProperty(component, name)?.values ?? [];
  if (value === undefined)
    throw new Error(`its ${component.name.toUpperCase()} has no ${name.toUpperCase()}`);
  return value;
}
