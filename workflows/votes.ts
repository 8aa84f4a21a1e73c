/**
 * The rules of voting, apart from everything that waits: who may vote, what counts, and when a gate is decided.
 * Pure, so that a property test can drive it through every sequence of votes.
 */
import { defined } from '../plan/defined.ts';
import type { Gate, RefusalType, VoteReceipt, VoteRequest } from './messages.ts';

/** Says no to an Update, in words for the person who asked. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly type: RefusalType;
  constructor(type: RefusalType, message: string) {
    super(message);
    this.type = type;
  }
}

export type GateOutcome = 'approved' | 'rejected' | 'expired';

/** Who may not sign in this run, in lower case, and what they did that keeps them from it: `asked for this run`. */
export type Barred = ReadonlyMap<string, string>;

/** Throws a {@link Refusal} when the vote may not count. */
export function checkVote(gate: Gate, request: VoteRequest, barred: Barred, now: number): void {
  const voter = voterOf(request);
  if (gate.deadline !== undefined && now >= gate.deadline) {
    throw new Refusal(
      'TooLate',
      `Voting on "${gate.title}" ended at ${timeText(gate.deadline)}. Ask the run's owner what happens next.`,
    );
  }
  if (gate.hash === '')
    throw new Refusal(
      'Changed',
      `What is to be signed in "${gate.title}" has changed, and people are being asked about it now. Look at it again in a moment.`,
    );
  if (request.recorded) checkRecorder(gate, request, request.recorded, barred);
  // Before "were you asked": a requester who is also an approver should learn the real reason.
  const did = barred.get(voter);
  if (did) {
    throw new Refusal(
      'SeparationOfDuties',
      `${voter} ${did}, so somebody else must sign "${gate.title}": ${othersText(gate, voter)}.`,
    );
  }
  if (!gate.approvers.includes(voter)) {
    throw new Refusal(
      'NotAsked',
      `${voter} was not asked to sign "${gate.title}". Asked: ${gate.approvers.join(', ')}.`,
    );
  }
  if (request.hash !== gate.hash) {
    throw new Refusal(
      'Changed',
      `What is to be signed in "${gate.title}" is not what you were shown. Look at it again, then vote.`,
    );
  }
  const earlier = gate.votes.findLast((vote) => vote.principal.id === voter);
  // One that was entered is no vote of theirs: they may give it themselves, or it is entered again where they could not be told.
  const isEntered = earlier?.recorded && (!request.recorded || earlier.recorded.untold);
  if (earlier?.decision === request.decision && !isEntered) {
    throw new Refusal(
      'AlreadyVoted',
      `${voter} already voted to ${earlier.decision} "${gate.title}" at ${timeText(earlier.at)}; it counts once.`,
    );
  }
}

/** Whose vote it is: whoever sends it, or whose it was in the meeting. */
function voterOf({ principal, recorded }: VoteRequest): string {
  return (recorded?.for ?? principal.id).toLowerCase();
}

/** Whoever enters votes of a meeting has the right to, no part in the run, and writes down where the minutes are. */
function checkRecorder(
  gate: Gate,
  request: VoteRequest,
  recorded: { for: string; minutes: string },
  barred: Barred,
): void {
  const recorder = request.principal.id.toLowerCase();
  const may = gate.recordersOf ? (gate.recordersOf[recorded.for.toLowerCase()] ?? []) : gate.recorders;
  if (!may?.includes(recorder)) {
    const who = may?.length ? ` Those who may: ${may.join(', ')}.` : '';
    throw new Refusal(
      'NotAllowed',
      `${recorder} may not enter votes that were given in a meeting.${who} \`recordedBy\` on the role of those who voted, in countersign.yaml, gives that right.`,
    );
  }
  const did = barred.get(recorder);
  if (did) {
    throw new Refusal(
      'SeparationOfDuties',
      `${recorder} ${did}, so somebody else must enter the votes on "${gate.title}".`,
    );
  }
  if (recorded.for.toLowerCase() === recorder)
    throw new Refusal('NotValid', `Your own vote on "${gate.title}" is yours to give: vote without "for".`);
  if (!recorded.minutes.trim())
    throw new Refusal('NotValid', 'A vote given in a meeting needs the reference of its minutes.');
}

/** Adds a vote that {@link checkVote} let through. Earlier votes of the same principal stay in the history. */
export function addVote(gate: Gate, request: VoteRequest, now: number, counting?: Counting): VoteReceipt {
  const id = voterOf(request);
  const changed = gate.votes.some((vote) => vote.principal.id === id);
  gate.votes.push({
    // A recorder's roles are not those of whose vote it is.
    principal: request.recorded ? { id, roles: [] } : { ...request.principal, id },
    decision: request.decision,
    ...defined({ comment: request.comment || undefined }),
    at: now,
    ...defined({
      recorded: request.recorded
        ? { by: request.principal.id.toLowerCase(), minutes: request.recorded.minutes }
        : undefined,
    }),
  });
  return {
    result: changed ? 'changed' : 'counted',
    approvals: standing(gate, counting).approvals,
    needed: gate.needed,
  };
}

/**
 * Decided by the votes as they stand. Approved once enough people approve; rejected once enough can no longer be
 * reached. Where one signature is enough, the first answer decides, whichever it is.
 */
export function decide(gate: Gate, counting?: Counting): GateOutcome | undefined {
  const { approvals, rejections } = standing(gate, counting);
  if (approvals >= gate.needed) return 'approved';
  const barred = counting?.barred ?? new Map();
  const reachable = gate.approvers.filter((person) => !barred.has(person)).length - rejections;
  if (rejections > 0 && (gate.needed === 1 || reachable < gate.needed)) return 'rejected';
  return undefined;
}

export interface Counting {
  /** Whose votes do not count, whatever they were when they voted. */
  barred: Barred;
  /** A vote that was entered for somebody counts once they had time to object. */
  now: number;
}

/** How many approve and reject, by each principal's latest vote, among those who are asked. */
export function standing(
  gate: Gate,
  { barred, now }: Counting = { barred: new Map(), now: Number.POSITIVE_INFINITY },
): { approvals: number; rejections: number; approvedBy: string[] } {
  const latest = new Map<string, 'approve' | 'reject'>();
  for (const { principal, decision, recorded } of gate.votes) {
    if (!gate.approvers.includes(principal.id) || barred.has(principal.id)) continue;
    if (
      recorded &&
      now !== Number.POSITIVE_INFINITY &&
      !(recorded.countsFrom !== undefined && recorded.countsFrom <= now)
    )
      continue;
    latest.set(principal.id, decision);
  }
  const approvedBy = [...latest].filter(([, decision]) => decision === 'approve').map(([id]) => id);
  return { approvals: approvedBy.length, rejections: latest.size - approvedBy.length, approvedBy };
}

function othersText(gate: Gate, voter: string): string {
  const others = gate.approvers.filter((approver) => approver !== voter);
  return others.length > 0 ? others.join(', ') : "ask the run's owner who that can be";
}

function timeText(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace(/:\d\d\.\d+Z$/, ' UTC')
    .replace('T', ' ');
}
