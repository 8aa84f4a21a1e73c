/** A list is signed item by item: a change of it holds the items that would change, and no other. */
import { describe, expect, it } from '@jest/globals';
import type { JsonObject, Step } from '../../plan/plan.ts';
import { engineActivities } from '../engine-activities.ts';
import { action, approve, owner, World } from '../testing.ts';
import { type Beginning, begin, dana, hour, inputsOf, lee } from './testing.ts';

const sign = approve('sign', [dana.id, lee.id, owner.id], { show: { rings: { $expr: 'inputs.rings' } } });
const rings = (more: object = {}): Step => ({
  id: 'rings',
  kind: 'forEach',
  items: 'inputs.rings',
  as: 'ring',
  concurrency: 1,
  steps: [
    action('patch', { with: { ring: { $expr: 'ring' } } }),
    { id: 'rest', kind: 'wait', for: { ms: hour } },
    action('check', { effect: 'read', with: { ring: { $expr: 'ring' } } }),
  ],
  ...more,
});
const after = action('report');

const patched = (world: World) => inputsOf(world, 'test.patch').map(({ ring }) => ring);

async function signedNight(steps: Step[], more: Beginning = {}) {
  const begun = begin(steps, more);
  await begun.sim.settle();
  begun.vote();
  await begun.sim.settle();
  return begun;
}

describe('A list that was signed and is amended while its items are done', () => {
  it('is asked of those who signed it, where something is done for an item before an approval of its own', async () => {
    const each = approve('each', [lee.id], { show: { ring: { $expr: 'ring' } } });
    const [patch, rest] = rings().kind === 'forEach' ? (rings() as { steps: Step[] }).steps : [];
    const steps = (inner: (Step | undefined)[]) => [
      sign,
      { id: 'pause', kind: 'wait', for: { ms: hour } } as Step,
      rings({ steps: inner }),
    ];
    const before = await signedNight(steps([patch, each, rest]));
    expect(before.amends({ rings: ['pilot', 'servers'] })).toEqual({ applied: [], proposed: ['rings'] });
    // Nothing is done for an item that its own approval has not shown.
    const behind = await signedNight(steps([each, patch, rest]));
    expect(behind.amends({ rings: ['pilot', 'servers'] })).toEqual({ applied: ['rings'], proposed: [] });
  });

  it('goes on, and only the item that was added waits for those who signed', async () => {
    const { sim, world, amends, vote } = await signedNight([sign, rings(), after]);
    expect(amends({ rings: ['pilot', 'broad', 'servers'] })).toEqual({ applied: [], proposed: ['rings'] });
    sim.at(5 * hour, () => {
      expect(patched(world)).toEqual(['pilot', 'broad']);
      // Inside the loop over the list a step acts on one item, which stays as it was signed.
      expect(inputsOf(world, 'test.check')).toHaveLength(2);
      expect(world.actions()).not.toContain('test.report');
      vote(lee);
    });
    const { status } = await sim.finish();
    expect(status).toBe('succeeded');
    expect(patched(world)).toEqual(['pilot', 'broad', 'servers']);
    expect(sim.run.state.steps.get('rings')?.output).toMatchObject({ total: 3, succeeded: 3 });
  });

  it('ends with the items that were signed when the change is refused', async () => {
    const { sim, world, amends, vote } = await signedNight([sign, rings(), after]);
    amends({ rings: ['servers', 'pilot', 'broad'] });
    sim.at(5 * hour, () => void vote(lee, 'reject'));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(patched(world)).toEqual(['pilot', 'broad']);
    expect(world.actions().at(-1)).toBe('test.report');
  });

  it('holds an item that would be taken out, and does it once that is refused', async () => {
    const { sim, world, amends, vote } = await signedNight([sign, rings({ concurrency: 1 })], {
      inputs: { rings: ['pilot', 'broad', 'servers'] },
    });
    amends({ rings: ['pilot', 'servers'] });
    sim.at(5 * hour, () => {
      expect(patched(world)).toEqual(['pilot', 'servers']);
      vote(lee, 'reject');
    });
    await sim.finish();
    expect(patched(world)).toEqual(['pilot', 'servers', 'broad']);
  });

  it('does not do what was taken out and signed', async () => {
    const { sim, world, amends, vote } = await signedNight([sign, rings()]);
    amends({ rings: ['pilot'] });
    await sim.settle();
    vote(lee);
    expect((await sim.finish()).status).toBe('succeeded');
    expect(patched(world)).toEqual(['pilot']);
  });

  it('is amended before its loop begins: that begins with what stays', async () => {
    const pause: Step = { id: 'pause', kind: 'wait', for: { ms: hour } };
    const { sim, world, amends, vote } = await signedNight([sign, pause, rings()]);
    amends({ rings: ['broad', 'pilot', 'servers'] });
    sim.at(10 * hour, () => {
      expect(patched(world)).toEqual(['pilot', 'broad']);
      vote(lee);
    });
    await sim.finish();
    expect(patched(world)).toEqual(['pilot', 'broad', 'servers']);
  });

  it('holds a step that reads it whole, whatever stays', async () => {
    const whole = action('announce', {
      with: { text: { $expr: 'inputs.rings.map(r, r)' }, n: { $expr: 'size(inputs.rings)' } },
    });
    const { sim, world, amends, vote } = await signedNight([sign, rings(), whole]);
    amends({ rings: ['pilot', 'broad', 'servers'] });
    sim.at(4 * hour, () => void vote(lee, 'reject'));
    await sim.finish();
    expect(inputsOf(world, 'test.announce')).toEqual([{ text: ['pilot', 'broad'], n: 2 }]);
  });

  it('waits in a window no longer than half of what is left of it, and takes nothing back for want of a signature', async () => {
    const world = new World();
    const undo = { uses: 'test.unpatch', with: {} };
    const patch = action('patch', { with: { ring: { $expr: 'ring' } }, undo });
    const night: Step = {
      id: 'night',
      kind: 'window',
      calendar: 'nights',
      freeze: [],
      overrun: 'undo',
      steps: [rings({ steps: [patch, { id: 'rest', kind: 'wait', for: { ms: hour } }] })],
    };
    const { sim, amends } = await signedNight([sign, night, after], {
      world,
      options: {
        answer: (activity, input, options, now, run) =>
          activity === engineActivities.window
            ? { name: 'tonight', opensAt: now, closesAt: now + 4 * hour }
            : world.answer(activity, input, options, now, run),
      },
    });
    const began = sim.clock.now();
    amends({ rings: ['pilot', 'broad', 'servers'] });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.clock.now() - began).toBe(3 * hour);
    expect(patched(world)).toEqual(['pilot', 'broad']);
    expect(world.actions()).not.toContain('test.unpatch');
  });

  it('is done in batches too, but for the items that would change', async () => {
    const many = Array.from({ length: 1_200 }, (_, n) => `ring-${n}`);
    const list = rings({ concurrency: 50, steps: [action('patch', { with: { ring: { $expr: 'ring' } } })] });
    const pause: Step = { id: 'pause', kind: 'wait', for: { ms: hour } };
    const { sim, world, amends, vote } = await signedNight([sign, pause, list], { inputs: { rings: many } });
    amends({ rings: [...many.slice(1), 'servers'] });
    sim.at(2 * hour, () => {
      expect(patched(world)).toHaveLength(1_199);
      expect(patched(world)).not.toContain('ring-0');
      vote(lee);
    });
    await sim.finish();
    expect(patched(world)).toHaveLength(1_200);
    expect(patched(world).at(-1)).toBe('servers');
  });

  it('with leave to change it does what is added while it is under way, and not what is taken out', async () => {
    const { sim, world, amends } = await signedNight([sign, rings()], { amend: { rings: 'free' } });
    expect(amends({ rings: ['pilot', 'servers'] } as JsonObject)).toEqual({
      applied: ['rings'],
      proposed: [],
    });
    await sim.finish();
    expect(patched(world)).toEqual(['pilot', 'servers']);
  });
});
