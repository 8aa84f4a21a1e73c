/** What is a change by hand, and what is not: events, late reports, edited retries, statuses, called runs. */
import { describe, expect, it } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { engineActivities } from '../engine-activities.ts';
import type { Run } from '../run.ts';
import { action, approve, owner, person, startOf, World } from '../testing.ts';
import { simulate } from '../virtual/simulate.ts';
import {
  actingIn,
  begin,
  covered,
  dana,
  disable,
  disabled,
  gate,
  hour,
  kinds,
  lee,
  pause,
  signed,
} from './testing.ts';

const came: Step = { id: 'came', kind: 'wait', event: { name: 'found', key: 'k' } };
const byEvent = disable({ with: { who: { $expr: 'steps.came.output.who' } } });
const event = (source?: string, who = 'eve') => ({
  name: 'found',
  key: 'k',
  data: { who },
  ...(source ? { source } : {}),
});

describe('An event for a wait behind a signature', () => {
  it('that a system delivers is from its source, and goes on at once', async () => {
    const { sim, world, tell } = await signed([gate(), came, byEvent]);
    tell('event', event('cxml: Example Supplies'));
    await sim.finish();
    expect(disabled(world)).toEqual(['eve']);
    expect(kinds(sim)).not.toContain('proposal.made');
  });

  it('that a person sends whom nobody named waits for those who signed', async () => {
    const { sim, world, tell, vote } = await signed([gate(), came, byEvent]);
    tell('event', event(lee.id));
    await sim.settle();
    expect(disabled(world)).toEqual([]);
    expect(sim.run.state.gates.get('sign')?.shown.proposed).toMatchObject([
      { by: lee.id, changes: [{ path: 'steps.came.output', after: { who: 'eve' } }] },
    ]);
    expect(() => vote(lee)).toThrow('proposed this change');
    vote(dana);
    await sim.finish();
    expect(disabled(world)).toEqual(['eve']);
  });

  it('that is not signed ends no wait, and one of the source still does', async () => {
    const { sim, world, tell, vote } = await signed([gate(), came, byEvent]);
    tell('event', event('stranger@example.com'));
    await sim.settle();
    vote(dana, 'reject');
    await sim.settle();
    expect(sim.run.state.waits.has('came')).toBe(true);
    tell('event', event('cxml: Example Supplies', 'ada'));
    await sim.finish();
    expect(disabled(world)).toEqual(['ada']);
  });

  it('is not waited for once the time to wait has passed: what was proposed falls', async () => {
    const within: Step = { ...came, within: { ms: 2 * hour }, onExpiry: 'continue' } as Step;
    const { sim, tell } = await signed([gate(), within, disable({ if: 'steps.came.status == "succeeded"' })]);
    sim.at(hour, () => void tell('event', event('stranger@example.com')));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(kinds(sim)).toContain('proposal.fell');
    expect(sim.clock.now() - sim.run.state.startedAt).toBe(2 * hour);
  });

  it('is from its source when `from` names the person', async () => {
    const named: Step = { ...came, event: { name: 'found', key: 'k', from: [lee.id] } } as Step;
    const { sim, world, tell } = await signed([gate(), named, byEvent]);
    tell('event', event(lee.id));
    await sim.finish();
    expect(disabled(world)).toEqual(['eve']);
  });

  it('goes on at once with `amend: free`, and marked', async () => {
    const { sim, world, tell } = await signed([gate(), { ...came, amend: 'free' }, byEvent]);
    tell('event', event(lee.id));
    await sim.finish();
    expect(disabled(world)).toEqual(['eve']);
    expect(sim.run.state.hands).toMatchObject([{ path: 'steps.came.output', by: lee.id }]);
  });

  it('before the signature is marked there, and whoever sent it does not sign', async () => {
    const { sim, tell, vote } = begin([came, gate(), byEvent]);
    tell('event', event(lee.id));
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.shown.byHand).toMatchObject([
      { path: 'steps.came.output', by: lee.id },
    ]);
    expect(() => vote(lee)).toThrow('said by hand what "came" gave');
    vote(dana);
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('A task whose time has passed', () => {
  const helper = person('helper@example.com');
  const task: Step = {
    id: 'collect',
    kind: 'task',
    to: [helper.id],
    instructions: 'Collect it.',
    form: {},
    within: { ms: hour },
  };
  const reads = disable({ if: 'steps.collect.output.returned', with: { who: { $expr: 'inputs.who' } } });
  const world = () =>
    new World().once(engineActivities.openTask, () => ({
      people: [helper.id],
      deadline: Date.UTC(2026, 0, 5, 10),
    }));

  it('is reported late by whoever was asked, and nobody signs that', async () => {
    const { sim, tell } = await signed([gate(), task, reads], { world: world() });
    sim.at(2 * hour, () => {
      expect(sim.run.state.parked.has('collect')).toBe(true);
      expect(sim.run.state.summary().waitingOn).toMatchObject([{ kind: 'parked', people: [helper.id] }]);
      expect(tell('complete', { principal: helper, step: 'collect', output: { returned: true } })).toEqual({
        applied: ['collect'],
        proposed: [],
      });
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(kinds(sim)).not.toContain('proposal.made');
  });

  it('is signed when somebody else says that it is done', async () => {
    const { sim, world: calls, tell, vote } = await signed([gate(), task, reads], { world: world() });
    sim.at(2 * hour, () => {
      expect(() => tell('complete', { principal: lee, step: 'collect', output: { returned: true } })).toThrow(
        'only its owner may',
      );
      expect(tell('complete', { principal: owner, step: 'collect', output: { returned: true } })).toEqual({
        applied: [],
        proposed: ['collect'],
      });
    });
    sim.at(3 * hour, () => {
      expect(disabled(calls)).toEqual([]);
      vote(dana);
    });
    await sim.finish();
    expect(disabled(calls)).toEqual(['ada']);
  });
});

describe('A look-up before the signature that is tried again with another input', () => {
  it('is marked at the gate, and whoever edited it does not sign', async () => {
    const world = new World().fails('test.find', 'not found').once('test.find', () => ({ id: 'boss' }));
    const find = action('find', { effect: 'read', with: { who: { $expr: 'inputs.who' } } });
    const { sim, tell, vote } = begin(
      [find, gate(), disable({ with: { who: { $expr: 'steps.find.output.id' } } })],
      { world },
    );
    await sim.settle();
    tell('retry', { principal: owner, step: 'find', with: { who: 'boss' } });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.shown.byHand).toMatchObject([
      { path: 'steps.find.with', by: owner.id, before: { who: 'ada' }, after: { who: 'boss' } },
    ]);
    expect(() => vote(owner)).toThrow('changed by hand what "find" is called with');
    vote(dana);
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('behind one that is given afterwards raises its revision', async () => {
    const world = new World().fails('test.disable', 'no such user');
    const { sim, tell, vote } = begin([gate({ retroactive: true }), disable({ with: { who: 'constant' } })], {
      world,
    });
    await sim.settle();
    const hash = sim.run.state.gates.get('sign')?.hash;
    tell('retry', { principal: owner, step: 'disable', with: { who: 'other' } });
    await sim.settle();
    const open = sim.run.state.gates.get('sign');
    expect(open?.hash).not.toBe(hash);
    expect(open?.shown.byHand).toMatchObject([{ path: 'steps.disable.with', by: owner.id }]);
    expect(() => vote(owner)).toThrow('by hand');
    vote(dana);
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('A signature that is given afterwards', () => {
  it('is not decided while something behind it is under way', async () => {
    let done: () => void = () => {};
    const world = new World().once(
      'test.disable',
      () => new Promise((resolve) => (done = () => resolve({}))),
    );
    const { sim, vote } = begin([gate({ retroactive: true }), disable()], { world });
    await sim.settle();
    vote(dana);
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.outcome).toBeUndefined();
    done();
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.outcome).toBe('approved');
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('A refusal of what is signed afterwards', () => {
  it('that comes while it is under way ends the asking once it is done', async () => {
    let done: () => void = () => {};
    const world = new World().once(
      'test.disable',
      () => new Promise((resolve) => (done = () => resolve({}))),
    );
    const { sim, vote } = begin([gate({ retroactive: true, from: [dana.id] }), disable()], { world });
    await sim.settle();
    vote(dana, 'reject');
    done();
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.outcome).toBe('rejected');
    expect(sim.run.state.tasks.has('sign.review')).toBe(true);
  });
});

describe('A step that is completed by hand', () => {
  it('is signed where a step behind the signature reads no more than that it was done', async () => {
    const world = new World().fails('test.backup', 'disk full');
    const asks = disable({ if: 'steps.backup.status == "succeeded"' });
    const { sim, tell, vote } = await signed([gate(), action('backup'), asks], { world });
    expect(tell('complete', { principal: owner, step: 'backup', output: {} })).toEqual({
      applied: [],
      proposed: ['backup'],
    });
    await sim.settle();
    vote(dana);
    await sim.finish();
    expect(disabled(world)).toEqual(['ada']);
  });

  it('keeps its proposal when another step with a longer name is decided about', async () => {
    const world = new World().fails('test.find', 'no').fails('test.finder', 'no');
    const both: Step = {
      id: 'both',
      kind: 'parallel',
      branches: { a: [action('find', { effect: 'read' })], b: [action('finder', { effect: 'read' })] },
    };
    const { sim, tell } = await signed(
      [gate(), both, disable({ with: { who: { $expr: 'steps.find.output.id + steps.finder.output.id' } } })],
      { world },
    );
    tell('complete', { principal: owner, step: 'finder', output: { id: 'b' } });
    tell('complete', { principal: owner, step: 'find', output: { id: 'a' } });
    tell('retry', { principal: owner, step: 'find' });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.proposals).toMatchObject([
      { changes: [{ path: 'steps.finder.output' }] },
    ]);
  });
});

describe('In a run that another one called', () => {
  const call: Step = {
    id: 'call',
    kind: 'runbook',
    runbook: 'called',
    planHash: 'called',
    with: { who: { $expr: 'inputs.who' }, note: 'n', rings: [] },
  };
  const run = (steps: Step[], inner: Step[], more: { world?: World; outputs?: object } = {}) => {
    const called = {
      ...covered(inner),
      hash: 'called',
      runbook: 'called',
      outputs: (more.outputs ?? {}) as never,
    };
    const children: Run[] = [];
    const world = more.world ?? new World();
    const start = startOf(covered(steps), {
      inputs: { who: 'ada', note: 'n', rings: [] },
      plans: { called },
    });
    const sim = simulate(start, { answer: world.answer, onChild: (child) => void children.push(child) });
    return { sim, world, children, acts: actingIn(sim.run) };
  };

  it('a change by hand is asked of those who signed for the caller, and what reads it waits', async () => {
    const { sim, world, children, acts } = run([gate(), call], [pause, disable()]);
    await sim.settle();
    acts.vote(dana);
    await sim.settle();
    const child = actingIn(children[0] as Run);
    expect(child.amends({ who: 'eve' })).toEqual({ applied: [], proposed: ['who'] });
    sim.at(3 * hour, () => {
      expect(disabled(world)).toEqual([]);
      child.vote(dana, 'reject');
    });
    await sim.finish();
    expect(disabled(world)).toEqual(['ada']);
  });

  it('what was typed by hand is marked at a later signature of the caller, and whoever typed it does not sign', async () => {
    const find = action('find', { effect: 'read' });
    const world = new World().fails('test.find', 'not found');
    const outputs = { id: { $expr: 'steps.find.output.id' } };
    const { sim, children, acts } = run(
      [call, gate(), disable({ with: { who: { $expr: 'steps.call.output.id' } } })],
      [find],
      { world, outputs },
    );
    await sim.settle();
    actingIn(children[0] as Run).tell('complete', { principal: owner, step: 'find', output: { id: 'boss' } });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.shown.byHand).toMatchObject([
      { path: 'steps.call.output', by: owner.id, after: { 'steps.find.output': { id: 'boss' } } },
    ]);
    expect(() => acts.vote(owner)).toThrow('by hand');
    acts.vote(dana);
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('A value too long to be shown', () => {
  it('is signed to its last character', async () => {
    const long = 'x'.repeat(5_000);
    const hashes: (string | undefined)[] = [];
    for (const tail of ['a', 'b']) {
      const world = new World().once('test.find', () => ({ id: long + tail }));
      const { sim } = begin(
        [
          action('find', { effect: 'read' }),
          gate(),
          disable({ with: { who: { $expr: 'steps.find.output.id' } } }),
        ],
        { world },
      );
      await sim.settle();
      hashes.push(JSON.stringify(sim.run.state.gates.get('sign')?.shown.values));
    }
    expect(hashes[0]).toContain('5003 characters');
    expect(hashes[0]).not.toBe(hashes[1]);
  });
});

describe('What was proposed and fell', () => {
  it('is told to whoever proposed it and to the owner', async () => {
    const { sim, world, amends, vote } = await signed([gate(), pause, disable()]);
    amends({ who: 'eve' });
    await sim.settle();
    vote(dana, 'reject');
    await sim.finish();
    const told = world.calls.filter(({ activity }) => activity === engineActivities.proposalFell);
    expect(told.map(({ input }) => input)).toMatchObject([
      {
        by: owner.id,
        owner: 'role:it-coordinators',
        changes: [{ path: 'inputs.who', before: 'ada', after: 'eve' }],
        reason: '"sign" was refused by dana@example.com',
      },
    ]);
  });
});

describe('A proposal', () => {
  it('keeps asking whom it was taken to, when another one joins it', async () => {
    const director = 'director@example.com';
    const { sim, world, amends, vote } = await signed([
      gate({ within: { ms: 2 * hour }, escalate: director }),
      pause,
      disable({ with: { who: { $expr: 'inputs.who + inputs.note' } } }),
    ]);
    amends({ who: 'eve' });
    sim.at(3 * hour, () => {
      expect(sim.run.state.gates.get('sign')?.approvers).toContain(director);
      amends({ note: 'm' });
    });
    sim.at(3.5 * hour, () => {
      expect(sim.run.state.gates.get('sign')?.approvers).toContain(director);
      vote(person(director));
    });
    await sim.finish();
    expect(disabled(world)).toEqual(['evem']);
  });

  it('has its time from its beginning, however long asking takes', async () => {
    const { sim, amends, world } = await signed([gate({ within: { ms: 3 * hour } }), pause, disable()]);
    let release: () => void = () => {};
    world.once(
      engineActivities.openGate,
      (input) =>
        new Promise((resolve) => {
          release = () =>
            resolve({
              approvers: [dana.id],
              needed: 1,
              hash: 'again',
              deadline: (input as { openedAt: number }).openedAt + 3 * hour,
            });
        }),
    );
    amends({ who: 'eve' });
    const made = sim.clock.now();
    await sim.settle();
    sim.at(hour, () => void release());
    sim.at(2 * hour, () => expect(sim.run.state.gates.get('sign')?.deadline).toBe(made + 3 * hour));
    await sim.finish();
    expect(disabled(world)).toEqual(['ada']);
  });

  it('about a closing step is settled though the run was called off', async () => {
    const world = new World().fails('test.last', 'no');
    const last = action('last', { with: { who: { $expr: 'inputs.who' } } });
    const plan = { ...covered([gate(), pause, disable()], {}, { finally: [last] }) };
    const sim = simulate(startOf(plan, { inputs: { who: 'ada', note: 'n', rings: [] } }), world);
    const acts = actingIn(sim.run);
    await sim.settle();
    acts.vote(dana);
    await sim.settle();
    acts.tell('abort', { principal: owner, comment: 'stop' });
    await sim.settle();
    expect(sim.run.state.parked.has('last')).toBe(true);
    acts.tell('retry', { principal: owner, step: 'last', with: { who: 'eve' } });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.proposals).toMatchObject([
      { changes: [{ after: { who: 'eve' } }] },
    ]);
    acts.vote(lee);
    expect((await sim.finish()).status).toBe('cancelled');
  });
});

describe('An approval', () => {
  it('asks who stands in by now, at its reminder', async () => {
    const world = new World().once(engineActivities.remindGate, () => ({
      approvers: ['delegate@example.com'],
    }));
    const { sim, vote } = begin([approve('sign', [dana.id], { remind: { ms: hour } }), disable()], { world });
    await sim.settle();
    sim.at(2 * hour, () => void vote(person('delegate@example.com')));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.calls.find(({ activity }) => activity === engineActivities.remindGate)?.input).toMatchObject(
      { from: [dana.id], approvers: [dana.id] },
    );
  });
});
