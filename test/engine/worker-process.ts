/**
 * A worker of the real engine whose one connector does what a plan tells it: for tests that kill it. Every call is written
 * to a file before it answers, so that calls can be counted whatever dies. Arguments: address, namespace, folder, bundle.
 */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { engineActivities } from '../../activities/engine/activities.ts';
import type { CallNotes } from '../../activities/kit/activity.ts';
import { isBound } from '../../activities/kit/warrants/place-of-call.ts';
import { Calendars } from '../../organisation/calendars.ts';
import { defined } from '../../plan/defined.ts';
import type { CallContext, Json } from '../../plan/plan.ts';
import { answerMark } from '../../plan/sealed.ts';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { beating } from '../../worker/beating.ts';
import { startWorkers } from '../../worker/worker.ts';
import { noiseOf } from './noise.ts';
import { rememberingActivities } from './remembering.ts';
import { fileRegister, workersConverter } from './sealing.ts';
import { abortedMark, type SimCall, simAnswer, simCalls, simLog, toldIn } from './sim-action.ts';

/** What the one action is told to do. */
interface Told {
  /** What it answers. */
  give?: Json;
  /** So many of its first calls for this step fail for good. */
  fail?: number;
  ms?: number;
  /** Whether it was read back. */
  verified?: true;
  /** It answers so many characters, which cannot be packed. */
  noise?: number;
}

const [address = '', namespace = '', folder = '', bundle = ''] = process.argv.slice(2);
const log = join(folder, 'calls.log');
quietTemporalLog();

const calendars = new Calendars({
  calendars: {
    always: { timezone: 'UTC', windows: [{ from: '2020-01-01', to: '2120-01-01' }] },
    close: {
      timezone: 'UTC',
      windows: [
        {
          name: 'the audit',
          from: '2020-01-01',
          to: new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10),
        },
      ],
    },
    never: { timezone: 'UTC', windows: [{ name: 'long ago', from: '2020-01-01', to: '2020-01-02' }] },
    ...JSON.parse(process.env.TEST_CALENDARS ?? '{}'),
  },
  timezone: 'UTC',
  read: () => '',
});
const roles = {
  it: { people: ['owner@example.com'] },
  board: { people: ['a@example.com', 'b@example.com', 'c@example.com'] },
  away: {
    people: ['a@example.com', 'absent@example.com'],
    absences: [
      {
        person: 'absent@example.com',
        from: '2020-01-01',
        to: '2120-01-01',
        delegate: 'delegate@example.com',
      },
    ],
  },
  clerks: { people: ['clerk@example.com'], records: true },
};

const begunLog = join(folder, 'begun.log');

function noteBegun(call: CallContext): void {
  if (isBound(call)) appendFileSync(begunLog, `${call.run} ${call.step} ${answerMark(call)}\n`);
}

function wasBegun(asked: string): boolean {
  return (
    existsSync(begunLog) &&
    readFileSync(begunLog, 'utf8')
      .split('\n')
      .some((line) => line.endsWith(` ${asked}`))
  );
}

async function act(input: Json, call: CallContext, notes: CallNotes = {}): Promise<Json> {
  const { give = {}, fail = 0, ms = 0, verified, noise } = (input ?? {}) as Told;
  const entry = {
    run: call.run,
    step: call.step,
    item: call.item ?? '',
    action: activityInfo().activityType,
    ...defined({ build: process.env.TEST_BUILD }),
  };
  noteBegun(call);
  const before = calls().filter((each) => each.run === entry.run && each.step === entry.step).length;
  for (let left = ms; left > 0; left -= 200) {
    if (activityInfo().heartbeatTimeoutMs) heartbeat();
    await sleep(Math.min(left, 200));
  }
  appendFileSync(log, `${JSON.stringify(entry)}\n`);
  if (before < fail) throw ApplicationFailure.nonRetryable(`try ${before + 1} fails`, 'PermanentFailure');
  if (verified) notes.verified = verified;
  return noise === undefined ? give : { noise: noiseOf(noise) };
}

/** As generated plans tell it. What was begun is written down too, so that a test can act while it is under way. */
async function sim(input: Json, call: CallContext): Promise<Json> {
  const { activityId, activityType: action, workflowExecution, heartbeatTimeoutMs } = activityInfo();
  const entry: SimCall = {
    run: call.run,
    workflow: workflowExecution?.workflowId ?? '',
    step: call.step,
    item: call.item ?? '',
    action,
    id: `${call.run} ${activityId}`,
    input,
  };
  const file = simLog(folder, call.runbook);
  const note = (more: Partial<SimCall> = {}) =>
    appendFileSync(file, `${JSON.stringify({ ...entry, ...more })}\n`);
  note({ begun: true });
  noteBegun(call);
  // Not called off: a write that has begun is finished, as the action kit does it.
  const { ms = 0, untilAbort = false } = toldIn(input);
  const isHeld = () => untilAbort && !existsSync(abortedMark(folder, call.runbook));
  for (let left = ms; left > 0; left -= isHeld() ? 0 : 100) {
    if (heartbeatTimeoutMs) heartbeat();
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, 100)));
  }
  // A worker that was killed before its answer arrived is asked once more, for the same call.
  const others = simCalls(folder, call.runbook).filter(
    (each) =>
      !each.begun &&
      each.run === entry.run &&
      each.step === entry.step &&
      each.item === entry.item &&
      each.id !== entry.id &&
      each.action === action,
  );
  note();
  if (action === 'test.unsim') return {};
  const before = new Set(others.map(({ id }) => id)).size;
  const answer = simAnswer(input, { step: entry.step, item: entry.item, before });
  if ('fails' in answer) throw ApplicationFailure.nonRetryable(answer.fails, 'PermanentFailure');
  return answer.output;
}

function calls(): { run: string; step: string }[] {
  if (!existsSync(log)) return [];
  return readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const workers = await startWorkers({
  connection: { address },
  namespace,
  dataConverter: workersConverter(),
  register: fileRegister(folder),
  workflowBundle: bundle,
  groups: [
    {
      connector: 'test',
      activities: {
        'test.do': act,
        'test.undo': act,
        'test.read': act,
        'test.sim': sim,
        'test.unsim': sim,
        ...rememberingActivities(join(folder, 'attempts.log')),
      },
    },
    {
      connector: 'countersign',
      activities: beating(
        engineActivities({
          roles: () => roles,
          objection: () => ({ ms: 200 }),
          calendars: () => calendars,
          wasBegun: async (_, asked) => wasBegun(asked),
          tell: async ({ to, subject }) => {
            await sleep(Number(process.env.TEST_TELL_MS ?? 0));
            appendFileSync(join(folder, 'told.log'), `${JSON.stringify({ to, subject })}\n`);
          },
        }),
      ),
    },
  ],
  // None: then every task of a run begins with its replay.
  ...defined({ cachedRuns: process.env.TEST_CACHED_RUNS ? Number(process.env.TEST_CACHED_RUNS) : undefined }),
  ...defined({
    graceMs: process.env.TEST_GRACE_MS ? Number(process.env.TEST_GRACE_MS) : undefined,
    version: process.env.TEST_BUILD
      ? { deployment: 'test', build: process.env.TEST_BUILD, runs: 'pinned' as const }
      : undefined,
  }),
  sinks: { journal: { append: { fn: () => {}, callDuringReplay: false } } },
});
process.on('SIGTERM', () => workers.stop());
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
await workers.done;
process.exit(0);
