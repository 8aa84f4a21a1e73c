/** What was signed is what happens: looked at beside the effect, whatever the engine calls. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Json } from '../plan/plan.ts';
import { Stalled } from '../workflows/virtual/clock.ts';
import { describeWith, testDatabase } from './support/services.ts';
import { until } from './support/stack.ts';
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
  moment: { type: string, default: "", amend: free }
steps:
  - id: find
    uses: test.look
    with: { user: "\${{ inputs.person }}" }
  - id: signoff
    approve: { from: [dana@example.com, hr@example.com], within: 1d, show: { person: "\${{ inputs.person }}" } }
  - id: settle
    wait: { for: 1h }
  - id: tag
    uses: test.note
    with: { note: "\${{ inputs.note }}" }
  - id: wipe
    uses: test.remove
    with: { user: "\${{ steps.find.output.id }}", name: "\${{ inputs.person }}", moment: "\${{ inputs.moment }}" }
`;

const groups = `
runbook: groups
title: Groups
kind: offboarding
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  groups: { type: array, items: { type: string }, maxItems: 10 }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { groups: "\${{ inputs.groups }}" } }
  - id: each
    forEach: \${{ inputs.groups }}
    as: group
    steps:
      - id: look
        uses: test.look
        with: { user: "\${{ group }}" }
      - id: leave
        uses: test.remove
        with: { group: "\${{ group }}", id: "\${{ steps.look.output.id }}" }
`;

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
    undo: { uses: test.remove, with: { user: "\${{ inputs.person }}", did: "\${{ steps.enable.output.done }}" } }
  - id: settle
    wait: { for: 1h }
  - id: stop
    end: { status: failed, reason: enough }
`;

const reported = `
runbook: reported
title: Reported
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
steps:
  - id: pick
    task:
      to: [hr@example.com]
      instructions: Name them
      form: { names: { type: string, maxLength: 5000 } }
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { names: "\${{ steps.pick.output.names }}" } }
  - id: wipe
    uses: test.remove
    with: { names: "\${{ steps.pick.output.names }}" }
`;

const withTask = leaver.replace(
  '  - id: settle\n    wait: { for: 1h }\n',
  '  - id: settle\n    task: { to: [hr@example.com], instructions: Look, form: { seen: { type: boolean } } }\n',
);

const afterwards = leaver
  .replace('runbook: leaver', 'runbook: afterwards')
  .replace('within: 1d,', 'within: 1d, retroactive: true,');

describeWith(database)('Beside the effect', () => {
  let runs: WarrantedRuns;
  let owner: pg.Client;

  beforeAll(async () => {
    runs = await WarrantedRuns.over(database?.url ?? '');
    owner = new pg.Client({ connectionString: database?.url });
    await owner.connect();
  });

  beforeEach(() => {
    runs.done.length = 0;
    runs.looks = ({ user }) => ({ id: `id of ${user}` });
    runs.fault = (call) => call;
  });

  afterAll(async () => {
    await owner.end();
    await runs.store.close();
    await database?.drop();
  });

  /** Begun by the engine before, and live when warrants came. */
  function older(): Promise<WarrantedRun> {
    const inputs = { person: 'lee', note: 'none', moment: '' };
    return runs.start(plansOf(leaver), inputs, { engine: 3 }, (run) =>
      owner.query('insert into older_run (run_id) values ($1)', [run]),
    );
  }

  const doneAs = () => runs.done.map(({ step, input }): [string, Json] => [step, input]);

  /** The leaver, signed, in its hour of waiting. */
  async function signed(text = leaver): Promise<WarrantedRun> {
    const run = await runs.start(plansOf(text), { person: 'lee', note: 'none', moment: '' });
    await run.vote('signoff', 'dana@example.com');
    await run.at('settle', 'waiting');
    return run;
  }

  async function notCarriedOut(call: Promise<Json>, why: RegExp, run: WarrantedRun): Promise<void> {
    await expect(call).rejects.toThrow(why);
    expect((await run.refusals()).join('\n')).toMatch(why);
    expect(runs.done).toEqual([]);
  }

  const wipeInput = { user: 'id of lee', name: 'lee', moment: '' };

  it('a run whose approval was given does what is behind it', async () => {
    const run = await signed();
    expect((await run.finish()).status).toBe('succeeded');
    await run.journalled();
    expect((await run.verdict()).findings).toEqual([]);
    expect(doneAs()).toEqual([
      ['tag', { note: 'none' }],
      ['wipe', wipeInput],
    ]);
    const records = await runs.store.audit.records(run.id);
    const begun = records.find(({ kind, step }) => kind === 'action.begun' && step === 'wipe');
    expect(begun?.data).toMatchObject({
      derived: true,
      warrants: [expect.stringMatching(/^signoff:1:.{16}$/)],
    });
    expect(await run.refusals()).toEqual([]);
  });

  it('nothing is done before its approval was given, whoever calls it', async () => {
    const run = await runs.start(plansOf(leaver), { person: 'lee', note: 'none', moment: '' });
    await run.at('signoff', 'waiting');
    const call = run.call({ activity: 'test.remove', step: 'wipe', input: wipeInput });
    await notCarriedOut(call, /behind the approval "signoff", and no warrant says that it was given/, run);
  });

  it('an auditor finds what was refused, and a write that names no warrant', async () => {
    const run = await signed();
    await run.call({ activity: 'test.remove', step: 'wipe', input: wipeInput }).catch(() => {});
    await run.finish();
    await run.journalled();
    await run.recordUnwarranted('wipe');
    const findings = (await run.verdict()).findings.map(({ message }) => message).join('\n');
    expect(findings).toMatch(/test.remove was refused at .*: step "wipe" names no warrant/);
    expect(findings).toMatch(/began for "wipe", which is behind the approval "signoff", and no warrant/);
  });

  it('a warrant of another run covers nothing', async () => {
    const other = await signed();
    const names = [...other.run.warrants.values()].map(({ name }) => name);
    const run = await runs.start(plansOf(leaver), { person: 'lee', note: 'none', moment: '' });
    await run.at('signoff', 'waiting');
    const call = run.call({ activity: 'test.remove', step: 'wipe', input: wipeInput, warrants: names });
    await notCarriedOut(call, /no warrant says that it was given/, run);
  });

  it('a step does what the plan says it uses, and nothing else', async () => {
    const run = await signed();
    const warrants = [...run.run.warrants.values()].map(({ name }) => name);
    const call = run.call({ activity: 'test.remove', step: 'tag', input: { note: 'none' }, warrants });
    await notCarriedOut(call, /step "tag" uses test.note, and not test.remove/, run);
  });

  it('a call that names no warrant is not carried out though one was given', async () => {
    const run = await signed();
    const call = run.call({ activity: 'test.remove', step: 'wipe', input: wipeInput });
    await notCarriedOut(call, /names no warrant of the approval "signoff"/, run);
  });

  it('a call is carried out once, also when it is scheduled a second time', async () => {
    const run = await signed();
    await run.finish();
    const call = run.calls.find(({ step }) => step === 'wipe');
    runs.done.length = 0;
    if (!call) throw new Error('no call');
    await notCarriedOut(
      run.again(call, wipeInput),
      /it was begun before, and was scheduled a second time/,
      run,
    );
  });

  it('what was signed before a change is not called once those who signed are asked about it', async () => {
    const run = await signed();
    const warrants = [...run.run.warrants.values()].map(({ name }) => name);
    await run.amend('owner@example.com', { person: 'kim' });
    await run.vote('signoff', 'hr@example.com', 'approve').catch(() => {});
    const old = () => run.call({ activity: 'test.remove', step: 'wipe', input: wipeInput, warrants });
    await notCarriedOut(old(), /what "signoff" signed has changed since/, run);
    expect((await run.finish()).status).toBe('succeeded');
    expect(doneAs().at(-1)).toEqual(['wipe', { ...wipeInput, name: 'kim' }]);
    runs.done.length = 0;
    await notCarriedOut(old(), /what "signoff" signed has changed since/, run);
  });

  it('steps that do not read what is proposed go on under the signature that was given', async () => {
    const run = await signed();
    await run.amend('owner@example.com', { person: 'kim' });
    const warrants = [...run.run.warrants.values()].map(({ name }) => name);
    await run.call({ activity: 'test.note', step: 'tag', input: { note: 'none' }, warrants });
    expect(doneAs()).toEqual([['tag', { note: 'none' }]]);
    await run.vote('signoff', 'hr@example.com', 'reject');
    expect((await run.finish()).status).toBe('succeeded');
    // Refused, so that what was signed stands, and is done.
    expect(doneAs().at(-1)).toEqual(['wipe', wipeInput]);
    expect(await run.refusals()).toEqual([]);
  });

  it('what people may change without being asked is carried out', async () => {
    const run = await signed();
    await run.amend('owner@example.com', { moment: 'now' });
    await run.journalled();
    expect((await run.finish()).status).toBe('succeeded');
    expect(doneAs().at(-1)).toEqual(['wipe', { ...wipeInput, moment: 'now' }]);
    expect(await run.refusals()).toEqual([]);
  });

  it('a step waits for what is written down of a proposal that was withdrawn while people were being asked', async () => {
    const run = await signed(withTask);
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      const askEngine = runs.askEngine.bind(runs);
      runs.askEngine = async (activity, input, call) => {
        const told = await askEngine(activity, input, call);
        if (activity !== 'countersign.openGate') return told;
        runs.askEngine = askEngine;
        resolve();
        // People were told, and it is on record; the engine has not heard of it yet.
        await new Promise<void>((done) => {
          answer = done;
        });
        return told;
      };
    });
    const owner = { id: 'owner@example.com', roles: [] };
    const amend = (person: string) =>
      run.run.commands.tell('amend', { principal: owner, inputs: { person } } as never);
    amend('kim');
    const finished = run.finish();
    await asked;
    amend('lee');
    const hr = { id: 'hr@example.com', roles: [] };
    run.run.commands.tell('complete', { step: 'settle', principal: hr, output: { seen: true } } as never);
    await run.goOn();
    await until('the step to be refused', async () =>
      (await run.refusals()).length > 0 || run.calls.some(({ step }) => step === 'wipe') ? true : undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    answer();
    expect((await finished).status).toBe('succeeded');
    expect(doneAs().at(-1)).toEqual(['wipe', wipeInput]);
  });

  it('the input of what destroys is computed again, and another one is not carried out', async () => {
    const run = await signed();
    runs.fault = (call) =>
      call.step === 'wipe' ? { ...call, input: { ...wipeInput, user: 'id of kim' } } : call;
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(run.run.state.view().steps.find(({ id }) => id === 'wipe')?.failure).toMatchObject({
      type: 'NotCovered',
      message: expect.stringMatching(
        /the input of step "wipe" is not what was signed for it gives: this is a fault of the engine/,
      ),
    });
    expect(doneAs().map(([step]) => step)).toEqual(['tag']);
    runs.fault = (call) => call;
    run.run.commands.tell('retry', { principal: { id: 'owner@example.com', roles: [] }, step: 'wipe' });
    expect((await run.finish()).status).toBe('succeeded');
  });

  it('a text that is too long to be shown whole is carried out as its reporter gave it', async () => {
    const run = await runs.start(plansOf(reported));
    await run.at('pick', 'waiting');
    const names = 'a name, '.repeat(400);
    await run.report('pick', 'hr@example.com', { names });
    await run.vote('signoff', 'dana@example.com');
    expect((await run.finish()).status).toBe('succeeded');
    expect(runs.done).toEqual([{ action: 'test.remove', step: 'wipe', input: { names } }]);
  });

  it('an engine that hands one item what is another one’s is refused', async () => {
    const run = await runs.start(plansOf(groups), { groups: ['a', 'b', 'c', 'd'] });
    const inputs = new Map<string, Json>();
    runs.fault = (call) => {
      if (call.activity !== 'test.remove') return call;
      inputs.set(call.item ?? '', call.input);
      return call.item === '[3]' ? { ...call, input: inputs.get('[2]') ?? null } : call;
    };
    await run.vote('signoff', 'dana@example.com');
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect(doneAs().map(([step]) => step)).toEqual(['leave[0]', 'leave[1]', 'leave[2]']);
    expect(await run.refusals()).toEqual([
      expect.stringMatching(/the input of step "leave\[3\]" is not what/),
    ]);
    runs.fault = (call) => call;
    run.run.commands.tell('retry', { principal: { id: 'owner@example.com', roles: [] }, step: 'each' });
    expect((await run.finish()).status).toBe('succeeded');
    expect(doneAs().at(-1)).toEqual(['leave[3]', { group: 'd', id: 'id of d' }]);
  });

  it('the warrant of one item does not serve another', async () => {
    const perItem = groups
      .replace('runbook: groups', 'runbook: per-item')
      .replace(/ {2}- id: signoff\n.*\n/, '')
      .replace(
        '    steps:\n',
        '    steps:\n      - id: signoff\n        approve: { from: [dana@example.com], within: 1d, show: { group: "${{ group }}" } }\n',
      );
    const run = await runs.start(plansOf(perItem), { groups: ['a', 'b'] });
    await run.vote('signoff[0]', 'dana@example.com');
    await run.at('signoff[1]', 'waiting');
    const warrants = [...run.run.warrants.values()].map(({ name }) => name);
    runs.done.length = 0;
    const call = run.call({ activity: 'test.remove', step: 'leave', item: '[1]', warrants, input: {} });
    await notCarriedOut(call, /no warrant says that it was given/, run);
  });

  it('work is taken back under what it was done under, whatever became of the approval since', async () => {
    const run = await runs.start(plansOf(undoing), { person: 'lee' });
    await run.vote('signoff', 'dana@example.com');
    await run.at('settle', 'waiting');
    await run.amend('owner@example.com', { person: 'kim' });
    expect((await run.finish()).status).toBe('failed');
    expect(doneAs()).toEqual([
      ['enable', { user: 'lee' }],
      ['enable.undo', { user: 'lee', did: true }],
    ]);
    expect(await run.refusals()).toEqual([]);
  });

  it('nothing is taken back that the plan does not take back so', async () => {
    const run = await runs.start(plansOf(undoing), { person: 'lee' });
    await run.vote('signoff', 'dana@example.com');
    await run.at('settle', 'waiting');
    const warrants = [...run.run.warrants.values()].map(({ name }) => name);
    runs.done.length = 0;
    const undo = { step: 'enable.undo', warrants };
    await notCarriedOut(
      run.call({ ...undo, activity: 'test.note' }),
      /the undo of step "enable" uses test.remove/,
      run,
    );
    const other = run.call({ ...undo, activity: 'test.remove', input: { user: 'kim', did: true } });
    await notCarriedOut(other, /the input of the undo of step "enable.undo" is not what/, run);
  });

  it('the items of a list that was changed since keep their own', async () => {
    const slow = groups.replace(
      '      - id: look',
      '      - id: settle\n        wait: { for: 1h }\n      - id: look',
    );
    const run = await runs.start(plansOf(slow), { groups: ['a', 'b'] });
    await run.vote('signoff', 'dana@example.com');
    await run.at('settle[0]', 'waiting');
    await run.amend('owner@example.com', { groups: ['b', 'a', 'c'] });
    await run.vote('signoff', 'dana@example.com');
    expect((await run.finish()).status).toBe('succeeded');
    expect(doneAs().map(([, input]) => input)).toEqual(
      ['a', 'b', 'c'].map((group) => ({ group, id: `id of ${group}` })),
    );
    expect(await run.refusals()).toEqual([]);
  });

  it('of an approval that may come afterwards the warrant says that people were asked', async () => {
    const run = await signed(afterwards).catch(() => undefined);
    expect(run).toBeDefined();
    expect((await run?.finish())?.status).toBe('succeeded');
    const records = await runs.store.audit.records(run?.id ?? '');
    const issued = records.find(({ kind }) => kind === 'warrant.issued');
    expect(issued?.data).toMatchObject({ retroactive: true, votes: [{ person: 'dana@example.com' }] });
  });

  it('a run that was live when warrants came gets them from its records, and ends', async () => {
    const run = await older();
    await run.vote('signoff', 'dana@example.com');
    const migrated = await runs.migrated();
    expect(migrated.filter((each) => each.run === run.id)).toEqual([
      { run: run.id, gate: 'signoff', warrant: expect.any(String) },
    ]);
    expect((await run.finish()).status).toBe('succeeded');
    expect(doneAs().at(-1)).toEqual(['wipe', wipeInput]);
    const records = await runs.store.audit.records(run.id);
    expect(records.filter(({ kind }) => kind === 'warrant.issued').map(({ data }) => data.before)).toEqual([
      4,
    ]);
  });

  it('an approval of such a run that is given later needs no command', async () => {
    const run = await older();
    await run.at('signoff', 'waiting');
    expect((await runs.migrated()).find((each) => each.run === run.id)?.why).toMatch(/0 of 1 signatures/);
    const early = run.call({ activity: 'test.remove', step: 'wipe', input: wipeInput });
    await notCarriedOut(early, /no warrant says that it was given/, run);
    await run.vote('signoff', 'dana@example.com');
    expect((await run.finish()).status).toBe('succeeded');
  });

  it('nobody passes for a run of before', async () => {
    const run = await runs.start(plansOf(leaver), { person: 'lee', note: 'none', moment: '' }, { engine: 3 });
    await run.vote('signoff', 'dana@example.com');
    await expect(run.finish()).rejects.toThrow(Stalled);
    expect((await run.refusals()).join()).toMatch(/step "tag" names no warrant|no warrant says/);
    expect(runs.done).toEqual([]);
  });

  it('no warrant is issued on an approval that its author has taken back since', async () => {
    const run = await runs.start(plansOf(leaver), { person: 'lee', note: 'none', moment: '' });
    await run.at('signoff', 'waiting');
    const hash = run.run.state.view().gates[0]?.hash ?? '';
    await run.recordVote('signoff', 'dana@example.com', 'reject', hash, () =>
      run.recordVote('signoff', 'dana@example.com', 'approve', hash),
    );
    // The run hears of the first alone: somebody left the second out.
    run.run.commands.tell('vote', {
      step: 'signoff',
      decision: 'approve',
      principal: { id: 'dana@example.com', roles: [] },
      hash,
    });
    await run.at('signoff', 'parked');
    expect(run.run.state.view().steps.find(({ id }) => id === 'signoff')?.failure?.message).toMatch(
      /No warrant can be issued for "signoff": dana@example.com has refused "signoff" since/,
    );
  });
});
