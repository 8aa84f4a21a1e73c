/** Entries that a worker told and Temporal never kept: the run went on in another way. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { WorkflowInfo } from '@temporalio/workflow';
import { openStore, type Store } from '../store/store.ts';
import { describeWith, testDatabase } from '../test/support/services.ts';
import type { JournalEntry, RunSummary } from '../workflows/journal.ts';
import { Projection } from './projection.ts';

const database = await testDatabase();
const at = Date.now() - 60_000;

function synced(seq: number, item: number): JournalEntry {
  return { seq, at: at + seq, kind: 'step.succeeded', step: `sync[1][${item}]`, data: { output: { item } } };
}

function started(seq: number): JournalEntry {
  return { seq, at: at + seq, kind: 'step.started', step: `state[1][${seq}]` };
}

describeWith(database)('What a worker told before it died, and Temporal never kept', () => {
  let store: Store;
  let run = '';
  let own: JournalEntry[];
  let mayAsk: boolean;
  let projection: Projection;
  const summary = (): RunSummary => {
    const last = own.at(-1);
    return last?.kind === 'run.ended'
      ? { status: 'succeeded', waitingOn: [], endedAt: last.at }
      : { status: 'running', waitingOn: [] };
  };

  /** As one worker after another hands them over. */
  async function tell(...entries: JournalEntry[]): Promise<void> {
    const info = { firstExecutionRunId: run, workflowId: 'w', workflowType: 'patch-ring' } as WorkflowInfo;
    projection.sinks().journal.append.fn(info, entries, summary());
    await projection.close();
  }

  const told = async () => (await store.runs.journal(run, 0, 1_000)).map(({ seq, step }) => [seq, step]);
  const asked = async () => (await store.comparisons.asked(10)).filter(({ runId }) => runId === run);
  const ownSteps = () => own.map(({ seq, step }) => [seq, step]);

  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
  });

  beforeEach(async () => {
    run = randomUUID();
    mayAsk = true;
    own = [
      { seq: 1, at, kind: 'run.started', data: { requester: 'kim@example.com', cause: 'manual' } },
      started(2),
    ];
    projection = new Projection(
      store.runs,
      async (_, after) => {
        if (!mayAsk) throw new Error('no worker is there');
        return { entries: own.filter(({ seq }) => seq > after), summary: summary() };
      },
      () => {},
    );
  });

  afterAll(async () => {
    await store.close();
    await database?.drop();
  });

  it('is replaced by what the run did, however much it has done since', async () => {
    await tell(...own, synced(3, 30));
    own = [
      ...own,
      synced(3, 31),
      synced(4, 30),
      ...Array.from({ length: 100 }, (_, more) => started(more + 5)),
    ];
    await tell(...own.slice(2));
    expect(await told()).toEqual(ownSteps());
  });

  it('is replaced also where the run has ended since, and whoever noticed it died before it could ask', async () => {
    await tell(...own, synced(3, 30));
    own = [
      ...own,
      synced(3, 31),
      synced(4, 30),
      { seq: 5, at: at + 5, kind: 'run.ended', data: { status: 'succeeded' } },
    ];
    mayAsk = false;
    await tell(...own.slice(2));
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(await asked()).toMatchObject([{ contiguousTo: 0 }]);
    const taken = { runId: run, workflowId: 'w', runbook: 'patch-ring', entries: own, summary: summary() };
    await store.runs.appendJournal({ ...taken, askedAt: Date.now() });
    expect(await told()).toEqual(ownSteps());
    expect(await asked()).toEqual([]);
  });

  it('changes nothing of a run that has ended and told all', async () => {
    own = [...own, synced(3, 31), { seq: 4, at: at + 4, kind: 'run.ended', data: { status: 'succeeded' } }];
    await tell(...own);
    await tell(synced(3, 30), started(4), started(5));
    expect(await told()).toEqual(ownSteps());
  });
});
