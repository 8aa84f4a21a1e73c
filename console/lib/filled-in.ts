/** What those who approved filled in: by the newest of them, and by whoever looks. */
import { defined } from '../../plan/defined.ts';
import type { GateDetail, JsonObject, Vote } from '../api/types.ts';

type WithVotes = Pick<GateDetail, 'votes' | 'mine'>;

/** Of the last approval that its person has not taken back. */
export function filledInLast({ votes }: Pick<GateDetail, 'votes'>): Vote | undefined {
  return votes.findLast(
    (vote) => vote.form && votes.findLast(({ principal }) => principal.id === vote.principal.id) === vote,
  );
}

/** Who else filled something in last; and what whoever looks did, where that was other values. */
export function otherValues(gate: WithVotes): { by: string; mine?: JsonObject } | undefined {
  const newest = filledInLast(gate);
  const { mine } = gate;
  if (!newest || newest.principal.id === mine?.principal.id) return undefined;
  const form = mine?.decision === 'approve' ? (mine.form ?? {}) : undefined;
  const isSame = form && same(form, newest.form);
  return { by: newest.principal.id, ...defined({ mine: isSame ? undefined : form }) };
}

/** Approvals that carry other values than the newest: they do not count. */
export function differs(gate: WithVotes, vote: Vote): boolean {
  const newest = filledInLast(gate);
  return vote.decision === 'approve' && newest?.form !== undefined && !same(vote.form, newest.form);
}

/** Whatever the order in which the fields came. */
function same(one: JsonObject = {}, other: JsonObject = {}): boolean {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]));
}
