import { describe, expect, it } from '@jest/globals';
import { problemsOf } from '../testing.ts';
import { slowPattern } from './slow-pattern.ts';

describe('a pattern of an input', () => {
  for (const pattern of [
    '^(a+)+$',
    '^(a*)*$',
    '^(a|a)*$',
    '^(a|ab|b)*$',
    '^([a-z]+)*[0-9]$',
    '^(\\w+\\s?)*$',
    '^(.*,)*$',
    '^(a{1,30}){1,30}$',
    '^((a+)b?)+$',
    '^(?:x?x)*$',
    '^([^@]+\\.?)+@example\\.com$',
    '(\\d+)*x',
  ])
    it(`that can take exponential time is refused: ${pattern}`, () => {
      expect(slowPattern(pattern)).toBe('some texts would keep it busy for hours');
    });

  for (const pattern of [
    '^[a-z]+(-[a-z]+)*$',
    '^[A-Z]{2}$',
    '^\\d{1,3}(\\.\\d{1,3}){3}$',
    '^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$',
    '^([a-z]{2})+$',
    '^(?<year>\\d{4})-(\\d\\d)$',
    '^\\p{L}[\\p{L} .-]*$',
    '^(a|b)*c$',
    '^(,\\w+)*$',
    '^INC\\d{7,10}$',
    '^[\\w.-]{1,64}$',
    '^(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$',
    '',
  ])
    it(`that cannot is taken: ${pattern}`, () => {
      expect(slowPattern(pattern)).toBeUndefined();
    });

  it('that nobody can judge is refused, saying why', () => {
    expect(slowPattern('^(?=.*x).+$')).toContain('looks around');
    expect(slowPattern('^(a)\\1$')).toContain('refers back');
    expect(slowPattern('abcdefghij'.repeat(20))).toContain('too large');
  });

  it('takes long only where it is refused: those that are taken answer at once', () => {
    const text = `${'a'.repeat(28)}!`;
    expect(/^[a-z]+(-[a-z]+)*$/u.test(text)).toBe(false);
    expect(slowPattern('^([a-z]+-?)*$')).toBeDefined();
  });

  it('is told where it is written, in inputs, lists, objects and forms', () => {
    const slow = '{ type: string, pattern: "^(a+)+$" }';
    for (const part of [
      `inputs:\n  who: ${slow}\n`,
      `inputs:\n  who: { type: array, items: ${slow} }\n`,
      `inputs:\n  who: { type: object, properties: { name: ${slow} } }\n`,
      `steps:\n  - task: { to: a@example.com, instructions: Do it., form: { serial: ${slow} } }\n`,
    ])
      expect(problemsOf(part).filter((line) => line.includes('CS1616'))).toHaveLength(1);
  });
});
