/** What a run tells of itself: its journal, and what the run list and the inbox show after each entry. */
import type { JsonObject } from '../plan/plan.ts';
import type { PendingUndo } from './batches/messages.ts';
import type { HandChange } from './hands.ts';
import type { RunStatus } from './messages.ts';
import type { Failure, Left } from './outcomes.ts';

/** One fact of a run. Numbered without gaps, and the same at every replay. */
export interface JournalEntry {
  seq: number;
  at: number;
  kind: JournalKind;
  step?: string;
  data?: JsonObject;
}

export type JournalKind =
  | 'run.started'
  | 'run.ended'
  | 'outputs.dropped'
  | 'undos.dropped'
  | 'finally.stopped'
  | 'run.undoing'
  | 'step.started'
  | 'step.succeeded'
  | 'step.skipped'
  | 'step.failed'
  | 'step.expired'
  | 'step.parked'
  | 'step.cancelled'
  | 'step.undone'
  | 'step.left'
  | 'gate.opened'
  | 'gate.reminded'
  | 'gate.escalated'
  | 'gate.approved'
  | 'gate.rejected'
  | 'gate.voided'
  | 'gate.extended'
  | 'gate.reopened'
  | 'gate.unmet'
  | 'gate.differs'
  | 'proposal.made'
  | 'proposal.countersigned'
  | 'proposal.fell'
  | 'proposal.withdrawn'
  | 'vote'
  | 'task.opened'
  | 'task.moved'
  | 'task.reminded'
  | 'task.escalated'
  | 'wait.started'
  | 'event'
  | 'state.set'
  | 'item.failed'
  | 'batch.ended'
  | 'window.waiting'
  | 'window.entered'
  | 'window.overrun'
  | 'run.paused'
  | 'run.resumed'
  | 'run.amended'
  | 'command';

/** How a run ended. */
export interface RunResult {
  status: RunStatus;
  reason?: string;
  outputs?: JsonObject;
  /** Of a run that another one called: what would take back all it did. */
  undos?: PendingUndo[];
  /** What a person must settle. */
  left?: Left[];
  /** Of a run that another one called for an item: it ended since nobody signed what it was to do, which is no failure of the item. */
  refused?: Pick<Failure, 'type' | 'message'>;
  /** Of a run that another one called for an item: it ended by a `fail` step, and so does the item. */
  onPurpose?: true;
  /** Of a run that another one called: steps that could be taken back and were completed by hand, and by whom. */
  byHand?: [step: string, by: string][];
  /** Of a run that another one called: what people changed by hand in it. */
  hands?: HandChange[];
}

/** What the run list and the inbox show of a run, kept beside its journal. */
export interface RunSummary {
  status: RunStatus;
  /** What the run is about, as it is now. */
  subject?: string;
  reason?: string;
  endedAt?: number;
  waitingOn: WaitingOn[];
}

/** Answer of the query `journal`. */
export interface JournalAnswer {
  entries: JournalEntry[];
  summary: RunSummary;
  /** There is more behind the last entry: ask again after its number. */
  more?: true;
}

/** An answer of Temporal's holds 2 MiB at most, and each entry 256 KB. */
const pageBytes = 1024 * 1024;

/** As many entries after a number as fit into one answer, at least one of them. */
export function journalPage(
  journal: readonly JournalEntry[],
  after: number,
): Pick<JournalAnswer, 'entries' | 'more'> {
  const entries: JournalEntry[] = [];
  let bytes = 0;
  for (let index = Math.max(0, after); index < journal.length; index += 1) {
    const entry = journal[index] as JournalEntry;
    bytes += JSON.stringify(entry).length;
    if (entries.length > 0 && bytes > pageBytes) return { entries, more: true };
    entries.push(entry);
  }
  return { entries };
}

/** All entries after a number, page by page, and the summary after the last of them. */
export async function wholeJournal(
  ask: (after: number) => Promise<JournalAnswer>,
  after: number,
): Promise<JournalAnswer> {
  const entries: JournalEntry[] = [];
  for (;;) {
    const page = await ask(entries.at(-1)?.seq ?? after);
    entries.push(...page.entries);
    if (!page.more || page.entries.length === 0) return { entries, summary: page.summary };
  }
}

/** Somebody or something is being waited for: a signature, a task, a parked step, an event, a moment, a window. */
export interface WaitingOn {
  step: string;
  title: string;
  kind: 'gate' | 'task' | 'parked' | 'event' | 'moment' | 'window';
  people: string[];
  /** Role whose members may act, where it is not a list of people: the owner of a parked step. */
  role?: string;
  since: number;
  deadline?: number;
  /** What is to come from outside, where it is an event. */
  event?: { name: string; key: string; from?: string[] };
}
