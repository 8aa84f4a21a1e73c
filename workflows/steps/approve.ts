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
import { EndRun } from '../failures.ts';
import { type Occasion, stepKey } from '../occasion.ts';
import type { CallOptions } from '../port.ts';
import { barredFrom } from '../separation.ts';
import type { OpenGate } from '../state.ts';
import { decide, standing } from '../votes.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import { goOnBefore } from './retroactive.ts';
import type { Runner, StepResult } from './step.ts';

export const runApprove: Runner<'approve'> = async (step, occasion) => {
  const gate = await openGate(step, occasion);
  if (step.retroactive) return goOnBefore(step, gate, occasion, (later) => settle(step, gate, later));
  return settle(step, gate, occasion);
};

async function settle(step: ApproveStep, gate: OpenGate, occasion: Occasion): Promise<StepResult> {
  try {
    await waitForVotes(step, gate, occasion);
  } finally {
    // A cancelled run leaves no gate open: a vote that comes later is told so.
    gate.outcome ??= 'expired';
  }
  return concludeGate(step, gate, occasion);
}

async function openGate(step: ApproveStep, occasion: Occasion): Promise<OpenGate> {
  const { state } = occasion.run;
  const key = stepKey(step, occasion);
  const view = state.step(step, key);
  const from = step.from.map((from) => evaluateText(from, occasion.variables));
  const asked = await ask(step, occasion, from);
  const gate: OpenGate = { step: key, title: view.title, ...asked, votes: [] };
  state.gates.set(key, gate);
  view.status = 'waiting';
  recordAsked(gate, occasion);
  return gate;
}

/** Asks people, who are shown what the step shows them now. */
async function ask(
  step: ApproveStep,
  occasion: Occasion,
  from: string[],
): Promise<Omit<OpenGate, 'step' | 'title' | 'votes'>> {
  const { run, variables, port } = occasion;
  const { plan, requester } = run.start;
  const key = stepKey(step, occasion);
  const { title } = run.state.step(step, key);
  const shown = shownBy(step, occasion);
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
    ...exceptOf(step, occasion),
    openedAt,
  };
  const answer = (await call(
    occasion,
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

function exceptOf(step: ApproveStep, { variables }: Occasion): { except?: string[] } {
  return step.except ? { except: step.except.map((person) => evaluateText(person, variables)) } : {};
}

/** Everything a signature stands for. Votes are bound to the hash of exactly this. */
function shownBy(step: ApproveStep, occasion: Occasion): JsonObject {
  const { plan, requester, ticket, inputs } = occasion.run.start;
  const key = stepKey(step, occasion);
  return {
    runbook: plan.title,
    planHash: plan.hash,
    step: key,
    title: occasion.run.state.step(step, key).title,
    requester: requester.id,
    inputs: { ...inputs },
    ...(ticket ? { ticket: { ...ticket } } : {}),
    ...(step.show ? { show: evaluateTemplate(step.show, occasion.variables) ?? {} } : {}),
  };
}

function recordAsked(gate: OpenGate, occasion: Occasion): void {
  const { approvers, needed, hash, deadline, remindAt, standIns, preview } = gate;
  occasion.run.state.record('gate.opened', gate.step, {
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
async function askAgain(step: ApproveStep, gate: OpenGate, occasion: Occasion): Promise<void> {
  gate.hash = '';
  occasion.run.state.record('gate.voided', gate.step, { votes: gate.votes.length });
  gate.votes = [];
  Object.assign(
    gate,
    await ask(
      step,
      occasion,
      step.from.map((from) => evaluateText(from, occasion.variables)),
    ),
  );
  recordAsked(gate, occasion);
}

/** Others are asked to sign the same: votes of those who stay asked keep counting. */
async function askOthers(
  step: ApproveStep,
  gate: OpenGate,
  occasion: Occasion,
  from: string[],
): Promise<void> {
  delete gate.reassignedTo;
  Object.assign(gate, await ask(step, occasion, from));
  recordAsked(gate, occasion);
  gate.outcome = decide(gate);
}

async function waitForVotes(step: ApproveStep, gate: OpenGate, occasion: Occasion): Promise<void> {
  const { port, run } = occasion;
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
      if (canonicalJson(shownBy(step, occasion)) !== canonicalJson(gate.shown))
        await askAgain(step, gate, occasion);
    } else if (gate.reassignedTo) {
      await askOthers(step, gate, occasion, gate.reassignedTo);
    } else if (gate.deadline !== undefined && port.now() >= gate.deadline) {
      if (!mayEscalate) {
        gate.outcome = 'expired';
        return;
      }
      mayEscalate = false;
      await escalate(step, gate, occasion);
    } else if (gate.remindAt !== undefined && port.now() >= gate.remindAt) {
      delete gate.remindAt;
      await remind(gate, occasion);
    }
  }
}

async function remind(gate: OpenGate, occasion: Occasion): Promise<void> {
  const voted = new Set(gate.votes.map((vote) => vote.principal.id));
  const people = gate.approvers.filter((approver) => !voted.has(approver));
  await call(
    occasion,
    engineActivities.remindGate,
    gateInput(occasion, gate, people),
    gate.step,
    `Remind: ${gate.title}`,
  );
  occasion.run.state.record('gate.reminded', gate.step, { people });
}

async function escalate(step: ApproveStep, gate: OpenGate, occasion: Occasion): Promise<void> {
  const to = evaluateText(step.escalate ?? '', occasion.variables);
  const input = {
    ...gateInput(occasion, gate, [to]),
    from: [to],
    barred: [...barredFrom(occasion.run.start, occasion.run.state, gate.except).keys()],
    ...(step.within ? { within: { ...step.within } } : {}),
    now: occasion.port.now(),
  };
  const title = `Escalate: ${gate.title}`;
  const result = (await call(occasion, engineActivities.escalateGate, input, gate.step, title)) as unknown;
  const { approvers, deadline } = result as EscalateGateResult;
  gate.approvers = [...new Set([...gate.approvers, ...approvers])];
  if (deadline !== undefined) gate.deadline = deadline;
  occasion.run.state.record('gate.escalated', gate.step, {
    approvers,
    ...(deadline === undefined ? {} : { deadline }),
  });
}

function concludeGate(step: ApproveStep, gate: OpenGate, occasion: Occasion): StepResult {
  const { state } = occasion.run;
  if (gate.outcome === 'approved') {
    const { approvedBy } = standing(gate);
    state.record('gate.approved', gate.step, { by: approvedBy });
    return { approvers: approvedBy };
  }
  const reason = rejectionReason(gate);
  const view = state.step(step, gate.step);
  view.status = 'rejected';
  view.endedAt = occasion.port.now();
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

function gateInput(occasion: Occasion, gate: OpenGate, people: string[]): JsonObject {
  return {
    step: gate.step,
    title: gate.title,
    runbookTitle: occasion.run.start.plan.title,
    people,
    ...(gate.deadline === undefined ? {} : { deadline: gate.deadline }),
  };
}

function call(
  occasion: Occasion,
  activity: string,
  input: Json,
  step: string,
  summary: string,
): Promise<Json> {
  const options: CallOptions = { step, summary, timeoutMs: defaultTimeoutMs, retry: defaultRetry };
  return occasion.port.call(activity, input, options);
}
