import { describe, expect, it, jest } from '@jest/globals';
import { type CalendarSettings, Calendars } from './calendars.ts';
import { RecurrenceRule } from './recurrence-rules.ts';

const at = (text: string) => Date.parse(text);
const hour = 3_600_000;

const berlin = 'Europe/Berlin';
const saturdays: CalendarSettings = {
  timezone: berlin,
  rrule: 'FREQ=WEEKLY;BYDAY=SA',
  start: '2026-01-03T22:00',
  duration: '6h',
  except: ['2026-01-31'],
};

const file = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Calendar//EN
BEGIN:VEVENT
UID:year-end@example.com
SUMMARY:Year end
DTSTART;VALUE=DATE:20261220
DTEND;VALUE=DATE:20270104
END:VEVENT
BEGIN:VEVENT
UID:patch@example.com
SUMMARY:Patch night
DTSTART;TZID=America/New_York:20260310T200000
DTEND;TZID=America/New_York:20260311T020000
RRULE:FREQ=MONTHLY;BYDAY=2TU
EXDATE;TZID=America/New_York:20260512T200000
END:VEVENT
BEGIN:VEVENT
UID:patch@example.com
RECURRENCE-ID;TZID=America/New_York:20260414T200000
SUMMARY:Patch night, one day later
DTSTART;TZID=America/New_York:20260415T200000
DTEND;TZID=America/New_York:20260416T020000
END:VEVENT
BEGIN:VEVENT
UID:audit@example.com
SUMMARY:Audit
STATUS:CANCELLED
DTSTART:20260601T080000Z
DTEND:20260601T180000Z
END:VEVENT
END:VCALENDAR
`.replaceAll('\n', '\r\n');

function calendars(more: Record<string, CalendarSettings> = {}, holidays?: string): Calendars {
  return new Calendars({
    calendars: { saturdays, office: { timezone: berlin, ics: 'office.ics' }, ...more },
    holidays,
    timezone: berlin,
    read: () => file,
  });
}

function days(name: string, from: string, until: string): string[] {
  return calendars()
    .occurrences(name, at(from), at(until))
    .map((each) => `${new Date(each.from).toISOString()} ${(each.to - each.from) / hour}h ${each.name}`);
}

describe('a calendar', () => {
  it('of a recurrence rule keeps its local time over a change of clocks, and leaves exceptions out', () => {
    expect(days('saturdays', '2026-01-20T00:00:00Z', '2026-02-10T00:00:00Z')).toEqual([
      '2026-01-24T21:00:00.000Z 6h saturdays',
      '2026-02-07T21:00:00.000Z 6h saturdays',
    ]);
    expect(days('saturdays', '2026-07-01T00:00:00Z', '2026-07-10T00:00:00Z')).toEqual([
      '2026-07-04T20:00:00.000Z 6h saturdays',
    ]);
  });

  it('of an .ics file has its recurring, moved and whole-day events, and not the cancelled ones', () => {
    expect(days('office', '2026-03-01T00:00:00Z', '2026-06-15T00:00:00Z')).toEqual([
      '2026-03-11T00:00:00.000Z 6h Patch night',
      '2026-04-16T00:00:00.000Z 6h Patch night, one day later',
      '2026-06-10T00:00:00.000Z 6h Patch night',
    ]);
    expect(days('office', '2026-12-24T00:00:00Z', '2026-12-25T00:00:00Z')).toEqual([
      '2026-12-19T23:00:00.000Z 360h Year end',
    ]);
  });

  it('ends with the last occurrence that its rule names in UTC', () => {
    const ending = { ...saturdays, rrule: 'FREQ=WEEKLY;BYDAY=SA;UNTIL=20260117T210000Z' };
    const found = calendars({ ending }).occurrences('ending', 0, at('2027-01-01T00:00:00Z'));
    expect(found.map(({ from }) => new Date(from).toISOString().slice(0, 10))).toEqual([
      '2026-01-03',
      '2026-01-10',
      '2026-01-17',
    ]);
  });

  it('that cannot be read is named, with what is wrong', () => {
    const broken = new Calendars({
      calendars: { office: { timezone: berlin, ics: 'office.ics' } },
      timezone: berlin,
      read: () => 'not a calendar',
    });
    expect(() => broken.check()).toThrow('The calendar "office" in countersign.yaml cannot be read: ');
  });
});

describe('the next window', () => {
  const next = (
    now: string,
    more: { freeze?: string[]; needs?: number; calendars?: Record<string, CalendarSettings> } = {},
  ) => {
    const { freeze = [], needs = 0 } = more;
    const window = calendars(more.calendars).window({
      calendar: 'saturdays',
      freeze,
      needsMs: needs * hour,
      now: at(now),
    });
    return {
      ...window,
      opensAt: new Date(window.opensAt).toISOString(),
      closesAt: new Date(window.closesAt).toISOString(),
    };
  };
  const frozen = (from: string, to: string) => ({
    close: { timezone: berlin, windows: [{ name: 'Quarter close', from, to }] },
  });

  it('is the one that is open, or the next that opens', () => {
    expect(next('2026-01-10T23:00:00Z')).toEqual({
      name: 'saturdays',
      opensAt: '2026-01-10T21:00:00.000Z',
      closesAt: '2026-01-11T03:00:00.000Z',
    });
    expect(next('2026-01-11T03:00:00Z').opensAt).toBe('2026-01-17T21:00:00.000Z');
  });

  it('has as much time left as is needed', () => {
    expect(next('2026-01-11T01:00:00Z', { needs: 3 }).opensAt).toBe('2026-01-17T21:00:00.000Z');
    expect(next('2026-01-11T00:00:00Z', { needs: 3 }).opensAt).toBe('2026-01-10T21:00:00.000Z');
  });

  it('is not frozen, and says which freeze it waits for', () => {
    const calendars = frozen('2026-01-10', '2026-01-12');
    expect(next('2026-01-09T12:00:00Z', { freeze: ['close'], calendars })).toEqual({
      name: 'saturdays',
      opensAt: '2026-01-17T21:00:00.000Z',
      closesAt: '2026-01-18T03:00:00.000Z',
      frozenBy: 'Quarter close',
    });
  });

  it('ends where a freeze begins, and begins where one ends', () => {
    const calendars = frozen('2026-01-10T23:00', '2026-01-11T01:00');
    expect(next('2026-01-10T12:00:00Z', { freeze: ['close'], calendars })).toMatchObject({
      opensAt: '2026-01-10T21:00:00.000Z',
      closesAt: '2026-01-10T22:00:00.000Z',
    });
    expect(next('2026-01-10T12:00:00Z', { freeze: ['close'], needs: 2, calendars })).toMatchObject({
      opensAt: '2026-01-11T00:00:00.000Z',
      closesAt: '2026-01-11T03:00:00.000Z',
    });
  });

  it('is not cut in two by a freeze that lasts no time', () => {
    const reminder =
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260110T230000Z\nEND:VEVENT\nEND:VCALENDAR';
    const asked = new Calendars({
      calendars: { saturdays, close: { timezone: berlin, ics: 'close.ics' } },
      timezone: berlin,
      read: () => reminder,
    });
    const input = { calendar: 'saturdays', freeze: ['close'], needsMs: 0, now: at('2026-01-09T12:00:00Z') };
    expect(asked.window(input)).toEqual({
      name: 'saturdays',
      opensAt: at('2026-01-10T21:00:00Z'),
      closesAt: at('2026-01-11T03:00:00Z'),
    });
  });

  it('opens after the gap where the clocks skip its beginning, and stays as long as ever', () => {
    const sundays = {
      timezone: 'America/New_York',
      rrule: 'FREQ=WEEKLY;BYDAY=SU',
      start: '2026-01-04T02:00',
      duration: '6h',
    };
    const asked = new Calendars({ calendars: { sundays }, timezone: berlin, read: () => '' });
    const input = { calendar: 'sundays', freeze: [], needsMs: 0, now: at('2026-03-07T12:00:00Z') };
    expect(asked.window(input)).toEqual({
      name: 'sundays',
      opensAt: at('2026-03-08T07:00:00Z'),
      closesAt: at('2026-03-08T13:00:00Z'),
    });
  });

  it('is found where single windows last for decades', () => {
    const always = { timezone: berlin, windows: [{ from: '2020-01-01', to: '2120-01-01' }] };
    const asked = new Calendars({ calendars: { always }, timezone: berlin, read: () => '' });
    const input = { calendar: 'always', freeze: [], needsMs: hour, now: at('2026-03-07T12:00:00Z') };
    expect(asked.window(input).opensAt).toBe(at('2019-12-31T23:00:00Z'));
  });

  it('of decades ends where the next of its many freezes begins', () => {
    const always = { timezone: berlin, windows: [{ from: '1990-01-01', to: '2120-01-01' }] };
    const nightly = { timezone: berlin, rrule: 'FREQ=DAILY', start: '1990-01-01T00:00', duration: '6h' };
    const asked = new Calendars({ calendars: { always, nightly }, timezone: berlin, read: () => '' });
    const input = { calendar: 'always', freeze: ['nightly'], needsMs: hour, now: at('2026-03-07T02:00:00Z') };
    expect(asked.window(input)).toEqual({
      name: 'always',
      opensAt: at('2026-03-07T05:00:00Z'),
      closesAt: at('2026-03-07T23:00:00Z'),
      frozenBy: 'nightly',
    });
  });

  it('that never comes is said at once', () => {
    expect(() => next('2026-01-09T12:00:00Z', { needs: 7 })).toThrow(
      'The calendar "saturdays" has no window of 420 minutes in the next two years. Change it in countersign.yaml, then retry this step.',
    );
  });
});

describe('a calendar that is asked again and again', () => {
  const many = (count: number) =>
    [
      'BEGIN:VCALENDAR',
      ...Array.from({ length: count }, (_, index) =>
        [
          `BEGIN:VEVENT\nUID:${index}@example.com\nDTSTART;TZID=Europe/Berlin:20260101T120000`,
          `DURATION:PT1H\nRRULE:FREQ=WEEKLY\nEND:VEVENT`,
        ].join('\n'),
      ),
      'END:VCALENDAR',
    ].join('\n');

  it('reads its file once, and anew when it has changed', () => {
    let text = many(3);
    const asked = new Calendars({
      calendars: { office: { timezone: berlin, ics: 'office.ics' } },
      timezone: berlin,
      read: () => text,
    });
    const count = () => asked.occurrences('office', at('2026-11-01T00:00Z'), at('2026-11-08T00:00Z')).length;
    expect(count()).toBe(3);
    text = many(2);
    expect(count()).toBe(2);
  });

  it('keeps what it has followed, so that a question reads no rule twice', () => {
    const asked = new Calendars({
      calendars: { office: { timezone: berlin, ics: 'office.ics' } },
      timezone: berlin,
      read: () => text,
    });
    const text = many(200);
    const input = { calendar: 'office', freeze: [], needsMs: hour, now: at('2026-11-01T00:00Z') };
    const first = asked.window(input);
    const between = jest.spyOn(RecurrenceRule.prototype, 'between');
    expect(asked.window({ ...input, now: input.now + hour })).toEqual(first);
    expect(between).not.toHaveBeenCalled();
    between.mockRestore();
  });
});

describe('business days', () => {
  it('skip a holiday of a feed that writes its end as its beginning', () => {
    const feed = `BEGIN:VCALENDAR
BEGIN:VEVENT
UID:a
DTSTART;VALUE=DATE:20260106
DTEND;VALUE=DATE:20260106
END:VEVENT
END:VCALENDAR`;
    const counted = new Calendars({
      calendars: { feed: { timezone: berlin, ics: 'feed.ics' } },
      holidays: 'feed',
      timezone: berlin,
      read: () => feed,
    });
    expect(counted.after(at('2026-01-05T09:00:00Z'), { businessDays: 1 })).toBe(at('2026-01-07T09:00:00Z'));
  });

  it('skip the holidays of the calendar that the configuration names', () => {
    const holidays = {
      germany: {
        timezone: berlin,
        windows: [
          { name: 'New Year', from: '2026-01-01', to: '2026-01-02' },
          { name: 'Epiphany', from: '2026-01-06', to: '2026-01-07' },
        ],
      },
    };
    const counted = calendars(holidays, 'germany');
    expect(counted.after(at('2026-01-05T09:00:00Z'), { businessDays: 1 })).toBe(at('2026-01-07T09:00:00Z'));
    expect(calendars(holidays).after(at('2026-01-05T09:00:00Z'), { businessDays: 1 })).toBe(
      at('2026-01-06T09:00:00Z'),
    );
  });
});
