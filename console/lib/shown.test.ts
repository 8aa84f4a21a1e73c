import { describe, expect, it } from '@jest/globals';
import type { Json, RunView } from '../api/types.ts';
import { countsLater, handChangesIn, leftIn, openProposals, proposalsIn, restOf } from './shown.ts';

const titles = { find: 'Look the person up', disable: 'Disable the account' };

describe('What a signature stands for', () => {
  it('names what is asked to be changed by its words, old and new, and says whether it is in force', () => {
    const change = { path: 'inputs.lastMoment', before: '2026-01-05', after: '2026-01-06' };
    const proposal = { id: 1, by: 'kim@example.com', at: 5, changes: [change] };
    expect(proposalsIn({ shown: { proposed: [proposal] } }, titles)).toEqual([
      {
        id: 1,
        by: 'kim@example.com',
        at: 5,
        inForce: false,
        changes: [{ what: 'Last moment', before: '2026-01-05', after: '2026-01-06', by: 'kim@example.com' }],
      },
    ]);
    const owed = { ...proposal, afterwards: true as const };
    expect(proposalsIn({ shown: {}, proposals: [owed] }, titles)).toMatchObject([{ inForce: true }]);
  });

  it('names what a hand changed by the step that it is of', () => {
    const byHand: Json = [
      { path: 'steps.find.output', by: 'kim@example.com', before: null, after: { id: '7' } },
      {
        path: 'steps.disable.with',
        by: 'kim@example.com',
        before: { id: '7', name: 'x' },
        after: { id: '8', name: 'x' },
      },
      { path: 'steps.disable', by: 'kim@example.com', before: null, after: 'skipped' },
    ];
    expect(handChangesIn({ byHand }, titles).map(({ what }) => what)).toEqual([
      'What “Look the person up” gave',
      'What “Disable the account” is called with: Id',
      'Whether “Disable the account” was done',
    ]);
  });

  it('keeps the rest under names in words', () => {
    expect(restOf({ values: { 'steps.find.output.displayName': 'Mia Berg' } }, titles)).toEqual([
      ['Display name, from “Look the person up”', 'Mia Berg'],
    ]);
    expect(restOf({}, titles)).toEqual([]);
  });

  it('says from when on a vote that was entered from a meeting counts', () => {
    const vote = { principal: { id: 'lee@example.com', roles: [] }, decision: 'approve' as const, at: 1 };
    const recorded = { by: 'kim@example.com', minutes: 'CAB-7' };
    expect(countsLater(vote, 0)).toBeUndefined();
    expect(countsLater({ ...vote, recorded: { ...recorded, telling: true } }, 0)).toBe('once told');
    expect(countsLater({ ...vote, recorded: { ...recorded, countsFrom: 10 } }, 5)).toBe(10);
    expect(countsLater({ ...vote, recorded: { ...recorded, countsFrom: 10 } }, 10)).toBeUndefined();
  });

  it('lists a proposal of a run once, with every signature that it waits for', () => {
    const change = { path: 'inputs.manager', before: 'a', after: 'b' };
    const proposals = [{ id: 1, by: 'kim@example.com', at: 5, changes: [change] }];
    const gate = (step: string) => ({ step, title: step, approvers: ['dana@example.com'], proposals });
    const live = { gates: [gate('first'), gate('second')] } as unknown as RunView;
    expect(openProposals({ live, titles: {} })).toMatchObject([
      { id: 1, gates: [{ step: 'first', people: ['dana@example.com'] }, { step: 'second' }] },
    ]);
  });

  it('lists what is left to settle, also of a run that does not answer any more', () => {
    const left = [{ step: 'mail', title: 'Move the mail', why: 'nobody knows whether it was moved' }];
    expect(leftIn({ live: { left } as RunView }, [])).toEqual(left);
    const ended = { seq: 9, at: 1, kind: 'run.ended' as const, data: { status: 'failed', left } };
    expect(leftIn({}, [ended])).toEqual(left);
    expect(leftIn({}, [])).toEqual([]);
  });
});
