import { describe, expect, it } from '@jest/globals';
import { referenceIn, withoutReferences } from './references.ts';

describe('A value from outside', () => {
  it('is searched through and through for what would be taken for a reference', () => {
    expect(referenceIn({ a: [{ b: { $secret: 'mailPassword' } }] })).toBe('$secret');
    expect(referenceIn([{ $text: ['x', { $sealed: 'v1.k.x' }] }])).toBe('$text');
    expect(referenceIn({ a: '$secret', b: null, c: 1, d: ['$sealed'] })).toBeUndefined();
  });

  it('may have a sealed value as the API shows it', () => {
    expect(referenceIn({ with: { password: { $sealed: true } } })).toBeUndefined();
  });

  it('loses the meaning of such keys, and nothing else', () => {
    expect(withoutReferences({ a: [{ $secret: 'x', c: 1 }], $sealed: 'v1.k.x', d: null })).toEqual({
      a: [{ _$secret: 'x', c: 1 }],
      _$sealed: 'v1.k.x',
      d: null,
    });
  });
});
