/**
 * Hands a run's journal to the worker: once at the end of each activation rather than once an entry, since every hand-over
 * copies more than the entry itself. A module of the workflow, so what it holds belongs to one run.
 */
import { proxySinks, type Sinks } from '@temporalio/workflow';
import type { JournalEntry, RunSummary } from '../journal.ts';

/** Out of the workflow into the worker, which projects the journal into the database. */
export interface JournalSinks extends Sinks {
  journal: { append(entries: JournalEntry[], summary: RunSummary): void };
}

const { journal } = proxySinks<JournalSinks>();

let pending: JournalEntry[] = [];
let summaryNow: (() => RunSummary) | undefined;

export function hold(entry: JournalEntry, summary: () => RunSummary): void {
  pending.push(entry);
  summaryNow = summary;
}

export function handOver(): void {
  if (pending.length === 0 || !summaryNow) return;
  const entries = pending;
  pending = [];
  journal.append(entries, summaryNow());
}
