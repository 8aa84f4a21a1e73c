/**
 * Actions as Temporal activities. Each is an activity of the action's name; what every call needs (the checked input,
 * heartbeats, cancellation, the attempt's time-out, sealing, errors in Temporal's terms) is added here and in `call.ts`.
 */

import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Effect, Json } from '../../plan/plan.ts';
import { UnresolvedReference } from '../../vault/references.ts';
import type { Secrets } from '../../vault/secrets.ts';
import { actingOn } from './acting-system.ts';
import { AttemptLog } from './attempt-log.ts';
import { type Attempt, type CallContext, Caller, type Done, type Memory } from './call.ts';
import type { Action } from './define-action.ts';
import type { Connector } from './define-connector.ts';
import { PermanentFailure, RetryableFailure } from './failures.ts';
import type { ActingOn } from './leave.ts';
import { looksFirst } from './looks-first.ts';
import type { Services } from './services.ts';
import { NotCovered } from './warrants/not-covered.ts';

export type { CallContext } from './call.ts';
export type { Services } from './services.ts';

/** What an activity tells of its work besides its output, which the run keeps as it is. */
export type CallNotes = Pick<Done, 'verified'>;

/** An action as an activity: `input` may hold deferred values, `call` is added by the engine. What it notes goes with its answer. */
export type Activity = (input: Json, call: CallContext, notes?: CallNotes) => Promise<Json>;

/** Connector name -> activity name -> activity, so that a worker can host each connector on a task queue of its own. */
export function activitiesOf(
  connectors: readonly Connector[],
  services: Services,
): Record<string, Record<string, Activity>> {
  const callers = new Map<Connector, Caller>();
  const callerOf = (connector: Connector) => {
    const known = callers.get(connector) ?? new Caller(connector, services);
    callers.set(connector, known);
    return known;
  };
  const activityOf =
    (known?: Form): Activity =>
    async (input, call, notes) => {
      const { connector, action } = await formOf(known, call, services);
      const caller = callerOf(connector);
      const work = (attempt: Attempt) => caller.run(action, input, call, attempt);
      const acting = {
        input,
        call,
        effect: action.effect,
        looksFirst: looksFirst(action),
        system: () => actingOn(connector, services),
      };
      const { output, ...noted } = await asActivity(acting, services, work);
      if (notes) Object.assign(notes, noted);
      return output;
    };
  const groups: Record<string, Record<string, Activity>> = {};
  for (const connector of connectors) {
    const activities = connector.actions.map(
      (action) => [action.name, activityOf({ connector, action })] as const,
    );
    groups[connector.name] = {
      // A connector may have actions in TypeScript and others that are declared.
      ...groups[connector.name],
      ...Object.fromEntries(activities),
      // Temporal calls it for all names that it does not know: of actions declared since, or no more.
      ...(services.keptAction ? { default: activityOf() } : {}),
    };
  }
  return groups;
}

export interface Form {
  connector: Connector;
  action: Action;
}

/** The action as the call's run began with it. */
async function formOf(known: Form | undefined, call: CallContext, services: Services): Promise<Form> {
  const { declared } = call;
  if (known && (declared === undefined || known.action.declared?.hash === declared)) return known;
  const name = Context.current().info.activityType;
  try {
    const kept = declared === undefined ? undefined : await services.keptAction?.(declared);
    if (kept?.action.name === name) return kept;
  } catch (error) {
    throw applicationFailureOf(error, name, services.secrets);
  }
  const why = `There is no action ${name} as this run began with it. Put its connector back as it was and start the worker anew, or start the run anew.`;
  throw applicationFailureOf(new PermanentFailure(why), name, services.secrets);
}

/** Temporal hears of a dead worker by missing heartbeats; the engine gives it 2 s. */
const heartbeatEveryMs = 500;

/** Says that this activity is at work, until the returned function is called. Each beat replaces what the last one told. */
export function startBeating(told: () => unknown = () => undefined): () => void {
  const context = Context.current();
  if (!context.info.heartbeatTimeoutMs) return () => {};
  const beats = setInterval(() => context.heartbeat(told()), heartbeatEveryMs);
  // At once, so that a worker killed right after the start is noticed as soon as one killed later.
  context.heartbeat(told());
  return () => clearInterval(beats);
}

/**
 * Heartbeats carry it: Temporal hands what the last one told to the next attempt. Bound to this activity, since whoever has
 * Temporal may send old heartbeats of another one.
 */
function heartbeatMemory(context: Context): Memory & { told(): unknown } {
  const { heartbeatDetails, workflowExecution, activityId } = context.info;
  const of = `${workflowExecution?.runId}.${activityId}`;
  const earlier = heartbeatDetails as { of?: string; memory?: ReturnType<Memory['recall']> } | undefined;
  let kept = earlier?.of === of ? earlier.memory : undefined;
  return {
    recall: () => kept,
    told: () => kept && { of, memory: kept },
    keep(memory) {
      kept = memory;
      context.heartbeat({ of, memory });
    },
  };
}

interface Acting {
  input: Json;
  call: CallContext;
  /** As the action has it now. */
  effect: Effect;
  /** It only reads until it keeps what it found. */
  looksFirst: boolean;
  system(): Promise<ActingOn>;
}

async function asActivity(
  { input, call, effect, looksFirst, system }: Acting,
  { secrets, record, recordWithLook, guard }: Services,
  work: (attempt: Attempt) => Promise<Done>,
): Promise<Done> {
  const { info, cancellationSignal } = Context.current();
  const memory = heartbeatMemory(Context.current());
  const stopBeating = startBeating(() => memory.told());
  const attempt = { call, action: info.activityType, effect, attempt: info.attempt };
  const decide =
    guard &&
    ((anew: boolean) => {
      if (anew) guard.forget();
      return guard.decide({ ...attempt, system }, input);
    });
  const log = new AttemptLog(attempt, { record, recordWithLook }, { decide, input });
  try {
    if (guard) attempt.effect = await guard.effectOf(attempt);
    const signal = attempt.effect === 'read' ? cancellationSignal : finishing(cancellationSignal);
    const beginsLater = looksFirst && log.takesLooks;
    await (beginsLater ? log.decide() : log.begin());
    const done = await work({
      signal,
      timeoutMs: info.startToCloseTimeoutMs,
      memory,
      number: info.attempt,
      ...(beginsLater ? { begin: (look) => log.begin(look) } : {}),
    });
    await log.succeeded(done, async () => guard?.done(call, done.output));
    return done;
  } catch (error) {
    if (wasStopped(error, cancellationSignal, effect)) {
      await log.cancelled();
      throw cancellationSignal.reason;
    }
    const failure = applicationFailureOf(error, info.activityType, secrets);
    if (error instanceof NotCovered) {
      await guard?.refused(attempt, error.why);
      throw failure;
    }
    await log.failed(recordedFailure(failure));
    throw failure;
  } finally {
    stopBeating();
  }
}

/** A write that came to its end after its run was cancelled says what it came to: only then is it known whether it was done. */
function wasStopped(error: unknown, { aborted, reason }: AbortSignal, effect: Effect): boolean {
  return aborted && reason instanceof CancelledFailure && (effect === 'read' || error === reason);
}

/**
 * For writes: a run that is cancelled lets a write that has begun come to its end, within the attempt's time, since only a
 * write whose answer is known can be taken back. A worker that shuts down still breaks it off: the next attempt looks first.
 */
function finishing(signal: AbortSignal): AbortSignal {
  signal.throwIfAborted();
  const ended = new AbortController();
  signal.addEventListener('abort', () => {
    const { reason } = signal;
    if (!(reason instanceof CancelledFailure) || reason.message !== 'CANCELLED') ended.abort(reason);
  });
  return ended.signal;
}

/** Exported for its test. Messages go to people, so they carry no stack and no cause. */
export function applicationFailureOf(error: unknown, action: string, secrets: Secrets): ApplicationFailure {
  if (error instanceof UnresolvedReference)
    return applicationFailureOf(new PermanentFailure(error.message, { cause: error }), action, secrets);
  const known = error instanceof RetryableFailure || error instanceof PermanentFailure ? error : undefined;
  const message = known ? known.message : `${action} failed in a way it does not know: ${firstLine(error)}`;
  const { status, requestId } = known?.details ?? {};
  const retryAfterMs = known instanceof RetryableFailure ? known.retryAfterMs : undefined;
  const failure = ApplicationFailure.create({
    message: secrets.redact(message),
    type: known?.name ?? 'RetryableFailure',
    nonRetryable: known instanceof PermanentFailure,
    details: [defined({ status: status || undefined, requestId: requestId || undefined })],
    ...defined({ nextRetryDelay: retryAfterMs }),
  });
  failure.stack = `${failure.type}: ${failure.message}`;
  return failure;
}

function recordedFailure({ type, message, details }: ApplicationFailure) {
  const { requestId } = (details?.[0] ?? {}) as { requestId?: string };
  return { type: type ?? 'RetryableFailure', message, ...defined({ requestId: requestId || undefined }) };
}

function firstLine(error: unknown): string {
  return errorText(error).split('\n')[0]?.slice(0, 500) || 'no reason given';
}
