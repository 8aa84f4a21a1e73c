#!/usr/bin/env bash
# recurring-ical-events 3.8.2 (with icalendar 7.3.2 and python-dateutil 2.9.0) on valid calendars:
#   UNTIL as a date in a series in a time zone ends at that day's first moment in UTC, so that the day itself is missing;
#   the end of an occurrence is the clock's time plus the length, so that six hours are five or seven of them in a night when
#     clocks change, where RFC 5545 3.3.6 and 3.8.5.3 have exact hours;
#   an EXDATE in local time also takes out an occurrence whose time in UTC reads the same;
#   STATUS:CANCELLED is left to whoever asks.
# And python-dateutil 2.9.0: BYSETPOS with WEEKLY counts, in the first week, only the days from the start on.
# Countersign takes in the whole day, counts exact hours, and refuses the last. Fails when the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check recurring-ical-events==3.8.2 icalendar==7.3.2 python-dateutil==2.9.0.post0 tzdata
cat > ask.py <<'PY'
import datetime as dt

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr


def found(*lines):
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", "BEGIN:VEVENT", "UID:a@example.com",
                        "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", "END:VCALENDAR", ""])
    return sorted(
        recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between((2026, 1, 1), (2027, 1, 1)),
        key=lambda event: event["DTSTART"].dt,
    )


zone = "TZID=Europe/Berlin"
days = found(f"DTSTART;{zone}:20260105T120000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20260107")
print("UNTIL=20260107:", *[event["DTSTART"].dt.day for event in days])
night = found(f"DTSTART;{zone}:20261017T230000", f"DTEND;{zone}:20261018T050000", "RRULE:FREQ=WEEKLY;COUNT=2")
for event in night:
    start, end = (event[name].dt.astimezone(dt.timezone.utc) for name in ("DTSTART", "DTEND"))
    print(f"six hours from {event['DTSTART'].dt:%Y-%m-%d}:", end - start)
two = found(f"DTSTART;{zone}:20261113T023000", "DURATION:PT1H", f"RDATE;{zone}:20261113T033000", f"EXDATE;{zone}:20261113T023000")
print("EXDATE of 02:30, left of 02:30 and 03:30:", *[f"{event['DTSTART'].dt:%H:%M}" for event in two] or ["none"])
print("STATUS:CANCELLED:", len(found("DTSTART:20260105T120000Z", "DURATION:PT1H", "STATUS:CANCELLED")), "event")
rule = rrulestr("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2", dtstart=dt.datetime(2026, 1, 6))
print("WEEKLY;BYSETPOS=2 from a Tuesday:", *[f"{each:%m-%d}" for each in (rule[0], rule[1])])
PY
cat > expected <<'TEXT'
UNTIL=20260107: 5 6
six hours from 2026-10-17: 6:00:00
six hours from 2026-10-24: 7:00:00
EXDATE of 02:30, left of 02:30 and 03:30: none
STATUS:CANCELLED: 1 event
WEEKLY;BYSETPOS=2 from a Tuesday: 01-07 01-13
TEXT
python/bin/python ask.py | tee found
diff expected found
echo 'As stated above, with recurring-ical-events 3.8.2 and python-dateutil 2.9.0.'
