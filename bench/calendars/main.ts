/**
 * Our reading of calendars against python-dateutil and recurring-ical-events, and how long a lookup takes. Needs python3; its
 * packages are installed once, into a folder of their own.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Calendars } from '../../organisation/calendars.ts';
import { eventsOf } from '../../organisation/events.ts';
import { instantOf, localOf, utc, type Zone, zoneNamed } from '../../organisation/time-zones.ts';
import { Timetable } from '../../organisation/timetable.ts';
import { randomOf } from '../random.ts';
import { median, report } from '../report.ts';
import { type Generated, Generator } from './generate.ts';

const wanted = Number(process.env.BENCH_CALENDARS ?? 5_000);
const seed = Number(process.env.BENCH_SEED ?? 1);
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const packages = [
  'python-dateutil==2.9.0.post0',
  'recurring-ical-events==3.8.2',
  'icalendar==7.3.2',
  'tzdata==2026.6',
];
const from = Date.UTC(2026, 0, 1);
const until = Date.UTC(2029, 0, 1);

type Times = [number, number][];
interface Verdict {
  dateutil: Times | { error: string };
  events: Times | { error: string };
}

const cases: (Generated & { ours: Times })[] = [];
let refused = 0;
const reasons = new Map<string, number>();
const generator = new Generator(randomOf(seed));
for (let index = 0; index < wanted; index += 1) {
  const generated = generator.calendar();
  const { series, problems } = eventsOf(generated.text, { own: zoneNamed(generated.zone) ?? utc, name: 'x' });
  if (problems.length > 0) {
    refused += 1;
    const reason = (problems[0]?.what ?? '').replace(/^[A-Z-]+ ".*?": /, '').replace(/[\d-]+|".*"/g, '…');
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    continue;
  }
  const ours = new Timetable(series)
    .between(from, until)
    .map(({ from: begin, to }): [number, number] => [begin, to]);
  cases.push({ ...generated, ours });
}

const verdicts = await judge(cases);
let differences = 0;
let overNights = 0;
let undecided = 0;
let mistaken = 0;
for (const [index, each] of cases.entries()) {
  const verdict = verdicts[index];
  if (!verdict) throw new Error('A verdict is missing.');
  const own = unique(each.ours);
  const found: string[] = [];
  if ('error' in verdict.dateutil) found.push(`python-dateutil: ${verdict.dateutil.error}`);
  else found.push(...difference('python-dateutil', own, verdict.dateutil));
  if ('error' in verdict.events) undecided += 1;
  else {
    const { ends, rest } = endsOverNights(own, verdict.events, each);
    overNights += ends;
    const { taken, others } = takenForAnother(own, rest, each);
    mistaken += taken;
    found.push(...difference('recurring-ical-events', others, rest));
  }
  if (found.length === 0) continue;
  differences += 1;
  if (differences <= 5) console.log(`${found.join('\n')}\n${each.text}`);
}
console.log(
  `${wanted} calendars in 6 zones: ${cases.length} compared over three years, ${refused} refused at validate.`,
);
for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 12))
  console.log(`  ${String(count).padStart(5)} ${reason}`);
console.log(
  `recurring-ical-events could not read ${undecided}; ${overNights} ends it sets by the clock in a night when clocks change, not by exact hours (RFC 5545 3.3.6).`,
);
console.log(
  `It leaves out ${mistaken} whose time in UTC reads like the local time of an exception, or the other way round.`,
);

const lookup = lookupTimes();
console.log(`The slowest of 500 lookups took ${lookup.slowest.toFixed(1)} ms.`);
report('calendars', [
  {
    what: 'differences that are not refused at validate',
    value: differences,
    unit: '',
    limit: 0,
    limitIs: 'at most',
  },
  { what: 'calendars compared', value: cases.length, unit: '', limit: wanted / 2, limitIs: 'at least' },
  {
    what: 'reading an .ics of 2,000 events',
    value: lookup.reading,
    unit: 'ms',
    limit: 2_000,
    limitIs: 'at most',
  },
  {
    what: 'a lookup in it, once read',
    value: lookup.usual,
    unit: 'ms',
    limit: 5,
    limitIs: 'at most',
  },
]);

function difference(judge: string, ours: readonly string[], theirs: Times): string[] {
  const own = new Set(ours);
  const other = new Set(unique(theirs));
  const only = (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
    [...a].filter((each) => !b.has(each)).slice(0, 3);
  const [more, less] = [only(own, other), only(other, own)];
  if (more.length + less.length === 0) return [];
  return [
    `${judge} has ${less.map(readable).join(' ') || 'nothing more'}; we have ${more.map(readable).join(' ') || 'nothing more'}`,
  ];
}

/**
 * Ends that differ from ours by as much as the clocks change in between: the judge adds to the time that the clock shows.
 * They are taken for ours, and counted.
 */
function endsOverNights(
  ours: readonly string[],
  theirs: Times,
  { zone: name, text }: Generated,
): { ends: number; rest: Times } {
  const zone = zoneNamed(name) ?? utc;
  const written = writtenOverNights(text, zone);
  const byStart = new Map<number, number[]>();
  for (const each of ours) {
    const [begin = 0, end = 0] = each.split('/').map(Number);
    byStart.set(begin, [...(byStart.get(begin) ?? []), end]);
  }
  let ends = 0;
  const all = theirs.map(([begin, end]): [number, number] => {
    const own = byStart.get(begin) ?? [];
    if (own.includes(end)) return [begin, end];
    const day = 86_400_000;
    const changes = zone.offsetAt(Math.min(begin, end) - day) - zone.offsetAt(end + day);
    const near = own.find((each) => {
      const apart = Math.abs(each - end);
      const own = Math.abs(changes);
      return apart === own || written.has(apart) || written.has(Math.abs(apart - own));
    });
    if (near === undefined) return [begin, end];
    ends += 1;
    return [begin, near];
  });
  return { ends, rest: all.filter(([begin, end]) => end > begin) };
}

/** By how much the clocks change between a DTSTART and its DTEND: its exact length is then that of the whole series. */
function writtenOverNights(text: string, zone: Zone): Set<number> {
  const pairs = text.matchAll(/DTSTART;TZID=[^:]*:(\w+)\r\nDTEND;TZID=[^:]*:(\w+)/g);
  const changes = [...pairs].map(([, begin = '', end = '']) => {
    const [first, last] = [begin, end].map((stamp) => instantOf(localOfStamp(stamp), zone));
    return Math.abs(zone.offsetAt(first ?? 0) - zone.offsetAt(last ?? 0));
  });
  return new Set(changes.filter((change) => change !== 0));
}

function localOfStamp(stamp: string): number {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(stamp) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
}

/**
 * What we have and the judge has not, since it compares exceptions both in UTC and in local time, without saying which is
 * which (findings/recurring-ical-events.sh).
 */
function takenForAnother(ours: readonly string[], theirs: Times, { text, zone: name }: Generated) {
  const zone = zoneNamed(name) ?? utc;
  const known = new Set(theirs.map(([begin]) => begin));
  const others = ours.filter((each) => {
    const begin = Number(each.split('/')[0]);
    const exceptions = [inUtc(begin), inUtc(localOf(begin, zone))].map(
      (stamp) => new RegExp(`(EXDATE|RECURRENCE-ID)[^:\\r\\n]*:${stamp}`),
    );
    return known.has(begin) || !exceptions.some((exception) => exception.test(text));
  });
  return { taken: ours.length - others.length, others };
}

function inUtc(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '');
}

function unique(times: Times): string[] {
  return [...new Set(times.map(([begin, end]) => `${begin}/${end}`))];
}

function readable(text: string): string {
  return text
    .split('/')
    .map((at) => new Date(Number(at)).toISOString().slice(0, 16))
    .join('/');
}

async function judge(all: readonly Generated[]): Promise<Verdict[]> {
  const child = spawn(python(), [join(root, 'bench', 'calendars', 'judge.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const found: Verdict[] = [];
  const lines = createInterface({ input: child.stdout });
  const done = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => found.push(JSON.parse(line) as Verdict));
    lines.on('close', () => resolve());
    child.on('error', reject);
  });
  for (const { zone, text, judged } of all)
    child.stdin.write(`${JSON.stringify({ zone, text, judged, from, until })}\n`);
  child.stdin.end();
  await done;
  return found;
}

/** A python with the judges in it. */
function python(): string {
  const folder = join(tmpdir(), 'countersign-bench-calendars');
  const own = join(folder, 'bin', 'python3');
  const hasAll = () => {
    try {
      execFileSync(own, ['-c', 'import dateutil, icalendar, recurring_ical_events, tzdata'], {
        stdio: 'ignore',
      });
      return true;
    } catch {
      return false;
    }
  };
  if (existsSync(own) && hasAll()) return own;
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  } catch {
    console.error('This bench needs python3 with venv: the judges are written in Python.');
    process.exit(3);
  }
  execFileSync(own, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
    stdio: 'inherit',
  });
  return own;
}

function lookupTimes(): { reading: number; usual: number; slowest: number } {
  const text = [
    'BEGIN:VCALENDAR',
    ...Array.from({ length: 2_000 }, (_, index) => {
      const day = new Date(Date.UTC(2015, 0, 1 + ((index * 7) % 3_650)))
        .toISOString()
        .slice(0, 10)
        .replaceAll('-', '');
      const rule = ['FREQ=WEEKLY', 'FREQ=DAILY', 'FREQ=MONTHLY;BYDAY=-1FR', 'FREQ=YEARLY'][index % 4];
      return `BEGIN:VEVENT\r\nUID:${index}@example.com\r\nSUMMARY:Event ${index}\r\nDTSTART;TZID=Europe/Berlin:${day}T${String(index % 24).padStart(2, '0')}0000\r\nDURATION:PT30M\r\nRRULE:${rule}\r\nEND:VEVENT`;
    }),
    'END:VCALENDAR',
  ].join('\r\n');
  const calendars = new Calendars({
    calendars: { office: { timezone: 'Europe/Berlin', ics: 'office.ics' } },
    timezone: 'Europe/Berlin',
    read: () => text,
  });
  const now = Date.UTC(2026, 9, 1);
  // In the processor's time: this is done once, and what else the machine does is no part of it.
  const began = process.cpuUsage();
  calendars.check(now);
  const { user, system } = process.cpuUsage(began);
  const reading = (user + system) / 1000;
  const random = randomOf(7);
  const times = Array.from({ length: 500 }, () => {
    const at = now + Math.floor(random() * 30 * 86_400_000);
    const start = performance.now();
    calendars.window({ calendar: 'office', freeze: [], needsMs: 0, now: at });
    calendars.occurrences('office', at, at + 86_400_000);
    return performance.now() - start;
  });
  return { reading, usual: median(times), slowest: Math.max(...times) };
}
