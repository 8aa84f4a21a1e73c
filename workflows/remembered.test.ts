import { describe, expect, it } from '@jest/globals';
import { coversOf } from '../compiler/gates/cover.ts';
import { planOf as compiled, problemsOf } from '../compiler/testing.ts';
import type { JsonObject, RepeatStep, Step } from '../plan/plan.ts';
import { action, owner, planOf, startOf, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const minute = 60_000;

const rounds = (steps: Step[], more: Partial<RepeatStep> = {}): RepeatStep => ({
  id: 'again',
  kind: 'repeat',
  until: 'state.count >= 3',
  every: { ms: minute },
  atMost: 20,
  state: { count: 0, first: { $expr: 'inputs.a' } },
  steps,
  ...more,
});
const count: Step = { id: 'more', kind: 'set', values: { count: { $expr: 'state.count + 1' } } };
const told = (world: World) =>
  world.calls.filter(({ activity }) => activity === 'test.tell').map(({ input }) => (input as JsonObject).n);

describe('What a repeat remembers', () => {
  it('lives from round to round, changes where it is set, and is given in the end', async () => {
    const world = new World();
    const tell = action('tell', { with: { n: { $expr: 'state.count' } } });
    const after = action('after', { with: { of: { $expr: 'steps.again.output.state.count' } } });
    const sim = simulate(startOf(planOf([rounds([tell, count]), after]), { inputs: { a: 'x' } }), world);
    expect((await sim.finish()).status).toBe('succeeded');
    expect(told(world)).toEqual([0, 1, 2]);
    expect(sim.run.state.steps.get('again')?.output).toEqual({ rounds: 3, state: { count: 3, first: 'x' } });
    expect(world.calls.at(-1)?.input).toEqual({ of: 3 });
    const said = sim.run.state.journal.filter(({ kind }) => kind === 'state.set');
    expect(said.map(({ step, data }) => [step, data?.values])).toEqual([
      ['again', { count: 0, first: 'x' }],
      ...[1, 2, 3].map((value) => ['again', { count: value }]),
    ]);
  });

  it('stays when a round is tried again', async () => {
    const world = new World().once('test.tell', () => ({})).fails('test.tell', 'broken');
    const tell = action('tell', { with: { n: { $expr: 'state.count' } } });
    const sim = simulate(startOf(planOf([rounds([count, tell])]), { inputs: { a: 'x' } }), world);
    sim.at(10 * minute, () => sim.run.commands.retry({ step: 'tell', principal: owner }));
    await sim.finish();
    expect(told(world)).toEqual([1, 2, 2, 3]);
  });

  it('goes on where rounds are so many that they are done in parts', async () => {
    const world = new World();
    const tell = action('tell', { with: { n: { $expr: 'state.count' } } });
    const many = rounds([tell, count], { until: 'state.count >= 3000', atMost: 10_000 });
    const sim = simulate(startOf(planOf([many]), { inputs: { a: 'x' } }), world);
    expect((await sim.finish()).status).toBe('succeeded');
    expect(told(world)).toEqual(Array.from({ length: 3_000 }, (_, at) => at));
    expect(sim.run.state.steps.get('again')?.output).toMatchObject({ state: { count: 3_000, first: 'x' } });
  });

  const text = (steps: string, more = '') => `inputs: { a: { type: string, format: date } }
steps:
  - approve: { from: [role:it-managers] }
  - id: again
    repeat: { state: { last: "\${{ inputs.a }}", count: 0 }, until: state.count > 2, every: 1d, atMost: 5 }
    steps:
${steps}${more}`;

  it('counts behind a signature as all that it begins with and is set to', () => {
    const plan = compiled(
      text(`      - id: ask
        task: { to: role:it-coordinators, instructions: When?, form: { day: { type: string } } }
      - set: { last: "\${{ steps.ask.output.day }}" }
      - wait: { until: "\${{ state.last }}" }
`),
    );
    const [cover = []] = Object.values(coversOf(plan));
    const readers = Object.fromEntries(cover.map(({ path, readers: by }) => [path, by]));
    expect(readers['inputs.a']).toContain(plan.steps[1] && 'steps' in plan.steps[1] ? 'again3' : '');
    expect(readers['steps.ask.output.day']).toContain('again3');
  });

  it('is checked: its names, their types, and where it is set', () => {
    const codes = (steps: string, more = '') =>
      problemsOf(text(steps, more)).map((line) => line.replace(/^(\d+:\d+ CS\d+) .*$/, '$1'));
    expect(codes('      - set: { count: "${{ state.count + 1 }}" }\n')).toEqual([]);
    expect(codes('      - set: { count: "${{ state.last }}" }\n')).toEqual(['11:23 CS1321']);
    expect(codes('      - set: { cuont: 1 }\n')).toEqual(['11:16 CS1729']);
    expect(codes('      - set: { count: 1 }\n', '  - set: { count: 2 }\n')).toEqual(['12:5 CS1728']);
    const inList = '      - forEach: [1]\n        as: one\n        steps:\n          - set: { count: 1 }\n';
    expect(codes(inList)).toEqual(['14:13 CS1728']);
  });
});
