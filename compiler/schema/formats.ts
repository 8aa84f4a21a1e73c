/** The formats that text can have, as the checks and the messages know them. */
import { isDate } from '../expressions/dates.ts';

export interface Format {
  words: string;
  test(text: string): boolean;
  repair?(text: string): string | undefined;
}

const time = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

export const formats: Record<string, Format> = {
  date: { words: 'a date like 2026-01-31', test: isDate, repair: repairDate },
  'date-time': {
    words: 'a time like 2026-01-31T09:00:00Z',
    test: (text) => /^.{10}[Tt ]/.test(text) && isDate(text.slice(0, 10)) && time.test(text.slice(11)),
  },
  time: { words: 'a time of day like 09:00:00Z', test: (text) => time.test(text) },
  email: {
    words: 'an e-mail address',
    test: (text) => /^[^\s@<>"(),:;[\]\\]+@[^\s@.]+(\.[^\s@.]+)*$/.test(text),
  },
  uri: {
    words: 'a web address with its scheme, like https://example.com',
    test: (text) => /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(text),
  },
  uuid: {
    words: 'an id like 123e4567-e89b-12d3-a456-426614174000',
    test: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  },
  hostname: {
    words: 'a host name',
    test: (text) =>
      /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i.test(text),
  },
  ipv4: {
    words: 'an address like 192.0.2.1',
    test: (text) => /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(text),
  },
};

/** `2026-1-5` and `5.1.2026` say plainly which date is meant; `1/5/2026` does not. */
function repairDate(text: string): string | undefined {
  const match =
    /^(?<y>\d{4})[-/.](?<m>\d\d?)[-/.](?<d>\d\d?)$/.exec(text) ??
    /^(?<d>\d\d?)\.(?<m>\d\d?)\.(?<y>\d{4})$/.exec(text);
  const { y = '', m = '', d = '' } = match?.groups ?? {};
  const date = `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  return isDate(date) ? date : undefined;
}
