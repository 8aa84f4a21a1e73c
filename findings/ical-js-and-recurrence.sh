#!/usr/bin/env bash
# ical.js 2.2.1 on valid calendars:
#   FREQ=WEEKLY with BYSETPOS=-1 has every day of BYDAY, not the last of each week;
#   FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO from the Monday of that week has the Mondays after it, but not that one;
#   a TZID that the file does not define becomes a floating time, and nothing says so;
#   an EXDATE in UTC takes nothing out of a series in such a zone.
# Countersign therefore lets it read values alone, and nothing that recurs. Fails when the library's behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent ical.js@2.2.1
cat > ask.mjs <<'JS'
import ICAL from 'ical.js';
const event = (lines) => {
  const text = ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:a@example.com', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n');
  return new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent'));
};
const first = (lines, count) => {
  const times = event(lines).iterator();
  return Array.from({ length: count }, () => String(times.next()).slice(0, 10)).join(' ');
};
console.log('WEEKLY;BYSETPOS=-1:', first(['DTSTART:20260102T200000Z', 'RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'], 4));
console.log('YEARLY;BYWEEKNO=20:', first(['DTSTART:20260511T200000Z', 'RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO'], 4));
const zone = 'TZID=GMT Standard Time';
console.log('zone of an undefined TZID:', event([`DTSTART;${zone}:20260701T200000`]).startDate.zone.tzid);
const excluded = [`DTSTART;${zone}:20260701T200000`, 'RRULE:FREQ=DAILY;COUNT=3', 'EXDATE:20260702T190000Z'];
console.log('EXDATE in UTC:', first(excluded, 3));
JS
cat > expected <<'TEXT'
WEEKLY;BYSETPOS=-1: 2026-01-02 2026-01-05 2026-01-06 2026-01-07
YEARLY;BYWEEKNO=20: 2026-05-18 2026-05-25 2026-06-01 2026-06-08
zone of an undefined TZID: floating
EXDATE in UTC: 2026-07-01 2026-07-02 2026-07-03
TEXT
node ask.mjs | tee found
diff expected found
echo 'As stated above, with ical.js 2.2.1.'
