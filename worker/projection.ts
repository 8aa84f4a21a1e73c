/**
 * Copies what runs say of themselves into the database, which serves the run list, the inbox and the timelines.
 *
 * A run hands each journal entry out as it happens (a Temporal sink), which costs no history. Such a hand-over is lost when
 * the worker dies at that moment; entries are numbered without gaps, so the next batch shows what is missing and it is
 * asked of the run itself. {@link Projection.catchUp} does the same at start for runs that ended or fell silent.
 */
import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { JournalEntry, RunSummary } from '../workflows/messages.ts';
import type { JournalSinks } from '../workflows/temporal/port.ts';

/** What the projection needs of the database. */
export interface JournalStore {
  /** Adds entries that are not there yet, and the run's summary if it is newer. Returns the last number without a gap before it. */
  appendJournal(batch: JournalBatch): Promise<{ contiguousTo: number }>;
}

export interface JournalBatch {
  runId: string;
  workflowId: string;
  runbook: string;
  entries: JournalEntry[];
  summary: RunSummary;
}

/** Asks a run for the entries after a number. */
export type AskRun = (workflowId: string, after: number) => Promise<JournalEntry[]>;

const batchMs = 100;
const retryMs = 2_000;
const batchLimit = 500;

export class Projection {
  private readonly pending = new Map<string, JournalBatch>();
  private readonly store: JournalStore;
  private readonly askRun: AskRun;
  private readonly log: (line: string) => void;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(store: JournalStore, askRun: AskRun, log: (line: string) => void) {
    this.store = store;
    this.askRun = askRun;
    this.log = log;
  }

  sinks(): InjectedSinks<JournalSinks> {
    return {
      journal: {
        append: {
          fn: (info, entry, summary) => this.add(info, entry, summary),
          callDuringReplay: false,
        },
      },
    };
  }

  private add(info: WorkflowInfo, entry: JournalEntry, summary: RunSummary): void {
    const runId = info.firstExecutionRunId;
    const batch = this.pending.get(runId);
    if (batch) {
      batch.entries.push(entry);
      batch.summary = summary;
    } else {
      this.pending.set(runId, {
        runId,
        workflowId: info.workflowId,
        runbook: info.workflowType,
        entries: [entry],
        summary,
      });
    }
    this.schedule(batchMs);
  }

  private schedule(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.writing = this.flush();
    }, ms);
  }

  private async flush(): Promise<void> {
    const batches = [...this.pending.values()].slice(0, batchLimit);
    for (const batch of batches) this.pending.delete(batch.runId);
    for (const batch of batches) {
      try {
        await this.write(batch);
      } catch (error) {
        this.putBack(batch);
        this.log(`The journal could not be written and will be tried again: ${String(error)}`);
        this.schedule(retryMs);
        return;
      }
    }
    if (this.pending.size > 0) this.schedule(batchMs);
  }

  private async write(batch: JournalBatch): Promise<void> {
    const { contiguousTo } = await this.store.appendJournal(batch);
    const last = batch.entries.at(-1)?.seq ?? 0;
    if (contiguousTo >= last) return;
    const missing = await this.askRun(batch.workflowId, contiguousTo);
    await this.store.appendJournal({ ...batch, entries: missing });
  }

  /** Entries that came meanwhile are newer, so they keep the summary. */
  private putBack(batch: JournalBatch): void {
    const newer = this.pending.get(batch.runId);
    if (newer) newer.entries.unshift(...batch.entries);
    else this.pending.set(batch.runId, batch);
  }

  /** Writes what is pending, as far as the database lets it. */
  async close(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = undefined;
    await this.writing;
    for (let tries = 0; tries < 3 && this.pending.size > 0; tries += 1) await this.flush();
    if (this.timer) clearTimeout(this.timer);
  }
}
