/** What `countersign.yaml` may hold, as its sections say: for the checks, the editor and the reference. */
import type { JsonSchema } from '../../plan/plan.ts';
import { sections } from '../configuration/sections/registry.ts';
import { object } from './parts.ts';

export const configurationKeys: Record<string, JsonSchema> = Object.fromEntries(
  Object.entries(sections)
    .sort(([, a], [, b]) => a.rank - b.rank)
    .map(([key, { schema }]) => [key, schema]),
);

export const configurationSchema: JsonSchema = object(
  configurationKeys,
  [],
  'The configuration of Countersign.',
);
