/** A called runbook is behind its caller's approvals: looked at beside the effect, whatever the engine calls. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Stalled } from '../workflows/virtual/clock.ts';
import { describeWith, testDatabase } from './support/services.ts';
import { plansOf, WarrantedRuns } from './support/warranted-runs.ts';

const database = await testDatabase();

const caller = `
runbook: caller
title: Caller
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  person: { type: string }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { person: "\${{ inputs.person }}" } }
  - id: tell
    runbook: called
    with: { name: "\${{ inputs.person }}" }
`;

const called = `
runbook: called
title: Called
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  name: { type: string }
steps:
  - id: wipe
    uses: test.remove
    with: { user: "\${{ inputs.name }}" }
`;

const slow = called.replace('runbook: called', 'runbook: slow').replace(
  '  - id: wipe',
  `  - id: begin
    uses: test.look
    with: { user: "\${{ inputs.name }}" }
  - id: settle
    wait: { for: 3h }
  - id: wipe`,
);

const callsSlow = `${caller.replace('runbook: caller', 'runbook: calls-slow').replace('runbook: called', 'runbook: slow')}
  - id: tag
    uses: test.note
    with: { note: "\${{ inputs.person }}" }
`;

describeWith(database)('Beside the effect, in called runbooks,', () => {
  let runs: WarrantedRuns;

  beforeAll(async () => {
    runs = await WarrantedRuns.over(database?.url ?? '');
  });

  beforeEach(() => {
    runs.done.length = 0;
    runs.looks = ({ user }) => ({ id: `id of ${user}` });
    runs.fault = (call) => call;
  });

  afterAll(async () => {
    await runs.store.close();
    await database?.drop();
  });

  it('a called run is behind the approvals of the run that called it', async () => {
    const run = await runs.start(plansOf(caller, called), { person: 'lee' });
    await run.vote('signoff', 'dana@example.com');
    expect((await run.finish()).status).toBe('succeeded');
    expect(runs.done.map(({ step, input }) => [step, input])).toEqual([['wipe', { user: 'lee' }]]);
  });

  it.each([
    [
      'does nothing that its caller’s signatures do not cover',
      { warrants: [] },
      /names no warrant of the approval "signoff"/,
    ],
    [
      'is given what its caller’s signatures cover, and destroys nothing else',
      { input: { user: 'kim' } },
      /the input of step "wipe" is not what/,
    ],
  ])('a called run %s', async (_, fault, why) => {
    const run = await runs.start(plansOf(caller, called), { person: 'lee' });
    runs.fault = (call) => (call.step === 'wipe' ? { ...call, ...fault } : call);
    await run.vote('signoff', 'dana@example.com');
    run.finish().catch(() => {});
    await expect(run.refusedBelow('tell')).resolves.toMatch(why);
    expect(runs.done).toEqual([]);
  });

  it('a called run ends with what was signed when it was called, whatever is countersigned since', async () => {
    const run = await runs.start(plansOf(callsSlow, slow), { person: 'ann' });
    await run.vote('signoff', 'dana@example.com');
    await run.at('tell', 'running');
    await run.below('tell').at('settle', 'waiting');
    await run.amend('owner@example.com', { person: 'bob' });
    await run.vote('signoff', 'dana@example.com');
    expect((await run.finish()).status).toBe('succeeded');
    expect(runs.done).toEqual([
      { action: 'test.remove', step: 'wipe', input: { user: 'ann' } },
      { action: 'test.note', step: 'tag', input: { note: 'bob' } },
    ]);
  });

  it('a run that was called before people were asked about a change does not begin with another input', async () => {
    const run = await runs.start(plansOf(callsSlow, slow), { person: 'ann' });
    runs.fault = (call) => (call.step === 'wipe' ? { ...call, input: { user: 'bob' } } : call);
    await run.vote('signoff', 'dana@example.com');
    await run.below('tell').at('settle', 'waiting');
    await run.amend('owner@example.com', { person: 'bob' });
    await run.vote('signoff', 'dana@example.com');
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(runs.done).toEqual([]);
  });

  it('a run that is called after a change was countersigned does not go by what was signed before', async () => {
    const later = callsSlow.replace('  - id: tell', '  - id: first\n    wait: { for: 1h }\n  - id: tell');
    const run = await runs.start(plansOf(later, slow), { person: 'ann' });
    await run.vote('signoff', 'dana@example.com');
    await run.at('first', 'waiting');
    const named = [...run.run.warrants.values()].map(({ name }) => name);
    runs.fault = (call) =>
      call.step === 'wipe' ? { ...call, warrants: named, input: { user: 'ann' } } : call;
    await run.amend('owner@example.com', { person: 'bob' });
    await run.vote('signoff', 'dana@example.com');
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(runs.done).toEqual([]);
  });

  it('what the caller’s people countersign in the called run is carried out there', async () => {
    const slow = called.replace('steps:\n', 'steps:\n  - id: settle\n    wait: { for: 1h }\n');
    const run = await runs.start(plansOf(caller, slow), { person: 'lee' });
    await run.vote('signoff', 'dana@example.com');
    const below = run.below('tell');
    await below.at('settle', 'waiting');
    await below.amend('owner@example.com', { name: 'kim' });
    await below.vote('signoff', 'dana@example.com');
    expect((await run.finish()).status).toBe('succeeded');
    expect(runs.done.map(({ step, input }) => [step, input])).toEqual([['wipe', { user: 'kim' }]]);
  });

  it('a called run that is given something sensitive destroys that alone, compared by its content', async () => {
    const secret = called.replace('name: { type: string }', 'name: { type: string, sensitive: true }');
    const [plans, input] = [plansOf(caller, secret), { person: 'lee' }];
    const run = await runs.start(plans, input);
    await run.vote('signoff', 'dana@example.com');
    expect((await run.finish()).status).toBe('succeeded');
    const begun = (await runs.store.audit.records(run.below('tell').id)).find(
      ({ kind }) => kind === 'action.begun',
    );
    expect(begun?.data.derived).toBe(true);
    runs.done.length = 0;
    const other = await runs.start(plans, input);
    runs.fault = (call) =>
      call.step === 'wipe' ? { ...call, input: { user: runs.seal.sealed('kim') } } : call;
    await other.vote('signoff', 'dana@example.com');
    other.finish().catch(() => {});
    await expect(other.refusedBelow('tell')).resolves.toMatch(/the input of step "wipe" is not what/);
    expect(runs.done).toEqual([]);
  });
});
