import { describe, expect, it } from '@jest/globals';
import type { WorkflowInfo } from '@temporalio/workflow';
import { StoreUnavailable } from '../store/database.ts';
import type { JournalEntry, RunSummary } from '../workflows/journal.ts';
import { type JournalBatch, type JournalStore, Projection } from './projection.ts';

const summary: RunSummary = { status: 'running', waitingOn: [] };

/** A store that takes what it is let to, and remembers it. */
class Written implements JournalStore {
  readonly entries: [run: string, seq: number][] = [];
  tries = 0;
  refuse: (run: string) => Error | undefined = () => undefined;

  async appendJournal({ runId, entries }: JournalBatch) {
    this.tries += 1;
    const error = this.refuse(runId);
    if (error) throw error;
    for (const { seq } of entries) this.entries.push([runId, seq]);
    return { contiguousTo: entries.at(-1)?.seq ?? 0 };
  }

  async appendJournals(batches: readonly JournalBatch[]) {
    this.tries += 1;
    const error = batches.map(({ runId }) => this.refuse(runId)).find(Boolean);
    if (error) throw error;
    for (const { runId, entries } of batches) for (const { seq } of entries) this.entries.push([runId, seq]);
    return new Map(batches.map(({ runId, entries }) => [runId, entries.at(-1)?.seq ?? 0]));
  }

  async silentRuns() {
    return [];
  }
}

function projectionOf(store: Written, lines: string[] = []) {
  const askRun = () => Promise.reject(new Error('nothing is missing in this test'));
  const projection = new Projection(store, askRun, (line) => lines.push(line));
  const { append } = projection.sinks().journal;
  const journal = (run: string, seq: number) => {
    const info = { firstExecutionRunId: run, workflowId: `w-${run}`, workflowType: 'order' } as WorkflowInfo;
    const entry: JournalEntry = { seq, at: seq, kind: 'step.started' };
    append.fn(info, [entry], summary);
  };
  return { projection, journal };
}

const until = async (holds: () => boolean) => {
  for (const end = Date.now() + 10_000; !holds(); ) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('What runs have done', () => {
  it('is written for every run, though one of them cannot be', async () => {
    const store = new Written();
    const lines: string[] = [];
    store.refuse = (run) => (run === 'a' ? new Error('a poisoned entry') : undefined);
    const { projection, journal } = projectionOf(store, lines);
    for (const run of ['a', 'b', 'c']) journal(run, 1);
    await until(() => store.entries.length === 2);
    expect(store.entries).toEqual([
      ['b', 1],
      ['c', 1],
    ]);
    expect(lines).toEqual([expect.stringContaining('What a run has done is not in the database yet')]);
    store.refuse = () => undefined;
    await projection.close();
    expect(store.entries).toContainEqual(['a', 1]);
  });

  it('is written for all runs at once, and for one of them by itself', async () => {
    const store = new Written();
    const { projection, journal } = projectionOf(store);
    for (const run of ['a', 'b', 'c']) journal(run, 1);
    await until(() => store.entries.length === 3);
    expect(store.tries).toBe(1);
    journal('a', 2);
    await until(() => store.entries.length === 4);
    expect(store.tries).toBe(2);
    await projection.close();
  });

  it('is lost for none while the database is away, which is asked once and not for each run', async () => {
    const store = new Written();
    store.refuse = () => new StoreUnavailable(new Error('connection refused'));
    const { projection, journal } = projectionOf(store);
    for (const run of ['a', 'b', 'c']) journal(run, 1);
    await until(() => store.tries > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(store.tries).toBe(1);
    journal('b', 2);
    store.refuse = () => undefined;
    await projection.close();
    expect(store.entries.toSorted()).toEqual([
      ['a', 1],
      ['b', 1],
      ['b', 2],
      ['c', 1],
    ]);
  });

  it('is written at the end, however many runs it is of', async () => {
    const store = new Written();
    const { projection, journal } = projectionOf(store);
    for (let run = 0; run < 450; run += 1) journal(`r${run}`, 1);
    await projection.close();
    expect(store.entries).toHaveLength(450);
  });
});
