/** A member and whoever stands in for them have one vote together. */
import { describe, expect, it } from '@jest/globals';
import type { Gate, VoteRequest } from './messages.ts';
import { addVote, decide, seatsLeft, standing } from './votes.ts';

const [lee, ito, deputy, other] = ['lee', 'ito', 'deputy', 'other'].map((name) => `${name}@example.com`) as [
  string,
  string,
  string,
  string,
];

const gateOf = (more: Partial<Gate> = {}): Gate => ({
  step: 'sign',
  title: 'Sign',
  openedAt: 0,
  approvers: [lee, ito, deputy],
  seats: { [deputy]: lee },
  needed: 2,
  shown: {},
  hash: 'shown',
  votes: [],
  ...more,
});

function vote(gate: Gate, id: string, decision: VoteRequest['decision'] = 'approve'): void {
  addVote(gate, { step: 'sign', hash: 'shown', decision, principal: { id, roles: [] } }, gate.votes.length);
}

describe('a stand-in', () => {
  it('who is asked besides whom they stand in for adds no vote to theirs, whichever of the two comes first', () => {
    for (const order of [
      [lee, deputy],
      [deputy, lee],
    ]) {
      const gate = gateOf();
      for (const person of order) vote(gate, person);
      expect([decide(gate), standing(gate).approvedBy]).toEqual([undefined, [lee]]);
      vote(gate, ito);
      expect(decide(gate)).toBe('approved');
    }
  });

  it('gives way to the member who decides otherwise, and to another stand-in who votes later', () => {
    const gate = gateOf({ needed: 1 });
    vote(gate, deputy, 'reject');
    gate.needed = 2;
    vote(gate, lee);
    expect(standing(gate)).toMatchObject({ approvals: 1, rejections: 0 });
    const two = gateOf({ approvers: [ito, deputy, other], seats: { [deputy]: lee, [other]: lee } });
    vote(two, deputy);
    vote(two, other);
    expect(standing(two).approvedBy).toEqual([other]);
  });

  it('leaves as many votes as there are members, so that a refusal shows what can no longer be reached', () => {
    const gate = gateOf();
    expect(seatsLeft(gate, new Map())).toBe(2);
    vote(gate, ito, 'reject');
    expect(decide(gate)).toBe('rejected');
  });
});
