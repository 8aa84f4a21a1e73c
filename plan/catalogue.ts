/**
 * The catalogue of actions as the compiler sees it: data only, made from the definitions in `activities/`
 * and written to `schemas/actions.json`, so that compiling a runbook loads no connector.
 */
import type { Effect, Json, JsonSchema } from './plan.ts';

export interface ActionDescription {
  /** `connector.operation`, for example `entra.createUser`. */
  name: string;
  title: string;
  description: string;
  effect: Effect;
  /**
   * What repeating it does: nothing more, or (where the service offers no key) possibly the same again. At most once: a request
   * that was not answered is not sent again, and the step parks as of unknown outcome.
   */
  delivery: 'exactly once' | 'at least once' | 'at most once';
  /** The title of the service's documentation that the action follows. */
  source: string;
  input: JsonSchema;
  output: JsonSchema;
  /** Names of the outputs that are sealed. */
  sensitive: string[];
  /** Of an action that lists: what `pick` is about. */
  pick?: Picking;
  /** The action that takes it back, if there is one. */
  undo?: string;
  examples: { title: string; with: Json }[];
  /** Of an action that is declared as data: see `declared.ts`. */
  declared?: DeclaredDescription;
}

export interface Picking {
  /** Outputs that are lists of objects: `pick` says which fields their items keep. */
  lists: string[];
  /** Those among them that are given only where something is picked, since an item may be large. */
  only?: string[];
}

export interface DeclaredDescription {
  /** Of its compiled form: a plan that uses the action is bound to it. */
  hash: string;
  /** The requests it makes, as `GET /api/v2/tickets/{}`. */
  requests: string[];
  /** How long it waits until its work has taken hold: looks that find it not done yet are no failures. */
  waits?: { everyMs: number; atMostMs: number };
  /** What the account must be allowed, in the service's words. */
  permissions?: string;
  /** What it was built from, and how far that is to be trusted. */
  contract?: string;
}

export type Catalogue = ReadonlyMap<string, ActionDescription>;

export function catalogueOf(descriptions: ActionDescription[]): Catalogue {
  return new Map(descriptions.map((description) => [description.name, description]));
}
