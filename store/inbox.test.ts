import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { defined } from '../plan/defined.ts';
import { describeWith, testDatabase } from '../test/support/services.ts';
import type { JournalEntry, WaitingOn } from '../workflows/journal.ts';
import { openStore, type Store } from './store.ts';

const database = await testDatabase();
const began = Date.parse('2026-03-02T08:00:00.000Z');
const hour = 3_600_000;

describeWith(database)('the inbox', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
  });

  const put = async (
    runId: string,
    waitingOn: Partial<WaitingOn>[],
    more: { entries?: Partial<JournalEntry>[]; endedAt?: number } = {},
  ) => {
    const { entries = [{}], endedAt } = more;
    await store.runs.appendJournal({
      runId,
      workflowId: runId,
      runbook: 'new-hire',
      entries: entries.map((entry, index) => ({ seq: index + 1, at: began, kind: 'step.started', ...entry })),
      summary: {
        status: 'waiting',
        waitingOn: waitingOn.map((waiting) => ({
          step: 'signoff',
          title: 'Sign',
          kind: 'gate',
          people: [],
          since: began,
          ...waiting,
        })),
        ...defined({ endedAt: endedAt || undefined }),
      },
    });
  };
  const of = async (person: string, ...roles: string[]) =>
    (await store.inbox.of(person, roles)).items.map(({ run, step }) => `${run.id} ${step}`);

  it('has each step once, however many of my roles it waits for, with everybody who is asked', async () => {
    await put('both', [{ people: ['Me@example.com', 'you@example.com'], role: 'it' }]);
    const { items, total } = await store.inbox.of('me@example.com', ['it', 'hr']);
    expect(total).toBe(1);
    expect(items).toEqual([
      {
        run: {
          id: 'both',
          title: 'new-hire',
          runbook: 'new-hire',
          kind: 'other',
          requester: '',
          startedAt: '2026-03-02T08:00:00.000Z',
        },
        step: 'signoff',
        title: 'Sign',
        kind: 'gate',
        since: began,
        role: 'it',
        people: ['me@example.com', 'you@example.com'],
      },
    ]);
  });

  it('has the oldest deadline first, and what has none last, the oldest of it first', async () => {
    const people = ['order@example.com'];
    await put('late', [{ people, deadline: began + 2 * hour }]);
    await put('none-new', [{ people, since: began + hour }]);
    await put('soon', [{ people, since: began + hour, deadline: began + hour }]);
    await put('none-old', [{ people, since: began - hour }]);
    expect(await of('order@example.com')).toEqual([
      'soon signoff',
      'late signoff',
      'none-old signoff',
      'none-new signoff',
    ]);
    expect(await store.inbox.of('order@example.com', [], 2)).toMatchObject({ total: 4, items: [{}, {}] });
  });

  it('has nothing that waits for a moment, and nothing of runs that have ended', async () => {
    const people = ['quiet@example.com'];
    await put('moment', [{ people, kind: 'moment' }]);
    await put('ended', [{ people }], { endedAt: began + hour });
    expect(await of('quiet@example.com')).toEqual([]);
  });

  it('says of a parked step why it was parked last', async () => {
    const parked = (message: string) => ({
      kind: 'step.parked' as const,
      step: 'account',
      data: { message },
    });
    const waiting = [{ step: 'account', kind: 'parked' as const, role: 'owners' }];
    await put('parked', waiting, { entries: [parked('first'), parked('second'), { step: 'account' }] });
    expect((await store.inbox.of('x@example.com', ['owners'])).items).toMatchObject([
      { kind: 'parked', reason: 'second' },
    ]);
  });

  it('tells what each run is about, as the run said last', async () => {
    const of = (seq: number, subject: string) =>
      store.runs.appendJournal({
        runId: 'about',
        workflowId: 'about',
        runbook: 'new-hire',
        entries: [{ seq, at: began, kind: 'step.started' }],
        summary: {
          status: 'waiting',
          subject,
          waitingOn: [
            { step: 's', title: 'Sign', kind: 'gate', people: ['about@example.com'], since: began },
          ],
        },
      });
    await of(2, 'Mia Roth');
    await of(1, 'Mia Berg');
    const { items } = await store.inbox.of('about@example.com', []);
    expect(items.map(({ run }) => run.subject)).toEqual(['Mia Roth']);
    expect(await store.runs.find('about')).toMatchObject({ subject: 'Mia Roth' });
  });

  it('knows whom anything concerns', async () => {
    expect(await store.inbox.concerns('you@example.com')).toBe(true);
    expect(await store.inbox.concerns('nobody@example.com')).toBe(false);
  });
});
