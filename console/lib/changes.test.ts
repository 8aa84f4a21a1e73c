import { describe, expect, it } from '@jest/globals';
import type { GateDetail } from '../api/types.ts';
import { gateChanges } from './changes.ts';

const gate = (inputs: object, summary: string): GateDetail => ({
  step: 'signoff',
  title: 'Sign off',
  openedAt: 0,
  approvers: [],
  needed: 1,
  shown: { inputs, show: { person: 'Mia Berg' } } as GateDetail['shown'],
  preview: {
    steps: [{ step: 'account', title: 'Create the account', action: 'a', effect: 'write', summary }],
  },
  hash: summary,
  votes: [],
  runbook: { name: 'new-hire', title: 'New hire', kind: 'onboarding' },
  mayVote: true,
});

describe('What changed under an approver', () => {
  it('is named by what was shown and what its steps would do, before and after', () => {
    const before = gate(
      { startDate: '2026-02-01', desk: { floor: 4 }, pin: { $sealed: true } },
      'would create a',
    );
    const after = gate(
      { startDate: '2026-03-01', desk: { floor: 5 }, pin: { $sealed: true } },
      'would create b',
    );
    expect(gateChanges(before, after)).toEqual([
      { what: 'Start date', before: '2026-02-01', after: '2026-03-01' },
      { what: 'Desk, floor', before: '4', after: '5' },
      { what: 'Create the account', before: 'would create a', after: 'would create b' },
    ]);
  });

  it('says so when something came or went', () => {
    expect(gateChanges(gate({}, 'x'), gate({ groups: ['VPN Users'] }, 'x'))).toEqual([
      { what: 'Groups', before: 'nothing', after: 'VPN Users' },
    ]);
  });
});
