/**
 * Copies what runs say of themselves into the database, which serves the run list, the inbox and the timelines.
 *
 * A run hands each journal entry out as it happens (a Temporal sink), which costs no history. Such a hand-over is lost when
 * the worker dies at that moment; entries are numbered without gaps, so the next batch shows what is missing and it is
 * asked of the run itself, and so is what two workers tell in two ways, of which one died before Temporal kept it. {@link Projection.watchSilence} asks runs that seem to be at work and are not heard of: the entry
 * that was lost may have been their last.
 */
import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import { StoreUnavailable } from '../store/database.ts';
import type { JournalAnswer, JournalEntry, RunSummary } from '../workflows/journal.ts';
import type { JournalSinks } from '../workflows/temporal/journal.ts';

/** A run that the database says is at work, and that has not been heard of for a while. */
export interface SilentRun {
  runId: string;
  workflowId: string;
  runbook: string;
  /** Up to here its journal has no gap. */
  contiguousTo: number;
}

/** What the projection needs of the database. */
export interface JournalStore {
  /** Adds entries that are not there yet, and the run's summary if it is newer. Returns the last number without a gap before it. */
  appendJournal(batch: JournalBatch): Promise<{ contiguousTo: number }>;
  /** The same of what was told of many runs, of each once: of all or of none. Gives that number by run. */
  appendJournals(batches: readonly JournalBatch[]): Promise<Map<string, number>>;
  silentRuns(silentMs: number, limit: number): Promise<SilentRun[]>;
}

export interface JournalBatch {
  runId: string;
  workflowId: string;
  runbook: string;
  entries: JournalEntry[];
  summary: RunSummary;
  /** They are the run's own word, as it was asked then: what stands there otherwise was told by a worker that is gone. */
  askedAt?: number;
}

/** What is still to be written of a run, or to be asked of it. */
interface Pending extends JournalBatch {
  /** Up to here its journal has no gap. */
  askFrom?: number;
}

/** Asks a run for its entries after a number. */
export type AskRun = (run: { runId: string; workflowId: string }, after: number) => Promise<JournalAnswer>;

/** What happens in so short a time is written together, and what happens soon after it a little later: with few runs soon, with many seldom. */
const batchMs = 50;
const restMs = 250;
const retryMs = 2_000;
const batchLimit = 100;
const silenceMs = 2_000;
const longestSilenceMs = 60_000;

export class Projection {
  private readonly pending = new Map<string, Pending>();
  private readonly store: JournalStore;
  private readonly askRun: AskRun;
  private readonly log: (line: string) => void;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private wroteAt = 0;
  private watch: NodeJS.Timeout | undefined;
  private asking: Promise<void> = Promise.resolve();
  /** Run id -> when it is asked next, and how long it is left alone after that. */
  private readonly patience = new Map<string, { next: number; wait: number }>();

  constructor(store: JournalStore, askRun: AskRun, log: (line: string) => void) {
    this.store = store;
    this.askRun = askRun;
    this.log = log;
  }

  sinks(): InjectedSinks<JournalSinks> {
    return {
      journal: {
        append: {
          fn: (info, entries, summary) => this.add(info, entries, summary),
          callDuringReplay: false,
        },
      },
    };
  }

  private add(info: WorkflowInfo, entries: JournalEntry[], summary: RunSummary): void {
    const runId = info.firstExecutionRunId;
    const batch = this.pending.get(runId);
    if (batch) {
      batch.entries.push(...entries);
      batch.summary = summary;
    } else {
      this.pending.set(runId, {
        runId,
        workflowId: info.workflowId,
        runbook: info.workflowType,
        entries: [...entries],
        summary,
      });
    }
    this.scheduleNext();
  }

  private scheduleNext(): void {
    this.schedule(Math.max(batchMs, this.wroteAt + restMs - Date.now()));
  }

  private schedule(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.writing = this.writing.then(() => this.flush());
    }, ms);
  }

  private async flush(): Promise<void> {
    this.wroteAt = Date.now();
    const batches = [...this.pending.values()].slice(0, batchLimit);
    for (const batch of batches) this.pending.delete(batch.runId);
    let failed = 0;
    let first: unknown;
    try {
      const upTo = await this.writeTogether(batches);
      const left = batches.filter((batch) => !isDone(batch, upTo.get(batch.runId)));
      for (const [index, batch] of left.entries()) {
        try {
          await this.write(batch);
        } catch (error) {
          first ??= error;
          failed += 1;
          this.putBack(batch);
          // What only this one run has must not hold up the others; while the database is away, each would wait in vain.
          if (!(error instanceof StoreUnavailable)) continue;
          for (const other of left.slice(index + 1)) this.putBack(other);
          failed += left.length - index - 1;
          break;
        }
      }
    } catch (error) {
      first = error;
      failed = batches.length;
      for (const batch of batches) this.putBack(batch);
    }
    if (failed > 0)
      this.log(
        `What ${failed === 1 ? 'a run has' : `${failed} runs have`} done is not in the database yet, and is tried again: ${String(first)}`,
      );
    if (this.pending.size > 0 && failed > 0) this.schedule(retryMs);
    else if (this.pending.size > 0) this.scheduleNext();
  }

  /** By one transaction. Gives up to where the journal of each has no gap; of none where one of them cannot be written. */
  private async writeTogether(batches: readonly Pending[]): Promise<Map<string, number>> {
    const told = batches.filter(({ entries }) => entries.length > 0);
    try {
      return told.length > 1 ? await this.store.appendJournals(told) : new Map();
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      return new Map();
    }
  }

  private async write(batch: Pending): Promise<void> {
    if (batch.entries.length > 0) {
      const { contiguousTo } = await this.store.appendJournal(batch);
      if (isDone(batch, contiguousTo)) return;
    }
    const askedAt = Date.now();
    const { entries, summary } = await this.askRun(batch, batch.askFrom ?? 0);
    if (entries.length > 0) await this.store.appendJournal({ ...batch, entries, summary, askedAt });
  }

  /** From now on asks runs that have fallen silent, each less and less often, since a step may take its time. */
  watchSilence(): void {
    this.watch = setInterval(() => {
      this.asking = this.asking.then(() => this.askSilent());
    }, silenceMs);
    this.watch.unref();
  }

  private async askSilent(): Promise<void> {
    try {
      const silent = await this.store.silentRuns(silenceMs, batchLimit);
      const known = new Map(silent.map((run) => [run.runId, run]));
      for (const runId of this.patience.keys()) if (!known.has(runId)) this.patience.delete(runId);
      for (const run of silent) if (this.isDue(run.runId)) await this.ask(run);
    } catch (error) {
      this.log(`Silent runs could not be looked for, and will be again: ${String(error)}`);
    }
  }

  private async ask(run: SilentRun): Promise<void> {
    try {
      const askedAt = Date.now();
      const { entries, summary } = await this.askRun(run, run.contiguousTo);
      if (entries.length > 0) await this.store.appendJournal({ ...run, entries, summary, askedAt });
    } catch {
      // Away, or busy with a step that holds it up: it is asked again later.
    }
  }

  private isDue(runId: string): boolean {
    const now = Date.now();
    const { next = 0, wait = silenceMs } = this.patience.get(runId) ?? {};
    if (now < next) return false;
    this.patience.set(runId, { next: now + wait, wait: Math.min(wait * 2, longestSilenceMs) });
    return true;
  }

  /** Entries that came meanwhile are newer, so they keep the summary. */
  private putBack(batch: Pending): void {
    const newer = this.pending.get(batch.runId);
    if (newer) {
      newer.entries.unshift(...batch.entries);
      if (batch.askFrom !== undefined) newer.askFrom = batch.askFrom;
    } else this.pending.set(batch.runId, batch);
  }

  /** Writes what is pending, as far as the database lets it: given up only once several tries in a row wrote nothing of it. */
  async close(): Promise<void> {
    clearInterval(this.watch);
    this.stopTimer();
    await Promise.all([this.writing, this.asking]);
    for (let vain = 0; vain < 3 && this.pending.size > 0; ) {
      const before = this.pending.size;
      // Each write plans the next one, and nobody would wait for that.
      this.stopTimer();
      this.writing = this.writing.then(() => this.flush());
      await this.writing;
      vain = this.pending.size < before ? 0 : vain + 1;
    }
    this.stopTimer();
    // Something told during the last one may have begun another.
    await this.writing;
    this.stopTimer();
  }

  private stopTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = undefined;
  }
}

/** Whether nothing is to be asked, with what was written up to there; else it is noted from where on. */
function isDone(batch: Pending, contiguousTo: number | undefined): boolean {
  const last = batch.entries.at(-1);
  if (contiguousTo === undefined || !last) return false;
  if (batch.askFrom === undefined && contiguousTo >= last.seq) return true;
  batch.askFrom = Math.min(batch.askFrom ?? contiguousTo, contiguousTo);
  // Written, or in doubt: told once more they must not take the place of what the run itself says.
  batch.entries = [];
  return false;
}
