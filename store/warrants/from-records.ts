/** What the records of a run say of an approval: who signed what, and whether that still stands. Pure. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import type { Warrant } from '../../plan/warrant.ts';
import type { AuditRecord } from '../audit/record.ts';

/** The records do not say that this was signed, or say that it is not any more. */
export class NotOnRecord extends Error {
  override readonly name = 'NotOnRecord';
}

/** What became of a vote is not on record yet. */
export class NotSettled extends Error {
  override readonly name = 'NotSettled';
}

export interface AskedOf {
  /** Key of the approval. */
  gate: string;
  /** What people voted on; without it what was asked last and enough of them signed, as in a run of an older engine. */
  hash?: string;
  /** Who approved, as the run counted. */
  by?: readonly string[];
  /** Of an approval with a form: whether what is recorded of a vote is what the run says that they filled in. */
  filledIn?: (recorded: Json) => boolean;
}

export type OnRecord = Pick<
  Warrant,
  | 'shown'
  | 'opened'
  | 'revision'
  | 'from'
  | 'quorum'
  | 'needed'
  | 'asked'
  | 'votes'
  | 'configuration'
  | 'systems'
>;

/** A gateway that was cut off leaves a request without its outcome; so long it is waited for. */
const settledAfterMs = 60_000;

/** Throws {@link NotOnRecord} or {@link NotSettled}. */
export function approvalOnRecord(records: readonly AuditRecord[], asked: AskedOf, now: number): OnRecord {
  const { gate } = asked;
  const openings = records.filter(({ kind, step }) => kind === 'gate.opened' && step === gate);
  if (openings.length === 0) throw new NotOnRecord(`nobody is recorded to have been asked for "${gate}"`);
  if (asked.hash !== undefined) return standing(records, openingOf(openings, gate, asked.hash), asked, now);
  let first: unknown;
  for (const opening of [...openings].reverse())
    try {
      return standing(records, opening, asked, now);
    } catch (error) {
      first ??= error;
    }
  throw first;
}

/** What was asked since about a change is another question; anything else that was asked since means that this was taken back. */
function openingOf(openings: readonly AuditRecord[], gate: string, hash: string): AuditRecord {
  const opening = openings.findLast(({ data }) => data.hash === hash);
  if (!opening) throw new NotOnRecord(`nobody is recorded to have been asked to sign this for "${gate}"`);
  const later = openings.find(({ seq, data }) => seq > opening.seq && data.proposal !== true);
  if (later)
    throw new NotOnRecord(
      `people were asked again for "${gate}" since, about something else (record ${later.seq})`,
    );
  return opening;
}

function standing(
  records: readonly AuditRecord[],
  opening: AuditRecord,
  { gate, by, filledIn }: AskedOf,
  now: number,
): OnRecord {
  const { data } = opening;
  const first = records.find(
    ({ kind, step, data: each }) => kind === 'gate.opened' && step === gate && each.hash === data.hash,
  );
  const since = records.filter(({ seq, step }) => seq >= (first ?? opening).seq && step === gate);
  const asked = peopleAsked(since);
  const votes = [...lastVotes(since, data.hash ?? null).values()];
  const approved = votes.filter(({ decision, person }) => decision === 'approve' && asked.has(person));
  for (const person of by ?? []) mustHaveApproved(person.toLowerCase(), votes, { gate, filledIn }, now);
  const counted = by
    ? approved.filter(({ person }) => by.some((each) => each.toLowerCase() === person))
    : approved;
  const needed = Number(data.needed ?? 1);
  // A stand-in and whom they stand in for have one vote together.
  const seats = new Set(counted.map(({ person }) => asked.get(person)));
  if (seats.size < needed)
    throw new NotOnRecord(
      `${seats.size} of ${needed} signatures for "${gate}" are on record${by && by.length > counted.length ? `, and not all of ${by.join(', ')} were asked` : ''}`,
    );
  return {
    shown: String(data.hash),
    opened: opening.seq,
    revision: Number(data.revision ?? 1),
    from: textsIn(data.from),
    quorum: data.quorum ?? null,
    needed,
    asked: [...asked.keys()].sort(),
    votes: counted.map(({ person, record }) => ({ person, record })),
    ...defined({
      configuration: unlessEmpty(String(data.configuration ?? '')),
      systems: systemsAt(records, opening),
    }),
  };
}

/** Of a change that was countersigned, as of what was signed before it. */
function systemsAt(records: readonly AuditRecord[], opening: AuditRecord): Warrant['systems'] {
  const whole = records.findLast(
    ({ kind, step, seq, data }) =>
      kind === 'gate.opened' && step === opening.step && seq <= opening.seq && data.proposal !== true,
  );
  return whole?.data.systems as Warrant['systems'];
}

interface RecordedVote {
  person: string;
  decision: string;
  outcome: 'accepted' | 'open';
  /** Digests of what was filled in with it. */
  form: Json;
  /** Number of the record that asks for it. */
  record: number;
  at: number;
}

/** By person, of those that were not refused. */
function lastVotes(records: readonly AuditRecord[], hash: Json): Map<string, RecordedVote> {
  const requests = new Map<string, RecordedVote | 'refused'>();
  for (const { kind, seq, at, actor, data } of records) {
    if (!kind.startsWith('vote.') || (data.hash ?? null) !== hash) continue;
    const person = String(data.for ?? actor).toLowerCase();
    const id = JSON.stringify([data.request ?? null, person]);
    const known = requests.get(id);
    if (kind === 'vote.refused') requests.set(id, 'refused');
    else if (known === undefined) {
      const outcome = kind === 'vote.accepted' ? 'accepted' : 'open';
      const { decision, form = null } = data;
      requests.set(id, {
        person,
        decision: String(decision),
        outcome,
        form,
        record: seq,
        at: Date.parse(at),
      });
    } else if (kind === 'vote.accepted' && known !== 'refused') known.outcome = 'accepted';
  }
  const last = new Map<string, RecordedVote>();
  for (const vote of requests.values()) if (vote !== 'refused') last.set(vote.person, vote);
  return last;
}

function mustHaveApproved(
  person: string,
  votes: readonly RecordedVote[],
  { gate, filledIn }: Pick<AskedOf, 'gate' | 'filledIn'>,
  now: number,
): void {
  const vote = votes.find((each) => each.person === person);
  if (!vote) throw new NotOnRecord(`${person} is not recorded to have signed "${gate}"`);
  const isSame = !filledIn || filledIn(vote.form);
  if (vote.decision === 'approve' && isSame) return;
  if (vote.outcome === 'open' && now - vote.at < settledAfterMs)
    throw new NotSettled(`what became of the later vote of ${person} on "${gate}" is not on record yet`);
  throw new NotOnRecord(
    vote.decision === 'approve'
      ? `${person} is recorded to have filled in other values for "${gate}" (record ${vote.record})`
      : `${person} has refused "${gate}" since (record ${vote.record})`,
  );
}

/** Each with whose vote it is: their own, unless they were asked only as a stand-in when they were asked first. */
function peopleAsked(records: readonly AuditRecord[]): Map<string, string> {
  const people = new Map<string, string>();
  for (const { kind, data } of records) {
    const seats = (data.seats ?? {}) as Record<string, Json>;
    const add = (asked: Json | undefined) => {
      for (const each of textsIn(asked))
        if (!people.has(each)) people.set(each, typeof seats[each] === 'string' ? seats[each] : each);
    };
    if (kind === 'gate.opened' || kind === 'gate.escalated') add(data.asked);
    // Delegates are looked up again at each reminder, and the owner may ask others of those who are named.
    if (kind === 'people.told' && tellings.has(String(data.what))) add(data.to);
  }
  return people;
}

const tellings = new Set(['ask', 'asked', 'remind', 'escalate']);

function textsIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
