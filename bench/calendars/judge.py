"""Two judges of a calendar: python-dateutil with the rest of RFC 5545 written out here, and recurring-ical-events.

Reads one JSON object a line: {zone, text, judged, from, until}; writes {dateutil, events}, each a sorted list of
[from, to] in milliseconds since 1970, or {"error": why}. Local times become instants by RFC 5545 3.3.5: fold=0 of
zoneinfo is the offset before a gap, and the first of a double hour.
"""

import datetime as dt
import json
import re
import sys
import warnings
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr

warnings.filterwarnings("ignore")
UTC = dt.timezone.utc
WINDOWS = {
    "W. Europe Standard Time": "Europe/Berlin",
    "Eastern Standard Time": "America/New_York",
    "New Zealand Standard Time": "Pacific/Auckland",
    "Nepal Standard Time": "Asia/Kathmandu",
    "Newfoundland Standard Time": "America/St_Johns",
}


def milliseconds(moment):
    return round(moment.timestamp() * 1000)


class Moment:
    """A property's time: a date, or a local time in a zone."""

    def __init__(self, line, own):
        head, value = line.split(":", 1)
        zone = re.search(r";TZID=([^;:]+)", head)
        self.is_date = "VALUE=DATE" in head
        if self.is_date:
            self.local, self.zone = dt.datetime.strptime(value, "%Y%m%d"), own
        elif value.endswith("Z"):
            self.local, self.zone = dt.datetime.strptime(value, "%Y%m%dT%H%M%SZ"), UTC
        else:
            self.local = dt.datetime.strptime(value, "%Y%m%dT%H%M%S")
            self.zone = ZoneInfo(WINDOWS.get(zone.group(1), zone.group(1)))

    def instant(self):
        return milliseconds(self.local.replace(tzinfo=self.zone))


def length_of(lines, start):
    """(days, milliseconds)"""
    if "DTEND" in lines:
        end = Moment(lines["DTEND"][0], start.zone)
        if start.is_date:
            return max(1, (end.local - start.local).days), 0
        return 0, end.instant() - start.instant()
    if "DURATION" in lines:
        text = lines["DURATION"][0].split(":", 1)[1]
        days, hours, minutes = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", text).groups("0")
        return int(days), (int(hours) * 60 + int(minutes)) * 60_000
    return (1, 0) if start.is_date else (0, 0)


def end_of(local, zone, length):
    days, ms = length
    return milliseconds((local + dt.timedelta(days=days)).replace(tzinfo=zone)) + ms if days else milliseconds(
        local.replace(tzinfo=zone)
    ) + ms


def locals_of(rule, start, until_ms):
    """The rule's local times, with UNTIL compared as an instant."""
    last = re.search(r"UNTIL=(\d{8})(T\d{6}Z)?", rule)
    plain = re.sub(r";UNTIL=[^;]+", "", rule)
    horizon = dt.datetime.fromtimestamp(until_ms / 1000, UTC).replace(tzinfo=None) + dt.timedelta(days=2)
    for local in rrulestr(plain, dtstart=start.local):
        if local > horizon:
            return
        if last and last.group(2):
            end = dt.datetime.strptime(last.group(0)[6:], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            if milliseconds(local.replace(tzinfo=start.zone)) > milliseconds(end):
                return
        elif last and local.date() > dt.datetime.strptime(last.group(1), "%Y%m%d").date():
            return
        yield local


def by_dateutil(text, own, since, until):
    events = {}
    for body in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text, re.S):
        lines = {}
        for line in body.strip().split("\r\n"):
            lines.setdefault(re.match(r"[A-Z-]+", line).group(0), []).append(line)
        events.setdefault(lines["UID"][0], []).append(lines)
    found = set()
    for revisions in events.values():
        masters = [each for each in revisions if "RECURRENCE-ID" not in each]
        master = max(masters, key=lambda each: int(each["SEQUENCE"][0].split(":")[1]))
        start = Moment(master["DTSTART"][0], own)
        length = length_of(master, start)
        excluded = {Moment(line, own).instant() for line in master.get("EXDATE", [])}
        times = {start.local, *(Moment(line, own).local for line in master.get("RDATE", []))}
        for line in master.get("RRULE", []):
            times.update(locals_of(line.split(":", 1)[1], start, until))
        moved = {}
        for each in revisions:
            if "RECURRENCE-ID" in each:
                moved[Moment(each["RECURRENCE-ID"][0], own).instant()] = each
        for local in times:
            at = milliseconds(local.replace(tzinfo=start.zone))
            if at not in excluded and at not in moved:
                found.add((at, end_of(local, start.zone, length)))
        for at, each in moved.items():
            if at in excluded or "STATUS" in each:
                continue
            own_start = Moment(each["DTSTART"][0], own)
            found.add((own_start.instant(), end_of(own_start.local, own_start.zone, length_of(each, own_start))))
    return within(found, since, until)


def by_events(text, own, since, until):
    calendar = icalendar.Calendar.from_ical(text)
    begin, end = (dt.datetime.fromtimestamp(at / 1000, UTC) for at in (since, until))
    found = set()
    for event in recurring_ical_events.of(calendar, skip_bad_series=False).between(
        begin - dt.timedelta(days=40), end + dt.timedelta(days=2)
    ):
        if event.get("STATUS") == "CANCELLED":
            continue
        start, stop = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
        if not isinstance(start, dt.datetime):
            # A day lasts a day (RFC 5545 3.6.1).
            if stop is None or stop <= start:
                stop = start + dt.timedelta(days=1)
            start, stop = (dt.datetime(each.year, each.month, each.day, tzinfo=own) for each in (start, stop))
        found.add((milliseconds(start), milliseconds(stop if stop is not None else start)))
    # An hour by the clock may be no time at all in a night when clocks go forward: who compares knows.
    return within(found, since, until, shortest=-2 * 3_600_000)


def within(found, since, until, shortest=1):
    return sorted(each for each in found if each[1] - each[0] >= shortest and each[1] > since and each[0] < until)


def judged(work, *arguments):
    try:
        return work(*arguments)
    except Exception as error:  # A judge that gives up is no judge of that calendar.
        return {"error": f"{type(error).__name__}: {error}"}


for line in sys.stdin:
    case = json.loads(line)
    own = ZoneInfo(case["zone"])
    span = case["from"], case["until"]
    print(
        json.dumps(
            {
                "dateutil": judged(by_dateutil, case["text"], own, *span),
                "events": judged(by_events, case["judged"], own, *span),
            }
        ),
        flush=True,
    )
