/**
 * Which days a recurrence rule has, by rrule-temporal, in blocks of some weeks that are kept. Rules that step by one are the
 * same days whenever they begin, so that the hundreds of weekly events of a file are followed once.
 */
import { RRuleTemporal } from 'rrule-temporal';
import { errorText } from '../plan/error-text.ts';
import { type RecurrenceParts, RecurrenceProblem } from './recurrence-parts.ts';
import { dayMs } from './time-zones.ts';

const blockMs = 64 * dayMs;
const mostBlocks = 64;
const mostShared = 2_000;

export class RuleDays {
  private readonly rule: RRuleTemporal;
  private readonly blocks = new Map<number, number[]>();

  constructor(rule: string, from: number) {
    const begin = new Date(from).toISOString().slice(0, 10).replaceAll('-', '');
    try {
      this.rule = new RRuleTemporal({
        rruleString: `DTSTART:${begin}T000000Z\nRRULE:${rule}`,
        strict: true,
        cache: false,
      });
    } catch (error) {
      throw new RecurrenceProblem(errorText(error));
    }
  }

  /** The days, as local midnights, from `from` until before `to`. */
  *between(from: number, to: number): Generator<number> {
    for (let index = Math.floor(from / blockMs); index * blockMs < to; index += 1)
      for (const day of this.block(index)) if (day >= from && day < to) yield day;
  }

  private block(index: number): number[] {
    const known = this.blocks.get(index);
    if (known) return known;
    const found = this.rule
      .between(new Date(index * blockMs), new Date((index + 1) * blockMs - 1), true)
      .map((day) => day.epochMilliseconds);
    if (this.blocks.size >= mostBlocks) this.blocks.clear();
    this.blocks.set(index, found);
    return found;
  }
}

const shared = new Map<string, RuleDays>();

/** Of a rule whose first period begins then. */
export function ruleDays(parts: RecurrenceParts, periodStart: number): RuleDays {
  const text = ruleText(parts);
  // Whatever steps by one has no beginning of its own; who asks knows when it starts.
  const isShared = parts.interval === 1 && periodStart >= 0;
  if (!isShared) return new RuleDays(text, periodStart);
  const known = shared.get(text);
  if (known) return known;
  // The first of a year and of a month, and a day's and a week's like any other.
  const made = new RuleDays(text, 0);
  if (shared.size >= mostShared) shared.clear();
  shared.set(text, made);
  return made;
}

function ruleText(parts: RecurrenceParts): string {
  const lists = {
    BYMONTH: parts.byMonth,
    BYMONTHDAY: parts.byMonthDay,
    BYYEARDAY: parts.byYearDay,
    BYDAY: parts.byDay.map(({ ordinal = '', day }) => `${ordinal}${day}`),
  };
  return [
    `FREQ=${parts.freq}`,
    `INTERVAL=${parts.interval}`,
    `WKST=${parts.weekStart}`,
    ...Object.entries(lists)
      .filter(([, list]) => list.length > 0)
      .map(([key, list]) => `${key}=${[...new Set<string | number>(list)].join(',')}`),
  ].join(';');
}
