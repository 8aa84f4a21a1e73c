import { expect, it } from '@jest/globals';
import { isTooDeep } from './depth.ts';

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let left = depth; left > 0; left -= 1) value = left % 2 ? [value] : { value };
  return value;
}

it('A value is too deep from one more than the limit on, however deep it is', () => {
  expect([nested(0), nested(1), nested(100)].map((value) => isTooDeep(value))).toEqual([false, false, false]);
  expect([nested(101), nested(200_000)].map((value) => isTooDeep(value))).toEqual([true, true]);
});

it('A long value is not a deep one', () => {
  expect(isTooDeep({ list: Array.from({ length: 100_000 }, (_, index) => ({ index, text: 'x' })) })).toBe(
    false,
  );
});
