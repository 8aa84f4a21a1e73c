import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { planOf } from '../compiler/testing.ts';
import { openStore, type Store } from '../store/store.ts';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { Seal } from '../vault/seal.ts';
import type { JournalAnswer, JournalEntry, RunSummary } from '../workflows/journal.ts';
import { Reconciliation } from './reconciliation.ts';

const database = await testDatabase();
const dana = 'dana@example.com';
const plan = planOf(`runbook: order
title: Order
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
steps:
  - id: account
    title: Create the account
    uses: entra.createUser
    with: { userPrincipalName: a@example.com, displayName: A, usageLocation: DE }`);

/** What Temporal says of one run. */
interface Known {
  status: string;
  length: number;
  journal?: JournalEntry[];
  summary?: RunSummary;
}

const summaryOf = (status: RunSummary['status'], people: string[] = []): RunSummary => ({
  status,
  waitingOn: people.length === 0 ? [] : [{ step: 'sign', title: 'Sign', kind: 'gate', people, since: began }],
});
const began = Date.now() - 3_600_000;
const entry = (seq: number, more: Partial<JournalEntry> = {}): JournalEntry => ({
  seq,
  at: began + seq * 1_000,
  kind: 'step.started',
  step: 'account',
  ...more,
});

describeWith(database)('A run that has not ended', () => {
  let store: Store;
  const temporal = new Map<string, Known>();
  const asked: string[] = [];
  const listed: { workflowId: string; runId: string; type: string }[] = [];
  const lines: string[] = [];
  const client = {
    options: { namespace: 'default' },
    withDeadline: <T>(_: number, work: () => Promise<T>) => work(),
    workflowService: {
      getWorkflowExecutionHistoryReverse: async () => ({
        history: {
          events: [
            { workflowExecutionTerminatedEventAttributes: { reason: 'stuck', identity: 'ops@example.com' } },
          ],
        },
      }),
    },
    workflow: {
      getHandle: (workflowId: string, runId: string) => ({
        describe: async () => {
          const known = temporal.get(runId);
          if (!known) throw new WorkflowNotFoundError('none', workflowId, runId);
          return { historyLength: known.length, status: { name: known.status } };
        },
      }),
      list: async function* () {
        yield* listed;
      },
    },
  } as unknown as Client;
  let reconciliation: Reconciliation;

  beforeAll(async () => {
    store = await openStore(
      database?.url ?? '',
      new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 5) } }),
    );
    await store.runs.savePlan(plan);
    reconciliation = new Reconciliation({
      client,
      taskQueue: 'q',
      store,
      askRun: async ({ runId }, after): Promise<JournalAnswer> => {
        asked.push(runId);
        const { journal, summary } = temporal.get(runId) ?? {};
        if (!journal || !summary) throw new Error('it does not answer');
        return { entries: journal.slice(after), summary };
      },
      log: (line) => lines.push(line),
      pageEveryMs: 0,
    });
  });
  afterAll(async () => {
    await reconciliation.stop();
    await store.close();
    await database?.drop();
  });

  const heard = (runId: string, entries: JournalEntry[], summary: RunSummary) =>
    store.runs.appendJournal({ runId, workflowId: `order-${runId}`, runbook: 'order', entries, summary });
  const add = async (runId: string) =>
    store.runs.add({
      id: runId,
      workflowId: `order-${runId}`,
      runbook: 'order',
      title: 'Order',
      kind: 'other',
      owner: 'role:it-coordinators',
      planHash: plan.hash,
      requester: 'kim@example.com',
      startedAt: new Date(began).toISOString(),
    });
  const row = async (runId: string) => {
    const found = await store.runs.find(runId);
    if (!found || found === 'ambiguous') throw new Error('no such run');
    return found;
  };
  const inbox = async () => (await store.inbox.of(dana, [])).items.map(({ run }) => run.id);
  const verdictOf = async (runId: string) => (await store.audit.file(runId))?.records.at(-1);

  it('and was terminated in Temporal waits in no list and no inbox any more, and what it had done is named', async () => {
    await add('terminated');
    const done = [entry(1, { kind: 'run.started' }), entry(2), entry(3, { kind: 'step.succeeded' })];
    await heard('terminated', done, summaryOf('waiting', [dana]));
    temporal.set('terminated', { status: 'TERMINATED', length: 9 });
    expect(await inbox()).toContain('terminated');
    await reconciliation.comparePage();
    expect(await inbox()).not.toContain('terminated');
    expect(await row('terminated')).toMatchObject({
      status: 'failed',
      reason: 'It was terminated in Temporal by ops@example.com: stuck. What it had done was not taken back.',
      endedAt: expect.any(String),
      waitingOn: [],
    });
    expect((await store.runs.journal('terminated')).at(-1)).toMatchObject({
      kind: 'run.ended',
      data: {
        status: 'failed',
        left: [{ step: 'account', title: 'Create the account', why: 'it was done, and is not taken back' }],
      },
    });
    expect(await verdictOf('terminated')).toMatchObject({ kind: 'run.ended', data: { status: 'failed' } });
  });

  it('whose vote did not arrive, since its worker was killed right after it, is asked for its journal', async () => {
    await add('killed');
    await heard('killed', [entry(1, { kind: 'run.started' })], summaryOf('waiting', [dana]));
    const vote = entry(2, { kind: 'vote', step: 'sign', data: { by: dana, decision: 'approve' } });
    temporal.set('killed', {
      status: 'RUNNING',
      length: 20,
      journal: [entry(1, { kind: 'run.started' }), vote],
      summary: summaryOf('running'),
    });
    await reconciliation.comparePage();
    expect(await store.runs.journal('killed')).toMatchObject([{}, { kind: 'vote' }]);
    expect(await inbox()).not.toContain('killed');
  });

  it('is not asked again while Temporal has nothing new of it, until it is told something', async () => {
    await add('waiting');
    const journal = [entry(1, { kind: 'run.started' })];
    await heard('waiting', journal, summaryOf('waiting', [dana]));
    temporal.set('waiting', { status: 'RUNNING', length: 5, journal, summary: summaryOf('waiting', [dana]) });
    const times = () => asked.filter((run) => run === 'waiting').length;
    for (let page = 0; page < 3; page += 1) await reconciliation.comparePage();
    expect(times()).toBe(1);
    await store.comparisons.ask('waiting');
    await reconciliation.comparePage();
    expect(times()).toBe(2);
    await reconciliation.comparePage();
    expect(times()).toBe(2);
  });

  it('keeps nothing of what a worker told that died before Temporal heard of it', async () => {
    await add('phantom');
    const told = [
      entry(1, { kind: 'run.started' }),
      entry(2, { kind: 'vote', step: 'sign', data: { by: dana, decision: 'approve' } }),
      entry(3, { kind: 'gate.approved', step: 'sign' }),
    ];
    await heard('phantom', told, summaryOf('running'));
    const other = entry(2, { kind: 'run.paused', data: { by: 'kim@example.com' } });
    temporal.set('phantom', {
      status: 'RUNNING',
      length: 7,
      journal: [entry(1, { kind: 'run.started' }), other],
      summary: summaryOf('paused', [dana]),
    });
    await reconciliation.comparePage();
    expect(await store.runs.journal('phantom')).toMatchObject([
      { kind: 'run.started' },
      { kind: 'run.paused' },
    ]);
    expect(await row('phantom')).toMatchObject({ status: 'paused' });
    expect(await inbox()).toContain('phantom');
  });

  it('and that Temporal does not have any more ends after it was missed three times, and not at once', async () => {
    await add('lost');
    await reconciliation.comparePage();
    await reconciliation.comparePage();
    expect(await row('lost')).toMatchObject({ status: 'running' });
    await reconciliation.comparePage();
    expect(await row('lost')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('Temporal does not have this run any more'),
    });
  });

  it('and stands in no list, since its first words were lost, is found in Temporal', async () => {
    const data = {
      title: 'Order',
      kind: 'other',
      owner: 'role:it',
      requester: 'kim@example.com',
      planHash: plan.hash,
    };
    temporal.set('unlisted', {
      status: 'RUNNING',
      length: 7,
      journal: [entry(1, { kind: 'run.started', data })],
      summary: summaryOf('waiting', [dana]),
    });
    listed.push({ workflowId: 'order-unlisted', runId: 'unlisted', type: 'order' });
    reconciliation.start();
    for (let tries = 0; tries < 100 && lines.length === 0; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await row('unlisted')).toMatchObject({
      title: 'Order',
      owner: 'role:it',
      requester: 'kim@example.com',
    });
    expect(await inbox()).toContain('unlisted');
  });
});
