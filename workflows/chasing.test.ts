import { describe, expect, it } from '@jest/globals';
import { planOf as compiled, problemsOf } from '../compiler/testing.ts';
import type { JsonObject, TaskStep, WaitStep } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import { CallFailure } from './port.ts';
import { action, approve, owner, person, planOf, startOf, vote, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const began = Date.UTC(2026, 0, 5, 9);
const lee = person('lee@example.com');
const kim = person('kim@example.com');
const boss = person('boss@example.com');

function task(more: Partial<TaskStep>): TaskStep {
  return { id: 'desk', kind: 'task', to: [lee.id, kim.id], instructions: 'Place it.', form: {}, ...more };
}

/** As the activities answer where every name is an address. */
class Office extends World {
  readonly sent: { at: number; input: JsonObject }[] = [];
  constructor() {
    super();
    const plain = this.answer;
    Object.assign(this, {
      answer: (async (activity, input, options, now) => {
        const given = input as JsonObject;
        const except = (given.except ?? []) as string[];
        if (activity === engineActivities.openTask) {
          const people = (given.to as string[]).filter((each) => !except.includes(each));
          const { ms } = (given.within ?? {}) as { ms?: number };
          const deadline = given.due ?? (ms === undefined ? undefined : now + ms);
          return { people, except, ...(deadline === undefined ? {} : { deadline }) };
        }
        if (activity === engineActivities.chaseTask) {
          this.sent.push({ at: now - began, input: given });
          return { people: given.escalate ? [String(given.escalate)] : [] };
        }
        return plain(activity, input, options, now, 'run');
      }) satisfies typeof plain,
    });
  }
}

describe('A task that chases', () => {
  it('reminds those who are asked after each such time, until it is reported', async () => {
    const office = new Office();
    const sim = simulate(startOf(planOf([task({ remind: { ms: day } })])), office);
    sim.at(3.5 * day, () => sim.run.commands.complete({ step: 'desk', principal: lee, output: {} }));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(office.sent.map(({ at, input }) => [at / day, input.time])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const reminded = sim.run.state.journal.filter(({ kind }) => kind === 'task.reminded');
    expect(reminded.map(({ data }) => data?.people)).toEqual(Array(3).fill([lee.id, kim.id]));
  });

  it('is due at a moment, which follows what is amended, and asks others too when that has passed', async () => {
    const office = new Office();
    const plan = planOf([task({ due: { $expr: 'inputs.day' }, escalate: boss.id })], {
      inputs: { day: { schema: { type: 'string' }, required: true } },
    });
    const sim = simulate(startOf(plan, { inputs: { day: '2026-01-10T09:00:00Z' } }), office);
    sim.at(day, () => sim.run.commands.amend({ principal: owner, inputs: { day: '2026-01-08T09:00:00Z' } }));
    sim.at(2 * day, () => {
      expect([...sim.run.state.tasks.values()][0]).toMatchObject({ deadline: began + 3 * day });
      expect(() => sim.run.commands.checkComplete({ step: 'desk', principal: boss, output: {} })).toThrow(
        'was not asked',
      );
    });
    sim.at(9 * day, () => {
      const [open] = sim.run.state.tasks.values();
      expect(open).toMatchObject({ people: [lee.id, kim.id, boss.id] });
      expect(open?.deadline).toBeUndefined();
      sim.run.commands.complete({ step: 'desk', principal: boss, output: {} });
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(office.sent.map(({ at, input }) => [at / day, input.escalate])).toEqual([[3, boss.id]]);
  });

  it('has as long again once it was taken further, and then is over', async () => {
    const office = new Office();
    const steps = [task({ within: { ms: hour }, escalate: boss.id, onExpiry: 'continue' }), action('after')];
    const sim = simulate(startOf(planOf(steps)), office);
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.clock.now() - began).toBe(2 * hour);
    expect(sim.run.state.steps.get('desk')?.status).toBe('expired');
  });

  it('is not for those whom its author leaves out, operators and those asked late included', async () => {
    const office = new Office();
    const steps = [task({ except: [lee.id, owner.id], within: { ms: hour } })];
    const sim = simulate(startOf(planOf(steps)), office);
    await sim.settle();
    const { commands, state } = sim.run;
    expect([...state.tasks.values()][0]?.people).toEqual([kim.id]);
    const by = (principal: typeof lee) => () =>
      commands.checkComplete({ step: 'desk', principal, output: {} });
    for (const each of [lee, owner]) expect(by(each)).toThrow('the runbook leaves them out');
    sim.at(2 * hour, () => {
      expect(state.parked.has('desk')).toBe(true);
      expect(by(owner)).toThrow('the runbook leaves them out');
      commands.complete({ step: 'desk', principal: kim, output: {} });
    });
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('goes on though a reminder and what takes it further cannot be sent', async () => {
    const office = new Office();
    const { answer } = office;
    Object.assign(office, {
      answer: (async (activity, ...rest) => {
        if (activity !== engineActivities.chaseTask) return answer(activity, ...rest);
        throw new CallFailure({ type: 'PermanentFailure', message: 'no mail today' });
      }) satisfies typeof answer,
    });
    const steps = [task({ remind: { ms: hour }, within: { ms: 2.5 * hour }, escalate: boss.id })];
    const sim = simulate(startOf(planOf(steps)), office);
    sim.at(4 * hour, () => sim.run.commands.complete({ step: 'desk', principal: lee, output: {} }));
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('A length of time that a run computes', () => {
  it('is what the expressions give when its step begins', async () => {
    const plan = compiled(`inputs: { days: { type: integer } }
steps:
  - id: rest
    wait: { for: "\${{ inputs.days }}d" }
  - approve: { from: [role:it-managers], within: "\${{ inputs.days * 2 }}h", remind: "\${{ inputs.days }}h", onReject: continue }`);
    const world = new World();
    const sim = simulate(startOf(plan, { inputs: { days: 3 } }), world);
    await sim.finish();
    expect(sim.clock.now() - began).toBe(3 * day + 6 * hour);
    const asked = world.calls.find(({ activity }) => activity === engineActivities.openGate);
    expect(asked?.input).toMatchObject({ within: { ms: 6 * hour }, remind: { ms: 3 * hour } });
  });

  it('parks its step where they give none', async () => {
    const plan = compiled(`inputs: { long: { type: string } }
steps:
  - id: rest
    wait: { for: "\${{ inputs.long }}" }`);
    const sim = simulate(startOf(plan, { inputs: { long: 'soon' } }), new World());
    await sim.settle();
    expect(sim.run.state.parked.get('rest')?.failure.message).toBe(
      '"soon" is no length of time, such as 90m, 10d or 2 business days.',
    );
  });

  it('that can be none is refused before any run, as is one of an attempt', () => {
    const of = (length: string) =>
      problemsOf(`inputs: { days: { type: integer } }\nsteps:\n  - wait: { for: "${length}" }`);
    expect(of('${{ inputs.days }}d')).toEqual([]);
    expect(of('${{ inputs.days }} working days')).toEqual([expect.stringContaining('CS1511')]);
    expect(of('${{ inputs.days }}')).toEqual([expect.stringContaining('CS13')]);
  });
});

describe('A wait for an event until a moment', () => {
  const wait: WaitStep = {
    id: 'came',
    kind: 'wait',
    event: { name: 'order.shipped', key: 'o1' },
    until: { $expr: 'inputs.day' },
    onExpiry: 'continue',
  };
  const plan = (...steps: Parameters<typeof planOf>[0]) =>
    planOf(steps, { inputs: { day: { schema: { type: 'string' }, required: true } } });
  const started = (at: string, ...steps: Parameters<typeof planOf>[0]) =>
    simulate(startOf(plan(...steps), { inputs: { day: at } }), new World());

  it('is over at the moment, which follows what is amended', async () => {
    const sim = started('2026-01-20T09:00:00Z', wait);
    sim.at(day, () => sim.run.commands.amend({ principal: owner, inputs: { day: '2026-01-10T09:00:00Z' } }));
    sim.at(2 * day, () =>
      expect(sim.run.state.waits.get('came')).toMatchObject({ deadline: began + 5 * day }),
    );
    expect((await sim.finish()).status).toBe('succeeded');
    expect([sim.clock.now() - began, sim.run.state.steps.get('came')?.status]).toEqual([5 * day, 'expired']);
  });

  it('takes the event that comes first', async () => {
    const sim = started('2026-01-20T09:00:00Z', wait);
    sim.at(day, () => sim.run.commands.event({ name: 'order.shipped', key: 'o1', data: { serial: 'S1' } }));
    await sim.finish();
    expect([sim.clock.now() - began, sim.run.state.steps.get('came')?.output]).toEqual([
      day,
      { serial: 'S1' },
    ]);
  });

  it('holds to the moment that was signed while another one is asked about', async () => {
    const sim = started(
      '2026-01-06T09:00:00Z',
      approve('gate', ['dana@example.com']),
      { ...wait, key: undefined } as unknown as WaitStep,
      action('after'),
    );
    sim.run.start.plan.covers = { gate: [{ path: 'inputs.day', readers: ['came'] }] };
    await sim.settle();
    sim.run.commands.vote(vote(person('dana@example.com'), 'approve'));
    await sim.settle();
    sim.run.commands.amend({ principal: owner, inputs: { day: '2026-01-09T09:00:00Z' } });
    sim.at(2 * day, () => {
      const gate = sim.run.state.gates.get('gate');
      sim.run.commands.vote(vote(person('dana@example.com'), 'approve', { hash: gate?.hash ?? '' }));
    });
    await sim.finish();
    expect(sim.clock.now() - began).toBe(4 * day);
  });
});
