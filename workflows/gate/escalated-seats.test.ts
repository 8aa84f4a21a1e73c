/** A stand-in and the member have one vote together, also where one of the two is asked only once the approval was taken further. */
import { describe, expect, it } from '@jest/globals';
import { engineActivities } from '../engine-activities.ts';
import type { Gate } from '../messages.ts';
import { action, approve, person, planOf, startOf, vote, World } from '../testing.ts';
import { Stalled } from '../virtual/clock.ts';
import { simulate } from '../virtual/simulate.ts';

const hour = 3_600_000;
const [lee, ito, deputy] = ['lee', 'ito', 'deputy'].map((name) => `${name}@example.com`) as [
  string,
  string,
  string,
];

/** Who is asked first, and who once nobody answered in time. */
function gate(first: Partial<Gate>, further: Partial<Gate>) {
  const world = new World();
  world.once(engineActivities.openGate, (input) => {
    const { openedAt } = input as { openedAt: number };
    return { hash: 'shown', needed: 2, deadline: openedAt + hour, ...first } as never;
  });
  world.once(engineActivities.escalateGate, (input) => {
    const { now } = input as { now: number };
    return { deadline: now + 24 * hour, ...further } as never;
  });
  const step = approve('gate', [lee, ito], { quorum: 2, within: { ms: hour }, escalate: 'role:board' });
  const sim = simulate(startOf(planOf([step, action('after')])), world);
  const votes = (who: string) => sim.run.commands.tell('vote', vote(person(who), 'approve'));
  /** Everybody says yes once it was taken further: how much was done by then, one after the other. */
  const afterwards = async (people: string[]) => {
    const done: number[] = [];
    for (const [at, each] of people.entries()) {
      sim.at(hour + 10 * at + 5, () => votes(each));
      sim.at(hour + 10 * at + 10, () => done.push(world.actions().length));
    }
    await sim.finish().catch((error) => {
      if (!(error instanceof Stalled)) throw error;
    });
    // Whoever decided it last ended the run.
    return [...done, world.actions().length].slice(0, people.length);
  };
  return { afterwards };
}

describe('An approval that was taken further', () => {
  it('keeps the seat of a stand-in who was asked first, when the member is asked too', async () => {
    const { afterwards } = gate(
      { approvers: [ito, deputy], seats: { [deputy]: lee }, standIns: { [deputy]: lee } },
      { approvers: [lee] },
    );
    expect(await afterwards([deputy, lee, ito])).toEqual([0, 0, 1]);
  });

  it('gives a stand-in who is asked only then no vote besides that of the member', async () => {
    const { afterwards } = gate(
      { approvers: [lee, ito] },
      { approvers: [deputy], seats: { [deputy]: lee }, standIns: { [deputy]: lee } },
    );
    expect(await afterwards([lee, deputy, ito])).toEqual([0, 0, 1]);
  });

  it('leaves whoever was asked for themselves their own vote, though they stand in for somebody there', async () => {
    const { afterwards } = gate(
      { approvers: [lee, deputy] },
      { approvers: [deputy], seats: { [deputy]: lee }, standIns: { [deputy]: lee } },
    );
    expect(await afterwards([lee, deputy])).toEqual([0, 1]);
  });
});
