import { describe, expect, it } from '@jest/globals';
import { planOf as compiled, problemsOf } from '../compiler/testing.ts';
import { engineActivities } from './engine-activities.ts';
import { action, approve, owner, person, planOf, startOf, vote, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const plan = planOf([approve('gate', ['dana@example.com']), action('after')], {
  inputs: { name: { schema: { type: 'string' }, required: true, amend: 'free' } },
  subject: { $text: [{ $expr: 'inputs.name' }, ' of IT'] },
});

describe('The subject of a run', () => {
  it('stands in its view, its summary, its journal and what people are sent, and follows an amended input', async () => {
    const world = new World();
    const summaries: (string | undefined)[] = [];
    const sim = simulate(startOf(plan, { inputs: { name: 'Mia\n  Berg' } }), {
      answer: world.answer,
      onRecord: (_entry, summary) => summaries.push(summary().subject),
    });
    await sim.settle();
    const { state, commands } = sim.run;
    expect(state.view().subject).toBe('Mia Berg of IT');
    expect(state.journal[0]?.data).toMatchObject({ subject: 'Mia Berg of IT', title: 'Test runbook' });
    const asked = world.calls.find(({ activity }) => activity === engineActivities.openGate);
    expect(asked?.input).toMatchObject({ runbookTitle: 'Test runbook: Mia Berg of IT' });
    commands.amend({ principal: owner, inputs: { name: 'Mia Roth' } });
    await sim.settle();
    commands.vote(vote(person('dana@example.com'), 'approve', { hash: 'shown 2' }));
    await sim.finish();
    expect(state.view().subject).toBe('Mia Roth of IT');
    expect([summaries[0], summaries.at(-1)]).toEqual(['Mia Berg of IT', 'Mia Roth of IT']);
  });

  it('is cut where it would push all else out of a list, and missed by nobody where it cannot be computed', async () => {
    const long = simulate(startOf(plan, { inputs: { name: 'x'.repeat(500) } }), new World());
    expect(long.run.state.subject).toHaveLength(120);
    const none = simulate(startOf({ ...plan, subject: { $expr: 'inputs.name.first' } }), new World());
    await none.settle();
    expect([none.run.state.subject, none.run.state.name]).toEqual([undefined, 'Test runbook']);
  });

  it('reads what is known when the run begins, and nothing that is sealed', () => {
    const inputs = 'inputs: { name: { type: string }, pin: { type: string, sensitive: true } }';
    expect(
      compiled(`${inputs}\nunique: "\${{ inputs.name }}"\nsubject: "\${{ inputs.name }}"`).subject,
    ).toEqual({
      $expr: 'inputs.name',
    });
    expect(problemsOf(`${inputs}\nunique: "\${{ inputs.name }}"\nsubject: "\${{ inputs.pin }}"`)).toEqual([
      expect.stringMatching(/CS1311 `inputs.pin` is sealed and cannot stand in `subject`/),
    ]);
    expect(
      problemsOf(
        'subject: "${{ steps.found.output.id }}"\nsteps:\n  - { id: found, uses: entra.getUser, with: { user: a@example.com } }',
      ),
    ).toEqual([expect.stringContaining('CS1')]);
  });
});
