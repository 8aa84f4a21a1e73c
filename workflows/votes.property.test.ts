import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defined } from '../plan/defined.ts';
import type { Gate, VoteRequest } from './messages.ts';
import { person } from './testing.ts';
import { addVote, checkVote, decide, Refusal } from './votes.ts';

/** People who may vote, may not, asked for the run, or edited its inputs. */
const everybody = ['a', 'b', 'c', 'd', 'asker', 'editor', 'outsider'].map((name) => `${name}@example.com`);
const asker = 'asker@example.com';
const editor = 'editor@example.com';
/** Asked for nothing, signs nothing, and may enter the votes of a meeting. So may one who asked, and one who signs. */
const secretary = 'secretary@example.com';
const recorders = [secretary, asker, editor, 'a@example.com'];
const barred = new Map([
  [asker, 'asked for this run'],
  [editor, 'changed the inputs of this run'],
]);
const deadline = 1_000;

const someVote = fc.record({
  voter: fc.constantFrom(...everybody),
  decision: fc.constantFrom<VoteRequest['decision']>('approve', 'reject'),
  hash: fc.constantFrom('shown', 'shown', 'shown', 'old'),
  // Votes come in order of time; some after the deadline.
  wait: fc.integer({ min: 0, max: 200 }),
  upperCase: fc.boolean(),
  // Some are entered by somebody else, who may or may not.
  recorder: fc.option(fc.constantFrom(secretary, ...everybody), { freq: 4, nil: undefined }),
  minutes: fc.constantFrom('CAB-2026-03', 'CAB-2026-03', ' '),
});

const someGate = fc
  .record({
    approvers: fc.uniqueArray(fc.constantFrom(...everybody.slice(0, 6)), { minLength: 1, maxLength: 6 }),
    quorum: fc.oneof(
      fc.integer({ min: 1, max: 6 }),
      fc.constant('majority' as const),
      fc.constant('all' as const),
    ),
    hasDeadline: fc.boolean(),
  })
  .map(({ approvers, quorum, hasDeadline }): Gate => {
    const wanted =
      quorum === 'all'
        ? approvers.length
        : quorum === 'majority'
          ? Math.floor(approvers.length / 2) + 1
          : quorum;
    return {
      step: 'gate',
      title: 'Sign-off',
      openedAt: 0,
      ...defined({ deadline: hasDeadline ? deadline : undefined }),
      approvers,
      needed: Math.min(wanted, approvers.length),
      shown: {},
      hash: 'shown',
      recorders,
      votes: [],
    };
  });

interface Taken {
  voter: string;
  decision: string;
  hash: string;
  at: number;
  recorder: string | undefined;
  minutes: string;
}

/** A second, naive reading of the rules: who has a right to count, and what they last said in time about what is shown. */
function rightfulApprovals(gate: Gate, taken: Taken[]): Set<string> {
  const says = new Map<string, string>();
  for (const vote of taken) {
    const { recorder } = vote;
    const mayRecord =
      recorder === undefined ||
      (recorders.includes(recorder) &&
        recorder !== asker &&
        recorder !== editor &&
        recorder !== vote.voter &&
        vote.minutes.trim() !== '');
    if (!mayRecord) continue;
    const mayVote = gate.approvers.includes(vote.voter) && vote.voter !== asker && vote.voter !== editor;
    const inTime = gate.deadline === undefined || vote.at < gate.deadline;
    if (mayVote && inTime && vote.hash === gate.hash) says.set(vote.voter, vote.decision);
  }
  return new Set([...says].filter(([, decision]) => decision === 'approve').map(([voter]) => voter));
}

describe('voting', () => {
  it('opens a gate only for enough different people who were asked, in time, on what is shown', () => {
    let opened = 0;
    fc.assert(
      fc.property(someGate, fc.array(someVote, { maxLength: 25 }), (gate, votes) => {
        let now = 0;
        const taken: Taken[] = [];
        for (const { voter, decision, hash, wait, upperCase, recorder, minutes } of votes) {
          now += wait;
          const name = upperCase ? voter.toUpperCase() : voter;
          const request: VoteRequest = {
            step: 'gate',
            decision,
            principal: person(recorder ?? name),
            hash,
            ...defined({ recorded: recorder === undefined ? undefined : { for: name, minutes } }),
          };
          taken.push({ voter, decision, hash, at: now, recorder, minutes });
          try {
            checkVote(gate, request, barred, now);
            addVote(gate, request, now);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
          }
          const rightful = rightfulApprovals(gate, taken);
          const outcome = decide(gate);
          // Both ways: no wrong set of votes opens it, and a right one does.
          expect(outcome === 'approved').toBe(rightful.size >= gate.needed);
          if (outcome) {
            if (outcome === 'approved') opened += 1;
            break;
          }
        }
      }),
      { numRuns: 30_000, seed: 20_261 },
    );
    // Otherwise the property would hold because nothing ever opens.
    expect(opened).toBeGreaterThan(500);
  });

  it('is rejected only when somebody rejects and enough can no longer be reached, or one answer was to decide', () => {
    fc.assert(
      fc.property(someGate, fc.array(someVote, { maxLength: 25 }), (gate, votes) => {
        for (const { voter, decision } of votes) {
          const request: VoteRequest = { step: 'gate', decision, principal: person(voter), hash: 'shown' };
          try {
            checkVote(gate, request, new Map(), 0);
          } catch {
            continue;
          }
          addVote(gate, request, 0);
          const latest = new Map(gate.votes.map((vote) => [vote.principal.id, vote.decision]));
          const rejections = [...latest.values()].filter((said) => said === 'reject').length;
          const approvals = latest.size - rejections;
          const outcome = decide(gate);
          if (approvals >= gate.needed) expect(outcome).toBe('approved');
          else if (rejections === 0) expect(outcome).toBeUndefined();
          else
            expect(outcome === 'rejected').toBe(
              gate.needed === 1 || gate.approvers.length - rejections < gate.needed,
            );
          if (outcome) break;
        }
      }),
      { numRuns: 5_000, seed: 20_262 },
    );
  });
});
