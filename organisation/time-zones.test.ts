import { describe, expect, it } from '@jest/globals';
import { instantOf, localOf, zoneNamed, zoneOfFileName } from './time-zones.ts';

const local = (text: string) => Date.parse(`${text}Z`);
const instant = (text: string, name: string) => {
  const zone = zoneNamed(name);
  if (!zone) throw new Error(name);
  return new Date(instantOf(local(text), zone)).toISOString().slice(0, 16);
};

describe('a local time', () => {
  it.each([
    ['2026-03-08T02:00', 'America/New_York', '2026-03-08T07:00'],
    ['2026-03-08T02:59', 'America/New_York', '2026-03-08T07:59'],
    ['2026-03-08T03:00', 'America/New_York', '2026-03-08T07:00'],
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:45'],
    ['2011-12-30T12:00', 'Pacific/Apia', '2011-12-30T22:00'],
  ])('%s that the clocks of %s skip has the offset before the gap', (text, zone, expected) => {
    expect(instant(text, zone)).toBe(expected);
  });

  it.each([
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45'],
    ['2026-10-25T01:30', 'Atlantic/Azores', '2026-10-25T01:30'],
  ])('%s that comes twice in %s is the first', (text, zone, expected) => {
    // The Azores go back at 01:00 to 00:00 local time: 01:30 comes once.
    expect(instant(text, zone)).toBe(zone === 'Atlantic/Azores' ? '2026-10-25T02:30' : expected);
  });

  it('and its instant are each other’s, hour by hour over two years, except where clocks go forward', () => {
    const wrong: string[] = [];
    for (const name of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      const zone = zoneNamed(name);
      if (!zone) throw new Error(name);
      for (let at = local('2026-01-01T00:00'); at < local('2028-01-01T00:00'); at += 1_800_000) {
        const back = localOf(instantOf(at, zone), zone);
        const offsets = [at - 86_400_000, at + 86_400_000].map((near) => zone.offsetAt(near));
        const isShown = offsets.some((offset) => localOf(at - offset, zone) === at);
        const fits = isShown ? back === at : back > at;
        if (!fits) wrong.push(`${name} ${new Date(at).toISOString()}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('the name of a time zone in a file', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['GMT Standard Time', 'Europe/London'],
    ['w. europe standard time', 'Europe/Berlin'],
    ['Eastern Standard Time', 'America/New_York'],
    ['/freeassociation.sourceforge.net/Europe/Berlin', 'Europe/Berlin'],
    ['/mozilla.org/20050126_1/America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['tzone://Microsoft/Utc', 'UTC'],
  ])('"%s" is %s', (name, zone) => {
    expect(zoneOfFileName(name)?.name).toBe(zone);
  });

  it.each(['Customized Time Zone', 'Berlin', '+01:00', '', '/example.com/Nowhere'])(
    '"%s" is unknown',
    (name) => {
      expect(zoneOfFileName(name)).toBeUndefined();
    },
  );
});
