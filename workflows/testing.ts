/** For tests of the engine: short ways to write a plan, a start and a principal. */
import { defined } from '../plan/defined.ts';
import { type ActionStep, type ApproveStep, type Json, PLAN_FORMAT, type Step } from '../plan/plan.ts';
import { engineActivities, type OpenTaskInput } from './engine-activities.ts';
import { ENGINE_VERSION, type Principal, type RunPlan, type RunStart, type VoteRequest } from './messages.ts';
import type { CallOptions } from './port.ts';
import { CallFailure } from './port.ts';
import type { Answer } from './virtual/port.ts';

export function person(id: string, ...roles: string[]): Principal {
  return { id, roles };
}

export const requester = person('asker@example.com');
export const owner = person('owner@example.com', 'it-coordinators');

export function planOf(steps: Step[], more: Partial<RunPlan> = {}): RunPlan {
  return {
    format: PLAN_FORMAT,
    hash: 'test',
    runbook: 'test',
    title: 'Test runbook',
    kind: 'other',
    owner: 'role:it-coordinators',
    inputs: {},
    steps,
    finally: [],
    outputs: {},
    ...more,
  };
}

export function startOf(plan: RunPlan, more: Partial<RunStart> = {}): RunStart {
  return { engine: ENGINE_VERSION, plan, inputs: {}, requester, cause: { type: 'manual' }, ...more };
}

export function action(id: string, more: Partial<ActionStep> = {}): ActionStep {
  return { id, kind: 'action', uses: `test.${id}`, effect: 'write', with: {}, ...more };
}

export function approve(id: string, from: string[], more: Partial<ApproveStep> = {}): ApproveStep {
  return { id, kind: 'approve', from, quorum: 1, ...more };
}

/** A vote at the step `gate`, on what the stand-in of `openGate` in {@link World} says was shown. */
export function vote(
  principal: Principal,
  decision: VoteRequest['decision'],
  more: Partial<VoteRequest> = {},
): VoteRequest {
  return { step: 'gate', decision, principal, hash: 'shown', ...more };
}

/** A world whose actions succeed unless told otherwise, and that remembers what was called. */
export class World {
  readonly calls: { activity: string; input: Json; step: string; at: number }[] = [];
  private readonly script = new Map<string, ((input: Json, time: number) => Json | Promise<Json>)[]>();

  /** The next call of the activity answers with this. */
  once(activity: string, answer: (input: Json) => Json | Promise<Json>): this {
    const queue = this.script.get(activity) ?? [];
    queue.push(answer);
    this.script.set(activity, queue);
    return this;
  }

  fails(activity: string, message: string, type = 'PermanentFailure'): this {
    return this.once(activity, () => {
      throw new CallFailure({ type, message });
    });
  }

  readonly answer: Answer = (activity: string, input: Json, options: CallOptions, now: number) => {
    this.calls.push({ activity, input, step: options.step, at: now });
    const scripted = this.script.get(activity)?.shift();
    if (scripted) return scripted(input, now);
    if (activity === engineActivities.openGate) return openGateAnswer(input);
    if (activity === engineActivities.openTask) return openTaskAnswer(input);
    if (activity === engineActivities.escalateGate) return escalateAnswer(input);
    if (activity === engineActivities.checkInputs) return { inputs: (input as { given: Json }).given };
    if (activity === engineActivities.voteRecorded) return { countsFrom: now + 3_600_000 };
    return {};
  };

  /** The actions called, in order, without the engine's own activities. */
  actions(): string[] {
    return this.calls.map((call) => call.activity).filter((name) => !name.startsWith('countersign.'));
  }
}

interface Asked {
  from: string[];
  instead?: string[];
  except?: string[];
  quorum: number | 'majority' | 'all';
  within?: { ms: number };
  remind?: { ms: number };
  openedAt: number;
  revision?: number;
}

function openGateAnswer(input: Json): Json {
  const { from, instead, except, quorum, within, remind, openedAt, revision = 1 } = input as unknown as Asked;
  const needed =
    quorum === 'all' ? from.length : quorum === 'majority' ? Math.floor(from.length / 2) + 1 : quorum;
  return {
    approvers: instead ?? from,
    ...defined({ except }),
    needed,
    hash: revision === 1 ? 'shown' : `shown ${revision}`,
    ...defined({
      deadline: within ? openedAt + within.ms : undefined,
      remindAt: remind ? openedAt + remind.ms : undefined,
    }),
  };
}

function openTaskAnswer(input: Json): Json {
  const { to, within, openedAt } = input as unknown as OpenTaskInput;
  const ms = within && 'ms' in within ? within.ms : undefined;
  return { people: to, ...defined({ deadline: ms === undefined ? undefined : openedAt + ms }) };
}

function escalateAnswer(input: Json): Json {
  const { from, within, now } = input as unknown as { from: string[]; within?: { ms: number }; now: number };
  return { approvers: from, ...defined({ deadline: within ? now + within.ms : undefined }) };
}
