import { expect, test } from '@jest/globals';
import type { Vote } from '../api/types.ts';
import { differs, filledInLast, otherValues } from './filled-in.ts';

const vote = (id: string, at: number, endDate?: string): Vote => ({
  principal: { id, roles: [] },
  decision: endDate === undefined ? 'reject' : 'approve',
  at,
  ...(endDate === undefined ? {} : { form: { endDate } }),
});

test('The page offers what the newest approval filled in, and not what its person has taken back.', () => {
  const [first, second, back] = [
    vote('dana@example.com', 1, '2026-03-31'),
    vote('ruth@example.com', 2, '2026-06-30'),
    vote('ruth@example.com', 3),
  ];
  expect(filledInLast({ votes: [first, second] })).toBe(second);
  expect(filledInLast({ votes: [first, second, back] })).toBe(first);
});

test('Whoever approved with other values is told whose came later, and their approval is marked as not counting.', () => {
  const mine = vote('dana@example.com', 1, '2026-03-31');
  const votes = [mine, vote('ruth@example.com', 2, '2026-06-30')];
  expect(otherValues({ votes, mine })).toEqual({ by: 'ruth@example.com', mine: { endDate: '2026-03-31' } });
  expect(votes.map((each) => differs({ votes }, each))).toEqual([true, false]);
  expect(otherValues({ votes: [mine], mine })).toBeUndefined();
});
