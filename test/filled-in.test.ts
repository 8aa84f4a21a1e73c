/** What those who approved filled in is what happens, whatever the engine calls and whoever has the database. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import type { AuditFile } from '../store/audit/file.ts';
import { verify } from '../store/audit/verify.ts';
import { describeWith, testDatabase } from './support/services.ts';
import { plansOf, type WarrantedRun, WarrantedRuns } from './support/warranted-runs.ts';

const database = await testDatabase();

const extension = `
runbook: extension
title: Extension
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  person: { type: string }
steps:
  - id: signoff
    approve:
      from: [dana@example.com, hr@example.com]
      quorum: all
      within: 1d
      form: { endDate: { type: string, format: date }, note: { type: string, optional: true } }
  - id: settle
    wait: { for: 1h }
  - id: wipe
    uses: test.remove
    with: { user: "\${{ inputs.person }}", on: "\${{ steps.signoff.output.endDate }}" }
`;

const march = { endDate: '2026-03-31', note: 'as agreed' };
const june = { endDate: '2026-06-30' };

describeWith(database)('What those who approve fill in', () => {
  let runs: WarrantedRuns;
  let owner: pg.Client;

  beforeAll(async () => {
    runs = await WarrantedRuns.over(database?.url ?? '');
    owner = new pg.Client({ connectionString: database?.url });
    await owner.connect();
  });

  beforeEach(() => {
    runs.done.length = 0;
    runs.fault = (call) => call;
  });

  afterAll(async () => {
    await owner.end();
    await runs.store.close();
    await database?.drop();
  });

  async function signed(): Promise<WarrantedRun> {
    const run = await runs.start(plansOf(extension), { person: 'lee' });
    await run.vote('signoff', 'dana@example.com', 'approve', june);
    await run.vote('signoff', 'hr@example.com', 'approve', march);
    await run.vote('signoff', 'dana@example.com', 'approve', march);
    await run.at('settle', 'waiting');
    return run;
  }

  async function fileOf(run: WarrantedRun): Promise<AuditFile> {
    await run.journalled();
    const file = await runs.store.audit.file(run.id);
    if (!file) throw new Error('no run');
    return file;
  }

  const messages = (file: AuditFile, signer?: typeof runs.seal) =>
    verify(file, signer)
      .findings.map(({ message }) => message)
      .join('\n');

  it('is in the warrant and the records by digests that all agree, and in none of them as it is', async () => {
    const run = await signed();
    await run.finish();
    const file = await fileOf(run);
    expect(messages(file) + messages(file, runs.seal)).toBe('');
    expect(runs.done.map(({ step, input }) => [step, input])).toEqual([
      ['wipe', { user: 'lee', on: '2026-03-31' }],
    ]);
    const of = (kind: string) => file.records.filter((record) => record.kind === kind);
    expect(of('action.begun')[0]?.data.derived).toBe(true);
    expect(of('warrant.issued')[0]?.data.form).toEqual(expect.stringContaining('.'));
    expect(of('vote.accepted').map(({ data }) => Object.keys(data.form ?? {}).sort())).toEqual([
      ['endDate'],
      ['endDate', 'note'],
      ['endDate', 'note'],
    ]);
    const { rows } = await owner.query('select data::text as text from audit where run_id = $1', [run.id]);
    expect(rows.map(({ text }) => text).join('\n')).not.toMatch(/2026-0[36]|as agreed/);
  });

  it('is what a write beside the effect must be called with', async () => {
    const run = await signed();
    runs.fault = (call) =>
      call.step === 'wipe' ? { ...call, input: { user: 'lee', on: '2026-06-30' } } : call;
    await run.finish().catch(() => {});
    expect((await run.refusals()).join()).toMatch(/input of step "wipe" is not what was signed/);
    expect(runs.done).toEqual([]);
  });

  it('holds by the warrant, whatever somebody with the database writes in its place', async () => {
    const run = await signed();
    await owner.query(`update recorded_output set output = '{"endDate":"2026-06-30"}' where run_id = $1`, [
      run.id,
    ]);
    await run.finish().catch(() => {});
    expect((await run.refusals()).join()).toMatch(
      /filled in for "signoff" is not on record as it was signed/,
    );
    expect(runs.done).toEqual([]);
  });

  it('is no approval where the records of the votes say otherwise', async () => {
    const run = await runs.start(plansOf(extension), { person: 'lee' });
    const vote = (id: string) => run.vote('signoff', id, 'approve', march);
    await vote('dana@example.com');
    const hash = run.run.state.gates.get('signoff')?.hash ?? '';
    // Accepted from elsewhere, without what was filled in.
    await run.recordVote('signoff', 'dana@example.com', 'approve', hash);
    await vote('hr@example.com');
    await run.at('signoff', 'parked');
    expect(run.run.state.view().steps.find(({ id }) => id === 'signoff')?.failure?.message).toMatch(
      /dana@example.com is recorded to have filled in other values/,
    );
  });

  it('tells an auditor of every other account of it', async () => {
    const run = await signed();
    await run.finish();
    const file = await fileOf(run);
    const changed = (kind: string, field: 'form' | 'output', from?: string): AuditFile => {
      const journal = structuredClone(file.journal);
      for (const entry of journal) {
        if (entry.step !== 'signoff' || entry.kind !== kind || !entry.data) continue;
        if (from === undefined || entry.data.by === from) entry.data[field] = { endDate: '2027-01-31' };
      }
      return { ...file, journal };
    };
    expect(messages(changed('gate.approved', 'form'))).toMatch(/other values than hr@example.com filled in/);
    expect(messages(changed('gate.approved', 'form'), runs.seal)).toMatch(/than its warrant says/);
    expect(messages(changed('step.succeeded', 'output'))).toMatch(/gives other values of "signoff" than/);
    expect(messages(changed('vote', 'form', 'hr@example.com'), runs.seal)).toMatch(
      /shows that hr@example.com filled in for "signoff" what is not on record/,
    );
    const without = structuredClone(file.journal);
    for (const { kind, data } of without) if (kind === 'gate.approved') delete data?.form;
    expect(messages({ ...file, journal: without })).toMatch(/was approved without what it asks for/);
  });
});
