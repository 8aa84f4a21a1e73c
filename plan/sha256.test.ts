import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from './sha256.ts';

const byNode = (text: string) => createHash('sha256').update(text).digest('hex');

describe('The hash that a workflow may compute', () => {
  it('is the one of node:crypto, for every text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 })),
        (text) => {
          expect(sha256(text)).toBe(byNode(text));
        },
      ),
    );
  });

  it('also at the length of a block, and of many', () => {
    for (const length of [0, 55, 56, 63, 64, 65, 119, 120, 100_000])
      expect(sha256('x'.repeat(length))).toBe(byNode('x'.repeat(length)));
  });
});
