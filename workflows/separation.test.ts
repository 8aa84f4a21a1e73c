import { describe, expect, it } from '@jest/globals';
import type { OpenGateInput } from './engine-activities.ts';
import type { RunStart } from './messages.ts';
import { action, approve, owner, person, planOf, startOf, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const dana = person('dana@example.com');

async function gateOf(more: Partial<RunStart>) {
  const world = new World().fails('test.look', 'away');
  const plan = planOf([action('look'), approve('sign', [dana.id, owner.id, 'author@example.com'])]);
  const sim = simulate(startOf(plan, { author: 'Author@example.com', ...more }), world);
  await sim.settle();
  sim.run.commands.tell('retry', { principal: owner, step: 'look' });
  await sim.settle();
  const asked = world.calls.find(({ activity }) => activity === 'countersign.openGate')?.input;
  const vote = (id: string) => () =>
    sim.run.commands.tell('vote', {
      step: 'sign',
      decision: 'approve',
      principal: person(id),
      hash: 'shown',
    });
  return { asked: asked as unknown as OpenGateInput, vote };
}

describe('Duties are kept apart:', () => {
  it('whoever asked for a run never signs in it', async () => {
    const { asked, vote } = await gateOf({});
    expect(asked.barred).toEqual(['asker@example.com']);
    expect(vote('asker@example.com')).toThrow(
      'asker@example.com asked for this run, so somebody else must sign',
    );
    expect(vote(owner.id)()).toMatchObject({ result: 'counted' });
  });

  it('whoever asked and is known by their account alone is barred by that, and those who sign are told', async () => {
    const { asked, vote } = await gateOf({ requester: { id: 'jira:r9', name: 'Robin', roles: [] } });
    expect(asked.barred).toEqual(['jira:r9']);
    expect(asked.shown.askerNotKnown).toBe(true);
    expect(vote('jira:r9')).toThrow('jira:r9 asked for this run, so somebody else must sign');
    expect((await gateOf({})).asked.shown.askerNotKnown).toBeUndefined();
  });

  it('whoever operated it does not, where the configuration says so', async () => {
    const { asked, vote } = await gateOf({ separate: ['operator'] });
    expect(asked.barred).toContain(owner.id);
    expect(vote(owner.id)).toThrow('owner@example.com operated this run, so somebody else must sign');
    expect(vote('author@example.com')()).toMatchObject({ result: 'counted' });
  });

  it('whoever last changed the runbook does not, where the configuration says so', async () => {
    const { asked, vote } = await gateOf({ separate: ['author'] });
    expect(asked.barred).toContain('author@example.com');
    expect(vote('author@example.com')).toThrow('author@example.com last changed this runbook');
    expect(vote(owner.id)()).toMatchObject({ result: 'counted' });
  });

  it('whoever the approval itself leaves out does not, and is told why', async () => {
    const world = new World();
    const plan = planOf([
      approve('sign', [dana.id, owner.id], { except: [{ $expr: 'inputs.implementer' }], quorum: 1 }),
    ]);
    const sim = simulate(startOf(plan, { inputs: { implementer: dana.id } }), world);
    await sim.settle();
    const vote = (id: string) => () =>
      sim.run.commands.tell('vote', {
        step: 'sign',
        decision: 'approve',
        principal: person(id),
        hash: 'shown',
      });
    expect(vote(dana.id)).toThrow(`${dana.id} is left out of this signature by the runbook`);
    expect(vote(owner.id)()).toMatchObject({ result: 'counted' });
  });
});
