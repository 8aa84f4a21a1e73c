import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import { actingIn, begin, covered, inputsOf, kinds } from './gate/testing.ts';
import type { VoteReceipt } from './messages.ts';
import { action, approve, owner, person, startOf, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const dana = person('dana@example.com');
const lee = person('lee@example.com');
const ruth = person('ruth@example.com');
const form = { endDate: { type: 'string', format: 'date' }, note: { type: 'string' } };

function asked(quorum = 1, more: object = {}) {
  const world = new World();
  const steps = [
    approve('sign', [dana.id, lee.id, ruth.id], { quorum, form, optional: ['note'], ...more }),
    action('extend', { with: { until: { $expr: 'steps.sign.output.endDate' } } }),
  ];
  const sim = simulate(startOf(covered(steps), { inputs: { who: 'ada', note: 'n', rings: [] } }), world);
  const { run } = sim;
  const says = (by: typeof dana, values?: JsonObject, decision: 'approve' | 'reject' = 'approve') =>
    run.commands.tell('vote', {
      step: 'sign',
      decision,
      principal: by,
      hash: run.state.gates.get('sign')?.hash ?? '',
      ...(values ? { form: values } : {}),
    }) as VoteReceipt;
  const extended = () => inputsOf(world, 'test.extend').map(({ until }) => until);
  const askedAgain = () =>
    inputsOf(world, engineActivities.remindGate).map(({ people, differs }) => ({ people, differs }));
  return { world, sim, says, extended, askedAgain };
}

describe('What those who approve fill in', () => {
  it('is what the steps behind the approval read, and stands on record with the vote and the decision', async () => {
    const { sim, says, extended } = asked();
    await sim.settle();
    expect(sim.run.state.view().gates[0]).toMatchObject({ form, required: ['endDate'] });
    says(dana, { endDate: '2026-03-31' });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(extended()).toEqual(['2026-03-31']);
    const { journal } = sim.run.state;
    for (const kind of ['vote', 'gate.approved'])
      expect(journal.find((entry) => entry.kind === kind)?.data?.form).toEqual({ endDate: '2026-03-31' });
  });

  it('must be there, must be what is asked for, and comes with no refusal', async () => {
    const { sim, says } = asked();
    await sim.settle();
    expect(() => says(dana)).toThrow(/fills in endDate, note. Missing: endDate./);
    expect(() => says(dana, { endDate: '2026-03-31', end: 1 })).toThrow(/There is no end./);
    expect(() => says(dana, { endDate: '2026-03-31' }, 'reject')).toThrow(/fills nothing in/);
    says(dana, undefined, 'reject');
    expect((await sim.finish()).status).toBe('rejected');
  });

  it('is asked for by what its author called it', async () => {
    const { sim, says } = asked(1, { form: { endDate: { type: 'string', description: 'Last day.' } } });
    await sim.settle();
    expect(() => says(dana)).toThrow(/Missing: “Last day” \(endDate\)\./);
    says(dana, { endDate: '2026-03-31' });
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('must be the same of all who sign: whoever filled in something else before is told, and asked again', async () => {
    const { sim, says, extended, askedAgain } = asked(2);
    await sim.settle();
    says(dana, { endDate: '2026-03-31' });
    expect(says(lee, { endDate: '2026-06-30' })).toEqual({
      result: 'counted',
      approvals: 1,
      needed: 2,
      differing: [dana.id],
    });
    await sim.settle();
    expect(extended()).toEqual([]);
    expect(askedAgain()).toEqual([
      { people: [dana.id], differs: { by: lee.id, form: { endDate: '2026-06-30' }, vote: 2 } },
    ]);
    const [gate] = sim.run.state.summary().waitingOn;
    expect(gate?.people).toEqual([dana.id, ruth.id]);
    expect(says(dana, { endDate: '2026-06-30' })).toEqual({ result: 'changed', approvals: 2, needed: 2 });
    await sim.finish();
    expect(extended()).toEqual(['2026-06-30']);
    expect(kinds(sim)).toContain('gate.differs');
  });

  it('may be given again by whom it was not counted of, and then the others are asked', async () => {
    const { sim, says, extended, askedAgain } = asked(2);
    await sim.settle();
    says(dana, { endDate: '2026-03-31' });
    says(lee, { endDate: '2026-06-30' });
    await sim.settle();
    says(dana, { endDate: '2026-03-31' });
    await sim.settle();
    expect(askedAgain().map(({ people }) => people)).toEqual([[dana.id], [lee.id]]);
    expect(() => says(dana, { endDate: '2026-03-31' })).toThrow(/already voted/);
    says(ruth, { endDate: '2026-03-31' });
    await sim.finish();
    expect(extended()).toEqual(['2026-03-31']);
  });

  it('counts no more once its author takes the approval back, so that what was filled in before holds', async () => {
    const { sim, says, extended } = asked(2);
    await sim.settle();
    says(dana, { endDate: '2026-03-31' });
    says(lee, { endDate: '2026-06-30' });
    says(lee, undefined, 'reject');
    expect(says(ruth, { endDate: '2026-03-31' })).toMatchObject({ approvals: 2 });
    await sim.finish();
    expect(extended()).toEqual(['2026-03-31']);
  });

  it('is asked for once: whoever countersigns a change is shown what was signed', async () => {
    const world = new World();
    const pause = { id: 'pause', kind: 'wait' as const, for: { ms: 3_600_000 } };
    const steps = [
      approve('sign', [dana.id, lee.id, owner.id], { form }),
      pause,
      action('extend', {
        with: { who: { $expr: 'inputs.who' }, until: { $expr: 'steps.sign.output.endDate' } },
      }),
    ];
    const { sim, amends, vote } = begin(steps, { world });
    await sim.settle();
    const { tell } = actingIn(sim.run);
    const hash = sim.run.state.gates.get('sign')?.hash ?? '';
    tell('vote', {
      step: 'sign',
      decision: 'approve',
      principal: dana,
      hash,
      form: { endDate: 'a', note: '' },
    });
    await sim.settle();
    amends({ who: 'bo' });
    await sim.settle();
    const gate = sim.run.state.gates.get('sign');
    expect(gate?.form).toBeUndefined();
    expect(gate?.shown.filledIn).toEqual({ endDate: 'a', note: '' });
    vote(lee);
    await sim.finish();
    expect(inputsOf(world, 'test.extend')).toEqual([{ who: 'bo', until: 'a' }]);
  });
});
