import { describe, expect, it } from '@jest/globals';
import { addressOf } from './address.ts';

describe('An e-mail address', () => {
  it.each([
    ['C.Kim@Example.com', 'c.kim@example.com'],
    [' kim@example.com ', 'kim@example.com'],
    ['Jörg.Groß@example.com', 'jörg.groß@example.com'],
    ['ΑΝΝΑ@example.com', 'αννα@example.com'],
  ])('%j is that of %s', (given, person) => {
    expect(addressOf(given)).toBe(person);
  });

  it.each([
    ['no address', 'kim'],
    ['two', 'a@example.com,b@example.com'],
    ['a kelvin sign, which folds to k', '\u212Aim@example.com'],
    ['a dotted capital I, which folds to i', 'k\u0130m@example.com'],
    ['a dotless i, whose capital is I', 'k\u0131m@example.com'],
    ['a long s, whose capital is S', 'ro\u017Fa@example.com'],
    ['a wide letter, which is another in compatible form', '\uFF4Bim@example.com'],
  ])('is none with %s', (_, given) => {
    expect(addressOf(given)).toBeUndefined();
  });
});
