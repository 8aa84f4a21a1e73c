import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { nextTimes, readCron } from '../organisation/cron.ts';
import { zoneNamed } from '../organisation/time-zones.ts';
import { describeWith, testTemporal } from '../test/support/services.ts';
import { scheduleSpecOf } from './schedule-spec.ts';

const temporal = await testTemporal();
const day = 86_400_000;

describeWith(temporal)('A schedule on a real server', () => {
  let connection: Connection;
  let client: Client;
  let count = 0;

  /** What Temporal itself says that a line's schedule would do. */
  async function times(cron: string, timezone: string, from: number, to: number): Promise<string[]> {
    count += 1;
    const scheduleId = `spec-${process.pid}-${count}`;
    const handle = await client.schedule.create({
      scheduleId,
      spec: scheduleSpecOf({ cron, timezone }, from),
      action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none', workflowId: scheduleId },
      state: { paused: true },
    });
    const seconds = (at: number) => ({ seconds: at / 1000 }) as never;
    const { startTime } = await client.workflowService.listScheduleMatchingTimes({
      namespace: temporal?.namespace ?? '',
      scheduleId,
      startTime: seconds(from),
      endTime: seconds(to),
    });
    await handle.delete();
    return startTime.map((at) => minute(Number(at.seconds) * 1000));
  }

  function expected(cron: string, timezone: string, from: number, to: number): string[] {
    const line = readCron(cron);
    const zone = zoneNamed(timezone);
    if ('problem' in line || !zone) throw new Error(cron);
    return nextTimes(line, zone, from, 10_000)
      .filter((at) => at <= to)
      .map(minute);
  }

  beforeAll(async () => {
    connection = await Connection.connect({ address: temporal?.address ?? '' });
    client = new Client({ connection, namespace: temporal?.namespace ?? '' });
  }, 300_000);

  afterAll(() => connection.close());

  it.each([
    ['0 8 * * 1-7', 'Europe/Berlin'],
    ['0 9 1 * MON', 'Europe/Berlin'],
    ['30 2 * * *', 'Europe/Berlin'],
    ['30 2 * * SUN', 'Europe/Berlin'],
    ['30 1 1 * SUN', 'America/New_York'],
    ['15,45 0-3 * * *', 'America/New_York'],
    ['0 * * * *', 'Europe/Berlin'],
    ['0 * * * SUN', 'Europe/Berlin'],
    ['0 * * 10,11 *', 'Australia/Lord_Howe'],
    ['10 * * * *', 'Asia/Kathmandu'],
    ['30 0 * * *', 'Atlantic/Azores'],
    ['0 0 * * *', 'Africa/Cairo'],
    ['0 8 29 FEB *', 'UTC'],
    ['0 6 28 MAR *', 'Europe/Berlin'],
  ])(
    'comes when `%s` in %s says, over the nights when clocks change',
    async (cron, timezone) => {
      const now = Date.UTC(2026, 8, 1);
      // The server tells at most a thousand times.
      for (const [from, days] of [
        [now, 29],
        [Date.UTC(2026, 9, 20), 14],
        [Date.UTC(2027, 2, 1), 35],
        [Date.UTC(2027, 3, 1), 35],
        [Date.UTC(2030, 9, 20), 14],
      ] as const) {
        const to = from + days * day;
        expect(await times(cron, timezone, from, to)).toEqual(expected(cron, timezone, from, to));
      }
    },
    60_000,
  );
});

function minute(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}
