import { describe, expect, it } from '@jest/globals';
import { hashOf } from '../plan/hash.ts';
import type { Json, JsonObject, Step } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import { CallFailure } from './port.ts';
import { action, approve, person, planOf, startOf, vote, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const hour = 3_600_000;
const dana = person('dana@example.com');
const lee = person('lee@example.com');

describe('an approval', () => {
  const gated = (more = {}) => planOf([approve('gate', [dana.id, lee.id], more), action('after')]);

  it('opens the way when the quorum approves', async () => {
    const world = new World();
    const sim = simulate(startOf(gated({ quorum: 'all' })), world);
    await sim.settle();
    expect(world.actions()).toEqual([]);
    expect(sim.run.commands.vote(vote(dana, 'approve'))).toEqual({
      result: 'counted',
      approvals: 1,
      needed: 2,
    });
    await sim.settle();
    expect(world.actions()).toEqual([]);
    sim.run.commands.vote(vote(lee, 'approve'));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.after']);
  });

  it('of a later round takes no vote that was given in an earlier one, though it shows the same', async () => {
    const rounds: Step = {
      id: 'rounds',
      kind: 'repeat',
      steps: [approve('gate', [dana.id], { show: { who: 'ada' } }), action('look')],
      until: 'steps.look.output.done == true',
      every: { ms: hour },
      atMost: 3,
    };
    let looks = 0;
    const world = new World();
    const answer: World['answer'] = async (activity, input, ...more) => {
      if (activity === 'test.look') looks += 1;
      const told = (await world.answer(activity, input, ...more)) as JsonObject;
      if (activity === engineActivities.openGate)
        return { ...told, hash: hashOf((input as JsonObject).shown ?? null) };
      return activity === 'test.look' ? { done: looks > 1 } : told;
    };
    const sim = simulate(startOf(planOf([rounds])), { answer });
    await sim.settle();
    const first = sim.run.state.gates.get('gate')?.hash ?? '';
    sim.run.commands.vote(vote(dana, 'approve', { hash: first }));
    sim.at(2 * hour, () => {
      const second = sim.run.state.gates.get('gate');
      expect(second?.hash).not.toBe(first);
      expect(() => sim.run.commands.vote(vote(dana, 'approve', { hash: first }))).toThrow(
        /has changed|again/,
      );
      sim.run.commands.vote(vote(dana, 'approve', { hash: second?.hash ?? '' }));
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(looks).toBe(2);
  });

  it('that is refused ends the run as rejected, with the reason', async () => {
    const world = new World();
    const sim = simulate(startOf(gated()), world);
    await sim.settle();
    sim.run.commands.vote(vote(dana, 'reject', { comment: 'not budgeted' }));
    expect(await sim.finish()).toEqual({
      status: 'rejected',
      reason: '"gate" was refused by dana@example.com: not budgeted',
    });
    expect(world.actions()).toEqual([]);
  });

  it('that nobody answers reminds, escalates, and is rejected after the second deadline', async () => {
    const world = new World();
    const more = { within: { ms: 8 * hour }, remind: { ms: 4 * hour }, escalate: 'boss@example.com' };
    const sim = simulate(startOf(gated(more)), world);
    const start = sim.clock.now();
    const result = await sim.finish();
    expect(result).toEqual({ status: 'rejected', reason: '"gate" was not decided in time' });
    expect(world.calls.map(({ activity, at }) => [activity, (at - start) / hour])).toEqual([
      [engineActivities.openGate, 0],
      [engineActivities.remindGate, 4],
      [engineActivities.escalateGate, 8],
    ]);
    expect((sim.clock.now() - start) / hour).toBe(16);
  });

  it('counts a vote of somebody who was added by escalation', async () => {
    const more = { within: { ms: hour }, escalate: 'boss@example.com' };
    const sim = simulate(startOf(gated(more)), new World());
    sim.at(1.5 * hour, () => sim.run.commands.vote(vote(person('boss@example.com'), 'approve')));
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it.each([
    [
      'who was not asked',
      vote(person('eve@example.com'), 'approve'),
      'eve@example.com was not asked to sign "gate"',
    ],
    [
      'who asked for the run',
      vote(person('asker@example.com'), 'approve'),
      'asker@example.com asked for this run',
    ],
    ['who was shown something else', vote(dana, 'approve', { hash: 'old' }), 'is not what you were shown'],
    [
      'on a step that is no approval',
      vote(dana, 'approve', { step: 'after' }),
      'No approval "after" has been asked for',
    ],
  ])('refuses a vote of somebody %s', async (_, request, message) => {
    const sim = simulate(startOf(gated()), new World());
    await sim.settle();
    expect(() => sim.run.commands.checkVote(request)).toThrow(message);
  });

  it('refuses the same vote a second time, and lets it be changed until the gate closes', async () => {
    const sim = simulate(startOf(gated({ quorum: 'all' })), new World());
    await sim.settle();
    sim.run.commands.vote(vote(dana, 'approve'));
    expect(() => sim.run.commands.checkVote(vote(dana, 'approve'))).toThrow('already voted to approve');
    expect(sim.run.commands.vote(vote(dana, 'reject'))).toMatchObject({ result: 'changed', approvals: 0 });
    expect((await sim.finish()).status).toBe('rejected');
  });

  it('refuses a vote at the deadline, even one that is taken before the deadline has been noticed', async () => {
    const sim = simulate(startOf(gated({ within: { ms: hour } })), new World());
    let refusal: unknown;
    // Set before the gate sets its own timer for the same moment, as Temporal takes an Update before a timer.
    sim.at(hour, () => {
      try {
        sim.run.commands.checkVote(vote(dana, 'approve'));
      } catch (error) {
        refusal = error;
      }
    });
    await sim.finish();
    expect(String(refusal)).toContain('Voting on "gate" ended at 2026-01-05 10:00 UTC');
  });

  it('refuses a vote once it is closed, saying how it was decided', async () => {
    const plan = planOf([approve('gate', [dana.id, lee.id]), approve('next', [lee.id])]);
    const sim = simulate(startOf(plan), new World());
    await sim.settle();
    sim.run.commands.vote(vote(dana, 'approve'));
    await sim.settle();
    expect(() => sim.run.commands.checkVote(vote(lee, 'approve'))).toThrow(
      '"gate" is closed: it was approved by dana@example.com.',
    );
  });

  it('lets the runbook decide when its author said `onReject: continue`', async () => {
    const world = new World();
    const plan = planOf([
      approve('gate', [dana.id], { onReject: 'continue' }),
      action('no', { if: 'steps.gate.status == "rejected"' }),
    ]);
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    sim.run.commands.vote(vote(dana, 'reject'));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.no']);
  });

  it('inside one branch that is refused stops the other branch before undoing', async () => {
    let finish: (value: Json) => void = () => {};
    const world = new World().once('test.slow', () => new Promise((resolve) => (finish = resolve)));
    const plan = planOf([
      action('a', { undo: { uses: 'test.undo_a', with: {} } }),
      {
        id: 'p',
        kind: 'parallel',
        branches: { one: [approve('gate', [dana.id])], two: [action('slow'), action('never')] },
      },
    ]);
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    sim.run.commands.vote(vote(dana, 'reject'));
    await sim.settle();
    expect(world.actions()).toEqual(['test.a', 'test.slow']);
    finish({});
    expect((await sim.finish()).status).toBe('rejected');
    expect(world.actions()).toEqual(['test.a', 'test.slow', 'test.undo_a']);
  });

  it('parks when nobody can be asked', async () => {
    const world = new World().once(engineActivities.openGate, () => {
      throw new CallFailure({ type: 'PermanentFailure', message: 'Role "cab" has nobody in it.' });
    });
    const sim = simulate(startOf(gated()), world);
    await sim.settle();
    expect(sim.run.state.view().status).toBe('parked');
  });
});
