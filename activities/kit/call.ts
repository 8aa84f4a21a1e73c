/** One attempt of one action: from the input as the run carries it to the output as the run may keep it. */

import { createHash } from 'node:crypto';
import type { TObject } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { deepest, isTooDeep } from '../../plan/depth.ts';
import { errorText } from '../../plan/error-text.ts';
import { pickedOutput } from '../../plan/pick.ts';
import type { CallContext, Json, JsonObject } from '../../plan/plan.ts';
import { resolveReferences, withoutReferences } from '../../vault/references.ts';
import { Redactions } from '../../vault/secrets.ts';
import type { AttemptClient } from './attempt-client.ts';
import { type Action, type ActionContext, type Preview, pickingOfAction } from './define-action.ts';
import type { Connector } from './define-connector.ts';
import { PermanentFailure, RetryableFailure } from './failures.ts';
import { withKeptLists } from './kept-lists.ts';
import { ownRequest, type RequestMemory } from './own-request.ts';
import { RateLimit } from './rate-limit.ts';
import { readBack } from './read-back.ts';
import { problemsOf } from './schema-check.ts';
import type { KeptLook, Services } from './services.ts';
import { settingsOf } from './settings-of.ts';

export type { CallContext } from '../../plan/plan.ts';

export interface Attempt {
  /** Aborted when the run is cancelled or the worker shuts down. */
  signal: AbortSignal;
  /** Longest time of the attempt, in milliseconds. 0 for no limit. */
  timeoutMs: number;
  /** From 1; the first unless said. */
  number?: number;
  /** Absent where there is one attempt only. */
  memory?: Memory;
  /**
   * Of a write that is not begun yet, and must be before it changes anything: puts that on record once, with what it found. Gives what
   * stands under the look's key; undefined where it was not kept. Absent where it is begun.
   */
  begin?: (look?: KeptLook) => Promise<Json | undefined>;
}

/** Lasts from attempt to attempt of one step. */
export type Memory = RequestMemory;

/** What came of an attempt that did its work. */
export interface Done {
  /** As the run keeps it, sealed where it must be. */
  output: Json;
  /** Absent of an action that cannot tell. */
  verified?: true;
}

/** Larger results would end the run (ENGINE: payloads). */
export const largestResult = 256 * 1024;

/** Why a result cannot be kept; undefined when it can. */
export function sizeProblem(action: string, result: Json): string | undefined {
  const size = Buffer.byteLength(JSON.stringify(result));
  if (size <= largestResult) return undefined;
  return `${action} did its work, but its answer of ${Math.ceil(size / 1024)} KB is more than the 256 KB a run can keep. Ask it for less. Where it lists, \`pick\` says which fields of each item are kept.`;
}

/** An action is given this long to wind up after its signal; one that ignores it is left behind. */
const graceMs = 1_000;
/** Shorter opened values are too common for their mere occurrence in an output to mean anything. */
const shortestTraced = 6;

/** Calls one connector's actions: with one client, and within one rate limit, for the whole process. */
export class Caller {
  private readonly connector: Connector;
  private readonly services: Services;
  private readonly rateLimit: RateLimit;
  private client: Promise<AttemptClient> | undefined;

  constructor(connector: Connector, services: Services) {
    this.connector = connector;
    this.services = services;
    this.rateLimit = new RateLimit(connector.callsPerSecond ?? 50);
  }

  run(action: Action, input: Json, call: CallContext, attempt: Attempt): Promise<Done> {
    return this.call(action, input, call, attempt, async (checked, context, concealed) => {
      const output = (await action.run(withoutPick(action, checked) as never, context)) as JsonObject;
      await attempt.begin?.();
      const kept = await this.kept(action, call, output, { concealed, pick: pickedBy(action, checked) });
      const verified = await readBack(action, { input: checked, output, context }, attempt);
      return { output: kept, ...defined({ verified }) };
    });
  }

  /** What a write would do, found by reading only. Undefined when the action cannot say. */
  preview(action: Action, input: Json, call: CallContext, attempt: Attempt): Promise<Preview | undefined> {
    return this.call(action, input, call, attempt, async (checked, context, concealed) => {
      const preview = await action.preview?.(checked as never, context);
      return preview && this.shownToPeople(preview, concealed);
    });
  }

  /** Whether the write took hold. Undefined when the action cannot say. */
  verify(action: Action, input: Json, call: CallContext, attempt: Attempt): Promise<boolean | undefined> {
    return this.call(action, input, call, attempt, async (checked, context) =>
      action.verify?.(checked as never, context),
    );
  }

  /** What is wrong with the connector, as far as it can tell by reading: rejects with it. Resolves to why it cannot tell, if so. */
  async check(attempt: Attempt): Promise<string | undefined> {
    const { check, name } = this.connector;
    const concealed = new Set<string>();
    return withDeadline(`The check of ${name}`, attempt, async (signal) => {
      try {
        const client = (await this.connected()).for(signal);
        if (typeof check !== 'function') return check ?? 'it does not say how';
        await check(client, { conceal: (text) => void concealed.add(text) });
        return undefined;
      } catch (error) {
        throw withoutSecrets(error, concealed);
      }
    });
  }

  private async call<T>(
    action: Action,
    input: Json,
    call: CallContext,
    attempt: Attempt,
    work: (input: JsonObject, context: ActionContext<unknown>, concealed: Set<string>) => Promise<T>,
  ): Promise<T> {
    const concealed = new Set<string>();
    return withDeadline(action.name, attempt, async (signal) => {
      try {
        const resolved = await resolveReferences(input, this.services);
        for (const text of resolved.opened) concealed.add(text);
        const own = withoutPick(action, resolved.value as JsonObject);
        const problems = problemsOf(action.input, own, resolved.opened.length === 0);
        if (problems.length > 0)
          throw new PermanentFailure(`The input does not fit ${action.name}. ${problems.join(' ')}`);
        const key = keyOf(call);
        // Of the whole input, and wanted several times, or never.
        let state: string | undefined;
        const stateKey = () => (state ??= lookKey(key, input));
        const context: ActionContext<unknown> = {
          client: (await this.connected()).for(signal),
          key,
          attempt: attempt.number ?? 1,
          run: { id: call.run, runbook: call.runbook, step: call.step },
          secretFor: (purpose) => this.services.seal.derive(`${purpose}\n${key}`),
          rememberBeforeWrite: (look) => this.foundFirst(look, stateKey(), { ...attempt, signal }),
          ownRequest: ownRequest(() => `${stateKey()} request`, this.services.requests, attempt.memory),
          conceal: (text) => void concealed.add(text),
        };
        await this.turn(signal);
        return await work(resolved.value as JsonObject, context, concealed);
      } catch (error) {
        throw withoutSecrets(error, concealed);
      }
    });
  }

  private async turn(signal: AbortSignal): Promise<void> {
    const since = performance.now();
    await this.rateLimit.turn(signal);
    this.services.waited?.(this.connector.name, performance.now() - since);
  }

  /** Attempts that follow each other tell the next by their heartbeats; others, and a killed worker's, by what was kept. */
  private async foundFirst<T>(look: () => Promise<T>, key: string, attempt: Attempt): Promise<T> {
    const { memory, begin, signal } = attempt;
    const earlier = memory?.recall();
    if (earlier) {
      await begin?.();
      signal.throwIfAborted();
      return earlier.found as T;
    }
    const found = await look();
    const keptWithBeginning = await begin?.({ key, found: found as Json });
    const first = keptWithBeginning ?? (await this.keepFirst(key, found as Json));
    // The attempt may have been left behind meanwhile: another is or will be at work, and this one must change nothing.
    signal.throwIfAborted();
    memory?.keep({ ...memory.recall(), found: first });
    return first as T;
  }

  private async keepFirst(key: string, found: Json): Promise<Json> {
    if (!this.services.firstLook) return found;
    try {
      return await this.services.firstLook(key, found);
    } catch (error) {
      throw new RetryableFailure(
        `Nothing was changed, since what was there before could not be kept. ${errorText(error)}`,
      );
    }
  }

  /** Made at the first call; made anew after a failure, since a missing secret may be put in place meanwhile. */
  private async connected(): Promise<AttemptClient> {
    this.client ??= this.connect();
    try {
      return await this.client;
    } catch (error) {
      this.client = undefined;
      throw error;
    }
  }

  private async connect(): Promise<AttemptClient> {
    const { name, title, settings: schema } = this.connector;
    // What has nothing that must be set works as it is.
    const configured =
      settingsOf(this.connector, this.services) ??
      (problemsOf(schema, {}, false).length === 0 ? {} : undefined);
    if (!configured)
      throw new PermanentFailure(
        `${title} is not configured. Add its settings under connectors: ${name}: in countersign.yaml.`,
      );
    const { value } = await resolveReferences(configured, this.services);
    const problems = problemsOf(schema, value, false);
    if (problems.length > 0)
      throw new PermanentFailure(
        `The settings under connectors: ${name}: in countersign.yaml do not fit. ${problems.join(' ')}`,
      );
    return this.connector.connect(value as never, this.services.outbound, this.services);
  }

  /** A preview is read by many and kept for good: nothing that was opened to ask for it may stand in it. */
  private shownToPeople(
    { summary, problems, difference, ...rest }: Preview,
    concealed: Set<string>,
  ): Preview {
    const opened = new Redactions(concealed);
    const redact = (text: string) => opened.apply(this.services.secrets.redact(text));
    return {
      ...rest,
      summary: redact(summary),
      ...defined({
        problems: problems?.map(redact),
        difference: difference === undefined ? undefined : redact(difference),
      }),
    };
  }

  /** The output as the run keeps it: of the promised shape, sealed where it must be, small enough. */
  private async kept(
    action: Action,
    call: CallContext,
    output: JsonObject,
    { concealed, pick }: { concealed: Set<string>; pick: readonly string[] | undefined },
  ): Promise<Json> {
    if (isTooDeep(output))
      throw new PermanentFailure(
        `${action.name} did its work, but its answer is nested more than ${deepest} deep, which no run can keep. Ask it for less.`,
      );
    // Also drops what JSON does not have, such as fields set to undefined.
    const plain = withoutReferences(JSON.parse(JSON.stringify(output ?? null))) as JsonObject;
    const problems = problemsOf(action.output as TObject, plain, false);
    if (problems.length > 0)
      throw new PermanentFailure(
        `${action.name} did its work, but answered in a form it does not promise: ${problems.join(' ')} Please report this.`,
      );
    const sensitive = new Set<string>(action.sensitive ?? []);
    const traced = [...concealed].filter((text) => text.length >= shortestTraced);
    const result: JsonObject = {};
    const picking = pickingOfAction(action);
    const wanted = picking ? pickedOutput(plain, picking, pick) : plain;
    for (const [field, value] of Object.entries(wanted))
      result[field] = sensitive.has(field) ? this.sealed(value) : this.sealTraces(value, traced);
    if (sizeProblem(action.name, result) === undefined) return result;
    const small = await this.withListsBeside(action, call, result, sensitive);
    const tooLarge = sizeProblem(action.name, small);
    if (tooLarge !== undefined && this.services.lists?.isWhole !== true) throw new PermanentFailure(tooLarge);
    return small;
  }

  private async withListsBeside(
    { name }: Action,
    call: CallContext,
    output: JsonObject,
    sensitive: ReadonlySet<string>,
  ): Promise<JsonObject> {
    const { lists } = this.services;
    if (!lists) return output;
    const fits = (kept: JsonObject) => sizeProblem(name, kept) === undefined;
    return withKeptLists(output, { owner: { run: call.run, call: keyOf(call) }, lists, fits, sensitive });
  }

  /** A service may give back what it was sent: a text with a secret in it is sealed, so that it stays usable. */
  private sealTraces(value: Json, traced: string[]): Json {
    if (typeof value === 'string') {
      const secret =
        traced.some((text) => value.includes(text)) || this.services.secrets.redact(value) !== value;
      return secret ? this.sealed(value) : value;
    }
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item) => this.sealTraces(item, traced));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.sealTraces(item, traced)]),
    );
  }

  private sealed(value: Json): Json {
    return this.services.seal.sealed(value);
  }
}

/** An action that lists does not see which fields of the items are kept. */
function withoutPick(action: Action, input: JsonObject): JsonObject {
  if (!pickingOfAction(action)) return input;
  const { pick: _, ...own } = input;
  return own;
}

function pickedBy(action: Action, { pick }: JsonObject): string[] | undefined {
  return pickingOfAction(action) && Array.isArray(pick) ? pick.map(String) : undefined;
}

/** A step that is tried again with another input has a first look of its own. */
function lookKey(key: string, input: Json): string {
  return `${key} ${createHash('sha256').update(JSON.stringify(input)).digest('base64url').slice(0, 22)}`;
}

/** 22 characters that only this step (and item) of this run has, at every attempt. */
export function keyOf(call: CallContext): string {
  const parts = JSON.stringify([call.run, call.step, call.item ?? null]);
  return createHash('sha256').update(parts).digest('base64url').slice(0, 22);
}

/** Runs the work with a signal that also ends with the attempt's time, and leaves it behind if it ignores that. */
async function withDeadline<T>(
  action: string,
  attempt: Attempt,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  attempt.signal.throwIfAborted();
  const ended = new AbortController();
  const follow = () => ended.abort(attempt.signal.reason);
  attempt.signal.addEventListener('abort', follow, { once: true });
  // A little earlier than Temporal's own time-out, so that people read our reason and not "timed out".
  const limit = attempt.timeoutMs - Math.min(500, attempt.timeoutMs / 10);
  const tooLate = () =>
    ended.abort(
      new RetryableFailure(
        `${action} did not finish within the ${attempt.timeoutMs / 1000} s of an attempt.`,
      ),
    );
  const timer = attempt.timeoutMs > 0 ? setTimeout(tooLate, limit) : undefined;
  let grace: NodeJS.Timeout | undefined;
  const abandoned = new Promise<never>((_, reject) => {
    ended.signal.addEventListener(
      'abort',
      () => {
        grace = setTimeout(
          () => reject(ended.signal.reason),
          Math.min(graceMs, attempt.timeoutMs / 20 || graceMs),
        );
      },
      { once: true },
    );
  });
  try {
    return await Promise.race([work(ended.signal), abandoned]);
  } catch (error) {
    // Whatever an interrupted request threw, the interruption is the reason.
    throw ended.signal.aborted && !(error instanceof PermanentFailure) ? ended.signal.reason : error;
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    attempt.signal.removeEventListener('abort', follow);
  }
}

/** The same failure without what was opened for this call. Known secrets are redacted once more by the caller. */
function withoutSecrets(error: unknown, concealed: Set<string>): unknown {
  if (!(error instanceof Error) || concealed.size === 0) return error;
  const message = new Redactions(concealed).apply(error.message);
  if (message === error.message) return error;
  if (error instanceof PermanentFailure) return new PermanentFailure(message, error.details);
  if (error.name === 'RateLimited' || error instanceof RetryableFailure) {
    const { details, retryAfterMs } = error as RetryableFailure;
    const Same = error.constructor as typeof RetryableFailure;
    return new Same(message, details, retryAfterMs);
  }
  return new Error(message);
}
