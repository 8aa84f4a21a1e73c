/** What a gate asks of the world: whom to ask, reminding them, and to whom to take it when nobody answers. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import {
  type EscalateGateResult,
  engineActivities,
  type OpenGateInput,
  type OpenGateResult,
  type RemindGateResult,
  type WasToldResult,
} from '../engine-activities.ts';
import { evaluateText } from '../expressions.ts';
import { failureOf } from '../failures.ts';
import { textsTyped } from '../hands.ts';
import type { Vote } from '../messages.ts';
import type { CallOptions } from '../port.ts';
import { defaultRetry, defaultTimeoutMs } from '../steps/action.ts';
import { lengthNow, momentAfter } from '../steps/until.ts';
import type { GateSession } from './session.ts';
import { titlesNamed } from './titles.ts';

/**
 * Asks people, who are shown what the step shows them now. What changes in the meantime is asked anew: whoever votes has seen what
 * is in force.
 */
export async function askPeople(session: GateSession, reassigned?: string[]): Promise<void> {
  const { gate, occasion } = session;
  const joined = session.approvedBefore && gate.deadline !== undefined;
  for (;;) {
    const revision = gate.revision ?? 1;
    const shown = session.shownNow();
    session.watch();
    const from = reassigned ?? named(session);
    const { instead, ...answer } = (await call(
      session,
      engineActivities.openGate,
      inputOf(session, from, shown) as unknown as Json,
      gate.title,
    )) as unknown as OpenGateResult;
    // Settled while people were being asked: there is nothing to answer any more.
    if (!session.isOpen) return;
    if (gate.revision !== revision) continue;
    const { deadline } = gate;
    // What was looked at beforehand for an earlier revision is no part of this one.
    delete gate.preview;
    delete gate.seats;
    Object.assign(gate, { openedAt: occasion.port.now(), shown, from }, answer);
    // The owner named others while these were being asked, and they have a message of their own.
    if (instead && session.instead && !sameNames(instead, session.instead)) gate.approvers = session.instead;
    if (joined && deadline !== undefined) gate.deadline = deadline;
    break;
  }
  recordAsked(session);
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, at) => name === others[at]);
}

/** By the runbook; of a proposal by what was signed. Whoever was typed in by hand does not sign it. */
function named(session: GateSession): string[] {
  const { step, occasion, signedBy } = session;
  const { variables, run } = occasion;
  if (signedBy) return signedBy;
  const from = step.from.map((each) => evaluateText(each, variables));
  if (run.start.engine < 3) return from;
  const typed = textsTyped(session.hands());
  // Whom the runbook names itself nobody can take out by typing their address somewhere.
  const others = from.filter(
    (name, at) => typeof step.from[at] === 'string' || !typed.has(name.toLowerCase()),
  );
  if (others.length > 0) return others;
  const escalate = step.escalate === undefined ? '' : evaluateText(step.escalate, variables);
  const { lastResort } = run.start.approvals ?? {};
  const next = [escalate, lastResort ?? ''].find((name) => name !== '' && !typed.has(name.toLowerCase()));
  return next === undefined ? from : [next];
}

function inputOf(session: GateSession, from: string[], shown: JsonObject): OpenGateInput {
  const { step, gate, occasion } = session;
  const { run, variables, port } = occasion;
  const { plan, requester, engine, approvals } = run.start;
  const except = step.except?.map((person) => evaluateText(person, variables));
  const escalate = step.escalate === undefined ? undefined : evaluateText(step.escalate, variables);
  return defined({
    step: gate.step,
    title: gate.title,
    runbookTitle: run.state.name,
    owner: plan.owner,
    requester,
    from,
    quorum: step.quorum,
    within: step.within && lengthNow(step.within, variables),
    remind: step.remind && lengthNow(step.remind, variables),
    escalate,
    form: gate.form,
    required: gate.required,
    shown,
    barred: [...session.barred().keys()].filter((person) => !except?.includes(person)),
    except,
    instead: session.instead,
    // A proposal has its time from its beginning, however long it took to ask about it.
    openedAt: engine >= 4 && session.approvedBefore ? gate.openedAt : port.now(),
    ...(engine < 3
      ? {}
      : {
          revision: gate.revision,
          configured: true as const,
          lastResort: approvals?.lastResort,
          proposal: session.proposals.length > 0 ? (true as const) : undefined,
          carried: engine >= 4 && session.carried ? (true as const) : undefined,
          titles: unlessEmpty(titlesNamed(changesIn(shown), plan)),
        }),
  }) as OpenGateInput;
}

function changesIn({ byHand, proposed }: JsonObject): JsonObject[] {
  return [byHand, ...listOf(proposed).map(({ changes }) => changes)].flatMap(listOf);
}

function listOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}

function recordAsked(session: GateSession): void {
  const { gate, occasion } = session;
  const { approvers, needed, hash, deadline, remindAt, standIns, preview, revision, shown, except } = gate;
  const { state, start } = occasion.run;
  state.record(
    'gate.opened',
    gate.step,
    defined({
      approvers,
      needed,
      hash,
      standIns,
      preview: preview as unknown as Json | undefined,
      deadline,
      remindAt,
      ...(start.engine < 3
        ? {}
        : {
            revision,
            // What signers saw stays readable once the gate is closed; the record of it has its hash.
            shown,
            barred: unlessEmpty(Object.fromEntries(session.barred())),
            except,
          }),
    }),
  );
}

/** Those who have not answered. That it fails keeps nobody from signing. */
export async function remind(session: GateSession): Promise<void> {
  const { gate, occasion } = session;
  const voted = new Set(gate.votes.map((vote) => vote.principal.id));
  for (const person of session.standing().differing) voted.delete(person);
  const people = gate.approvers.filter((approver) => !voted.has(approver));
  const { revision } = gate;
  const input = { ...noticeOf(session, people), ...whoIsAsked(session) };
  const answer = await call(session, engineActivities.remindGate, input, `Remind: ${gate.title}`);
  const { approvers: others = [], standIns, seats } = (answer ?? {}) as RemindGateResult;
  if (others.length > 0 && session.isOpen && gate.revision === revision) {
    gate.approvers = [...new Set([...gate.approvers, ...others])];
    if (standIns) gate.standIns = { ...gate.standIns, ...standIns };
    if (seats) gate.seats = { ...gate.seats, ...seats };
    session.nudged = true;
  }
  occasion.run.state.record('gate.reminded', gate.step, {
    people: [...people, ...others],
    ...defined({ standIns: others.length > 0 ? standIns : undefined }),
  });
}

/** For who is away by now; whom the owner asks instead is nobody's stand-in. */
function whoIsAsked(session: GateSession): JsonObject {
  const { gate, occasion } = session;
  if (occasion.run.start.engine < 4 || session.instead || !gate.from) return {};
  return {
    from: gate.from,
    barred: [...session.barred().keys()],
    approvers: gate.approvers,
    now: occasion.port.now(),
  };
}

/** To people whom the owner asks besides: the same words as for the first. */
export async function askMore(session: GateSession, people: string[]): Promise<void> {
  const { gate, laterNotices } = session;
  const input = { ...noticeOf(session, people), asked: true };
  const answer = await call(session, engineActivities.remindGate, input, `Ask: ${gate.title}`);
  const { notice } = (answer ?? {}) as RemindGateResult;
  if (notice === undefined) return;
  if (gate.approvers.some((person) => !people.includes(person))) laterNotices.push(notice);
  else {
    // That others were told, who are not asked any more, is no matter.
    gate.notice = notice;
    laterNotices.length = 0;
  }
}

/** Those who approved with other values than the newest, which they are told. */
export async function askAgain(
  session: GateSession,
  people: string[],
  newest: { by: string; form: JsonObject },
): Promise<void> {
  const { gate } = session;
  const input = { ...noticeOf(session, people), differs: { ...newest, vote: gate.votes.length } };
  await call(session, engineActivities.remindGate, input, `Ask again: ${gate.title}`);
}

/** Whom to ask next: whom the runbook names for it, then the last resort of the configuration. Undefined when there is nobody left. */
export function nextToAsk(session: GateSession): string | undefined {
  return furtherNames(session)[session.escalations];
}

function furtherNames({ step, occasion }: GateSession): string[] {
  const { variables, run } = occasion;
  const { lastResort } = run.start.approvals ?? {};
  return [
    ...(step.escalate === undefined ? [] : [evaluateText(step.escalate, variables)]),
    ...(run.start.engine >= 3 && lastResort !== undefined ? [lastResort] : []),
  ];
}

/** Those to whom it was taken before are asked about a new revision too. Until then too few may be left to approve it. */
export function askFurtherAgain(session: GateSession): void {
  if (session.occasion.run.start.engine < 4) return;
  for (const to of furtherNames(session).slice(0, session.escalations))
    escalate(session, to, { again: true }).then(
      () => {
        session.nudged = true;
      },
      (error) => {
        if (!failureOf(error) && !session.occasion.port.isCancel(error)) throw error;
      },
    );
}

export async function escalate(
  session: GateSession,
  to: string,
  { again = false }: { again?: boolean } = {},
): Promise<void> {
  const { gate, occasion, step } = session;
  const input = {
    ...noticeOf(session, [to]),
    from: [to],
    barred: [...session.barred().keys()],
    // Asked again they have the time that there was.
    ...defined({
      within: step.within && !again ? { ...lengthNow(step.within, occasion.variables) } : undefined,
    }),
    now: occasion.port.now(),
    // Taken further twice, each of the two is told by a message of its own.
    ...defined({
      times: occasion.run.start.engine < 4 ? undefined : furtherNames(session).indexOf(to) + 1,
    }),
  };
  const answer = await call(session, engineActivities.escalateGate, input, `Escalate: ${gate.title}`);
  const { approvers, deadline, notice, standIns, seats = {} } = answer as unknown as EscalateGateResult;
  // Whoever was asked before for themselves keeps their own vote.
  const shared = Object.entries(seats).filter(([person]) => !gate.approvers.includes(person));
  if (shared.length > 0) gate.seats = { ...gate.seats, ...Object.fromEntries(shared) };
  if (standIns) gate.standIns = { ...standIns, ...gate.standIns };
  gate.approvers = [...new Set([...gate.approvers, ...approvers])];
  if (notice !== undefined) session.laterNotices.push(notice);
  if (deadline !== undefined) gate.deadline = deadline;
  occasion.run.state.record('gate.escalated', gate.step, defined({ approvers, deadline }));
}

/**
 * Whether the time has passed without anybody having been told, since the mail server is away: then it begins anew. No gate expires
 * unseen, and a vote says that it was seen.
 */
export async function nobodyWasTold(session: GateSession): Promise<boolean> {
  const { gate, occasion, step } = session;
  if (gate.notice === undefined || gate.votes.length > 0) return false;
  if (session.escalations > 0 && occasion.run.start.engine < 4) return false;
  const input = { notice: gate.notice, ...defined({ others: unlessEmpty([...session.laterNotices]) }) };
  const answer = await occasion.port.call(engineActivities.wasTold, input, {
    step: gate.step,
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
    read: true,
  });
  if ((answer as unknown as WasToldResult).told !== false || !session.isOpen || gate.hash === '')
    return false;
  const now = occasion.port.now();
  gate.deadline = step.within ? await momentAfter(step.within, now, occasion, step.id) : undefined;
  if (gate.deadline === undefined) delete gate.deadline;
  occasion.run.state.record('gate.extended', gate.step, defined({ deadline: gate.deadline }));
  return true;
}

/** Tells the member whose vote was entered for them, and from when on it counts unless they say otherwise. */
export async function tellRecorded(session: GateSession, vote: Vote): Promise<void> {
  const { gate, occasion } = session;
  if (!vote.recorded) return;
  const input = {
    step: gate.step,
    title: gate.title,
    runbookTitle: occasion.run.state.name,
    member: vote.principal.id,
    decision: vote.decision,
    by: vote.recorded.by,
    minutes: vote.recorded.minutes,
    at: vote.at,
  };
  const answer = await call(session, engineActivities.voteRecorded, input, `Tell ${vote.principal.id}`);
  vote.recorded.countsFrom = (answer as unknown as { countsFrom: number }).countsFrom;
}

function noticeOf({ gate, occasion, time }: GateSession, people: string[]): JsonObject {
  return defined({
    step: gate.step,
    title: gate.title,
    runbookTitle: occasion.run.state.name,
    people,
    deadline: gate.deadline,
    revision: occasion.run.start.engine < 3 ? undefined : gate.revision,
    time: occasion.run.start.engine >= 5 && time > 1 ? time : undefined,
    form: gate.form,
    required: gate.required,
  }) as JsonObject;
}

function call(
  { gate, occasion }: GateSession,
  activity: string,
  input: Json,
  summary: string,
): Promise<Json> {
  const options: CallOptions = { step: gate.step, summary, timeoutMs: defaultTimeoutMs, retry: defaultRetry };
  return occasion.port.call(activity, input, options);
}
