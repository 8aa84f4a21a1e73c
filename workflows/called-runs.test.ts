/** Runbooks that others call: how they end, and what is taken back of them. */
import { describe, expect, it } from '@jest/globals';
import type { Step } from '../plan/plan.ts';
import type { Run } from './run.ts';
import { action, approve, owner, person, planOf, startOf, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const withUndo = (id: string) => action(id, { undo: { uses: `test.undo_${id}`, with: {} } });
const call: Step = { id: 'call', kind: 'runbook', runbook: 'called', planHash: 'called', with: {} };
const calling = (steps: Step[], inner: Step[]) =>
  startOf(planOf(steps), {
    plans: { called: planOf(inner, { hash: 'called', runbook: 'called' }) },
    inputs: { list: ['a', 'b'] },
  });

describe('a runbook that is called for an item of a list', () => {
  const each = (more = {}): Step => ({
    id: 'each',
    kind: 'forEach',
    items: 'inputs.list',
    as: 'one',
    concurrency: 1,
    steps: [call],
    ...more,
  });

  it('and fails takes back what it did, and ends as failed', async () => {
    const world = new World().fails('test.y', 'no');
    const ended: string[] = [];
    const sim = simulate(calling([each({ tolerate: { count: 1 } })], [withUndo('x'), action('y')]), {
      answer: world.answer,
      onRecord: ({ kind, data }, _, run) => {
        if (kind === 'run.ended' && run !== 'simulated') ended.push(`${run} ${data?.status}`);
      },
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.x', 'test.y', 'test.undo_x', 'test.x', 'test.y']);
    expect(ended).toEqual(['simulated/call[0] failed', 'simulated/call[1] succeeded']);
  });

  it('is told of by itself also where the list is done in batches', async () => {
    const world = new World();
    const begun: string[] = [];
    let looks = 0;
    const sim = simulate(calling([each()], [action('x')]), {
      answer: world.answer,
      isFull: () => ++looks === 1,
      onRecord: ({ kind }, _, run) => {
        if (kind === 'run.started') begun.push(run);
      },
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(begun).toEqual(['simulated', 'simulated/call[0]', 'simulated/call[1]']);
  });
});

describe('a runbook that is called in a batch behind an approval', () => {
  it('asks that approval about a change by hand', async () => {
    const dana = person('dana@example.com');
    const inputs = { who: { schema: { type: 'string' }, required: true } };
    const called = planOf(
      [
        { id: 'rest', kind: 'wait', for: { ms: 1_000 } },
        action('x', { with: { who: { $expr: 'inputs.who' } } }),
      ],
      { hash: 'called', runbook: 'called', inputs },
    );
    const each: Step = {
      id: 'each',
      kind: 'forEach',
      items: 'inputs.list',
      as: 'one',
      concurrency: 1,
      steps: [{ ...call, with: { who: { $expr: 'one' } } } as Step],
    };
    const world = new World();
    const children: Run[] = [];
    let looks = 0;
    const sim = simulate(
      startOf(planOf([approve('sign', [dana.id]), each]), {
        plans: { called },
        inputs: { list: ['ada'] },
      }),
      { answer: world.answer, isFull: () => ++looks === 1, onChild: (run) => void children.push(run) },
    );
    await sim.settle();
    sim.run.commands.tell('vote', { step: 'sign', decision: 'approve', principal: dana, hash: 'shown' });
    await sim.settle();
    expect(children[0]?.commands.tell('amend', { principal: owner, inputs: { who: 'eve' } })).toEqual({
      applied: [],
      proposed: ['who'],
    });
    await sim.settle();
    const refusal = { step: 'sign', decision: 'reject', principal: dana };
    const hash = children[0]?.state.gates.get('sign')?.hash ?? '';
    children[0]?.commands.tell('vote', { ...refusal, hash });
    await sim.finish();
    expect(world.calls.find(({ activity }) => activity === 'test.x')?.input).toEqual({ who: 'ada' });
  });
});

describe('a runbook that is called again by a retry', () => {
  it('is another run: what each of the two did is taken back', async () => {
    // What is around it fails, so that it is called once more in the same round.
    const plan: Step = {
      id: 'poll',
      kind: 'repeat',
      until: 'steps.look.output.done == true',
      every: { ms: 1_000 },
      atMost: 3,
      steps: [call, action('look', { effect: 'read' })],
    };
    const world = new World().once('test.look', () => ({})).once('test.look', () => ({ done: true }));
    const undos: string[] = [];
    const sim = simulate(calling([plan, action('last')], [withUndo('x')]), {
      answer: (activity, input, options, now, run) => {
        if (activity === 'test.undo_x') undos.push(`${options.step}${options.item ?? ''}`);
        return world.answer(activity, input, options, now, run);
      },
    });
    world.fails('test.last', 'no');
    await sim.settle();
    sim.run.commands.tell('retry', { principal: owner, step: 'poll' });
    await sim.settle();
    sim.run.commands.abort({ principal: owner, comment: 'enough' });
    expect((await sim.finish()).status).toBe('cancelled');
    // Under keys of their own, or the second would be taken for a retry of the first.
    expect(undos).toEqual(['call/x.undo#2', 'call/x.undo']);
  });
});
