#!/usr/bin/env bash
# rrule-temporal 2.2.8 on rules that RFC 5545 allows, or that its option `strict` should refuse:
#   in a time zone it leaves out an occurrence whose local time the clocks skip (RFC 5545 3.3.10), where 3.3.5 gives it the
#     offset before the gap; python-dateutil with zoneinfo gives the latter;
#   of a double hour it has the first, as 3.3.5 says;
#   `strict: true` takes BYMONTHDAY=32 and COUNT=0, which 3.3.10 forbids.
# Countersign therefore follows days only, as if local time were UTC, refuses values by itself, and turns local times into
# instants in one place. Fails when the library's behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent rrule-temporal@2.2.8
cat > ask.mjs <<'JS'
import { RRuleTemporal } from 'rrule-temporal';
const ask = (what, start, rule, from, to) => {
  try {
    const found = new RRuleTemporal({ rruleString: `DTSTART${start}\nRRULE:${rule}`, strict: true })
      .between(new Date(from), new Date(to), true)
      .map((each) => new Date(each.epochMilliseconds).toISOString().slice(0, 16));
    console.log(`${what}: ${found.join(' ') || 'none'}`);
  } catch (error) {
    console.log(`${what}: refused`);
  }
};
const berlin = ';TZID=Europe/Berlin:20260101T023000';
ask('gap', berlin, 'FREQ=DAILY', '2026-03-28T00:00Z', '2026-03-30T12:00Z');
ask('double hour', berlin, 'FREQ=DAILY', '2026-10-24T12:00Z', '2026-10-25T12:00Z');
ask('BYMONTHDAY=32', ':20260131T000000Z', 'FREQ=MONTHLY;BYMONTHDAY=32', '2026-01-01T00:00Z', '2026-04-01T00:00Z');
ask('COUNT=0', ':20260131T000000Z', 'FREQ=DAILY;COUNT=0', '2026-01-01T00:00Z', '2026-04-01T00:00Z');
JS
cat > expected <<'TEXT'
gap: 2026-03-28T01:30 2026-03-30T00:30
double hour: 2026-10-25T00:30
BYMONTHDAY=32: 2026-01-31T00:00 2026-03-31T00:00
COUNT=0: none
TEXT
node ask.mjs | tee found
diff expected found
echo 'As stated above, with rrule-temporal 2.2.8.'
