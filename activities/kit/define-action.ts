/**
 * An action is one described literal: its schemas give TypeScript its types, Ajv the run-time check, the compiler the
 * CEL types, the editor its completion, and the reference page its text.
 */

import type { Static, TObject } from 'typebox';
import type { ActionDescription, Picking } from '../../plan/catalogue.ts';
import { defined } from '../../plan/defined.ts';
import { pickingOf, withPick } from '../../plan/pick.ts';
import type { Effect, Json, JsonSchema } from '../../plan/plan.ts';
import type { OwnRequest } from './own-request.ts';

/** What an action is given beside its input. */
export interface ActionContext<Client> {
  /** Bound to this attempt: its requests end when the run is cancelled, the time is over or the worker shuts down. */
  client: Client;
  /** The same for every attempt of this step of this run (and item): the service's idempotency key, or a marker to look for. */
  key: string;
  run: { id: string; runbook: string; step: string };
  /** Which attempt this is, from 1. */
  attempt: number;
  /**
   * Text that only this installation can compute, the same at every attempt: for a first password that must not change
   * when the answer to the first attempt was lost. 32 bytes, base64url.
   */
  secretFor(purpose: string): string;
  /**
   * What the first attempt of this step found, at every attempt: for an output that must also name what was done by an
   * attempt that came to no end, and to tell what this step did from what was so before. Once an action, before its first write, plain
   * JSON, nothing secret. A retry of a parked step is one more attempt, unless its input was changed.
   */
  rememberBeforeWrite<T>(look: () => Promise<T>): Promise<T>;
  /** What became of this step's own request, at every attempt of it with this input. */
  ownRequest: OwnRequest;
  /** Keeps a text that the action made up (a password) out of every message, and unsealed out of every output. */
  conceal(text: string): void;
}

/** What a write would do, found out by reading only. */
export interface Preview {
  /** One sentence a coordinator reads: `would create a.lee@example.com`. */
  summary: string;
  /** True when the state is already as wanted and the action would change nothing. */
  nothingToDo?: boolean;
  /** What would stop it, if anything is known already. */
  problems?: string[];
  /** Line by line what is there and what would be, as `lineDifference` gives it. */
  difference?: string;
}

export interface ActionDefinition<Input extends TObject, Output extends TObject, Client> {
  name: `${string}.${string}`;
  title: string;
  description: string;
  effect: Effect;
  delivery?: ActionDescription['delivery'];
  source: string;
  input: Input;
  output: Output;
  sensitive?: (keyof Static<Output> & string)[];
  undo?: `${string}.${string}`;
  examples: { title: string; with: Json }[];
  /** Of an action that is declared as data. */
  declared?: ActionDescription['declared'];
  /** Of an action that is declared as data; of others it is found by what they give. */
  pick?: ActionDescription['pick'];
  run(input: Static<Input>, context: ActionContext<Client>): Promise<Static<Output>>;
  preview?(input: Static<Input>, context: ActionContext<Client>): Promise<Preview>;
  /**
   * Reads back that the write took hold, by what the step gave on where that says what it left out. Asked once after each write, and
   * again for some seconds where it is not so yet; a write that only begins something has none. Undefined where this step says nothing by
   * which it could be read back.
   */
  verify?(
    input: Static<Input>,
    context: ActionContext<Client>,
    output?: Static<Output>,
  ): Promise<boolean | undefined>;
}

/** An action whose input and output types are no longer known, as the kit and the registry handle it. */
// biome-ignore lint/suspicious/noExplicitAny: an action accepts only its own input; the kit checks it by schema before the call.
export type Action = ActionDefinition<TObject, TObject, any>;

/** Types an action's literal; registering it is its connector's business. */
export function defineAction<Input extends TObject, Output extends TObject, Client>(
  definition: ActionDefinition<Input, Output, Client>,
): ActionDefinition<Input, Output, Client> {
  return definition;
}

/** The part of an action that the compiler, the editor and the reference page use. */
export function describeAction(action: Action): ActionDescription {
  const description: ActionDescription = {
    name: action.name,
    title: action.title,
    description: action.description,
    effect: action.effect,
    delivery: action.delivery ?? 'exactly once',
    source: action.source,
    input: JSON.parse(JSON.stringify(action.input)),
    output: JSON.parse(JSON.stringify(action.output)),
    sensitive: [...(action.sensitive ?? [])],
    ...defined({ undo: action.undo }),
    examples: action.examples,
    ...defined({ declared: action.declared }),
  };
  return withPick(description, action.pick?.only);
}

const pickings = new WeakMap<Action, Picking | false>();

/** What `pick` is about; undefined of an action that lists nothing. */
export function pickingOfAction(action: Action): Picking | undefined {
  const { effect, input, output, pick } = action;
  const found =
    pickings.get(action) ??
    pickingOf(
      { effect, input: input as unknown as JsonSchema, output: output as unknown as JsonSchema },
      pick?.only,
    ) ??
    false;
  pickings.set(action, found);
  return found || undefined;
}
