/** When a schedule comes next, and what becomes of it in the nights when clocks change. */
import { changedNights, nextTimes, readCron } from '../organisation/cron.ts';
import { minuteText } from '../organisation/local-time.ts';
import { instantOf, localOf, zoneNamed } from '../organisation/time-zones.ts';
import type { ScheduleTrigger } from '../plan/plan.ts';

const shownTimes = 5;
const yearMs = 366 * 86_400_000;
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** The next times, as instants. */
export function nextOf(
  { cron, timezone }: Pick<ScheduleTrigger, 'cron' | 'timezone'>,
  now: number,
): number[] {
  const line = readCron(cron);
  const zone = zoneNamed(timezone);
  return 'problem' in line || !zone ? [] : nextTimes(line, zone, now, shownTimes);
}

/** Lines for people: the next times, the either-or of its days, the coming year's two nights. */
export function scheduleText(trigger: Pick<ScheduleTrigger, 'cron' | 'timezone'>, now: number): string[] {
  const line = readCron(trigger.cron);
  const zone = zoneNamed(trigger.timezone);
  if ('problem' in line || !zone) return [];
  const next = nextOf(trigger, now).map((at) => {
    const local = localOf(at, zone);
    return `${weekdays[new Date(local).getUTCDay()]} ${minuteText(local).replace('T', ' ')}`;
  });
  const lines = [`next ${next.join(', ')}`];
  if (line.eitherDay) lines.push('on its days of the month and on its days of the week: either will do');
  for (const { kind, locals } of changedNights(line, zone, now, now + yearMs)) {
    const [local] = locals;
    if (local === undefined) continue;
    const [date, time] = minuteText(local).split('T');
    const opens = minuteText(localOf(instantOf(local, zone), zone)).slice(11);
    if (line.everyHour)
      lines.push(
        `on ${date} the clocks ${kind === 'skipped' ? 'skip an hour: it has no run in it' : 'show an hour twice: it runs in both'}`,
      );
    else if (kind === 'skipped') lines.push(`on ${date} the clocks skip ${time}: it runs at ${opens}`);
    else lines.push(`on ${date} the clocks show ${time} twice: it runs the first time`);
  }
  return lines;
}
