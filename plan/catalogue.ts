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
  /** What repeating it does: nothing more, or (where the service offers no key) possibly the same again. */
  delivery: 'exactly once' | 'at least once';
  /** The title of the service's documentation that the action follows. */
  source: string;
  input: JsonSchema;
  output: JsonSchema;
  /** Names of the outputs that are sealed. */
  sensitive: string[];
  /** The action that takes it back, if there is one. */
  undo?: string;
  examples: { title: string; with: Json }[];
}

export type Catalogue = ReadonlyMap<string, ActionDescription>;

export function catalogueOf(descriptions: ActionDescription[]): Catalogue {
  return new Map(descriptions.map((description) => [description.name, description]));
}
