/** What was signed for one system is not carried out on another, whoever edits the configuration between signature and step. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { gateStory } from '../presentation/gate-story.ts';
import { systemText } from '../presentation/plain-text.ts';
import { Stalled } from '../workflows/virtual/clock.ts';
import { describeWith, testDatabase } from './support/services.ts';
import { plansOf, type WarrantedRun, WarrantedRuns } from './support/warranted-runs.ts';

const database = await testDatabase();

const leaver = `
runbook: leaver
title: Leaver
kind: offboarding
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  person: { type: string }
  note: { type: string, default: none }
steps:
  - id: signoff
    approve: { from: [dana@example.com, hr@example.com], within: 1d, show: { person: "\${{ inputs.person }}" } }
  - id: settle
    wait: { for: 1h }
  - id: tag
    uses: test.note
    with: { note: "\${{ inputs.note }}" }
  - id: wipe
    uses: test.remove
    with: { user: "\${{ inputs.person }}" }
`;

const called = leaver.replace(
  / {2}- id: settle[\s\S]*/,
  '  - id: tell\n    runbook: inner\n    with: { person: "${{ inputs.person }}" }\n',
);
const inner = leaver.replace('runbook: leaver', 'runbook: inner').replace(/ {2}- id: signoff\n.*\n/, '');

const undoing = `
runbook: undoing
title: Undoing
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  person: { type: string }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { person: "\${{ inputs.person }}" } }
  - id: enable
    uses: test.enable
    with: { user: "\${{ inputs.person }}" }
    undo: { uses: test.remove, with: { user: "\${{ inputs.person }}" } }
  - id: settle
    wait: { for: 1h }
  - id: stop
    end: { status: failed, reason: enough }
`;

const elsewhere =
  /The directory is another system than when people were asked for "signoff": tenant was example.com and is other.example.com now/;

describeWith(database)('The system on which an action acts', () => {
  let runs: WarrantedRuns;

  beforeAll(async () => {
    runs = await WarrantedRuns.over(database?.url ?? '');
  });

  beforeEach(() => {
    runs.done.length = 0;
    runs.fault = (call) => call;
    runs.settings = { tenant: 'example.com', secret: 'first' };
    runs.formerly = [];
    runs.effects = new Map();
  });

  afterAll(async () => {
    await runs.store.close();
    await database?.drop();
  });

  async function signed(...texts: string[]): Promise<WarrantedRun> {
    const run = await runs.start(plansOf(...texts), { person: 'lee', note: 'none' });
    await run.vote('signoff', 'dana@example.com');
    return run;
  }

  const failureOf = (run: WarrantedRun, step: string) =>
    run.run.state.view().steps.find(({ id }) => id === step)?.failure?.message;
  const steps = () => runs.done.map(({ step }) => step);
  const retry = (run: WarrantedRun, step: string) =>
    run.run.commands.tell('retry', { principal: { id: 'owner@example.com', roles: [] }, step });

  it('is recorded when people are asked, and another one parks what destroys, with the way out', async () => {
    const run = await signed(leaver);
    runs.settings = { tenant: 'other.example.com' };
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(steps()).toEqual(['tag']);
    expect(failureOf(run, 'wipe')).toMatch(elsewhere);
    expect(failureOf(run, 'wipe')).toContain('add `- { tenant: example.com }` to its formerly: there');
    expect(await run.refusals()).toEqual([expect.stringMatching(elsewhere)]);
    const records = await runs.store.audit.records(run.id);
    const systems = { test: { tenant: 'example.com', url: 'https://directory.example.com' } };
    for (const kind of ['gate.opened', 'warrant.issued'])
      expect(records.find((record) => record.kind === kind)?.data.systems).toEqual(systems);
    // For the page on which people sign.
    expect(await runs.store.audit.systemsAsked(run.id, 'signoff')).toEqual(systems);

    runs.formerly = [{ tenant: 'example.com' }];
    retry(run, 'wipe');
    expect((await run.finish()).status).toBe('succeeded');
    const begun = (await runs.store.audit.records(run.id)).findLast(
      ({ kind, step }) => kind === 'action.begun' && step === 'wipe',
    );
    expect(begun?.data).toMatchObject({ renamed: true, system: { tenant: 'other.example.com' } });
  });

  it('is told to auditors, with whatever was begun on another one', async () => {
    const run = await signed(leaver);
    expect((await run.finish()).status).toBe('succeeded');
    await run.journalled();
    expect((await run.verdict()).findings).toEqual([]);
    const records = await runs.store.audit.records(run.id);
    const [asking] = gateStory('signoff', run.run.state.journal, records).askings;
    expect(systemText(asking?.systems.test ?? {})).toBe(
      'tenant example.com, url https://directory.example.com',
    );
    const begun = records.find(({ kind, step }) => kind === 'action.begun' && step === 'wipe');
    const elsewhere = { ...begun?.data, call: 'elsewhere.1', system: { tenant: 'other.example.com' } };
    await runs.store.audit.append({
      runId: run.id,
      kind: 'action.begun',
      step: 'wipe',
      actor: 'countersign',
      data: elsewhere,
    });
    expect((await run.verdict()).findings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/on another system .* tenant was example.com and is other.example.com/),
    );
  });

  it('is the same with another password, another way to write its address, or what stands for what is not written', async () => {
    const run = await signed(leaver);
    runs.settings = { tenant: 'example.com', secret: 'second', url: 'https://Directory.example.com/' };
    expect((await run.finish()).status).toBe('succeeded');
    expect(steps()).toEqual(['tag', 'wipe']);
  });

  it('is another one also by a setting that was not there, or that names a secret', async () => {
    const secret = { $secret: 'tenant' };
    process.env.TEST_TENANT = 'example.com';
    const run = await signed(leaver);
    runs.settings = { tenant: secret };
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(failureOf(run, 'wipe')).toMatch(/tenant was example.com and is from a secret, \S{16} now/);
    runs.settings = { tenant: 'example.com', url: 'https://evil.example.com' };
    retry(run, 'wipe');
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(failureOf(run, 'wipe')).toMatch(/url was https:\/\/directory.example.com and is https:\/\/evil/);
    runs.settings = { tenant: 'example.com' };
    retry(run, 'wipe');
    expect((await run.finish()).status).toBe('succeeded');
  });

  it('is looked at again when a write is tried again', async () => {
    const run = await signed(leaver);
    await run.at('settle', 'waiting');
    const warrants = [...run.run.warrants.values()].map(({ name }) => name);
    const call = { activity: 'test.remove', step: 'wipe', input: { user: 'lee' }, warrants };
    const attempts = run.tries(call);
    await attempts(1);
    runs.done.length = 0;
    runs.settings = { tenant: 'other.example.com' };
    await expect(attempts(2)).rejects.toThrow(elsewhere);
    expect(steps()).toEqual([]);
  });

  it('stays the one of the whole signature when a change is countersigned since', async () => {
    const run = await signed(leaver);
    await run.at('settle', 'waiting');
    runs.settings = { tenant: 'other.example.com' };
    await run.amend('owner@example.com', { person: 'kim' });
    await run.vote('signoff', 'hr@example.com');
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(failureOf(run, 'wipe')).toMatch(elsewhere);
    expect(steps()).toEqual(['tag']);
  });

  it('is that of the signature also for what a called runbook does', async () => {
    const run = await signed(called, inner);
    await run.below('tell').at('settle', 'waiting');
    runs.settings = { tenant: 'other.example.com' };
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(await run.refusedBelow('tell')).toMatch(elsewhere);
    expect(steps()).toEqual(['tag']);
  });

  it('is that of the signature also when work is taken back', async () => {
    const run = await signed(undoing);
    await run.at('settle', 'waiting');
    runs.settings = { tenant: 'other.example.com' };
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(steps()).toEqual(['enable']);
    expect((await run.refusals()).join()).toMatch(elsewhere);
  });

  it('may not be there when people are asked, and is then not there for what they sign', async () => {
    runs.settings = undefined;
    const run = await signed(leaver);
    runs.settings = { tenant: 'other.example.com' };
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(failureOf(run, 'wipe')).toMatch(/tenant was not set and is other.example.com now.*add `- {}`/);
    runs.formerly = [{}];
    retry(run, 'wipe');
    expect((await run.finish()).status).toBe('succeeded');
  });

  it('is looked at wherever the plan or the action says that it destroys', async () => {
    for (const now of ['write', 'read'] as const) {
      runs.settings = { tenant: 'example.com' };
      runs.effects = new Map([['test.remove', now]]);
      const run = await signed(leaver);
      runs.settings = { tenant: 'other.example.com' };
      await expect(run.finish()).rejects.toThrow(Stalled);
      expect(failureOf(run, 'wipe')).toMatch(elsewhere);
    }
    runs.settings = { tenant: 'example.com' };
    const run = await signed(leaver);
    runs.effects = new Map([['test.note', 'destructive']]);
    runs.settings = { tenant: 'other.example.com' };
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(failureOf(run, 'tag')).toMatch(elsewhere);
  });

  it('is not needed of what an action that became a read was planned to change: it still waits for its signature', async () => {
    runs.effects = new Map([['test.remove', 'read']]);
    const run = await runs.start(plansOf(leaver), { person: 'lee', note: 'none' });
    await run.at('signoff', 'waiting');
    const call = run.call({ activity: 'test.remove', step: 'wipe', input: { user: 'lee' } });
    await expect(call).rejects.toThrow(/no warrant says that it was given/);
    await run.vote('signoff', 'dana@example.com');
    runs.fault = (each) => (each.step === 'wipe' ? { ...each, input: { user: 'kim' } } : each);
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(failureOf(run, 'wipe')).toMatch(/the input of step "wipe" is not what was signed/);
    expect(steps()).toEqual(['tag']);
  });
});
