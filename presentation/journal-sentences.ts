/**
 * What every entry of a journal says: a sentence for an auditor, who wants all of it, and a line for somebody who follows a run
 * on a terminal. One table, so that an entry that is new has both or does not compile. Used in the browser too.
 */
import type { Json } from '../plan/values.ts';
import type { JournalEntry, JournalKind } from '../workflows/journal.ts';
import { enumeratedText, fieldWords, pathWords, plainText } from './plain-text.ts';

export interface Told {
  data: Record<string, Json>;
  /** The step's title, as the reader writes titles; empty where the entry is of no step. */
  title: string;
  /** Titles of steps, for values that are named by theirs. */
  titles: Readonly<Record<string, string>>;
  /** Writes a moment. */
  when(ms: number): string;
}

/** How a part of a line is meant: good news, bad news, or something to wait for or to look at. */
export type Tone = 'good' | 'bad' | 'attention';
export type LinePart = string | { tone: Tone; text: string };

interface Telling {
  sentence(told: Told): string;
  /** Undefined for what nobody need see who follows a run. */
  line(told: Told): LinePart[] | undefined;
}

/** The word that a line begins with, in a column of its own. */
function mark(word: string, tone?: Tone): LinePart[] {
  const gap = ' '.repeat(Math.max(1, 9 - word.length));
  return tone ? [{ tone, text: word }, gap] : [word, gap];
}

const wait = () => mark('waiting', 'attention');

const tellings: { [K in JournalKind]: Telling } = {
  'run.started': {
    sentence: ({ data }) =>
      `The run was started for ${data.requester}, ${causes[String(data.cause)] ?? data.cause}. Version ${String(data.planHash ?? '').slice(0, 12)} of the runbook.`,
    line: ({ data }) => [`started for ${data.requester} (${data.cause})`],
  },
  'run.ended': {
    sentence: ({ data }) =>
      `The run ended: ${ends[String(data.status)] ?? data.status}${inBrackets(data.reason)}.`,
    line: ({ data }) => [
      { tone: data.status === 'succeeded' ? 'good' : 'bad', text: `ended: ${data.status}` },
      dashed(data.reason),
    ],
  },
  'run.undoing': {
    sentence: ({ data }) => `Completed steps are taken back: ${data.reason}.`,
    line: ({ data }) => [{ tone: 'attention', text: 'taking completed steps back' }, `: ${data.reason}`],
  },
  'run.paused': {
    sentence: ({ data }) => `${data.by} paused the run.`,
    line: ({ data }) => [`held${by(data)}`],
  },
  'run.resumed': {
    sentence: ({ data }) => `${data.by} let the run go on.`,
    line: ({ data }) => [`goes on${by(data)}`],
  },
  'run.amended': {
    sentence: ({ data }) => `${data.by} changed inputs: ${amended(data.before, data.after)}.`,
    line: ({ data }) => [...mark('amended'), `${Object.keys(fieldsOf(data.after)).join(', ')}${by(data)}`],
  },
  'outputs.dropped': {
    sentence: () => 'The outputs were too large to keep (512 KB).',
    line: () => ['the outputs were too large to keep (512 KB)'],
  },
  'undos.dropped': {
    sentence: ({ data }) =>
      `How to take back what was done here (${data.undos} calls) was too large to be handed to the run that called it.`,
    line: ({ data }) => [
      `how to take back what was done (${data.undos} calls) was too large to be handed on`,
    ],
  },
  'finally.stopped': {
    sentence: ({ data }) => `The closing steps stopped: ${data.reason}. How the run ended does not change.`,
    line: ({ data }) => [`the closing steps stopped: ${data.reason}`],
  },
  'step.started': { sentence: ({ title }) => `${title} began.`, line: () => undefined },
  'step.succeeded': {
    sentence: ({ data, title }) =>
      `${title} is done${data.completedBy ? `, by hand (${data.completedBy})` : ''}${data.verified ? ', and was read back' : ''}.`,
    line: ({ data, title }) => [
      ...mark('done', 'good'),
      `${title}${data.completedBy ? ` (by hand, ${data.completedBy})` : ''}${data.verified ? ' (read back)' : ''}`,
    ],
  },
  'step.skipped': {
    sentence: ({ data, title }) =>
      `${title} was skipped${data.by ? ` by ${data.by}: ${data.reason}` : ', as its condition was not met'}.`,
    line: ({ data, title }) => [
      ...mark('skipped'),
      `${title}${data.reason ? ` — ${data.reason} (${data.by})` : ''}`,
    ],
  },
  'step.failed': {
    sentence: ({ title }) => `${title} failed.`,
    line: ({ data, title }) => [...mark('failed', 'bad'), `${title} — ${data.message}`],
  },
  'step.expired': {
    sentence: ({ title }) => `The time of ${title} passed, and the run went on.`,
    line: ({ title }) => [...mark('too late', 'attention'), `${title}: its time passed, and the run goes on`],
  },
  'step.parked': {
    sentence: ({ title }) => `${title} parked.`,
    line: ({ data, title }) => [...mark('parked', 'bad'), `${title} — ${data.message}`],
  },
  'step.cancelled': {
    sentence: ({ title }) => `${title} was stopped.`,
    line: ({ title }) => [...mark('stopped'), title],
  },
  'step.undone': {
    sentence: ({ data, title }) => `${title} was taken back${data.verified ? ', which was read back' : ''}.`,
    line: ({ data, title }) => [
      ...mark('undone'),
      `${title} (${data.uses})${data.verified ? ' (read back)' : ''}`,
    ],
  },
  'step.left': {
    sentence: ({ data, title }) => `${title} is left for a person to settle: ${data.why}.`,
    line: ({ data, title }) => [...mark('to settle', 'attention'), `${title}: ${data.why}`],
  },
  'gate.opened': {
    sentence: ({ data, title }) =>
      `${people(data.approvers)} asked to sign ${title}${Number(data.needed) > 1 ? `; ${data.needed} must` : ''}.`,
    line: ({ data, title }) => [
      ...wait(),
      `${title}: asked ${listText(data.approvers)}${Number(data.needed) > 1 ? `, ${data.needed} of them` : ''}`,
    ],
  },
  'gate.reminded': {
    sentence: ({ data, title }) => `${people(data.people)} reminded of ${title}.`,
    line: ({ data }) => [`reminded ${listText(data.people)}`],
  },
  'gate.escalated': {
    sentence: ({ data, title }) =>
      `${title} was not answered in time; ${people(data.approvers)} asked as well.`,
    line: ({ data, title }) => [`escalated ${title} to ${listText(data.approvers)}`],
  },
  'gate.voided': {
    sentence: ({ data, title }) =>
      `What ${title} shows has changed; ${data.votes === 1 ? '1 vote is' : `${data.votes} votes are`} void.`,
    line: ({ data, title }) => [`${title}: what is to be signed has changed; ${data.votes} vote(s) are void`],
  },
  'gate.reopened': {
    sentence: ({ data, title }) =>
      `Those who signed ${title} are asked again: ${data.by} wants something else than they signed.`,
    line: ({ data, title }) => [
      ...wait(),
      `${title}: asked again, ${data.by} wants something else than was signed`,
    ],
  },
  'gate.extended': {
    sentence: ({ title }) =>
      `The time of ${title} began anew: nobody could be told of it yet, since no message could be sent.`,
    line: ({ title }) => [...wait(), `${title}: its time began anew, since nobody could be told of it yet`],
  },
  'gate.unmet': {
    sentence: ({ title }) => `${title} can no longer be met by those who are asked.`,
    line: ({ title }) => [
      ...mark('unmet', 'attention'),
      `${title} can no longer be met by those who are asked`,
    ],
  },
  'gate.differs': {
    sentence: ({ data, title }) =>
      `${people(data.people)} asked to sign ${title} again, with other values: ${data.by} filled in ${formText(data.form)}.`,
    line: ({ data, title }) => [
      ...wait(),
      `${title}: ${listText(data.people)} asked again, ${data.by} filled in ${formText(data.form)}`,
    ],
  },
  'gate.approved': {
    sentence: ({ data, title }) =>
      `${title} was signed by ${list(data.by)}${data.form ? `, with ${formText(data.form)}` : ''}.`,
    line: ({ data, title }) => [
      ...mark('signed', 'good'),
      `${title} by ${listText(data.by)}${data.form ? `, with ${formText(data.form)}` : ''}`,
    ],
  },
  'gate.rejected': {
    sentence: ({ data, title }) => `${title} was refused: ${data.reason}.`,
    line: ({ data }) => [...mark('refused', 'bad'), String(data.reason)],
  },
  'proposal.made': {
    sentence: ({ data, titles }) =>
      `${data.by} ${data.afterwards ? 'changed at once, and the signature is owed' : 'proposes what is not in force before it is signed'}: ${proposed(data.changes, titles)}.`,
    line: ({ data, titles }) => [
      `proposed ${proposedLine(data.changes, titles)} (${data.by}); ${data.afterwards ? 'in force, and the signature is owed' : 'not in force before it is signed'}`,
    ],
  },
  'proposal.countersigned': {
    sentence: ({ data, titles }) =>
      `The proposal was signed by ${list(data.by)} and is in force: ${proposed(data.changes, titles)}.`,
    line: ({ data, titles }) => [
      ...mark('signed'),
      `${proposedLine(data.changes, titles)} (${listText(data.by)}), now in force`,
    ],
  },
  'proposal.fell': {
    sentence: ({ data }) => `The proposal fell, and what was signed stays: ${data.reason}.`,
    line: ({ data }) => [...mark('fell'), `the proposal; what was signed stays: ${data.reason}`],
  },
  'proposal.withdrawn': {
    sentence: ({ data }) => `${data.by} withdrew the proposal.`,
    line: ({ data }) => [`withdrew the proposal (${data.by})`],
  },
  vote: {
    sentence: ({ data, title }) =>
      `${data.by} ${decision(data)} ${title}${data.form ? ` and filled in ${formText(data.form)}` : ''}${data.recordedBy ? `, as recorded by ${data.recordedBy} (minutes: ${data.minutes})` : ''}.`,
    line: ({ data }) => [
      `${decision(data)}: ${data.by}${data.form ? ` (${formText(data.form)})` : ''}${dashed(data.comment)}${data.recordedBy ? ` (entered by ${data.recordedBy}; minutes: ${data.minutes})` : ''}`,
    ],
  },
  'task.opened': {
    sentence: ({ data, title }) => `${people(data.people)} asked to do ${title}.`,
    line: ({ data, title }) => [...wait(), `${title}: to be done by ${listText(data.people)}`],
  },
  'task.moved': {
    sentence: ({ data, title, when }) => `${title} is due at another moment: ${when(Number(data.deadline))}.`,
    line: ({ data, title, when }) => [...wait(), `${title}: due ${when(Number(data.deadline))} now`],
  },
  'task.reminded': {
    sentence: ({ data, title }) => `${people(data.people)} reminded to do ${title}.`,
    line: ({ data }) => [`reminded ${listText(data.people)}`],
  },
  'task.escalated': {
    sentence: ({ data, title }) =>
      `${title} was not done in time; ${Array.isArray(data.people) && data.people.length > 0 ? `${people(data.people)} asked as well` : 'nobody else could be asked'}.`,
    line: ({ data, title }) => [
      ...mark('late', 'attention'),
      `${title}: taken to ${listText(data.people)} too`,
    ],
  },
  'wait.started': {
    sentence: ({ data, title }) => `${title} waits${eventWords(data.event, ' for ')}.`,
    line: ({ data, title }) => [...wait(), `${title}${eventWords(data.event, ': for ')}`],
  },
  event: {
    sentence: ({ data }) => `An event came: ${data.name} ${data.key}.`,
    line: ({ data }) => [...mark('came'), `${data.name} ${data.key}${inBrackets(data.source)}`],
  },
  'state.set': {
    sentence: ({ data, title }) => `${title} remembers ${formText(data.values)}.`,
    line: () => undefined,
  },
  'item.failed': {
    sentence: ({ data, title }) =>
      `${title}: item ${Number(data.item) + 1} failed${data.onPurpose ? ', as the runbook says' : ''}: ${data.message}.${data.undone ? ' What was done for it is taken back.' : ''}`,
    line: ({ data, title }) => [
      ...mark('failed', 'bad'),
      `${title}, item ${Number(data.item) + 1} — ${data.message}${data.undone ? ' (taken back)' : ''}`,
    ],
  },
  'batch.ended': {
    sentence: (told) => `${batch(told)}.`,
    line: (told) => [batch(told)],
  },
  'window.waiting': {
    sentence: ({ data, title }) =>
      `${title} waits for its window${data.frozenBy ? `; frozen by “${data.frozenBy}”` : ''}.`,
    line: ({ data, title, when }) => [
      ...wait(),
      `${title}: “${data.name}” opens ${when(Number(data.opensAt))}${data.frozenBy ? `, after the freeze “${data.frozenBy}”` : ''}`,
    ],
  },
  'window.entered': {
    sentence: ({ data, title }) => `${title}: the window${data.name ? ` “${data.name}”` : ''} is open.`,
    line: ({ data, title, when }) => [
      ...mark('entered'),
      `${title}: “${data.name}” is open until ${when(Number(data.closesAt))}`,
    ],
  },
  'window.overrun': {
    sentence: ({ title }) => `${title}: the window ended before all was done.`,
    line: ({ data, title, when }) => [
      ...mark('too late', 'attention'),
      `${title}: the window closed ${when(Number(data.closesAt))}`,
    ],
  },
  command: {
    sentence: ({ data, title }) =>
      `${data.by} ${commands[String(data.command)] ?? `gives the command ${data.command}`}${title ? `: ${title}` : ''}${data.from ? ` (${list(data.from)})` : ''}.`,
    line: ({ data }) => [`${data.command} by ${data.by}${dashed(data.comment)}`],
  },
};

const nobodyKnows = 'something that this version does not know';

/** The sentence of one entry. A journal may have been written by a newer version. */
export function journalSentence(entry: JournalEntry, title: string, titles: Told['titles'] = {}): string {
  const telling = tellingOf(entry.kind);
  if (!telling) return `${title} ${entry.kind}: ${nobodyKnows}.`.trim();
  return telling.sentence({ data: entry.data ?? {}, title, titles, when: String });
}

/** The line of one entry; undefined for what need not be seen. */
export function journalParts(
  entry: JournalEntry,
  title: string,
  when: Told['when'],
  titles: Told['titles'] = {},
): LinePart[] | undefined {
  const telling = tellingOf(entry.kind);
  if (!telling) return [`${entry.kind} ${title}`.trim()];
  return telling.line({ data: entry.data ?? {}, title, titles, when });
}

function tellingOf(kind: string): Telling | undefined {
  return Object.hasOwn(tellings, kind) ? tellings[kind as JournalKind] : undefined;
}

/** What somebody wrote, in their own words. */
export function saidIn({ kind, data = {} }: JournalEntry): string | undefined {
  if (typeof data.comment === 'string' && data.comment) return data.comment;
  const worded = ['step.failed', 'step.parked'].includes(kind) ? data.message : undefined;
  return typeof worded === 'string' && worded ? worded : undefined;
}

export function listText(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value ?? '');
}

const causes: Record<string, string> = {
  manual: 'by hand',
  ticket: 'by a ticket',
  schedule: 'by its schedule',
  runbook: 'by another run',
};

const ends: Record<string, string> = {
  succeeded: 'all is done',
  failed: 'it failed',
  rejected: 'it was refused',
  cancelled: 'it was called off',
};

const commands: Record<string, string> = {
  pause: 'pauses the run',
  resume: 'lets the run go on',
  amend: 'changes inputs',
  retry: 'has it tried again',
  skip: 'skips it',
  complete: 'reports it as done',
  abort: 'aborts the run',
  reassign: 'asks others to sign',
};

function list(value: Json | undefined): string {
  return Array.isArray(value) ? enumeratedText(value.map(String)) || 'Nobody' : String(value ?? 'Somebody');
}

/** `a and b were`. */
function people(value: Json | undefined): string {
  return `${list(value)} ${Array.isArray(value) && value.length > 1 ? 'were' : 'was'}`;
}

function by({ by: who }: Record<string, Json>): string {
  return who ? ` by ${who}` : '';
}

function dashed(text: Json | undefined): string {
  return text ? ` — ${text}` : '';
}

function inBrackets(text: Json | undefined): string {
  return text ? ` (${text})` : '';
}

function decision(data: Record<string, Json>): string {
  return data.decision === 'approve' ? 'approves' : 'rejects';
}

function batch({ data, title }: Told): string {
  if (data.rounds !== undefined) return `${title}: ${data.rounds} rounds so far`;
  return `${title}: ${data.done} of ${data.total} done${Number(data.failed) > 0 ? `, ${data.failed} failed` : ''}`;
}

function eventWords(event: Json | undefined, lead: string): string {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return '';
  return `${lead}${event.name} ${event.key}`;
}

function fieldsOf(value: Json | undefined): Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function amended(before: Json | undefined, after: Json | undefined): string {
  const old = fieldsOf(before);
  return Object.entries(fieldsOf(after))
    .map(([name, value]) => `${fieldWords(name)} from ${plainText(old[name] ?? null)} to ${plainText(value)}`)
    .join('; ');
}

/** Old and new of each value, as it was proposed. */
function changesIn(changes: Json | undefined): Record<string, Json>[] {
  return Array.isArray(changes) ? (changes as Record<string, Json>[]) : [];
}

function proposed(changes: Json | undefined, titles: Told['titles']): string {
  return changesIn(changes)
    .map(
      ({ path, before, after }) =>
        `${pathWords(String(path), titles)} from ${plainText(before ?? null)} to ${plainText(after ?? null)}`,
    )
    .join('; ');
}

function proposedLine(changes: Json | undefined, titles: Told['titles']): string {
  return changesIn(changes)
    .map(
      ({ path, before, after }) =>
        `${pathWords(String(path), titles)}: ${plainText(before ?? null)} -> ${plainText(after ?? null)}`,
    )
    .join(', ');
}

/** Named values in one line. */
function formText(values: Json | undefined): string {
  return Object.entries(fieldsOf(values))
    .map(([name, value]) => `${fieldWords(name)} ${plainText(value)}`)
    .join('; ');
}
