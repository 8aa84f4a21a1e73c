/**
 * The rules of voting, apart from everything that waits: who may vote, what counts, and when a gate is decided.
 * Pure, so that a property test can drive it through every sequence of votes.
 */
import { canonicalJson } from '../plan/canonical-json.ts';
import { defined, unlessEmpty } from '../plan/defined.ts';
import { namedField } from '../plan/field-label.ts';
import type { JsonObject, JsonSchema } from '../plan/plan.ts';
import type { Gate, RefusalType, Vote, VoteReceipt, VoteRequest } from './messages.ts';

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
  checkVoter(gate, request, barred, now);
  checkForm(gate, request);
}

/** The same for whoever has not filled in anything yet. */
export function checkVoter(gate: Gate, request: VoteRequest, barred: Barred, now: number): void {
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
  if (earlier?.decision === request.decision && !isEntered && !isOtherAnswer(gate, earlier, request)) {
    throw new Refusal(
      'AlreadyVoted',
      `${voter} already voted to ${earlier.decision} "${gate.title}" at ${timeText(earlier.at)}; it counts once.`,
    );
  }
}

/** With other values it is another approval; and so it is with the same, where somebody else's have come since. */
function isOtherAnswer(gate: Gate, earlier: Vote, request: VoteRequest): boolean {
  if (!gate.form || request.decision === 'reject') return false;
  return !sameForm(earlier.form, request.form) || standing(gate).differing.includes(earlier.principal.id);
}

/** That the values are such as the form wants is looked at by the gateway: here are no schemas. */
function checkForm({ title, form, required = [] }: Gate, request: VoteRequest): void {
  const given = Object.keys(request.form ?? {});
  if (request.decision === 'reject' || !form) {
    if (given.length === 0) return;
    throw new Refusal(
      'NotValid',
      form
        ? `A refusal of "${title}" fills nothing in. Say why in a comment.`
        : `"${title}" asks for nothing to be filled in. Vote without ${given.join(', ')}.`,
    );
  }
  const unknown = given.filter((field) => !Object.hasOwn(form, field));
  const missing = required.filter((field) => !given.includes(field));
  const named = (fields: string[]) =>
    fields.map((field) => namedField(field, form[field] as JsonSchema)).join(', ');
  if (unknown.length === 0 && missing.length === 0) return;
  throw new Refusal(
    'NotValid',
    `Whoever approves "${title}" fills in ${named(Object.keys(form))}. ${[
      ...(missing.length > 0 ? [`Missing: ${named(missing)}.`] : []),
      ...(unknown.length > 0 ? [`There is no ${unknown.join(', ')}.`] : []),
    ].join(' ')}`,
  );
}

export function sameForm(one: JsonObject = {}, other: JsonObject = {}): boolean {
  return canonicalJson(one) === canonicalJson(other);
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
    ...defined({
      comment: request.comment || undefined,
      form: gate.form && request.decision === 'approve' ? (request.form ?? {}) : undefined,
    }),
    at: now,
    ...defined({
      recorded: request.recorded
        ? { by: request.principal.id.toLowerCase(), minutes: request.recorded.minutes }
        : undefined,
    }),
  });
  const { approvals, differing } = standing(gate, counting);
  return {
    result: changed ? 'changed' : 'counted',
    approvals,
    needed: gate.needed,
    ...defined({ differing: unlessEmpty(differing) }),
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
  const reachable = seatsLeft(gate, barred) - rejections;
  if (rejections > 0 && (gate.needed === 1 || reachable < gate.needed)) return 'rejected';
  return undefined;
}

/** How many votes there can be: a stand-in and whom they stand in for have one together. */
export function seatsLeft(gate: Gate, barred: Barred): number {
  return new Set(gate.approvers.filter((person) => !barred.has(person)).map((person) => seatOf(gate, person)))
    .size;
}

function seatOf({ seats = {} }: Gate, person: string): string {
  return seats[person] ?? person;
}

export interface Counting {
  /** Whose votes do not count, whatever they were when they voted. */
  barred: Barred;
  /** A vote that was entered for somebody counts once they had time to object. */
  now: number;
}

export interface Standing {
  approvals: number;
  rejections: number;
  approvedBy: string[];
  /** What they filled in, all of them the same. */
  form?: JsonObject;
  /** Whose approval came last, and so whose values these are. */
  filledInBy?: string;
  /** Who approved with other values: that does not count. */
  differing: string[];
}

/**
 * How many approve and reject, by each principal's latest vote, among those who are asked. Where approvals carry values, those count
 * that carry the same as the newest of them.
 */
export function standing(
  gate: Gate,
  { barred, now }: Counting = { barred: new Map(), now: Number.POSITIVE_INFINITY },
): Standing {
  const latest = new Map<string, Vote>();
  for (const vote of gate.votes) {
    const { principal, recorded } = vote;
    if (!gate.approvers.includes(principal.id) || barred.has(principal.id)) continue;
    if (
      recorded &&
      now !== Number.POSITIVE_INFINITY &&
      !(recorded.countsFrom !== undefined && recorded.countsFrom <= now)
    )
      continue;
    latest.set(principal.id, vote);
  }
  if (gate.seats) oneVoteEach(gate, latest);
  const approving = [...latest.values()].filter(({ decision }) => decision === 'approve');
  const rejections = latest.size - approving.length;
  const newest = gate.form && gate.votes.findLast((vote) => approving.includes(vote));
  const idsOf = (votes: readonly Vote[]) => votes.map(({ principal }) => principal.id);
  if (!newest)
    return { approvals: approving.length, rejections, approvedBy: idsOf(approving), differing: [] };
  const [same, others] = [true, false].map((wanted) =>
    idsOf(approving.filter(({ form }) => sameForm(form, newest.form) === wanted)),
  ) as [string[], string[]];
  return {
    approvals: same.length,
    rejections,
    approvedBy: same,
    form: newest.form ?? {},
    filledInBy: newest.principal.id,
    differing: others,
  };
}

/** The member's own vote takes the place of their stand-in's; of two stand-ins the newer one counts. */
function oneVoteEach(gate: Gate, latest: Map<string, Vote>): void {
  const taken = new Set(latest.keys());
  const newestFirst = [...latest.keys()].sort(
    (one, other) =>
      gate.votes.lastIndexOf(latest.get(other) as Vote) - gate.votes.lastIndexOf(latest.get(one) as Vote),
  );
  for (const person of newestFirst) {
    const seat = seatOf(gate, person);
    if (seat === person) continue;
    if (taken.has(seat)) latest.delete(person);
    taken.add(seat);
  }
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
