import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { descriptions } from '../../activities/index.ts';
import { compile } from '../../compiler/compile.ts';
import { catalogueOf } from '../../plan/catalogue.ts';
import type { Json, Plan } from '../../plan/plan.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { Seal } from '../../vault/seal.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { JournalBatch } from '../runs.ts';
import { openStore, type Store } from '../store.ts';
import type { AuditFile } from './file.ts';
import { type AuditEntry, type AuditRecord, digestOf, hashOfRecord } from './record.ts';
import { verify } from './verify.ts';

const database = await testDatabase();
const k1 = randomBytes(32);
const seal = new Seal({ current: 'k1', keys: { k1 } });
const began = Date.parse('2026-03-02T08:00:00.000Z');
const signoffHash = 'c0ffee';
const output = { id: '4711', note: 'unchanged' };
const text = `
runbook: small
title: Small
kind: other
owner: kim@example.com
on:
  - manual: { by: [kim@example.com] }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d }
  - id: account
    uses: entra.deleteUser
    with: { user: a.lee@example.com }
`;

const plan = compiled();

describeWith(database)('the audit chain', () => {
  let store: Store;
  let other: Store;
  let owner: pg.Client;

  beforeAll(async () => {
    store = await openStore(database?.url ?? '', seal);
    other = await openStore(database?.url ?? '', seal);
    owner = new pg.Client({ connectionString: database?.url });
    await owner.connect();
  });

  afterAll(async () => {
    await owner.end();
    await store.close();
    await other.close();
    await database?.drop();
  });

  async function fileOf(run: string): Promise<AuditFile> {
    const file = await store.audit.file(run);
    if (!file) throw new Error(`no run ${run}`);
    return file;
  }

  async function verdictOf(run: string) {
    return verify(await fileOf(run), seal);
  }

  it('of appends from several processes at once has no gap and no fork', async () => {
    await endedRun(store, 'crowded');
    const before = (await fileOf('crowded')).records.length;
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        (index % 2 === 0 ? store : other).audit.append(told('crowded', `someone-${index}`)),
      ),
    );
    const { records } = await fileOf('crowded');
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: before + 200 }, (_, at) => at + 1));
    expect(new Set(records.map(({ previous }) => previous)).size).toBe(records.length);
    expect(await verdictOf('crowded')).toMatchObject({ intact: true, records: before + 200 });
  });

  it('begins once, also when two say so at the same moment', async () => {
    const started: AuditEntry = { runId: 'twice', kind: 'run.started', actor: 'kim@example.com', data: {} };
    await Promise.all([store, other, store, other].map(({ audit }) => audit.appendOnce(started)));
    expect(await store.audit.records('twice')).toHaveLength(1);
  });

  it('of a run that went well agrees with the journal', async () => {
    await endedRun(store, 'well');
    expect(await verdictOf('well')).toMatchObject({
      intact: true,
      signatures: 'checked',
      findings: [],
      counts: { votes: 1, commands: 1, actions: 1 },
    });
  });

  it('keeps what the database makes of odd characters and numbers', async () => {
    const data = { text: 'half \uD800 and \0', numbers: [1e21, 1e-7, 0.1, -0, 2 ** 53 + 2] };
    await endedRun(store, 'odd');
    await store.audit.append({ ...told('odd', 'someone'), data });
    expect((await verdictOf('odd')).findings).toEqual([]);
  });

  it('refuses to change, remove or empty, and to move its head but forward', async () => {
    await endedRun(store, 'kept');
    for (const statement of [
      `update audit set actor = 'nobody' where run_id = 'kept'`,
      `delete from audit where run_id = 'kept'`,
      'truncate audit',
      `delete from audit_heads where run_id = 'kept'`,
      'truncate audit_heads',
    ])
      await expect(owner.query(statement)).rejects.toThrow('audit records are never changed or removed');
    await expect(owner.query(`update audit_heads set seq = seq - 1 where run_id = 'kept'`)).rejects.toThrow(
      'moves on by one record at a time',
    );
    expect((await verdictOf('kept')).intact).toBe(true);
  });

  describe('when the owner of the database tampers with it', () => {
    /** With the triggers out of the way, as only the owner can. */
    async function tamper(run: string, statement: string): Promise<void> {
      await owner.query(`set session_replication_role = replica`);
      try {
        const { rowCount } = await owner.query(statement, [run]);
        expect(rowCount).toBeGreaterThan(0);
      } finally {
        await owner.query(`set session_replication_role = origin`);
      }
    }

    /** The chain made good again from a record on, as anybody can who knows the format and has no key. */
    async function rehash(run: string, change: (record: AuditRecord) => AuditRecord): Promise<void> {
      const { records } = await fileOf(run);
      let previous = records[0]?.previous ?? '';
      for (const record of records) {
        const next = { ...change(record), previous };
        previous = hashOfRecord(next);
        await owner.query('set session_replication_role = replica');
        await owner.query(
          'update audit set actor = $3, data = $4, previous = $5, hash = $6 where run_id = $1 and seq = $2',
          [run, record.seq, next.actor, JSON.stringify(next.data), next.previous, previous],
        );
        await owner.query('update audit_heads set hash = $2 where run_id = $1', [run, previous]);
        await owner.query('set session_replication_role = origin');
      }
    }

    const changes: [column: string, to: string][] = [
      ['run_id', `run_id || 'x'`],
      ['seq', 'seq + 1000'],
      ['at', `at + interval '1 millisecond'`],
      ['kind', `kind || 'x'`],
      ['step', `coalesce(step, '') || 'x'`],
      ['actor', `actor || 'x'`],
      ['data', `data || '{"added": 1}'`],
      ['previous', `reverse(previous) || '1'`],
      ['hash', `reverse(hash) || '1'`],
      ['mac', `'k1.AAAA'`],
    ];

    it.each(changes)(
      'a changed %s is found in every record',
      async (column, to) => {
        const run = `changed-${column}`;
        await endedRun(store, run);
        const { records } = await fileOf(run);
        for (const { seq } of records) {
          const copy = `${run}-${seq}`;
          await endedRun(store, copy);
          expect((await verdictOf(copy)).intact).toBe(true);
          await tamper(copy, `update audit set ${column} = ${to} where run_id = $1 and seq = ${seq}`);
          const { intact, findings } = await verdictOf(copy);
          expect({ seq, intact, findings: findings.length }).toEqual({ seq, intact: false, findings: 1 });
        }
      },
      60_000,
    );

    it('a changed record is named, with who is said to have done what', async () => {
      await endedRun(store, 'named');
      await tamper(
        'named',
        `update audit set actor = 'eve@example.com' where run_id = $1 and kind = 'vote.accepted'`,
      );
      const [finding] = (await verdictOf('named')).findings;
      expect(finding?.message).toMatch(
        /^Record \d+ \(vote\.accepted, eve@example\.com, .*\) was changed after it was written/,
      );
    });

    it('a chain that was computed anew lacks this installation’s signatures', async () => {
      await endedRun(store, 'anew');
      await rehash('anew', (record) => ({ ...record, actor: 'eve@example.com' }));
      expect(verify(await fileOf('anew')).findings.map(({ message }) => message)).not.toContainEqual(
        expect.stringContaining('was changed'),
      );
      const [finding] = (await verdictOf('anew')).findings;
      expect(finding).toMatchObject({ record: 1 });
      expect(finding?.message).toContain('was not written by this installation');
    });

    it('a missing last record is found, also when the head was set back', async () => {
      await endedRun(store, 'short');
      const { records } = await fileOf('short');
      const [before, last] = [records.at(-2), records.at(-1)];
      await tamper('short', `delete from audit where run_id = $1 and seq = ${last?.seq}`);
      expect((await verdictOf('short')).findings[0]?.message).toBe(
        `The last record is missing: the chain should end with record ${last?.seq}.`,
      );
      await tamper(
        'short',
        `update audit_heads set seq = ${before?.seq}, hash = '${before?.hash}', mac = '${before?.mac}' where run_id = $1`,
      );
      expect((await verdictOf('short')).findings[0]?.message).toContain(
        'The chain’s head was not written by this installation',
      );
    });

    it('a missing first, a missing middle and a whole missing chain are found', async () => {
      for (const [run, where, words] of [
        ['no-first', 'and seq = 1', 'Record 1 is missing: the chain begins with record 2.'],
        ['no-middle', 'and seq = 4', 'Record 4 is missing: after record 3 it goes on with record 5.'],
        ['none', '', 'records are missing: the chain should end with record'],
      ]) {
        await endedRun(store, run ?? '');
        await tamper(run ?? '', `delete from audit where run_id = $1 ${where}`);
        expect((await verdictOf(run ?? '')).findings[0]?.message).toContain(words);
      }
      await tamper('none', 'delete from audit_heads where run_id = $1');
      expect((await verdictOf('none')).findings[0]?.message).toContain('There is no record of this run');
    });

    it('two records that changed places are found, and one that came from another run', async () => {
      await endedRun(store, 'swapped');
      await tamper(
        'swapped',
        `update audit set seq = case seq when 3 then -4 else -3 end where run_id = $1 and seq in (3, 4)`,
      );
      await tamper('swapped', `update audit set seq = -seq where run_id = $1 and seq < 0`);
      expect((await verdictOf('swapped')).intact).toBe(false);
      await endedRun(store, 'stolen');
      const file = await fileOf('stolen');
      const foreign = (await fileOf('swapped')).records[0];
      if (!foreign) throw new Error('no record');
      const mixed = { ...file, records: [foreign, ...file.records.slice(1)] };
      expect(verify(mixed, seal).findings[0]?.message).toContain('belongs to another run');
    });

    it('a journal that was changed after the end is found, and one in which a vote was made up', async () => {
      await endedRun(store, 'rewritten');
      await owner.query(
        `update journal set data = data || '{"by": "eve@example.com"}' where run_id = 'rewritten' and kind = 'vote'`,
      );
      const messages = (await verdictOf('rewritten')).findings.map(({ message }) => message);
      expect(messages).toEqual([
        expect.stringContaining('The journal was changed after the run ended'),
        expect.stringContaining('(vote by eve@example.com) is not on record'),
        expect.stringContaining(
          'says that the vote of dana@example.com was accepted, and the journal does not know',
        ),
      ]);
    });

    it('another output than the recorded one is found, and an effect without a record', async () => {
      await endedRun(store, 'output');
      await owner.query(
        `update journal set data = jsonb_set(data, '{output,id}', '"4712"') where run_id = 'output' and kind = 'step.succeeded' and step = 'account'`,
      );
      expect((await verdictOf('output')).findings.map(({ message }) => message)).toContainEqual(
        expect.stringContaining('shows another output of "account"'),
      );
      await endedRun(store, 'unread');
      await owner.query(
        `update journal set data = data || '{"verified": true}' where run_id = 'unread' and kind = 'step.succeeded' and step = 'account'`,
      );
      expect((await verdictOf('unread')).findings.map(({ message }) => message)).toContainEqual(
        expect.stringContaining('says that what "account" did was read back, and that is not on record'),
      );
      await endedRun(store, 'unrecorded', { withoutBegin: true });
      expect((await verdictOf('unrecorded')).findings).toEqual([
        expect.objectContaining({ message: expect.stringContaining('its beginning is not on record') }),
      ]);
    });

    it('a changed plan is found', async () => {
      await endedRun(store, 'plan');
      const { run, plan } = await fileOf('plan');
      expect(plan?.hash).toBe(run.planHash);
      await owner.query(`update plans set plan = jsonb_set(plan, '{title}', '"Another"') where hash = $1`, [
        run.planHash,
      ]);
      const { findings } = await verdictOf('plan');
      await owner.query(`update plans set plan = $2 where hash = $1`, [run.planHash, JSON.stringify(plan)]);
      expect(findings[0]?.message).toContain('The plan that is kept for this run was changed');
    });
  });

  it('still verifies after a rotation of keys, and names a key that is gone', async () => {
    const k2 = randomBytes(32);
    const rotated = await openStore(database?.url ?? '', new Seal({ current: 'k2', keys: { k1, k2 } }));
    await endedRun(store, 'rotated');
    await rotated.audit.append(told('rotated', 'someone'));
    await rotated.close();
    const file = await fileOf('rotated');
    expect(verify(file, new Seal({ current: 'k2', keys: { k1, k2 } })).findings).toEqual([]);
    expect(verify(file, new Seal({ current: 'k2', keys: { k2 } })).findings[0]?.message).toContain(
      'with the key "k1"',
    );
  });

  it('takes a request whose answer the gateway did not live to hear for what the journal says of it', async () => {
    await endedRun(store, 'cut-off', { withoutOutcome: true });
    expect((await verdictOf('cut-off')).findings).toEqual([]);
  });

  it('of somebody who was answered with the answer of another’s request does not agree with the journal', async () => {
    const runId = 'borrowed';
    const data = { request: 'r1', decision: 'approve', hash: signoffHash };
    await endedRun(store, runId, {
      also: [
        { kind: 'vote.requested', step: 'signoff', actor: 'eve@example.com', data },
        { kind: 'vote.accepted', step: 'signoff', actor: 'eve@example.com', data },
      ],
    });
    expect((await verdictOf(runId)).findings).toMatchObject([
      {
        message: expect.stringContaining(
          'the vote of eve@example.com was accepted, and the journal does not',
        ),
      },
    ]);
  });

  it('holds a suggestion that was accepted to what the run was told by the same hand', async () => {
    const [request, actor, command] = ['r9', 'kim@example.com', 'amend'];
    const instead = [{ input: 'person', before: 'sam', after: 'lou' }];
    const runs: [string, string, string | undefined][] = [
      ['suggested', 'lou', undefined],
      [
        'otherwise',
        'max',
        'Record 11 accepts what record 9 suggests, and it is not on record that the run was told so.',
      ],
    ];
    for (const [run, told, problem] of runs) {
      const data = { request, command, inputs: { person: digestOf(seal, told) } };
      await endedRun(store, run, {
        also: [
          {
            kind: 'question.asked',
            step: 'signoff',
            actor: 'dana@example.com',
            data: { text: 'Lou.', hash: signoffHash, instead },
          },
          { kind: 'command.requested', actor, data },
          {
            kind: 'question.answered',
            step: 'signoff',
            actor,
            data: { question: 9, text: '', became: 'accepted' },
          },
        ],
      });
      const { findings } = await verdictOf(run);
      expect(findings.map(({ message }) => message).filter((each) => each.includes('accepts'))).toEqual(
        problem === undefined ? [] : [problem],
      );
    }
  });

  it('holds a question to what was on record to be signed, and an answer to its question', async () => {
    const about = { step: 'signoff', actor: 'dana@example.com' };
    const asked = { request: 'q', text: 'Why now?', to: ['kim@example.com'] };
    const question = { ...about, kind: 'question.asked' as const };
    const answer = { ...about, kind: 'question.answered' as const, actor: 'kim@example.com' };
    await endedRun(store, 'asked', {
      also: [
        { ...question, data: { ...asked, hash: signoffHash } },
        { ...answer, data: { question: 9, text: 'It is late.' } },
      ],
    });
    expect((await verdictOf('asked')).findings).toEqual([]);
    await endedRun(store, 'astray', {
      also: [
        { ...question, data: { ...asked, hash: 'other' } },
        { ...answer, data: { question: 3, text: 'It is late.' } },
      ],
    });
    expect((await verdictOf('astray')).findings).toEqual([
      {
        record: 9,
        message:
          'Record 9 is a question about "signoff", and what it asks about is not on record as to be signed.',
      },
      {
        record: 10,
        message: 'Record 10 answers a question 3 about "signoff", and there is no such question before it.',
      },
    ]);
  });

  it('is begun from the journal when the gateway died before it could', async () => {
    await endedRun(store, 'orphan', { withoutStart: true });
    const { records } = await fileOf('orphan');
    expect(records.find(({ kind }) => kind === 'run.started')).toMatchObject({
      actor: 'kim@example.com',
      data: { from: 'journal' },
    });
    expect((await verdictOf('orphan')).findings).toEqual([]);
  });

  it('of a run that a schedule or another run starts is begun as soon as the run says so', async () => {
    const { batch, entries } = journalOf('scheduled');
    const [first] = entries;
    if (!first) throw new Error('no entry');
    const data = { requester: 'schedule', cause: 'schedule', planHash: plan.hash };
    await store.runs.appendJournal({ ...batch, entries: [{ ...first, data }] });
    expect(await store.audit.records('scheduled')).toMatchObject([
      { kind: 'run.started', actor: 'schedule', data: { cause: 'schedule', planHash: plan.hash } },
    ]);
  });

  it('is sealed once, when the last gap of the journal is filled', async () => {
    const { entries, batch } = journalOf('late');
    await store.runs.appendJournal({ ...batch, entries: entries.slice(0, 2) });
    await store.runs.appendJournal({ ...batch, entries: entries.slice(3) });
    const ends = async () => (await store.audit.records('late')).filter(({ kind }) => kind === 'run.ended');
    expect(await ends()).toHaveLength(0);
    await Promise.all([
      store.runs.appendJournal({ ...batch, entries: entries.slice(2) }),
      other.runs.appendJournal({ ...batch, entries: entries.slice(2) }),
    ]);
    await store.runs.appendJournal({ ...batch, entries });
    expect(await ends()).toHaveLength(1);
  });
});

function told(runId: string, who: string): AuditEntry {
  return {
    runId,
    kind: 'people.told',
    step: 'signoff',
    actor: 'countersign',
    data: { what: 'ask', to: [who] },
  };
}

function compiled(): Plan {
  const { plans, diagnostics } = compile({
    files: [{ path: 'small.yaml', text }],
    configuration: { path: 'countersign.yaml', text: 'timezone: UTC' },
    catalogue: catalogueOf(descriptions()),
  });
  if (plans[0]) return plans[0];
  throw new Error(diagnostics.map(({ message }) => message).join('\n'));
}

function journalOf(runId: string): { entries: JournalEntry[]; batch: JournalBatch } {
  const facts: Omit<JournalEntry, 'seq' | 'at'>[] = [
    { kind: 'run.started', data: { requester: 'kim@example.com', cause: 'manual', planHash: plan.hash } },
    {
      kind: 'gate.opened',
      step: 'signoff',
      data: { approvers: ['dana@example.com'], needed: 1, hash: signoffHash },
    },
    {
      kind: 'vote',
      step: 'signoff',
      data: { by: 'dana@example.com', decision: 'approve', hash: signoffHash },
    },
    { kind: 'step.succeeded', step: 'signoff' },
    { kind: 'run.paused', data: { by: 'kim@example.com' } },
    { kind: 'step.started', step: 'account' },
    { kind: 'step.succeeded', step: 'account', data: { output } },
    { kind: 'run.ended', data: { status: 'succeeded' } },
  ];
  const entries = facts.map((fact, index) => ({ seq: index + 1, at: began + index, ...fact }));
  const summary = { status: 'succeeded' as const, endedAt: began + 100, waitingOn: [] };
  return { entries, batch: { runId, workflowId: `small-${runId}`, runbook: 'small', entries, summary } };
}

interface Left {
  withoutStart?: true;
  withoutOutcome?: true;
  withoutBegin?: true;
  also?: Omit<AuditEntry, 'runId'>[];
}

/** What gateways and workers record of a small run, and its journal. */
async function endedRun({ runs, audit }: Store, runId: string, left: Left = {}): Promise<void> {
  const { batch } = journalOf(runId);
  await runs.savePlan(plan);
  const vote = { request: 'r1', decision: 'approve', hash: signoffHash };
  const pause = { request: 'r2', command: 'pause' };
  const action = { action: 'entra.deleteUser', effect: 'destructive', attempt: 1 };
  const entries: (Omit<AuditEntry, 'runId'> | undefined)[] = [
    left.withoutStart
      ? undefined
      : { kind: 'run.started', actor: 'kim@example.com', data: { planHash: plan.hash, cause: 'manual' } },
    { kind: 'gate.opened', step: 'signoff', actor: 'countersign', data: { hash: signoffHash } },
    { kind: 'vote.requested', step: 'signoff', actor: 'dana@example.com', data: vote },
    left.withoutOutcome
      ? undefined
      : { kind: 'vote.accepted', step: 'signoff', actor: 'dana@example.com', data: vote },
    { kind: 'command.requested', actor: 'kim@example.com', data: pause },
    { kind: 'command.accepted', actor: 'kim@example.com', data: pause },
    left.withoutBegin
      ? undefined
      : { kind: 'action.begun', step: 'account', actor: 'countersign', data: action },
    {
      kind: 'action.ended',
      step: 'account',
      actor: 'countersign',
      data: { ...action, outcome: 'succeeded', output: digestOf(seal, output as Json) },
    },
    ...(left.also ?? []),
  ];
  for (const entry of entries) if (entry) await audit.append({ runId, ...entry });
  await runs.appendJournal(batch);
}
