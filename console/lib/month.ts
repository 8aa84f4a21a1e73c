/** Days of a month or a week as a calendar shows them, in the zone of whoever looks. Days are `2026-01-31`. */

const dayMs = 86_400_000;

export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The first moment of a day; of `2026-01-31` by the clock here. */
export function startOf(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).getTime();
}

export function later(day: string, days: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return dayOf(new Date(year, month - 1, date + days).getTime());
}

export function laterMonth(day: string, months: number): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return dayOf(new Date(year, month - 1 + months, 1).getTime());
}

/** From the Monday on or before. */
export function mondayOf(day: string): string {
  const weekday = new Date(startOf(day) + dayMs / 2).getDay();
  return later(day, -((weekday + 6) % 7));
}

/** The days that are shown, whole weeks of a month; or seven of a week. */
export function daysShown(view: 'month' | 'week', day: string): string[] {
  const first = view === 'week' ? mondayOf(day) : mondayOf(`${day.slice(0, 7)}-01`);
  if (view === 'week') return Array.from({ length: 7 }, (_, index) => later(first, index));
  const days: string[] = [];
  for (let each = first; each.slice(0, 7) <= day.slice(0, 7) || days.length % 7 !== 0; each = later(each, 1))
    days.push(each);
  return days;
}

/** What overlaps a day. */
export function within<T extends { from: number; to: number }>(items: readonly T[], day: string): T[] {
  const [begin, end] = [startOf(day), startOf(later(day, 1))];
  return items.filter(({ from, to }) => from < end && to > begin);
}
