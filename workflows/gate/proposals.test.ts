/** What was signed is what happens, whatever hands do afterwards. */

import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject, Step } from '../../plan/plan.ts';
import { engineActivities } from '../engine-activities.ts';
import { CallFailure } from '../port.ts';
import { action, approve, owner, person, startOf, World } from '../testing.ts';
import { simulate } from '../virtual/simulate.ts';
import { begin, covered, dana, disable, disabled, gate, hour, kinds, lee, pause, signed } from './testing.ts';

describe('An input that was signed and is amended', () => {
  it('is not in force before it is signed again, and the steps that read it wait', async () => {
    const { sim, world, vote, amends } = await signed([gate(), pause, disable()]);
    expect(amends({ who: 'eve' })).toEqual({ applied: [], proposed: ['who'] });
    // At once, before people have been told.
    expect(sim.run.state.view().gates).toMatchObject([
      { step: 'sign', proposals: [{ by: owner.id, changes: [{ before: 'ada', after: 'eve' }] }] },
    ]);
    sim.at(2 * hour, () => {
      expect(disabled(world)).toEqual([]);
      vote(lee);
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(disabled(world)).toEqual(['eve']);
    expect(sim.run.state.gates.get('sign')?.proposals).toBeUndefined();
    expect(kinds(sim)).toEqual(
      expect.arrayContaining(['proposal.made', 'gate.reopened', 'proposal.countersigned']),
    );
  });

  it('shows those who signed old and new, and whoever proposed it does not sign', async () => {
    const { sim, vote, amends } = await signed([gate(), pause, disable()]);
    amends({ who: 'eve' });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.shown.proposed).toMatchObject([
      { by: owner.id, changes: [{ path: 'inputs.who', before: 'ada', after: 'eve' }] },
    ]);
    expect(() => vote(owner)).toThrow('proposed this change');
  });

  it('falls when it is refused, and the run goes on with what was signed', async () => {
    const { sim, world, vote, amends } = await signed([gate(), pause, disable()]);
    amends({ who: 'eve' });
    await sim.settle();
    vote(lee, 'reject');
    expect((await sim.finish()).status).toBe('succeeded');
    expect(disabled(world)).toEqual(['ada']);
    expect(kinds(sim)).toContain('proposal.fell');
  });

  it('falls when nobody answers in time', async () => {
    const { sim, world, amends } = await signed([gate({ within: { ms: 3 * hour } }), pause, disable()]);
    amends({ who: 'eve' });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(disabled(world)).toEqual(['ada']);
  });

  it.each([
    [6, { applied: [], proposed: ['who'] }, 'ada'],
    [5, { applied: ['who'], proposed: [] }, 'eve'],
  ])(
    'is not in force either where it is read by what a group does instead (engine %s)',
    async (engine, receipt, done) => {
      const group: Step = {
        id: 'g',
        kind: 'group',
        if: 'false',
        steps: [action('not')],
        else: [pause, disable()],
      };
      const { sim, world, vote, amends } = await signed([gate(), group], { start: { engine } });
      expect(sim.run.state.steps.get('g')?.status).toBe('skipped');
      expect(amends({ who: 'eve' })).toEqual(receipt);
      await sim.settle();
      if (engine >= 6) vote(lee, 'reject');
      await sim.finish();
      expect(disabled(world)).toEqual([done]);
    },
  );

  it('is no change where the same secret was sealed again, and one where its content is another', async () => {
    const pin = { $sealed: 'token-1', $digest: 'salt.a' };
    const inputs = { who: pin };
    const { sim, amends } = await signed([gate(), pause, disable()], { inputs });
    expect(amends({ who: { $sealed: 'token-2', $digest: 'salt.a' } })).toEqual({ applied: [], proposed: [] });
    expect(kinds(sim)).not.toContain('proposal.made');
    expect(amends({ who: { $sealed: 'token-3', $digest: 'salt.b' } })).toMatchObject({ proposed: ['who'] });
  });

  it('is withdrawn by the signed value, and an equal value is no change', async () => {
    const { sim, world, amends } = await signed([gate(), pause, disable()]);
    expect(amends({ who: 'ada' })).toEqual({ applied: [], proposed: [] });
    amends({ who: 'eve' });
    await sim.settle();
    amends({ who: 'ada' });
    await sim.finish();
    expect(disabled(world)).toEqual(['ada']);
    expect(kinds(sim)).toContain('proposal.withdrawn');
  });

  it('is in force at once where no step yet to run reads it behind the gate', async () => {
    const { amends } = await signed([gate(), pause, disable()]);
    expect(amends({ note: 'other' })).toEqual({ applied: ['note'], proposed: [] });
  });

  it('is in force at once, and marked, where the author said `amend: free`', async () => {
    const { sim, world, amends } = await signed([gate(), pause, disable()], { amend: { who: 'free' } });
    expect(amends({ who: 'eve' })).toEqual({ applied: ['who'], proposed: [] });
    await sim.finish();
    expect(disabled(world)).toEqual(['eve']);
  });

  it('with `amend: afterwards` is in force at once, and the run does not end before it is signed', async () => {
    const { sim, world, vote, amends } = await signed([gate(), pause, disable()], {
      amend: { who: 'afterwards' },
    });
    amends({ who: 'eve' });
    sim.at(5 * hour, () => {
      expect(disabled(world)).toEqual(['eve']);
      vote(lee);
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.clock.now() - sim.run.state.startedAt).toBe(5 * hour);
  });

  it('joins an earlier proposal to the same gate: votes are void, and the deadline stays', async () => {
    const { sim, world, vote, amends } = await signed([
      gate({ quorum: 2, within: { ms: 3 * hour } }),
      pause,
      disable({ with: { who: { $expr: 'inputs.who' }, note: { $expr: 'inputs.note' } } }),
    ]);
    // Quorum 2: sign it whole first.
    vote(lee);
    await sim.settle();
    amends({ who: 'eve' });
    await sim.settle();
    const deadline = sim.run.state.gates.get('sign')?.deadline;
    vote(dana);
    sim.at(hour / 2, () => void amends({ note: 'new' }));
    sim.at(hour, () => {
      const open = sim.run.state.gates.get('sign');
      expect(open?.votes).toEqual([]);
      expect(open?.deadline).toBe(deadline);
      vote(dana);
      vote(lee);
    });
    await sim.finish();
    expect(world.calls.find(({ activity }) => activity === 'test.disable')?.input).toEqual({
      who: 'eve',
      note: 'new',
    });
  });

  it('waits in a wait that it would move, which ends by the signed moment once it falls', async () => {
    const until: Step = { id: 'until', kind: 'wait', until: { $expr: 'inputs.note' } };
    const { sim, world, vote, amends } = begin([gate(), until, disable()], {});
    sim.run.commands.tell('amend', { principal: owner, inputs: { note: '2026-01-05T12:00:00Z' } });
    await sim.settle();
    vote();
    await sim.settle();
    const began = sim.clock.now();
    amends({ note: '2026-03-01T12:00:00Z' });
    sim.at(10 * hour, () => {
      expect(disabled(world)).toEqual([]);
      vote(lee, 'reject');
    });
    await sim.finish();
    expect(sim.clock.now() - began).toBe(10 * hour);
    expect(disabled(world)).toEqual(['ada']);
  });
});

describe('An amend while a gate is open', () => {
  it('voids in the very instant: a vote on what was shown before does not count', async () => {
    const { sim, vote, amends } = begin([gate(), disable()]);
    await sim.settle();
    const hash = sim.run.state.gates.get('sign')?.hash ?? '';
    amends({ who: 'eve' });
    expect(() =>
      sim.run.commands.tell('vote', { step: 'sign', decision: 'approve', principal: dana, hash }),
    ).toThrow('has changed, and people are being asked about it now');
    await sim.settle();
    expect(() =>
      sim.run.commands.tell('vote', { step: 'sign', decision: 'approve', principal: dana, hash }),
    ).toThrow('is not what you were shown');
    expect(() => vote(owner)).toThrow('changed the inputs of this run');
    vote(dana);
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('also while people are being asked: they are asked about what is in force', async () => {
    let answer: (value: JsonObject) => void = () => {};
    const world = new World().once(
      engineActivities.openGate,
      () => new Promise((resolve) => (answer = resolve)),
    );
    const { sim, vote, amends } = begin([gate(), disable()], { world });
    await sim.settle();
    amends({ who: 'eve' });
    answer({ approvers: [dana.id, lee.id], needed: 1, hash: 'of the old' });
    await sim.settle();
    const open = sim.run.state.gates.get('sign');
    expect(open?.shown).toMatchObject({ show: { who: 'eve' } });
    expect(open?.hash).not.toBe('of the old');
    vote(dana);
    await sim.finish();
    expect(disabled(world)).toEqual(['eve']);
  });

  it('names nobody to sign: an approver who was typed in by hand is passed over', async () => {
    const byInput = approve('sign', [], { from: [{ $expr: 'inputs.note' }], escalate: lee.id });
    const { sim, amends } = begin([byInput, disable()]);
    amends({ note: 'mallory@example.com' });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.approvers).toEqual([lee.id]);
  });
});

describe('A parked step behind a gate', () => {
  const parked = async (more = {}) => {
    const world = new World().fails('test.disable', 'no such user');
    return signed([gate(), disable(more), pause], { world });
  };

  it('that is retried with another target waits for those who signed', async () => {
    const { sim, world, vote } = await parked();
    expect(
      sim.run.commands.tell('retry', { principal: owner, step: 'disable', with: { who: 'boss' } }),
    ).toEqual({ applied: [], proposed: ['disable'] });
    await sim.settle();
    expect(disabled(world)).toEqual(['ada']);
    expect(sim.run.state.gates.get('sign')?.shown.proposed).toMatchObject([
      { changes: [{ path: 'steps.disable.with', before: { who: 'ada' }, after: { who: 'boss' } }] },
    ]);
    vote(lee, 'reject');
    await sim.settle();
    expect(sim.run.state.parked.has('disable')).toBe(true);
    sim.run.commands.tell('retry', { principal: owner, step: 'disable' });
    await sim.finish();
    expect(disabled(world)).toEqual(['ada', 'ada']);
  });

  it('is retried as it was at once', async () => {
    const { sim, world } = await parked();
    expect(sim.run.commands.tell('retry', { principal: owner, step: 'disable' })).toEqual({
      applied: ['disable'],
      proposed: [],
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(disabled(world)).toEqual(['ada', 'ada']);
  });

  it('with `amend: free` takes another input at once', async () => {
    const { sim, world } = await parked({ amend: 'free' });
    sim.run.commands.tell('retry', { principal: owner, step: 'disable', with: { who: 'ada.b' } });
    await sim.finish();
    expect(disabled(world)).toEqual(['ada', 'ada.b']);
  });
});

describe('A look-up that is completed or skipped by hand', () => {
  const find = action('find', { effect: 'read', with: { who: { $expr: 'inputs.who' } } });
  const byFound = disable({ with: { who: { $expr: 'steps.find.output.id' } } });

  it('before the gate is marked there, and whoever typed it does not sign', async () => {
    const world = new World().fails('test.find', 'not found');
    const { sim, vote } = begin([find, gate(), byFound], { world });
    await sim.settle();
    sim.run.commands.tell('complete', { principal: owner, step: 'find', output: { id: 'boss' } });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.shown).toMatchObject({
      byHand: [{ path: 'steps.find.output', by: owner.id, after: { id: 'boss' } }],
      values: { 'steps.find.output.id': 'boss' },
    });
    expect(() => vote(owner)).toThrow('said by hand what "find" gave');
    vote(dana);
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('after the gate waits for those who signed', async () => {
    const world = new World().fails('test.find', 'not found');
    const { sim, vote } = await signed([gate(), find, byFound], { world });
    expect(
      sim.run.commands.tell('complete', { principal: owner, step: 'find', output: { id: 'boss' } }),
    ).toEqual({ applied: [], proposed: ['find'] });
    await sim.settle();
    expect(sim.run.state.parked.has('find')).toBe(true);
    expect(disabled(world)).toEqual([]);
    vote(dana);
    await sim.finish();
    expect(disabled(world)).toEqual(['boss']);
  });

  it('is a change of its status too, where that is what is signed', async () => {
    const world = new World().fails('test.find', 'not found');
    const ifFound = disable({ if: 'default(steps.find.status, "none") == "succeeded"' });
    const { sim, vote } = await signed([gate(), action('find', { effect: 'read' }), ifFound], { world });
    expect(
      sim.run.commands.tell('complete', { principal: owner, step: 'find', output: { id: 'boss' } }),
    ).toEqual({ applied: [], proposed: ['find'] });
    await sim.settle();
    vote();
    await sim.finish();
    expect(disabled(world)).toEqual(['ada']);
  });

  it('is skipped at once where nothing behind the gate reads it', async () => {
    const world = new World().fails('test.find', 'not found');
    const { sim } = await signed([gate(), find, disable()], { world });
    sim.run.commands.tell('skip', { principal: owner, step: 'find', comment: 'not needed' });
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('is signed again where a step behind the gate reads its status', async () => {
    const world = new World().fails('test.find', 'not found');
    const asks = disable({ if: 'steps.find.status == "skipped"' });
    const { sim } = await signed([gate(), find, asks], { world });
    sim.run.commands.tell('skip', { principal: owner, step: 'find', comment: 'not needed' });
    await sim.settle();
    expect(disabled(world)).toEqual([]);
    expect(kinds(sim)).toContain('gate.reopened');
  });
});

describe('A gate whose people were not told', () => {
  it('does not expire while no message could be sent: its time begins anew', async () => {
    let told = false;
    const world = new World();
    const sim = simulate(
      startOf(covered([gate({ within: { ms: hour } }), disable()]), { inputs: { who: 'ada', note: 'n' } }),
      {
        answer: async (activity, input, options, now, run) => {
          if (activity === engineActivities.wasTold) return { told };
          const answer = await world.answer(activity, input, options, now, run);
          return activity === engineActivities.openGate
            ? { ...(answer as JsonObject), notice: 'r.sign.ask.1' }
            : answer;
        },
      },
    );
    sim.at(1.5 * hour, () => {
      expect(sim.run.state.gates.get('sign')?.outcome).toBeUndefined();
      told = true;
    });
    expect((await sim.finish()).reason).toBe('"sign" was not decided in time');
    expect(sim.clock.now() - sim.run.state.startedAt).toBe(2 * hour);
    expect(kinds(sim)).toContain('gate.extended');
  });

  it('does not expire either where it is asked of others, who were not told, though those before were', async () => {
    const sent: string[] = ['r.sign.ask.1'];
    const world = new World();
    const sim = simulate(
      startOf(covered([approve('sign', [dana.id], { within: { ms: hour } }), disable()]), {
        inputs: { who: 'ada', note: 'n' },
      }),
      {
        answer: async (activity, input, options, now, run) => {
          if (activity === engineActivities.wasTold) {
            const { notice, others = [] } = input as { notice: string; others?: string[] };
            return { told: [notice, ...others].some((id) => sent.includes(id)) };
          }
          if (activity === engineActivities.remindGate) return { approvers: [], notice: 'r.sign.asked.1' };
          const answer = await world.answer(activity, input, options, now, run);
          return activity === engineActivities.openGate
            ? { ...(answer as JsonObject), notice: 'r.sign.ask.1', eligible: [dana.id, lee.id] }
            : answer;
        },
      },
    );
    sim.at(0.5 * hour, () => {
      sim.run.commands.tell('reassign', { principal: owner, step: 'sign', from: [lee.id] });
    });
    sim.at(1.5 * hour, () => {
      expect(sim.run.state.gates.get('sign')?.outcome).toBeUndefined();
      sent.push('r.sign.asked.1');
    });
    expect((await sim.finish()).reason).toBe('"sign" was not decided in time');
    expect(sim.clock.now() - sim.run.state.startedAt).toBe(2 * hour);
  });
});

/** Everybody who is named asked for the run, or had a hand in it. */
function askedNobody(input: Json): Json {
  const { revision = 1 } = input as { revision?: number };
  return { approvers: [], needed: 1, hash: `asked ${revision}` };
}

describe('Who signs', () => {
  it('is nobody whom neither the gate nor the configuration names, and a refused name changes nothing', async () => {
    const { sim, vote } = begin([gate({ quorum: 2 }), disable()]);
    await sim.settle();
    vote(dana);
    expect(() =>
      sim.run.commands.tell('reassign', { principal: owner, step: 'sign', from: ['mallory@example.com'] }),
    ).toThrow('neither the approval nor the configuration names them');
    expect(sim.run.state.gates.get('sign')?.votes).toHaveLength(1);
    vote(lee);
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('is taken further at once where too few of those who are asked are left', async () => {
    const { sim, world, amends } = begin([gate({ quorum: 'all', escalate: 'boss@example.com' }), disable()]);
    await sim.settle();
    amends({ who: 'eve' });
    await sim.settle();
    expect(world.calls.map(({ activity }) => activity)).toContain(engineActivities.escalateGate);
    expect(sim.run.state.gates.get('sign')?.approvers).toContain('boss@example.com');
  });

  it('is whom the runbook names, whatever address somebody typed into a value', async () => {
    const start = startOf(covered([gate({ quorum: 'all' }), disable()]), {
      inputs: { who: 'ada', note: 'n' },
    });
    const world = new World();
    const sim = simulate(start, world);
    await sim.settle();
    sim.run.commands.tell('amend', { principal: owner, inputs: { who: dana.id } });
    await sim.settle();
    const asked = world.calls.filter(({ activity }) => activity === engineActivities.openGate);
    expect(asked.map(({ input }) => (input as { from: string[] }).from)).toEqual([
      [dana.id, lee.id, owner.id],
      [dana.id, lee.id, owner.id],
    ]);
  });

  it('is asked once more where no warrant was issued, and the run still comes to its end', async () => {
    const world = new World();
    let refuse: (error: Error) => void = () => {};
    const failing = new Promise<never>((_, reject) => (refuse = reject));
    world.once(engineActivities.issueWarrant, () => failing);
    const { sim, vote, amends } = begin([gate(), disable()], { world });
    await sim.settle();
    vote();
    await sim.settle();
    // A proposal while the warrant is on its way: those who signed are asked about it.
    amends({ who: 'eve' });
    await sim.settle();
    refuse(new CallFailure({ type: 'PermanentFailure', message: 'the records say otherwise' }));
    await sim.settle();
    sim.run.commands.tell('retry', { principal: owner, step: 'sign' });
    await sim.settle();
    vote();
    expect((await sim.finish()).status).toBe('succeeded');
    expect(disabled(world)).toEqual(['ada']);
  });

  it('is whoever it was taken further to, also once what they were asked about has changed', async () => {
    const director = person('director@example.com');
    const steps = [approve('sign', [dana.id], { show: { who: { $expr: 'inputs.who' } } }), disable()];
    const start = startOf(covered(steps), {
      inputs: { who: 'ada', note: 'n' },
      requester: dana,
      approvals: { lastResort: director.id },
    });
    const world = new World()
      .once(engineActivities.openGate, askedNobody)
      .once(engineActivities.openGate, askedNobody);
    const sim = simulate(start, world);
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.approvers).toEqual([director.id]);
    sim.run.commands.tell('amend', { principal: owner, inputs: { who: 'bob' } });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.approvers).toEqual([director.id]);
    sim.run.commands.tell('vote', {
      step: 'sign',
      decision: 'approve',
      principal: director,
      hash: 'asked 2',
    });
    await sim.finish();
    expect(disabled(world)).toEqual(['bob']);
  });

  it('is whomever the owner has asked instead, about what changes from then on too', async () => {
    const steps = [gate({ quorum: 1 }), pause, disable()];
    const { sim, vote, amends } = begin(steps);
    await sim.settle();
    sim.run.commands.tell('reassign', { principal: owner, step: 'sign', from: [lee.id] });
    amends({ who: 'eve' });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.approvers).toEqual([lee.id]);
    vote(lee);
    await sim.settle();
    // As a proposal to what they signed.
    amends({ who: 'bob' });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')).toMatchObject({ approvers: [lee.id], revision: 3 });
  });

  it('is whomever the owner has asked instead, also while others are being asked about a change', async () => {
    const world = new World();
    const { sim, amends } = begin([gate(), disable()], { world });
    await sim.settle();
    let answer: (value: JsonObject) => void = () => {};
    world.once(engineActivities.openGate, () => new Promise((resolve) => (answer = resolve)));
    amends({ who: 'eve' });
    await sim.settle();
    sim.run.commands.tell('reassign', { principal: owner, step: 'sign', from: [lee.id] });
    answer({ approvers: [dana.id, lee.id], instead: [], needed: 1, hash: 'shown 2' });
    await sim.settle();
    expect(sim.run.state.gates.get('sign')?.approvers).toEqual([lee.id]);
  });

  it('is for the owner to say where nobody is left who may', async () => {
    const start = startOf(covered([gate(), disable()]), {
      inputs: { who: 'ada', note: 'n' },
      requester: dana,
    });
    const sim = simulate(start, new World().once(engineActivities.openGate, askedNobody));
    await sim.settle();
    expect(sim.run.state.summary().waitingOn).toMatchObject([
      { step: 'sign', kind: 'gate', people: [], role: 'it-coordinators' },
    ]);
  });

  it('is never whoever typed something in the run that called this one', async () => {
    const called = { ...covered([gate(), disable()]), hash: 'called', runbook: 'called' };
    const call: Step = {
      id: 'call',
      kind: 'runbook',
      runbook: 'called',
      planHash: 'called',
      with: { who: { $expr: 'inputs.who' }, note: 'n' },
    };
    const children: { commands: { tell(update: 'vote', request: object): unknown } }[] = [];
    const plan = covered([pause, call]);
    const sim = simulate(startOf(plan, { inputs: { who: 'ada', note: 'n' }, plans: { called } }), {
      answer: new World().answer,
      onChild: (run) => void children.push(run),
    });
    await sim.settle();
    sim.run.commands.tell('amend', { principal: owner, inputs: { who: 'eve' } });
    let refusal = '';
    sim.at(2 * hour, () => {
      try {
        children[0]?.commands.tell('vote', {
          step: 'sign',
          decision: 'approve',
          principal: owner,
          hash: 'shown',
        });
      } catch (error) {
        refusal = String(error);
      }
    });
    await sim.finish().catch(() => {});
    expect(refusal).toContain('changed by hand what this run was given');
  });
});
