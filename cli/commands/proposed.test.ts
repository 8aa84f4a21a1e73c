import { describe, expect, it } from '@jest/globals';
import { receiptText } from './operate.ts';
import { proposalLines } from './show.ts';

describe('What is proposed', () => {
  it('is told to whoever changed it, with who must sign before it is in force', () => {
    const receipt = { applied: [], proposed: ['manager'], signers: ['dana@example.com', 'lee@example.com'] };
    expect(receiptText(receipt, 'The inputs are changed.')).toBe(
      'proposed: manager; not in force before it is signed by dana@example.com or lee@example.com.',
    );
  });

  it('is told apart from what is in force', () => {
    expect(receiptText({ applied: ['desk'], proposed: ['manager'] }, '')).toBe(
      'in force: desk.\nproposed: manager; not in force before it is signed by those who signed what it was.',
    );
    expect(receiptText({ applied: ['desk'], proposed: [] }, 'The inputs are changed.')).toBe(
      'The inputs are changed.',
    );
    expect(receiptText({}, 'The run goes on.')).toBe('The run goes on.');
  });

  it('is printed with old, new and who, and with whether it is in force', () => {
    const changes = [
      { path: 'inputs.lastMoment', before: '2026-01-05', after: null },
      { path: 'steps.find.output', before: { $sealed: 'token' }, after: 'x' },
    ];
    const proposal = { id: 1, by: 'kim@example.com', at: 0, changes };
    expect(proposalLines({ proposals: [proposal] }, { find: 'Look up' })).toEqual([
      'proposed by kim@example.com, not in force before it is signed:',
      '  Last moment: 2026-01-05 -> nothing',
      '  What “Look up” gave: sealed -> x',
    ]);
    expect(proposalLines({ proposals: [{ ...proposal, afterwards: true }] })[0]).toBe(
      'changed by kim@example.com, in force already; the signature is owed:',
    );
  });
});
