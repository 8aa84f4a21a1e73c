import { describe, expect, it } from '@jest/globals';
import { defined } from '../../plan/defined.ts';
import type { JournalEntry, OutlineStep, RunDetail } from '../api/types.ts';
import { journalLine } from './journal-words.ts';
import { isPaused, timelineOf } from './timeline.ts';

const outlineStep = (id: string, kind: OutlineStep['kind'] = 'action'): OutlineStep => ({
  id,
  title: `Do ${id}`,
  kind,
  depth: 0,
  part: 'steps',
  gatedBy: [],
});

const run = (more: Partial<RunDetail> = {}): RunDetail => ({
  id: 'run-1',
  runbook: 'new-hire',
  title: 'New hire',
  kind: 'onboarding',
  owner: 'role:it',
  requester: 'hr@example.com',
  status: 'running',
  startedAt: '2026-01-14T09:00:00Z',
  waitingOn: [],
  titles: {},
  mayOperate: false,
  mayStart: false,
  outline: [
    outlineStep('signoff', 'approve'),
    outlineStep('account'),
    outlineStep('join'),
    outlineStep('tell'),
  ],
  ...more,
});

let seq = 0;
const entry = (kind: JournalEntry['kind'], step?: string, data?: JournalEntry['data']): JournalEntry => ({
  seq: ++seq,
  at: seq * 1000,
  kind,
  ...defined({ step: step || undefined, data }),
});

const states = (detail: RunDetail, journal: JournalEntry[]) =>
  timelineOf(detail, journal).map(({ key, state }) => [key, state]);

describe('The steps of a run', () => {
  it('stand in the plan’s order, those not reached yet included', () => {
    const journal = [
      entry('step.started', 'signoff'),
      entry('gate.opened', 'signoff', { approvers: ['dana@example.com'], needed: 1 }),
    ];
    expect(states(run(), journal)).toEqual([
      ['signoff', 'waiting'],
      ['account', 'ahead'],
      ['join', 'ahead'],
      ['tell', 'ahead'],
    ]);
  });

  it('have every item of a forEach where the step stands', () => {
    const journal = [entry('step.succeeded', 'join[1]'), entry('step.parked', 'join[2]', { message: 'no' })];
    expect(states(run(), journal)).toEqual([
      ['signoff', 'ahead'],
      ['account', 'ahead'],
      ['join[1]', 'done'],
      ['join[2]', 'parked'],
      ['tell', 'ahead'],
    ]);
  });

  it('that parked and were tried again no longer show the failure once they are done', () => {
    const journal = [
      entry('step.started', 'account'),
      entry('step.parked', 'account', {
        message: 'no free units',
        type: 'PermanentFailure',
        requestId: 'r1',
      }),
    ];
    const parked = timelineOf(run(), journal)[1];
    expect(parked?.failure).toEqual({ message: 'no free units', type: 'PermanentFailure', requestId: 'r1' });
    const done = timelineOf(run(), [
      ...journal,
      entry('step.started', 'account'),
      entry('step.succeeded', 'account', { output: { id: 'u1' } }),
    ])[1];
    expect(done).toMatchObject({ state: 'done', attempts: 2, output: { id: 'u1' } });
    expect(done?.failure).toBeUndefined();
  });

  it('of a run that has ended are on their way no more', () => {
    const ended = run({ status: 'cancelled', endedAt: '2026-01-14T10:00:00Z' });
    expect(states(ended, [entry('step.succeeded', 'signoff'), entry('step.started', 'account')])).toEqual([
      ['signoff', 'done'],
      ['account', 'stopped'],
      ['join', 'not reached'],
      ['tell', 'not reached'],
    ]);
  });

  it('keep votes that became void, marked as such', () => {
    const [signoff] = timelineOf(run(), [
      entry('vote', 'signoff', { by: 'dana@example.com', decision: 'approve' }),
      entry('gate.voided', 'signoff', { votes: 1 }),
      entry('vote', 'signoff', { by: 'dana@example.com', decision: 'reject', comment: 'too early' }),
    ]);
    expect(signoff?.votes.map(({ decision, comment, void: gone }) => [decision, comment, gone])).toEqual([
      ['approve', undefined, true],
      ['reject', 'too early', false],
    ]);
  });

  it('that the plan does not have come last', () => {
    expect(states(run(), [entry('task.opened', 'signoff.review')]).at(-1)).toEqual([
      'signoff.review',
      'waiting',
    ]);
  });
});

describe('The journal', () => {
  it('tells whether an operator holds the run', () => {
    const paused = [entry('run.paused'), entry('step.parked', 'account')];
    expect(isPaused(paused)).toBe(true);
    expect(isPaused([...paused, entry('run.resumed')])).toBe(false);
    expect(isPaused([])).toBe(false);
  });

  it('reads as sentences with the steps’ titles, and what people said in their own words', () => {
    const titles = { signoff: 'The manager signs off', join: 'Join the group' };
    const vote = entry('vote', 'signoff', {
      by: 'dana@example.com',
      decision: 'reject',
      comment: 'too early',
    });
    expect(journalLine(vote, titles)).toEqual({
      text: 'dana@example.com rejects “The manager signs off”.',
      said: 'too early',
    });
    expect(journalLine(entry('step.parked', 'join[3]', { message: 'no free units' }), titles)).toEqual({
      text: '“Join the group” parked.',
      said: 'no free units',
    });
    const amended = entry('run.amended', undefined, {
      by: 'kim@example.com',
      before: { startDate: '2026-02-01', pin: { $sealed: true } },
      after: { startDate: '2026-03-01', pin: { $sealed: true } },
    });
    expect(journalLine(amended, titles).text).toBe(
      'kim@example.com changed inputs: Start date from 2026-02-01 to 2026-03-01; Pin from sealed to sealed.',
    );
  });

  it('skips what stands inside a skipped step with it, and names items as they are called', () => {
    const inside = (id: string) => ({ ...outlineStep(id), depth: 1 });
    const outline = [outlineStep('desk', 'group'), inside('order'), inside('place'), outlineStep('tell')];
    const steps = timelineOf(run({ outline, status: 'succeeded', endedAt: '2026-01-14T09:10:00Z' }), [
      entry('step.skipped', 'desk'),
      entry('step.started', 'tell[1]', { item: 'Engineering' }),
      entry('step.succeeded', 'tell[1]'),
    ]);
    expect(steps.map(({ key, state, item }) => [key, state, item])).toEqual([
      ['desk', 'skipped', undefined],
      ['order', 'skipped', undefined],
      ['place', 'skipped', undefined],
      ['tell[1]', 'done', 'Engineering'],
    ]);
  });
});
