import { describe, expect, it } from '@jest/globals';
import { defined, unlessEmpty } from './defined.ts';

describe('An object of optional entries', () => {
  it('has no key for what is undefined, and keeps null, zero, false and empty text', () => {
    const entries = { a: undefined, b: null, c: 0, d: false, e: '' };
    expect(Object.entries(defined(entries))).toEqual([
      ['b', null],
      ['c', 0],
      ['d', false],
      ['e', ''],
    ]);
  });

  it('types what may be undefined as optional, and the rest as it is', () => {
    const note: string | undefined = ['a'][0];
    const made: { id: number; note?: string } = defined({ id: 1, note });
    expect(made).toEqual({ id: 1, note: 'a' });
  });

  it('leaves out an empty list, object or text only where that is asked for', () => {
    expect(
      defined({ kept: [], list: unlessEmpty([]), text: unlessEmpty(''), object: unlessEmpty({}) }),
    ).toEqual({ kept: [] });
    expect(unlessEmpty([0])).toEqual([0]);
  });
});
