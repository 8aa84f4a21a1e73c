/** Calendars of every kind that people write, a tenth of them wrong: rules, exceptions, moved events, revisions, whole days. */
import { instantOf, utc, type Zone, zoneNamed } from '../../organisation/time-zones.ts';

export const zones = [
  ...['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Auckland'],
  ...['Asia/Kathmandu', 'America/St_Johns'],
];
/** As Outlook names them. */
const windowsNames: Record<string, string> = {
  'Europe/Berlin': 'W. Europe Standard Time',
  'America/New_York': 'Eastern Standard Time',
  'Pacific/Auckland': 'New Zealand Standard Time',
  'Asia/Kathmandu': 'Nepal Standard Time',
  'America/St_Johns': 'Newfoundland Standard Time',
};

export interface Generated {
  zone: string;
  text: string;
  /** The same for recurring-ical-events, which takes UNTIL as a date for its first moment. */
  judged: string;
}

export class Generator {
  private readonly random: () => number;
  private zone = 'UTC';
  private form: 'zoned' | 'utc' | 'date' = 'zoned';
  private tzid = 'UTC';

  constructor(random: () => number) {
    this.random = random;
  }

  calendar(): Generated {
    this.zone = this.one(zones);
    const lines: string[] = [];
    const judged: string[] = [];
    const count = this.chance(0.3) ? 2 : 1;
    for (let index = 0; index < count; index += 1) {
      const event = this.event(`${index}@example.com`);
      lines.push(...event);
      judged.push(...event.map((line) => this.forJudge(line, event)));
    }
    const wrap = (own: string[]) =>
      ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example//Bench//EN', ...own, 'END:VCALENDAR', ''].join(
        '\r\n',
      );
    return { zone: this.zone, text: wrap(lines), judged: wrap(judged) };
  }

  private event(uid: string): string[] {
    this.form = this.one(['zoned', 'zoned', 'zoned', 'utc', 'date']);
    const windows = windowsNames[this.zone];
    this.tzid = windows !== undefined && this.chance(0.2) ? windows : this.zone;
    const start = this.start();
    const rule = this.chance(0.85) ? this.rule(start) : undefined;
    const near = Array.from({ length: 6 }, () => this.near(start));
    const body = [
      `UID:${uid}`,
      this.moment('DTSTART', start),
      ...this.ending(start),
      ...(rule ? [`RRULE:${rule}`] : []),
      ...(this.chance(0.15) ? [this.moment('RDATE', near[0] ?? start)] : []),
      ...(this.chance(0.25) ? near.slice(1, 4).map((at) => this.exception('EXDATE', at)) : []),
    ];
    const events = [this.component([...body, 'SEQUENCE:1'])];
    if (this.chance(0.1))
      events.push(
        this.component([
          `UID:${uid}`,
          this.moment('DTSTART', start + 3_600_000),
          'SEQUENCE:0',
          'DURATION:P1D',
        ]),
      );
    if (this.chance(0.2)) {
      const at = near[4] ?? start;
      const moved = this.form === 'date' ? at + 86_400_000 : at + 5_400_000;
      const cancelled = this.chance(0.3) ? ['STATUS:CANCELLED'] : [];
      const id = this.exception('RECURRENCE-ID', at).replace(
        ';VALUE=DATE',
        this.form === 'date' ? ';VALUE=DATE' : '',
      );
      events.push(
        this.component([
          `UID:${uid}`,
          id,
          this.moment('DTSTART', moved),
          ...this.ending(moved),
          'SEQUENCE:1',
          ...cancelled,
        ]),
      );
    }
    if (this.chance(0.5)) events.reverse();
    return events.flat();
  }

  private component(lines: string[]): string[] {
    return ['BEGIN:VEVENT', 'DTSTAMP:20260101T000000Z', ...lines, 'END:VEVENT'];
  }

  /** Often in the night, where clocks change. */
  private start(): number {
    const year = this.chance(0.2) ? this.between(1990, 2024) : this.between(2025, 2027);
    const day = Date.UTC(year, this.between(0, 11), this.between(1, 31));
    if (this.form === 'date') return day;
    const hour = this.chance(0.6) ? this.between(0, 4) : this.between(5, 23);
    return day + (hour * 60 + this.one([0, 0, 30, 15])) * 60_000;
  }

  private ending(start: number): string[] {
    if (this.form === 'date') {
      const days = this.one([0, 1, 1, 2, 14]);
      return this.chance(0.2) ? [] : [this.moment('DTEND', start + days * 86_400_000)];
    }
    if (this.chance(0.5)) return [`DURATION:${this.one(['PT1H', 'PT6H', 'PT90M', 'P1D', 'P1DT2H'])}`];
    return [this.moment('DTEND', start + this.one([1, 2, 6, 30]) * 3_600_000)];
  }

  private rule(start: number): string {
    const freq = this.one(['DAILY', 'WEEKLY', 'WEEKLY', 'MONTHLY', 'MONTHLY', 'YEARLY']);
    const parts = [`FREQ=${freq}`];
    if (this.chance(0.35)) parts.push(`INTERVAL=${this.between(1, 4)}`);
    if (this.chance(0.25)) parts.push(`BYMONTH=${this.list(1, 12)}`);
    if (this.chance(0.5)) parts.push(`BYDAY=${this.days(freq)}`);
    if (freq !== 'WEEKLY' && this.chance(0.25)) parts.push(`BYMONTHDAY=${this.signedList(31)}`);
    if (freq === 'YEARLY' && this.chance(0.1)) parts.push(`BYYEARDAY=${this.signedList(366)}`);
    if (freq === 'YEARLY' && this.chance(0.04)) parts.push(`BYWEEKNO=${this.between(1, 53)}`);
    if (this.form !== 'date' && this.chance(0.1)) parts.push(`BYHOUR=${this.list(0, 23)}`);
    if (this.form !== 'date' && this.chance(0.05)) parts.push(`BYMINUTE=${this.list(0, 59)}`);
    if (parts.some((part) => part.startsWith('BYDAY')) && this.chance(0.25))
      parts.push(`BYSETPOS=${this.one(['-1', '1', '2', '1,-1', '-2'])}`);
    if (this.chance(0.15)) parts.push(`WKST=${this.one(['SU', 'MO', 'SA'])}`);
    if (this.chance(0.2)) parts.push(`COUNT=${this.between(1, 60)}`);
    else if (this.chance(0.25)) parts.push(`UNTIL=${this.until(start)}`);
    if (this.chance(0.03)) parts.push(this.one(['BYMONTHDAY=32', 'INTERVAL=0', 'BYEASTER=1', 'COUNT=0']));
    return parts.join(';');
  }

  private days(freq: string): string {
    const names = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    const few = names.filter(() => this.chance(0.35));
    const days = few.length > 0 ? few : [this.one(names)];
    if (freq === 'DAILY' || freq === 'WEEKLY' || this.chance(0.5)) return days.join(',');
    return days.map((day) => `${this.one([1, 2, 3, 4, 5, -1, -2])}${day}`).join(',');
  }

  private until(start: number): string {
    const end = start + this.between(1, 900) * 86_400_000;
    if (this.form === 'date' || this.chance(0.4)) return stamp(end).slice(0, 8);
    return `${stamp(this.instant(end))}Z`;
  }

  /** An occurrence, if one is lucky: the same time of day, on one of the next days or weeks. */
  private near(start: number): number {
    const base = Math.max(start, Date.UTC(2026, 0, 1) + (start % 86_400_000));
    return base + this.one([0, 1, 7, 14, 28, this.between(1, 400)]) * 86_400_000;
  }

  private moment(name: string, local: number): string {
    if (this.form === 'date') return `${name};VALUE=DATE:${stamp(local).slice(0, 8)}`;
    return this.form === 'utc' ? `${name}:${stamp(local)}Z` : `${name};TZID=${this.tzid}:${stamp(local)}`;
  }

  /** An exception is often written in another form than its series. */
  private exception(name: string, local: number): string {
    if (this.form !== 'zoned' || this.chance(0.5)) return this.moment(name, local);
    return `${name}:${stamp(this.instant(local))}Z`;
  }

  private instant(local: number): number {
    return this.form === 'zoned' ? instantOf(local, this.own()) : local;
  }

  private own(): Zone {
    return zoneNamed(this.zone) ?? utc;
  }

  private forJudge(line: string, event: readonly string[]): string {
    const day = /^RRULE:.*UNTIL=(\d{8})(?!T)/.exec(line)?.[1];
    if (day === undefined || event.some((each) => each.startsWith('DTSTART;VALUE=DATE'))) return line;
    const end =
      Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6))) + 86_399_000;
    const inUtc = event.some((each) => /^DTSTART:.*Z$/.test(each));
    return line.replace(/UNTIL=\d{8}/, `UNTIL=${stamp(inUtc ? end : instantOf(end, this.own()))}Z`);
  }

  private list(from: number, to: number): string {
    const count = this.between(1, 3);
    return [...new Set(Array.from({ length: count }, () => this.between(from, to)))].join(',');
  }

  private signedList(to: number): string {
    const count = this.between(1, 3);
    const value = () => (this.chance(0.25) ? -1 : 1) * this.between(1, to);
    return [...new Set(Array.from({ length: count }, value))].join(',');
  }

  private one<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)] as T;
  }

  private between(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }
}

function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '');
}
