/** Every kind of step in every place where a step can stand: what holds at the top of a runbook must hold there too. */

import { describe, expect, it } from '@jest/globals';
import { defined } from '../plan/defined.ts';
import type { Json, Step } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import type { RunPlan } from './messages.ts';
import { CallFailure } from './port.ts';
import type { Run } from './run.ts';
import { action, approve, owner, person, planOf, startOf, World } from './testing.ts';
import { approveAutomatically } from './virtual/auto-approver.ts';
import { VirtualClock } from './virtual/clock.ts';
import { simulate } from './virtual/simulate.ts';

const hour = 3_600_000;
const signer = 'dana@example.com';

const child = (steps: Step[]): RunPlan => ({ ...planOf(steps), hash: 'child', runbook: 'child' });
const call: Step = { id: 'call', kind: 'runbook', runbook: 'child', planHash: 'child', with: {} };

/** Where a step stands; `key` is what it is called there, `run` the run it belongs to. */
const places: Record<
  string,
  { around(step: Step): Step; key(id: string): string; calls?: true; each?: true }
> = {
  'at the top': { around: (step) => ({ id: 'top', kind: 'group', steps: [step] }), key: (id) => id },
  'in a group': {
    around: (step) => ({ id: 'g', kind: 'group', if: 'true', steps: [step] }),
    key: (id) => id,
  },
  'in an else': {
    around: (step) => ({ id: 'g', kind: 'group', if: 'false', steps: [], else: [step] }),
    key: (id) => id,
  },
  'in a branch': {
    around: (step) => ({ id: 'p', kind: 'parallel', branches: { one: [step], two: [action('beside')] } }),
    key: (id) => id,
  },
  'in a window': {
    around: (step) => ({
      id: 'w',
      kind: 'window',
      calendar: 'c',
      freeze: [],
      overrun: 'undo',
      steps: [step],
    }),
    key: (id) => id,
  },
  'in a repeat': {
    around: (step) => ({
      id: 'r',
      kind: 'repeat',
      until: 'true',
      every: { ms: hour },
      atMost: 2,
      steps: [step],
    }),
    key: (id) => id,
  },
  'in a forEach': {
    around: (step) => ({ id: 'f', kind: 'forEach', items: '["x"]', as: 'it', concurrency: 1, steps: [step] }),
    key: (id) => `${id}[0]`,
    each: true,
  },
  'in a called runbook': { around: () => call, key: (id) => id, calls: true },
};

const kinds: Record<string, Step> = {
  'an action': action('x'),
  'a read': action('x', { effect: 'read' }),
  'an approval': approve('x', [signer], { within: { ms: 9 * hour } }),
  'a signature that comes afterwards': approve('x', [signer], {
    retroactive: true,
    within: { ms: 9 * hour },
  }),
  'a task': { id: 'x', kind: 'task', to: signer, instructions: 'Do it.', form: {} },
  'a wait': { id: 'x', kind: 'wait', for: { ms: 3 * hour } },
  'a wait for an event': { id: 'x', kind: 'wait', event: { name: 'shipped', key: 'o1' } },
  'a group': { id: 'x', kind: 'group', steps: [action('in1'), action('in2')] },
  'a parallel': { id: 'x', kind: 'parallel', branches: { a: [action('in1')], b: [action('in2')] } },
  'a forEach': { id: 'x', kind: 'forEach', items: '[1, 2]', as: 'n', concurrency: 2, steps: [action('in1')] },
  'a repeat': {
    id: 'x',
    kind: 'repeat',
    until: 'true',
    every: { ms: hour },
    atMost: 2,
    steps: [action('in1')],
  },
  'a window': { id: 'x', kind: 'window', calendar: 'c', freeze: [], overrun: 'park', steps: [action('in1')] },
};

const waiting = ['an approval', 'a task', 'a wait', 'a wait for an event'];

class OpenWorld extends World {
  override readonly answer: World['answer'] = (activity, input, options, now): Json => {
    const given = input as Record<string, Json>;
    if (activity === engineActivities.window)
      return { opensAt: now - hour, closesAt: now + 100 * hour, name: 'night' };
    if (activity === engineActivities.openTask) return { people: [given.to].flat() as Json };
    if (activity === engineActivities.moment) return { at: now };
    this.calls.push({ activity, input, step: options.step, at: now });
    if (this.failing.delete(activity)) throw new (failureClass())(activity);
    if (activity === engineActivities.openGate) {
      const { within } = given as { within?: { ms: number } };
      return {
        approvers: given.from ?? [],
        needed: 1,
        hash: 'shown',
        ...defined({ deadline: within ? now + within.ms : undefined }),
      };
    }
    return {};
  };
  private readonly failing = new Set<string>();
  failOnce(activity: string): this {
    this.failing.add(activity);
    return this;
  }
}

function failureClass() {
  return class extends CallFailure {
    constructor(activity: string) {
      super({ type: 'PermanentFailure', message: `${activity} is away` });
    }
  };
}

function rehearse(place: (typeof places)[string], step: Step, world = new OpenWorld()) {
  const made = action('made', { undo: { uses: 'test.unmade', with: {} } });
  const plan = planOf([made, place.around(step), action('after')], { owner: owner.id });
  const clock = new VirtualClock(Date.UTC(2026, 0, 5, 9));
  const runs = new Map<string, Run>();
  const sim = simulate(startOf(plan, place.calls ? { plans: { child: child([step]) } } : {}), {
    clock,
    answer: world.answer,
    onChild: (run) => void runs.set(run.id, run),
  });
  runs.set('simulated', sim.run);
  const inner = () => (place.calls ? (runs.get('simulated/call') ?? sim.run) : sim.run);
  const status = () =>
    inner()
      .state.view()
      .steps.find(({ id }) => id === place.key(step.id))?.status;
  return { sim, clock, runs, world, inner, status };
}

for (const [where, place] of Object.entries(places)) {
  describe(`${where[0]?.toUpperCase()}${where.slice(1)}`, () => {
    it.each(Object.keys(kinds))('%s does its work, and the run goes on', async (kind) => {
      const step = kinds[kind] as Step;
      const { sim, clock, runs, world, status } = rehearse(place, step);
      approveAutomatically({ clock, runs }).catch(() => {});
      expect((await sim.finish()).status).toBe('succeeded');
      expect(status()).toBe('succeeded');
      const actions = world.actions();
      expect(actions[0]).toBe('test.made');
      expect(actions.filter((name) => name === 'test.after')).toEqual(['test.after']);
    });

    it.each(waiting)('%s is ended by an abort, and what was done is taken back', async (kind) => {
      const { sim, world, status } = rehearse(place, kinds[kind] as Step);
      sim.at(hour, () => void sim.run.commands.abort({ principal: owner, comment: 'withdrawn' }));
      expect((await sim.finish()).status).toBe('cancelled');
      expect(status()).toBe('cancelled');
      expect(world.actions().filter((name) => name !== 'test.beside')).toEqual(['test.made', 'test.unmade']);
    });

    it.each(waiting)('%s is ended when the run is cancelled from outside', async (kind) => {
      const { sim, world, status } = rehearse(place, kinds[kind] as Step);
      sim.at(hour, () => sim.cancel());
      expect((await sim.finish()).status).toBe('cancelled');
      expect(status()).toBe('cancelled');
      expect(world.actions()).not.toContain('test.after');
    });

    it('a step that fails parks, and goes on once it is tried again', async () => {
      const { sim, inner, world } = rehearse(place, action('x'), new OpenWorld().failOnce('test.x'));
      await sim.settle();
      // An item that fails is the forEach's to answer for.
      const parked = place.each ? 'f' : 'x';
      expect(inner().state.parked.get(parked)?.failure.message).toContain('test.x is away');
      inner().commands.retry({ principal: owner, step: parked });
      expect((await sim.finish()).status).toBe('succeeded');
      expect(world.actions().filter((name) => name === 'test.x')).toHaveLength(2);
    });

    it('a step that may fail lets the run go on', async () => {
      const world = new OpenWorld().failOnce('test.x');
      const { sim, status } = rehearse(place, action('x', { onError: 'continue' }), world);
      expect((await sim.finish()).status).toBe('succeeded');
      expect(status()).toBe('failed');
    });

    it('an approval that is refused ends the run it belongs to, and what was done there is taken back', async () => {
      const { sim, inner, world } = rehearse(place, kinds['an approval'] as Step);
      sim.at(hour, () => {
        const principal = person(signer);
        inner().commands.vote({ step: place.key('x'), decision: 'reject', principal, hash: 'shown' });
      });
      if (place.calls) {
        // Whoever called the runbook decides: its step parks.
        await expect(sim.finish()).rejects.toThrow('waits for somebody who never comes');
        expect(inner().state.status).toBe('rejected');
        expect(sim.run.state.parked.get('call')?.failure.message).toContain('ended as rejected');
        return;
      }
      expect((await sim.finish()).status).toBe('rejected');
      expect(world.actions().at(-1)).toBe('test.unmade');
    });

    it('an approval that nobody answers is too late at its deadline', async () => {
      const { sim, inner } = rehearse(place, kinds['an approval'] as Step);
      if (place.calls) await expect(sim.finish()).rejects.toThrow('never comes');
      else await sim.finish();
      expect(inner().state.reason).toBe('"x" was not decided in time');
    });

    it('a step is not done before a paused run is resumed', async () => {
      const { sim, inner, world } = rehearse(place, kinds['a wait'] as Step);
      await sim.settle();
      inner().commands.pause({ principal: owner });
      sim.at(9 * hour, () => {
        expect(world.actions()).not.toContain('test.after');
        inner().commands.resume({ principal: owner });
      });
      expect((await sim.finish()).status).toBe('succeeded');
      // A wait goes on while the run is paused; what comes after it in the same run does not.
      const last = world.calls.find(({ activity }) => activity === 'test.after');
      const began = sim.run.state.startedAt;
      expect((last?.at ?? 0) - began).toBe(place.calls ? 3 * hour : 9 * hour);
    });
  });
}
