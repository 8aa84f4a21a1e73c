/** What was in force at each moment, by the journal alone. */
import { describe, expect, it } from '@jest/globals';
import type { JournalEntry } from '../journal.ts';
import { JournalledState } from './journalled-state.ts';

const entry = (kind: JournalEntry['kind'], data: object): JournalEntry => ({
  seq: 0,
  at: 0,
  kind,
  data: data as never,
});

function inputsAfter(journal: JournalEntry[]) {
  const state = new JournalledState({ id: 'run' }, { runbook: 'r' }, journal);
  for (const place of journal.keys()) state.take(place);
  return state.inputs;
}

const amended = (before: string, after: string) =>
  entry('run.amended', { by: 'owner@example.com', before: { b: before }, after: { b: after } });
const proposed = (id: number, before: string, after: string, more = {}) =>
  entry('proposal.made', {
    id,
    by: 'owner@example.com',
    changes: [{ path: 'inputs.b', before, after }],
    gates: ['sign'],
    ...more,
  });
const countersigned = (id: number, before: string, after: string) =>
  entry('proposal.countersigned', {
    id,
    by: ['kim@example.com'],
    changes: [{ path: 'inputs.b', before, after }],
  });
const started = entry('run.started', { inputs: { b: 'b0' } });

describe('The inputs in force', () => {
  it('are what was countersigned, once it is', () => {
    const proposal = [started, amended('b0', 'b1'), proposed(1, 'b0', 'b1')];
    expect(inputsAfter(proposal)).toEqual({ b: 'b0' });
    expect(inputsAfter([...proposal, countersigned(1, 'b0', 'b1')])).toEqual({ b: 'b1' });
  });

  it('are what was amended last where that is signed afterwards, whenever an earlier change is signed', () => {
    const afterwards = { afterwards: true };
    const journal = [
      started,
      amended('b0', 'b1'),
      proposed(1, 'b0', 'b1', afterwards),
      amended('b1', 'b0'),
      proposed(2, 'b1', 'b0', afterwards),
      countersigned(1, 'b0', 'b1'),
    ];
    expect(inputsAfter(journal)).toEqual({ b: 'b0' });
  });
});
