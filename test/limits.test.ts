import { describe, expect, it } from '@jest/globals';
import { largestAnswerBytes } from '../activities/kit/answers.ts';
import { largestResult } from '../activities/kit/call.ts';
import { maxExpanded } from '../compiler/expressions/check.ts';
import { defaultTimeLimitMs } from '../compiler/scope/compile-session.ts';
import { maxAliasedNodes, maxCharacters, maxDepth } from '../compiler/source/parse.ts';
import { limits } from '../presentation/limits.ts';
import { largestPayload } from '../workflows/steps/size.ts';

describe('the limits in the reference', () => {
  it('are those that the code holds to', () => {
    const of = (part: string) => limits.find(({ what }) => what.includes(part))?.limit;
    const thousands = (value: number) => value.toLocaleString('en-US');
    expect(of('A runbook')).toBe(`${maxCharacters / 1024 ** 2} MB of text`);
    expect(of('How deeply')).toBe(String(maxDepth));
    expect(of('aliases')).toBe(`${thousands(maxAliasedNodes)} values`);
    expect(of('let')).toBe(`${thousands(maxExpanded)} characters`);
    expect(of('Checking')).toBe(`${defaultTimeLimitMs / 1000} s`);
    expect(of('answer of an action')).toBe(`${largestResult / 1024} KB`);
    expect(of('hands on')).toBe(`${largestPayload / 1024} KB`);
    expect(of('sends back')).toBe(`${largestAnswerBytes / 1024 ** 2} MB`);
  });
});
