import { describe, expect, it } from '@jest/globals';
import { itemName } from './item-name.ts';

describe('The name of an item', () => {
  it.each([
    ['All Staff', 'All Staff'],
    [7, '7'],
    [{ id: 'g1', displayName: 'Engineering' }, 'Engineering'],
    [{ id: 12 }, '12'],
    ['x'.repeat(100), `${'x'.repeat(79)}…`],
    [{ $sealed: 'v1.k.x' }, undefined],
    [{ name: { $sealed: 'v1.k.x' } }, undefined],
    [{ size: 3 }, undefined],
    [['a'], undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of %j is %j', (value, expected) => {
    expect(itemName(value)).toBe(expected);
  });
});
