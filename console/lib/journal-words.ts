/** A run's journal as sentences for an auditor: every entry has one. */
import type { JournalEntry, Json } from '../api/types.ts';
import { plainText } from './changes.ts';
import { enumerated, fieldWords } from './words.ts';

export interface JournalLine {
  text: string;
  /** What somebody wrote, in their own words. */
  said?: string;
}

export function journalLine(entry: JournalEntry, titles: Record<string, string>): JournalLine {
  const data = entry.data ?? {};
  const title = entry.step ? `“${titles[entry.step] ?? titles[baseOf(entry.step)] ?? entry.step}”` : '';
  const text = textOf(entry, data, title);
  const said = saidIn(entry.kind, data);
  return said ? { text, said } : { text };
}

const baseOf = (key: string) => /^[A-Za-z0-9_]+/.exec(key)?.[0] ?? key;

function saidIn(kind: JournalEntry['kind'], data: Record<string, Json>): string | undefined {
  if (typeof data.comment === 'string' && data.comment) return data.comment;
  const worded = ['step.failed', 'step.parked'].includes(kind) ? data.message : undefined;
  return typeof worded === 'string' && worded ? worded : undefined;
}

const causes: Record<string, string> = {
  manual: 'by hand',
  ticket: 'by a ticket',
  schedule: 'by its schedule',
  runbook: 'by another run',
};

const commands: Record<string, string> = {
  retry: 'has it tried again',
  skip: 'skips it',
  complete: 'reports it as done',
  abort: 'aborts the run',
  reassign: 'asks others to sign',
};

function textOf(entry: JournalEntry, data: Record<string, Json>, title: string): string {
  switch (entry.kind) {
    case 'run.started':
      return `The run was started for ${data.requester}, ${causes[String(data.cause)] ?? data.cause}. Version ${String(data.planHash ?? '').slice(0, 12)} of the runbook.`;
    case 'run.ended':
      return `The run ended: ${data.status}${data.reason ? ` (${data.reason})` : ''}.`;
    case 'run.undoing':
      return `Completed steps are taken back: ${data.reason}.`;
    case 'run.paused':
      return `${data.by} paused the run.`;
    case 'run.resumed':
      return `${data.by} let the run go on.`;
    case 'run.amended':
      return `${data.by} changed inputs: ${amended(data.before, data.after)}.`;
    case 'outputs.dropped':
      return 'The outputs were too large to keep (512 KB).';
    case 'undos.dropped':
      return `How to take back what was done here (${data.undos} calls) was too large to be handed to the run that called it.`;
    case 'finally.stopped':
      return `The closing steps stopped: ${data.reason}. How the run ended does not change.`;
    case 'step.left':
      return `${title} is left for a person to settle: ${data.why}.`;
    case 'step.started':
      return `${title} began.`;
    case 'step.succeeded':
      return `${title} is done${data.completedBy ? `, by hand (${data.completedBy})` : ''}.`;
    case 'step.skipped':
      return `${title} was skipped${data.by ? ` by ${data.by}: ${data.reason}` : ', as its condition was not met'}.`;
    case 'step.failed':
      return `${title} failed.`;
    case 'step.expired':
      return `The time of ${title} passed, and the run went on.`;
    case 'step.parked':
      return `${title} parked.`;
    case 'step.cancelled':
      return `${title} was stopped.`;
    case 'step.undone':
      return `${title} was taken back${data.uses ? ` (${data.uses})` : ''}.`;
    case 'gate.opened':
      return `${list(data.approvers)} ${many(data.approvers) ? 'were' : 'was'} asked to sign ${title}${Number(data.needed) > 1 ? `; ${data.needed} must` : ''}.`;
    case 'gate.reminded':
      return `${list(data.people)} ${many(data.people) ? 'were' : 'was'} reminded of ${title}.`;
    case 'gate.escalated':
      return `${title} was not answered in time; ${list(data.approvers)} ${many(data.approvers) ? 'were' : 'was'} asked as well.`;
    case 'gate.voided':
      return `What ${title} shows has changed; ${data.votes === 1 ? '1 vote is' : `${data.votes} votes are`} void.`;
    case 'gate.reopened':
      return `Those who signed ${title} are asked again: ${data.by} wants something else than they signed.`;
    case 'gate.unmet':
      return `${title} can no longer be met by those who are asked.`;
    case 'proposal.made':
      return `${data.by} proposes what is not in force before it is signed: ${proposed(data.changes)}.`;
    case 'proposal.countersigned':
      return `The proposal was signed by ${list(data.by)} and is in force: ${proposed(data.changes)}.`;
    case 'proposal.fell':
      return `The proposal fell, and what was signed stays: ${data.reason}.`;
    case 'proposal.withdrawn':
      return `${data.by} withdrew the proposal.`;
    case 'gate.approved':
      return `${title} was signed by ${list(data.by)}.`;
    case 'gate.rejected':
      return `${title} was refused: ${data.reason}.`;
    case 'vote':
      return `${data.by} ${data.decision === 'approve' ? 'approves' : 'rejects'} ${title}${data.recordedBy ? `, as recorded by ${data.recordedBy} (minutes: ${data.minutes})` : ''}.`;
    case 'task.opened':
      return `${list(data.people)} ${many(data.people) ? 'were' : 'was'} asked to do ${title}.`;
    case 'wait.started':
      return `${title} waits${eventWords(data.event)}.`;
    case 'event':
      return `An event came: ${data.name} ${data.key}.`;
    case 'batch.ended':
      if (data.rounds !== undefined) return `${title}: ${data.rounds} rounds so far.`;
      return `${title}: ${data.done} of ${data.total} done${Number(data.failed) > 0 ? `, ${data.failed} failed` : ''}.`;
    case 'window.waiting':
      return `${title} waits for its window${data.frozenBy ? `; frozen by ${data.frozenBy}` : ''}.`;
    case 'window.entered':
      return `${title}: the window ${data.name ?? ''} is open.`;
    case 'window.overrun':
      return `${title}: the window ended before all was done.`;
    case 'command':
      return `${data.by} ${commands[String(data.command)] ?? `gives the command ${data.command}`}${entry.step ? `: ${title}` : ''}${data.from ? ` (${list(data.from)})` : ''}.`;
  }
}

function list(value: Json | undefined): string {
  return Array.isArray(value) ? enumerated(value.map(String)) || 'Nobody' : String(value ?? 'Somebody');
}

function many(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 1;
}

function amended(before: Json | undefined, after: Json | undefined): string {
  const [old, now] = [before, after].map((each) => (each ?? {}) as Record<string, Json>);
  return Object.entries(now ?? {})
    .map(
      ([name, value]) => `${fieldWords(name)} from ${plainText(old?.[name] ?? null)} to ${plainText(value)}`,
    )
    .join('; ');
}

/** Old and new of each value, as it was proposed. */
function proposed(changes: Json | undefined): string {
  return (Array.isArray(changes) ? (changes as Record<string, Json>[]) : [])
    .map(
      ({ path, before, after }) => `${path} from ${plainText(before ?? null)} to ${plainText(after ?? null)}`,
    )
    .join('; ');
}

function eventWords(event: Json | undefined): string {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return '';
  return ` for ${event.name} ${event.key}`;
}
