import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineDifference } from './line-difference.ts';

describe('The difference of two texts', () => {
  it('has what goes, what comes, and the lines around them', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\n';
    expect(lineDifference(before, 'a\nb\nc\nD\ne\nf\ng\n')).toBe('  b\n  c\n- d\n+ D\n  e\n  f');
    expect(lineDifference('', 'a\nb')).toBe('+ a\n+ b');
    expect(lineDifference('a\nb', '')).toBe('- a\n- b');
    expect(lineDifference('1\nx\n2\n3\n4\n5\n6\ny\n7', '1\n2\n3\n4\n5\n6\n7')).toBe(
      '  1\n- x\n  2\n  3\n…\n  5\n  6\n- y\n  7',
    );
  });

  it('is none for the same text, however its lines end', () => {
    expect(lineDifference('a  \r\nb\r\n\r\n', 'a\nb')).toBeUndefined();
    expect(lineDifference('', '\n')).toBeUndefined();
  });

  it('shows what a terminal or a page would not', () => {
    expect(lineDifference('', 'a\u001b[2Kb\u202ec\td')).toBe('+ a\\u001b[2Kb\\u202ec\td');
  });

  it('holds every line of both that the other does not have, and is bounded', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const shown = lineDifference(before.join('\n'), after.join('\n'))?.split('\n') ?? [];
        const count = (sign: string) => shown.filter((line) => line.startsWith(sign)).length;
        expect(count('+ ') - count('- ')).toBe(after.length - before.length);
        if (before.join() !== after.join()) expect(count('+ ') + count('- ')).toBeGreaterThan(0);
      }),
    );
    const long = lineDifference('', Array.from({ length: 5_000 }, (_, at) => `line ${at}`).join('\n'));
    expect(long?.split('\n')).toHaveLength(81);
    expect(long).toMatch(/… and 4920 more lines$/);
  });
});
