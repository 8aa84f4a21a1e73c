/**
 * What became of a gate, from its journal and the audit record: what was shown, to whom, who could not sign and why, the rule, the
 * votes, and every proposal. Readable after it closed, and for whoever was not there.
 */
import { defined } from '../plan/defined.ts';
import type { Json, JsonObject } from '../plan/values.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { Preview } from '../workflows/messages.ts';
import { type QuestionTold, questionsIn, type RecordedQuestion } from './gate-questions.ts';
import { compared } from './sealed.ts';

/** Of an audit record what is read here. */
export type RecordedFact = RecordedQuestion;

export interface VoteTold {
  by: string;
  decision: string;
  at: number;
  /** For whom they stood in. */
  for?: string;
  comment?: string;
  /** What they filled in with it. */
  form?: JsonObject;
  /** Entered from a meeting by whom, and where its minutes are. */
  recordedBy?: string;
  minutes?: string;
}

/** One revision of the gate, as people were asked about it. */
export interface Asking {
  at: number;
  revision?: number;
  asked: string[];
  needed: number;
  hash: string;
  /** Whom the runbook names, and how many of them. */
  from?: string[];
  quorum?: Json;
  deadline?: number;
  /** Person -> why they could not sign; empty where the record does not say. */
  barred: Record<string, string>;
  /** Stand-in -> for whom. */
  standIns: Record<string, string>;
  /** Connector -> the system on which the steps behind it acted then; empty where the record does not say. */
  systems: Record<string, Record<string, string>>;
  /** Who was asked later, since nobody answered or too few could approve. */
  escalatedTo: string[];
  reassigned: { by: string; to: string[]; at: number }[];
  unmetAt?: number;
  /** Undefined where the journal is of an engine that did not keep it yet. */
  shown?: JsonObject;
  preview?: Preview;
  votes: VoteTold[];
  /** `form` is what they filled in who approved. */
  end?: { how: AskingEnd; at: number; by?: string[]; reason?: string; form?: JsonObject };
}

export type AskingEnd = 'approved' | 'rejected' | 'void' | 'fell' | 'withdrawn' | 'ended';

export interface ProposalTold {
  id: number;
  by: string;
  at: number;
  changes: { path: string; before: Json; after: Json }[];
  /** It was in force at once, and the signature was owed. */
  afterwards?: true;
  became: 'open' | 'countersigned' | 'fell' | 'withdrawn';
  end?: { at: number; by: string[]; reason?: string };
}

export interface GateStory {
  step: string;
  askings: Asking[];
  proposals: ProposalTold[];
  /** Asked before signing, whatever the revision. */
  questions: QuestionTold[];
}

export function gateStory(
  step: string,
  journal: readonly JournalEntry[],
  records: readonly RecordedFact[],
): GateStory {
  const story: GateStory = { step, askings: [], proposals: [], questions: questionsIn(step, records) };
  for (const entry of journal) {
    if (entry.kind.startsWith('proposal.')) tellProposal(story, entry);
    else if (entry.step === step) tellGate(story, entry, records);
  }
  return story;
}

/** What was shown when it was last approved; undefined where it never was. */
export function signedOf({ askings }: GateStory, before = askings.length): JsonObject | undefined {
  return askings.slice(0, before).findLast(({ end }) => end?.how === 'approved')?.shown;
}

/** Of sealed values that people were asked about again: whether they are those that were signed. */
export function withSealsCompared(story: GateStory): GateStory {
  const askings = story.askings.map((asking, index) => {
    const signed = signedOf(story, index);
    if (!asking.shown || !signed) return asking;
    return { ...asking, shown: compared(signed, asking.shown, 'as signed') as JsonObject };
  });
  return { ...story, askings };
}

/** Keys of the gates that people were asked about in a run, in order. */
export function gatesAsked(journal: readonly JournalEntry[]): string[] {
  const asked = journal.flatMap(({ kind, step }) => (kind === 'gate.opened' && step ? [step] : []));
  return [...new Set(asked)];
}

function tellGate(story: GateStory, entry: JournalEntry, records: readonly RecordedFact[]): void {
  const { at, kind, data = {} } = entry;
  const last = story.askings.at(-1);
  const end = (how: AskingEnd, more: JsonObject = {}) => {
    if (!last || last.end) return;
    last.end = { how, at, ...more };
  };
  switch (kind) {
    case 'gate.opened':
      story.askings.push(askingOf(entry, records));
      return;
    case 'vote':
      tellVote(story.askings.findLast(({ hash }) => hash === data.hash) ?? last, entry);
      return;
    case 'gate.reminded':
      if (last && data.standIns) Object.assign(last.standIns, objectOf(data.standIns));
      return;
    case 'gate.escalated':
      last?.escalatedTo.push(...texts(data.approvers));
      return;
    case 'gate.unmet':
      if (last) last.unmetAt = at;
      return;
    case 'command':
      if (data.command !== 'reassign') return;
      last?.reassigned.push({ by: String(data.by), to: texts(data.from), at });
      return;
    case 'gate.approved':
      end('approved', { by: texts(data.by), ...(data.form ? { form: objectOf(data.form) } : {}) });
      return;
    case 'gate.rejected':
      end('rejected', defined({ reason: textOf(data.reason) }) as JsonObject);
      return;
    case 'gate.voided':
      end('void');
      return;
    case 'step.expired':
    case 'step.cancelled':
    case 'step.failed':
    case 'step.parked':
      end('ended', defined({ reason: textOf(data.message) }) as JsonObject);
      return;
  }
}

function askingOf({ at, step, data = {} }: JournalEntry, records: readonly RecordedFact[]): Asking {
  const record =
    records.find((each) => each.kind === 'gate.opened' && each.step === step && each.data.hash === data.hash)
      ?.data ?? {};
  return defined({
    at,
    revision: numberOf(data.revision),
    asked: texts(data.approvers),
    needed: Number(data.needed),
    hash: String(data.hash),
    from: record.from === undefined ? undefined : texts(record.from),
    quorum: record.quorum,
    deadline: numberOf(data.deadline),
    barred: barredIn(record, data),
    standIns: { ...objectOf(data.standIns) } as Record<string, string>,
    systems: objectOf(record.systems) as Asking['systems'],
    escalatedTo: [],
    reassigned: [],
    shown: data.shown === undefined ? undefined : objectOf(data.shown),
    preview: data.preview as Preview | undefined,
    votes: [],
  });
}

/** By the record, who; by the journal, also why. */
function barredIn(record: JsonObject, journal: JsonObject): Record<string, string> {
  return {
    ...Object.fromEntries(texts(record.leftOut).map((person) => [person, 'is left out by the runbook'])),
    ...Object.fromEntries(texts(record.barred).map((person) => [person, ''])),
    ...(objectOf(journal.barred) as Record<string, string>),
  };
}

function tellVote(asking: Asking | undefined, entry: JournalEntry): void {
  if (!asking) return;
  const vote = voteOf(entry);
  asking.votes.push({ ...vote, ...defined({ for: asking.standIns[vote.by] }) });
}

function voteOf({ at, data = {} }: JournalEntry): VoteTold {
  return defined({
    by: String(data.by),
    decision: String(data.decision),
    at,
    comment: textOf(data.comment),
    form: data.form === undefined ? undefined : objectOf(data.form),
    recordedBy: textOf(data.recordedBy),
    minutes: textOf(data.minutes),
  });
}

function tellProposal(story: GateStory, { at, kind, data = {} }: JournalEntry): void {
  if (kind === 'proposal.made') {
    if (!texts(data.gates).includes(story.step)) return;
    story.proposals.push({
      id: Number(data.id),
      by: String(data.by),
      at,
      changes: (data.changes ?? []) as unknown as ProposalTold['changes'],
      ...defined({ afterwards: data.afterwards ? (true as const) : undefined }),
      became: 'open',
    });
    return;
  }
  const proposal = story.proposals.find(({ id }) => id === data.id);
  if (!proposal) return;
  const became = kind.slice('proposal.'.length) as ProposalTold['became'];
  const by = became === 'fell' ? [] : texts(Array.isArray(data.by) ? data.by : [data.by ?? '']);
  const reason = textOf(data.reason);
  Object.assign(proposal, { became, end: { at, by, ...defined({ reason }) } });
  const last = story.askings.at(-1);
  if (last && !last.end && became !== 'countersigned' && became !== 'open')
    last.end = { how: became, at, ...defined({ reason }) };
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
