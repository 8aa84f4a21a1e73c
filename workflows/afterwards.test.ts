import { describe, expect, it } from '@jest/globals';
import { defined } from '../plan/defined.ts';
import type { Step } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import { CallFailure } from './port.ts';
import { action, approve, owner, person, planOf, startOf, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const hour = 3_600_000;
const board = person('board@example.com');
const boss = person('boss@example.com');

function emergency(more: Parameters<typeof approve>[2] = {}, steps: Step[] = [action('fix')]) {
  const gate = approve('board', [board.id], { retroactive: true, within: { ms: 72 * hour }, ...more });
  const world = new World().once(engineActivities.openTask, (input) => ({
    people: (input as unknown as { to: string[] }).to,
  }));
  const sim = simulate(startOf(planOf([gate, ...steps], { owner: owner.id })), world);
  const vote = (decision: 'approve' | 'reject', comment?: string) =>
    sim.run.commands.vote({
      step: 'board',
      decision,
      principal: board,
      hash: 'shown',
      ...defined({ comment: comment || undefined }),
    });
  return { sim, world, vote };
}

describe('an approval that may be given afterwards', () => {
  it('lets the steps after it go on, and the run does not end before it is given', async () => {
    const { sim, world, vote } = emergency();
    await sim.settle();
    expect(world.actions()).toEqual(['test.fix']);
    expect(sim.run.state.currentStatus()).toBe('waiting');
    sim.at(50 * hour, () => void vote('approve'));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.run.state.view().steps[0]).toMatchObject({ id: 'board', status: 'succeeded' });
    expect(sim.clock.now() - sim.run.state.startedAt).toBe(50 * hour);
  });

  it('parks when its reminder fails, and the run can be seen, retried and aborted all the same', async () => {
    const { sim, world, vote } = emergency({ remind: { ms: hour } });
    world.once(engineActivities.remindGate, () => {
      throw new CallFailure({ type: 'PermanentFailure', message: 'the calendar says no' });
    });
    sim.at(2 * hour, () => {
      expect(sim.run.state.view().status).toMatch(/waiting|parked/);
      sim.run.commands.checkAbort({ principal: owner, comment: 'enough' });
      for (const { key } of sim.run.state.parked.values())
        sim.run.commands.tell('retry', { step: key, principal: owner, comment: 'it is put right' });
    });
    sim.at(3 * hour, () => void vote('approve'));
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('holds the run also where an `end` step ends it early', async () => {
    const { sim, vote } = emergency({}, [action('fix'), { id: 'done', kind: 'end', status: 'succeeded' }]);
    sim.at(hour, () => void vote('approve'));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.clock.now() - sim.run.state.startedAt).toBe(hour);
  });

  it('that is refused opens a review by the owner and whoever it escalates to, before the run ends', async () => {
    const { sim, world, vote } = emergency({ escalate: boss.id });
    sim.at(hour, () => void vote('reject', 'not needed'));
    sim.at(2 * hour, () => {
      const [task] = sim.run.state.view().tasks;
      expect(task).toMatchObject({ step: 'board.review', people: [owner.id, boss.id] });
      expect(task?.instructions).toContain('was refused by board@example.com: not needed');
      sim.run.commands.complete({ principal: owner, step: 'board.review', output: { decision: 'It stays' } });
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.fix']);
    expect(sim.run.state.view().steps.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'board rejected',
      'fix succeeded',
      'board.review succeeded',
    ]);
  });

  it('that comes too late opens a review too, after whoever it escalates to was asked', async () => {
    const { sim, world } = emergency({ escalate: boss.id });
    sim.at(200 * hour, () => {
      sim.run.commands.complete({
        principal: owner,
        step: 'board.review',
        output: { decision: 'Talked over' },
      });
    });
    await sim.finish();
    expect(world.calls.map(({ activity }) => activity)).toContain(engineActivities.escalateGate);
    expect(sim.run.state.journal.find(({ kind }) => kind === 'gate.rejected')?.data).toEqual({
      reason: '"board" was not decided in time',
    });
  });

  it('is closed when the run is aborted, and what was done is taken back', async () => {
    const { sim, world } = emergency({}, [
      action('fix', { undo: { uses: 'test.unfix', with: {} } }),
      { id: 'watch', kind: 'wait', for: { ms: 10 * hour } },
    ]);
    sim.at(hour, () => void sim.run.commands.abort({ principal: owner, comment: 'made it worse' }));
    expect((await sim.finish()).status).toBe('cancelled');
    expect(world.actions()).toEqual(['test.fix', 'test.unfix']);
    expect(sim.run.state.view().gates).toEqual([]);
    expect(sim.run.state.view().steps[0]).toMatchObject({ id: 'board', status: 'cancelled' });
  });

  it('inside a branch outlasts the branch', async () => {
    const gate = approve('board', [board.id], { retroactive: true, within: { ms: 72 * hour } });
    const plan = planOf([
      { id: 'both', kind: 'parallel', branches: { one: [gate, action('fix')], two: [action('other')] } },
      action('last'),
    ]);
    const world = new World();
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    expect(world.actions().sort()).toEqual(['test.fix', 'test.last', 'test.other']);
    sim.run.commands.vote({ step: 'board', decision: 'approve', principal: board, hash: 'shown' });
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('a vote that was given in a meeting', () => {
  const secretary = person('secretary@example.com');
  async function gateWith(recorders: string[]) {
    const world = new World().once(engineActivities.openGate, () => ({
      approvers: [board.id, boss.id],
      needed: 2,
      hash: 'shown',
      recorders,
    }));
    const sim = simulate(startOf(planOf([approve('cab', [board.id, boss.id]), action('apply')])), world);
    await sim.settle();
    const record = (whose: string, by = secretary, minutes = 'CAB-2026-03') =>
      sim.run.commands.vote({
        step: 'cab',
        decision: 'approve',
        principal: by,
        hash: 'shown',
        recorded: { for: whose, minutes },
      });
    return { sim, record, world };
  }

  it('is entered by somebody with the right to, and stands under the name of whose it was', async () => {
    const { sim, record } = await gateWith([secretary.id]);
    expect(record('Board@example.com')).toEqual({ result: 'counted', approvals: 0, needed: 2 });
    record(boss.id);
    await sim.settle();
    // Both were told, and have an hour to object.
    expect(sim.run.state.currentStatus()).toBe('waiting');
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.run.state.journal.find(({ kind }) => kind === 'vote')?.data).toMatchObject({
      by: board.id,
      recordedBy: secretary.id,
      minutes: 'CAB-2026-03',
    });
    expect(sim.run.state.journal.find(({ kind }) => kind === 'gate.approved')?.data).toEqual({
      by: [board.id, boss.id],
    });
  });

  it('of a member who cannot be told does not count, and is theirs to give', async () => {
    const { sim, record, world } = await gateWith([secretary.id]);
    world.fails(engineActivities.voteRecorded, 'the directory says no');
    record(board.id);
    await sim.settle();
    expect(sim.run.state.summary().waitingOn).toMatchObject([{ people: [board.id, boss.id] }]);
    for (const principal of [board, boss])
      sim.run.commands.vote({ step: 'cab', decision: 'approve', principal, hash: 'shown' });
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('is refused without the right, without minutes, for oneself, and for people who were not asked', async () => {
    const { record } = await gateWith([secretary.id, boss.id]);
    expect(() => record(board.id, person('clerk@example.com'))).toThrow(
      'clerk@example.com may not enter votes that were given in a meeting. Those who may: secretary@example.com, boss@example.com.',
    );
    expect(() => record(board.id, secretary, ' ')).toThrow('needs the reference of its minutes');
    expect(() => record(boss.id, boss)).toThrow('is yours to give');
    expect(() => record('stranger@example.com')).toThrow('stranger@example.com was not asked to sign');
    expect(() => record('asker@example.com')).toThrow('asked for this run');
  });

  it('is refused from whoever asked for the run', async () => {
    const { record } = await gateWith(['asker@example.com']);
    expect(() => record(board.id, person('asker@example.com'))).toThrow('somebody else must enter the votes');
  });
});
