#!/usr/bin/env bash
# Temporal's schedules (server of the CLI 1.5.1, SDK 1.24.0) on cron lines that cron itself takes:
#   0 8 * * 1-7 never comes on Sundays;
#   0 9 1 * MON comes only where both days match, where cron takes either;
#   30 2 * * * in Europe/Berlin does not come in the night when clocks go forward, and in autumn the second time only, in
#     America/New_York (30 1 * * *) both times;
#   0 * * * * leaves out an hour of that night in Europe/Berlin;
#   */90 * * * * comes every hour, and 0 8 31 APR * is taken and never comes;
#   an interval that is longer than its phase leaves out its first time.
# Countersign therefore gives calendars instead, and the moments of such nights one by one. Fails when the behaviour changes.
# Builds the CLI with Go, which takes minutes the first time.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/temporalio/cli/cmd/temporal@v1.5.1
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent @temporalio/client@1.24.0
port=$((20000 + RANDOM % 20000))
./temporal server start-dev --headless --port "$port" --http-port $((port + 1)) --metrics-port $((port + 2)) --log-level never >/dev/null 2>&1 &
server=$!
cat > ask.mjs <<'JS'
import { Client, Connection } from '@temporalio/client';
const connect = async (tries = 60) => {
  try {
    return await Connection.connect({ address: process.argv[2] });
  } catch (error) {
    if (tries === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return connect(tries - 1);
  }
};
const connection = await connect();
const client = new Client({ connection });
let count = 0;
const times = async (spec, from, to) => {
  const scheduleId = `finding-${(count += 1)}`;
  const action = { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none', workflowId: scheduleId };
  const make = (tries = 30) =>
    client.schedule.create({ scheduleId, spec, action, state: { paused: true } }).catch(async (error) => {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return make(tries - 1);
    });
  await make();
  const at = (text) => ({ seconds: Date.parse(text) / 1000 });
  const range = { namespace: 'default', scheduleId, startTime: at(from), endTime: at(to) };
  const { startTime } = await client.workflowService.listScheduleMatchingTimes(range);
  return startTime.map(({ seconds }) => new Date(Number(seconds) * 1000).toISOString().slice(0, 16));
};
const cron = (line, timezone, from, to) => times({ cronExpressions: [line], timezone }, from, to);
console.log('1-7:', (await cron('0 8 * * 1-7', 'UTC', '2026-11-01T00:00Z', '2026-11-09T00:00Z')).join(' '));
console.log('1 * MON:', (await cron('0 9 1 * MON', 'UTC', '2026-01-01T00:00Z', '2026-07-01T00:00Z')).join(' '));
const spring = await cron('30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00Z', '2027-03-28T12:00Z');
console.log('Berlin, spring:', spring.join(' ') || 'none');
console.log('Berlin, autumn:', (await cron('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-25T12:00Z')).join(' '));
console.log('New York, autumn:', (await cron('30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', '2026-11-01T12:00Z')).join(' '));
const hourly = await cron('0 * * * *', 'Europe/Berlin', '2026-10-24T22:30Z', '2026-10-25T04:30Z');
console.log('Berlin, hourly:', hourly.map((each) => each.slice(11)).join(' '));
const ninety = await cron('*/90 * * * *', 'UTC', '2026-11-01T00:30Z', '2026-11-01T03:30Z');
console.log('*/90:', ninety.map((each) => each.slice(11)).join(' '));
console.log('31 APR:', (await cron('0 8 31 APR *', 'UTC', '2026-01-01T00:00Z', '2036-01-01T00:00Z')).join(' ') || 'none');
const day = 86_400_000;
const moment = Date.parse('2026-10-25T00:30Z');
for (const days of [36_525, 20_000]) {
  const intervals = [{ every: days * day, offset: moment % (days * day) }];
  const found = await times({ intervals }, '2026-10-24T00:00Z', '2026-10-26T00:00Z');
  console.log(`a moment by an interval of ${days} days:`, found.join(' ') || 'none');
}
await connection.close();
JS
cat > expected <<'TEXT'
1-7: 2026-11-02T08:00 2026-11-03T08:00 2026-11-04T08:00 2026-11-05T08:00 2026-11-06T08:00 2026-11-07T08:00
1 * MON: 2026-06-01T09:00
Berlin, spring: none
Berlin, autumn: 2026-10-25T01:30
New York, autumn: 2026-11-01T05:30 2026-11-01T06:30
Berlin, hourly: 23:00 00:00 02:00 03:00 04:00
*/90: 01:00 02:00 03:00
31 APR: none
a moment by an interval of 36525 days: none
a moment by an interval of 20000 days: 2026-10-25T00:30
TEXT
node ask.mjs "127.0.0.1:$port" | tee found
diff expected found
echo 'As stated above, with the server of Temporal CLI 1.5.1.'
