/** An approval: asks people, reminds them, escalates, and waits for the votes to decide. */
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { ApproveStep, Json, JsonObject } from '../../plan/plan.ts';
import {
  type EscalateGateResult,
  engineActivities,
  type OpenGateInput,
  type OpenGateResult,
} from '../engine-activities.ts';
import { evaluateTemplate, evaluateText } from '../expressions.ts';
import type { CallOptions } from '../port.ts';
import { EndRun, type Frame, keyOf } from '../run.ts';
import { barredFrom } from '../separation.ts';
import type { OpenGate } from '../state.ts';
import { decide, standing } from '../votes.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import { goOnBefore } from './retroactive.ts';
import type { Runner, StepResult } from './step.ts';

export const runApprove: Runner<'approve'> = async (step, frame) => {
  const gate = await openGate(step, frame);
  if (step.retroactive) return goOnBefore(step, gate, frame, (later) => settle(step, gate, later));
  return settle(step, gate, frame);
};

async function settle(step: ApproveStep, gate: OpenGate, frame: Frame): Promise<StepResult> {
  try {
    await waitForVotes(step, gate, frame);
  } finally {
    // A cancelled run leaves no gate open: a vote that comes later is told so.
    gate.outcome ??= 'expired';
  }
  return concludeGate(step, gate, frame);
}

async function openGate(step: ApproveStep, frame: Frame): Promise<OpenGate> {
  const { state } = frame.run;
  const key = keyOf(step, frame);
  const view = state.step(step, key);
  const from = step.from.map((from) => evaluateText(from, frame.variables));
  const asked = await ask(step, frame, from);
  const gate: OpenGate = { step: key, title: view.title, ...asked, votes: [] };
  state.gates.set(key, gate);
  view.status = 'waiting';
  recordAsked(gate, frame);
  return gate;
}

/** Asks people, who are shown what the step shows them now. */
async function ask(
  step: ApproveStep,
  frame: Frame,
  from: string[],
): Promise<Omit<OpenGate, 'step' | 'title' | 'votes'>> {
  const { run, variables, port } = frame;
  const { plan, requester } = run.start;
  const key = keyOf(step, frame);
  const { title } = run.state.step(step, key);
  const shown = shownBy(step, frame);
  const openedAt = port.now();
  const input: OpenGateInput = {
    step: key,
    title,
    runbookTitle: plan.title,
    owner: plan.owner,
    requester,
    from,
    quorum: step.quorum,
    ...(step.within ? { within: step.within } : {}),
    ...(step.remind ? { remind: step.remind } : {}),
    ...(step.escalate ? { escalate: evaluateText(step.escalate, variables) } : {}),
    shown,
    barred: [...barredFrom(run.start, run.state).keys()],
    ...exceptOf(step, frame),
    openedAt,
  };
  const answer = (await call(
    frame,
    engineActivities.openGate,
    input as unknown as Json,
    key,
    title,
  )) as unknown;
  const { approvers, except, needed, hash, deadline, remindAt, standIns, recorders, preview } =
    answer as OpenGateResult;
  return {
    openedAt,
    ...(deadline === undefined ? {} : { deadline }),
    ...(remindAt === undefined ? {} : { remindAt }),
    approvers,
    ...(except ? { except } : {}),
    ...(standIns ? { standIns } : {}),
    ...(recorders ? { recorders } : {}),
    ...(preview ? { preview } : {}),
    needed,
    shown,
    hash,
  };
}

function exceptOf(step: ApproveStep, { variables }: Frame): { except?: string[] } {
  return step.except ? { except: step.except.map((person) => evaluateText(person, variables)) } : {};
}

/** Everything a signature stands for. Votes are bound to the hash of exactly this. */
function shownBy(step: ApproveStep, frame: Frame): JsonObject {
  const { plan, requester, ticket, inputs } = frame.run.start;
  const key = keyOf(step, frame);
  return {
    runbook: plan.title,
    planHash: plan.hash,
    step: key,
    title: frame.run.state.step(step, key).title,
    requester: requester.id,
    inputs: { ...inputs },
    ...(ticket ? { ticket: { ...ticket } } : {}),
    ...(step.show ? { show: evaluateTemplate(step.show, frame.variables) ?? {} } : {}),
  };
}

function recordAsked(gate: OpenGate, frame: Frame): void {
  const { approvers, needed, hash, deadline, remindAt, standIns, preview } = gate;
  frame.run.state.record('gate.opened', gate.step, {
    approvers,
    needed,
    hash,
    ...(standIns ? { standIns } : {}),
    ...(preview ? { preview: preview as unknown as Json } : {}),
    ...(deadline === undefined ? {} : { deadline }),
    ...(remindAt === undefined ? {} : { remindAt }),
  });
}

/** What is shown has changed: the votes are void and people are asked again. While they are, no vote counts. */
async function askAgain(step: ApproveStep, gate: OpenGate, frame: Frame): Promise<void> {
  gate.hash = '';
  frame.run.state.record('gate.voided', gate.step, { votes: gate.votes.length });
  gate.votes = [];
  Object.assign(
    gate,
    await ask(
      step,
      frame,
      step.from.map((from) => evaluateText(from, frame.variables)),
    ),
  );
  recordAsked(gate, frame);
}

/** Others are asked to sign the same: votes of those who stay asked keep counting. */
async function askOthers(step: ApproveStep, gate: OpenGate, frame: Frame, from: string[]): Promise<void> {
  delete gate.reassignedTo;
  Object.assign(gate, await ask(step, frame, from));
  recordAsked(gate, frame);
  gate.outcome = decide(gate);
}

async function waitForVotes(step: ApproveStep, gate: OpenGate, frame: Frame): Promise<void> {
  const { port, run } = frame;
  let mayEscalate = step.escalate !== undefined;
  let amendments = run.state.amendments;
  for (;;) {
    const wake = Math.min(
      gate.remindAt ?? Number.POSITIVE_INFINITY,
      gate.deadline ?? Number.POSITIVE_INFINITY,
    );
    const ms = Number.isFinite(wake) ? Math.max(0, wake - port.now()) : undefined;
    const woken = () =>
      gate.outcome !== undefined || gate.reassignedTo !== undefined || run.state.amendments !== amendments;
    await port.waitFor(woken, ms);
    if (gate.outcome !== undefined) return;
    if (run.state.amendments !== amendments) {
      amendments = run.state.amendments;
      if (canonicalJson(shownBy(step, frame)) !== canonicalJson(gate.shown))
        await askAgain(step, gate, frame);
    } else if (gate.reassignedTo) {
      await askOthers(step, gate, frame, gate.reassignedTo);
    } else if (gate.deadline !== undefined && port.now() >= gate.deadline) {
      if (!mayEscalate) {
        gate.outcome = 'expired';
        return;
      }
      mayEscalate = false;
      await escalate(step, gate, frame);
    } else if (gate.remindAt !== undefined && port.now() >= gate.remindAt) {
      delete gate.remindAt;
      await remind(gate, frame);
    }
  }
}

async function remind(gate: OpenGate, frame: Frame): Promise<void> {
  const voted = new Set(gate.votes.map((vote) => vote.principal.id));
  const people = gate.approvers.filter((approver) => !voted.has(approver));
  await call(
    frame,
    engineActivities.remindGate,
    gateInput(frame, gate, people),
    gate.step,
    `Remind: ${gate.title}`,
  );
  frame.run.state.record('gate.reminded', gate.step, { people });
}

async function escalate(step: ApproveStep, gate: OpenGate, frame: Frame): Promise<void> {
  const to = evaluateText(step.escalate ?? '', frame.variables);
  const input = {
    ...gateInput(frame, gate, [to]),
    from: [to],
    barred: [...barredFrom(frame.run.start, frame.run.state, gate.except).keys()],
    ...(step.within ? { within: { ...step.within } } : {}),
    now: frame.port.now(),
  };
  const title = `Escalate: ${gate.title}`;
  const result = (await call(frame, engineActivities.escalateGate, input, gate.step, title)) as unknown;
  const { approvers, deadline } = result as EscalateGateResult;
  gate.approvers = [...new Set([...gate.approvers, ...approvers])];
  if (deadline !== undefined) gate.deadline = deadline;
  frame.run.state.record('gate.escalated', gate.step, {
    approvers,
    ...(deadline === undefined ? {} : { deadline }),
  });
}

function concludeGate(step: ApproveStep, gate: OpenGate, frame: Frame): StepResult {
  const { state } = frame.run;
  if (gate.outcome === 'approved') {
    const { approvedBy } = standing(gate);
    state.record('gate.approved', gate.step, { by: approvedBy });
    return { approvers: approvedBy };
  }
  const reason = rejectionReason(gate);
  const view = state.step(step, gate.step);
  view.status = 'rejected';
  view.endedAt = frame.port.now();
  state.record('gate.rejected', gate.step, { reason });
  if (step.onReject === 'continue') return { status: 'rejected' };
  throw new EndRun('rejected', reason);
}

function rejectionReason(gate: OpenGate): string {
  if (gate.outcome === 'expired') return `"${gate.title}" was not decided in time`;
  const rejection = gate.votes.findLast((vote) => vote.decision === 'reject');
  const comment = rejection?.comment ? `: ${rejection.comment}` : '';
  return `"${gate.title}" was refused by ${rejection?.principal.id ?? 'nobody'}${comment}`;
}

function gateInput(frame: Frame, gate: OpenGate, people: string[]): JsonObject {
  return {
    step: gate.step,
    title: gate.title,
    runbookTitle: frame.run.start.plan.title,
    people,
    ...(gate.deadline === undefined ? {} : { deadline: gate.deadline }),
  };
}

function call(frame: Frame, activity: string, input: Json, step: string, summary: string): Promise<Json> {
  const options: CallOptions = { step, summary, timeoutMs: defaultTimeoutMs, retry: defaultRetry };
  return frame.port.call(activity, input, options);
}
