/** An approval: asks people, reminds them, escalates, and waits for the votes to decide. */
import type { ApproveStep, Json, JsonObject } from '../../compiler/plan.ts';
import { evaluateTemplate, evaluateText } from '../expressions.ts';
import {
  type EscalateGateResult,
  engineActivities,
  type OpenGateInput,
  type OpenGateResult,
} from '../messages.ts';
import type { CallOptions } from '../port.ts';
import { EndRun, type Frame } from '../run.ts';
import type { OpenGate } from '../state.ts';
import { standing } from '../votes.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import type { Runner, StepResult } from './step.ts';

export const runApprove: Runner<'approve'> = async (step, frame) => {
  const gate = await openGate(step, frame);
  try {
    await waitForVotes(step, gate, frame);
  } finally {
    // A cancelled run leaves no gate open: a vote that comes later is told so.
    gate.outcome ??= 'expired';
  }
  return concludeGate(step, gate, frame);
};

async function openGate(step: ApproveStep, frame: Frame): Promise<OpenGate> {
  const { run, variables, port } = frame;
  const { plan, requester, ticket, inputs } = run.start;
  const title = run.state.step(step).title;
  const shown: JsonObject = {
    runbook: plan.title,
    planHash: plan.hash,
    step: step.id,
    title,
    requester: requester.id,
    inputs,
    ...(ticket ? { ticket: { ...ticket } } : {}),
    ...(step.show ? { show: evaluateTemplate(step.show, variables) ?? {} } : {}),
  };
  const openedAt = port.now();
  const input: OpenGateInput = {
    step: step.id,
    title,
    runbookTitle: plan.title,
    owner: plan.owner,
    requester,
    from: step.from.map((from) => evaluateText(from, variables)),
    quorum: step.quorum,
    ...(step.within ? { within: step.within } : {}),
    ...(step.remind ? { remind: step.remind } : {}),
    ...(step.escalate ? { escalate: evaluateText(step.escalate, variables) } : {}),
    shown,
    openedAt,
  };
  const opened = (await call(
    frame,
    engineActivities.openGate,
    input as unknown as Json,
    step.id,
    title,
  )) as unknown;
  const { approvers, needed, hash, deadline, remindAt } = opened as OpenGateResult;
  const gate: OpenGate = {
    step: step.id,
    title,
    openedAt,
    ...(deadline === undefined ? {} : { deadline }),
    ...(remindAt === undefined ? {} : { remindAt }),
    approvers,
    needed,
    shown,
    hash,
    votes: [],
  };
  run.state.gates.set(step.id, gate);
  run.state.step(step).status = 'waiting';
  run.state.record('gate.opened', step.id, {
    approvers,
    needed,
    hash,
    ...(deadline === undefined ? {} : { deadline }),
    ...(remindAt === undefined ? {} : { remindAt }),
  });
  return gate;
}

async function waitForVotes(step: ApproveStep, gate: OpenGate, frame: Frame): Promise<void> {
  const { port } = frame;
  let remindAt = gate.remindAt;
  let mayEscalate = step.escalate !== undefined;
  for (;;) {
    const wake = Math.min(remindAt ?? Number.POSITIVE_INFINITY, gate.deadline ?? Number.POSITIVE_INFINITY);
    const ms = Number.isFinite(wake) ? Math.max(0, wake - port.now()) : undefined;
    if (await port.waitFor(() => gate.outcome !== undefined, ms)) return;
    if (gate.deadline !== undefined && port.now() >= gate.deadline) {
      if (!mayEscalate) {
        gate.outcome = 'expired';
        return;
      }
      mayEscalate = false;
      await escalate(step, gate, frame);
      remindAt = undefined;
    } else {
      remindAt = undefined;
      await remind(step, gate, frame);
    }
  }
}

async function remind(step: ApproveStep, gate: OpenGate, frame: Frame): Promise<void> {
  const voted = new Set(gate.votes.map((vote) => vote.principal.id));
  const people = gate.approvers.filter((approver) => !voted.has(approver));
  await call(
    frame,
    engineActivities.remindGate,
    gateInput(frame, gate, people),
    step.id,
    `Remind: ${gate.title}`,
  );
  frame.run.state.record('gate.reminded', step.id, { people });
}

async function escalate(step: ApproveStep, gate: OpenGate, frame: Frame): Promise<void> {
  const to = evaluateText(step.escalate ?? '', frame.variables);
  const input = {
    ...gateInput(frame, gate, [to]),
    from: [to],
    requester: { ...frame.run.start.requester },
    ...(step.within ? { within: { ...step.within } } : {}),
    now: frame.port.now(),
  };
  const title = `Escalate: ${gate.title}`;
  const result = (await call(frame, engineActivities.escalateGate, input, step.id, title)) as unknown;
  const { approvers, deadline } = result as EscalateGateResult;
  gate.approvers = [...new Set([...gate.approvers, ...approvers])];
  if (deadline !== undefined) gate.deadline = deadline;
  frame.run.state.record('gate.escalated', step.id, {
    approvers,
    ...(deadline === undefined ? {} : { deadline }),
  });
}

function concludeGate(step: ApproveStep, gate: OpenGate, frame: Frame): StepResult {
  const { state } = frame.run;
  if (gate.outcome === 'approved') {
    const { approvedBy } = standing(gate);
    state.record('gate.approved', step.id, { by: approvedBy });
    return { approvers: approvedBy };
  }
  const reason = rejectionReason(gate);
  const view = state.step(step);
  view.status = 'rejected';
  view.endedAt = frame.port.now();
  state.record('gate.rejected', step.id, { reason });
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
