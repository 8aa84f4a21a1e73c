/** Whether a value fits, and in which part of it the difference is. */
import { describe, expect, it } from '@jest/globals';
import { misfitOf } from './assign.ts';
import { int, listType, objectType, string, type Type } from './types.ts';

const level: Type = { kind: 'string', values: ['low', 'high'] };
const wanted = (fields: Parameters<typeof objectType>[0]) => objectType(fields);

describe('What does not fit', () => {
  it.each<[string, Type, Type, string | undefined]>([
    [
      'a field',
      wanted({ sku: string, count: string }),
      wanted({ sku: string, count: int }),
      'Its `count` is text, not a whole number.',
    ],
    ['a field that is not there', wanted({ sku: string }), wanted({ count: int }), 'It lacks `count`.'],
    [
      'a field of a field',
      wanted({ owner: wanted({ name: string, since: string }) }),
      wanted({ owner: wanted({ name: string, since: int }) }),
      'Its `owner.since` is text, not a whole number.',
    ],
    [
      'a field of each item',
      listType(wanted({ sku: string, count: string })),
      listType(wanted({ sku: string, count: int })),
      'In its items `count` is text, not a whole number.',
    ],
    [
      'a field that no item has',
      listType(wanted({ sku: string })),
      listType(wanted({ sku: string, owner: string })),
      'Its items lack `owner`.',
    ],
    [
      'a list further inside',
      listType(wanted({ lines: listType(wanted({ by: wanted({ at: string }) })) })),
      listType(wanted({ lines: listType(wanted({ by: wanted({ at: int }) })) })),
      'In its items `lines[].by.at` is text, not a whole number.',
    ],
    [
      'a value of a field',
      wanted({ level }),
      wanted({ level: { ...level, values: ['low'] } }),
      'Its `level` can be "high".',
    ],
    [
      'a value of each item',
      listType(level),
      listType({ ...level, values: ['low'] }),
      'Each of its items can be "high".',
    ],
    ['a value', level, { ...level, values: ['low'] }, 'It can be "high".'],
    ['plain items, which the message names', listType(string), listType(int), undefined],
    ['the whole, which can be written otherwise', string, int, 'Write `int(x)`.'],
  ])('is named: %s', (_, given, takes, hint) => {
    expect(misfitOf(given, takes, 'x')).toEqual({ takes: expect.any(String), ...(hint ? { hint } : {}) });
  });

  it('is nothing where all that is asked for is there', () => {
    const order = wanted({ lines: listType(wanted({ sku: string, more: int })) });
    expect(misfitOf(order, wanted({ lines: listType(wanted({ sku: string })) }), 'x')).toBeUndefined();
  });
});
