/** Civil dates as text, `2026-01-31`: no time zone and no `Date`. Days are counted from 1970-01-01. */

const datePattern = /^(\d{4})-(\d\d)-(\d\d)(?:T.*)?$/;
const weekdays = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

interface CivilDate {
  year: number;
  month: number;
  day: number;
}

/** Throws with what is wrong when the text is no date. A time counts by the date it begins with. */
function parse(text: string): CivilDate {
  const match = datePattern.exec(text);
  const date = { year: Number(match?.[1]), month: Number(match?.[2]), day: Number(match?.[3]) };
  const isReal =
    match &&
    date.month >= 1 &&
    date.month <= 12 &&
    date.day >= 1 &&
    date.day <= daysIn(date.year, date.month);
  if (!isReal) throw new Error(`"${text}" is no date; dates are written like 2026-01-31`);
  return date;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Howard Hinnant's days_from_civil: exact for every year of the Gregorian calendar. */
function toDays({ year, month, day }: CivilDate): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}

function fromDays(days: number): CivilDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

function write({ year, month, day }: CivilDate): string {
  if (year < 0 || year > 9999) throw new Error('the date is outside the years 0000 to 9999');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

export function addDays(date: string, days: number): string {
  return write(fromDays(toDays(parse(date)) + days));
}

/** Days from Monday to Friday. From a day of a weekend the first one counts from the nearest working day on the way. */
export function addBusinessDays(date: string, count: number): string {
  // A week has five of them, so whole weeks need no walking.
  const weeks = Math.trunc(count / 5);
  let days = toDays(parse(date)) + weeks * 7;
  const step = count < 0 ? -1 : 1;
  for (let left = Math.abs(count % 5); left > 0; ) {
    days += step;
    if (isWorkday(days)) left -= 1;
  }
  // Whole weeks from a weekend end on one.
  while (count !== 0 && !isWorkday(days)) days -= step;
  return write(fromDays(days));
}

function isWorkday(days: number): boolean {
  const name = weekdays[((days % 7) + 7) % 7];
  return name !== 'Saturday' && name !== 'Sunday';
}

export function addMonths(date: string, count: number): string {
  const { year, month, day } = parse(date);
  const index = year * 12 + month - 1 + count;
  const target = { year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1 };
  return write({ ...target, day: Math.min(day, daysIn(target.year, target.month)) });
}

export function daysBetween(from: string, to: string): number {
  return toDays(parse(to)) - toDays(parse(from));
}

const timePattern =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)$/;

export function hoursBetween(from: string, to: string): number {
  return (seconds(to) - seconds(from)) / 3600;
}

/** Since 1970-01-01 in UTC. A time without a zone is nobody's, and refused. */
function seconds(text: string): number {
  const [, date = '', hours, minutes, rest = '0', zone = ''] = timePattern.exec(text) ?? [];
  if (date === '') throw new Error(`"${text}" is no time; times are written like 2026-01-31T09:00:00Z`);
  const local = toDays(parse(date)) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
  if (zone === 'Z') return local;
  const ahead = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60;
  return zone.startsWith('-') ? local + ahead : local - ahead;
}

export function datePart(time: string): string {
  return write(parse(time));
}

export function weekday(date: string): string {
  const index = ((toDays(parse(date)) % 7) + 7) % 7;
  return weekdays[index] ?? '';
}

export function formatDate(date: string, form: string): string {
  const { year, month, day } = parse(date);
  return form.replace(/YYYY|MMMM|MM|M|DD|D|dddd/g, (part) => {
    switch (part) {
      case 'YYYY':
        return pad(year, 4);
      case 'MMMM':
        return months[month - 1] ?? '';
      case 'MM':
        return pad(month, 2);
      case 'M':
        return String(month);
      case 'DD':
        return pad(day, 2);
      case 'D':
        return String(day);
      default:
        return weekday(date);
    }
  });
}

export function isDate(text: string): boolean {
  try {
    parse(text);
    return !text.includes('T');
  } catch {
    return false;
  }
}
