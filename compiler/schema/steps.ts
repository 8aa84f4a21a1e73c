/** What each kind of step may hold, as its description says: for the checks, the editor and the reference. */
import type { JsonObject, JsonSchema, StepKind } from '../../plan/plan.ts';
import { kindsInOrder } from '../../plan/step-descriptions.ts';
import { stepKinds } from '../../plan/step-kinds/registry.ts';
import { commonKeys, object } from '../../plan/step-kinds/schemas.ts';

export interface KindSchema {
  kind: StepKind;
  /** The key by which the kind is known. */
  key: string;
  /** In a coordinator's words. */
  words: string;
  keys: Record<string, JsonSchema>;
  required: string[];
}

export const kindSchemas: readonly KindSchema[] = kindsInOrder.map((kind) => {
  const { key, words, keys, required } = stepKinds[kind];
  return { kind, key, words, keys, required };
});

export function kindSchema(kind: StepKind): KindSchema {
  const found = kindSchemas.find((schema) => schema.kind === kind);
  if (!found) throw new Error(`no schema for steps of kind ${kind}`);
  return found;
}

const checked = new Map<StepKind, JsonSchema>();

/** The schema that a step of this kind is checked with. Steps inside it are read and checked by themselves. */
export function stepSchema(kind: StepKind): JsonSchema {
  const known = checked.get(kind);
  if (known) return known;
  const { keys, required } = kindSchema(kind);
  const schema = withoutRefs(object({ ...commonKeys, ...keys }, required)) as JsonObject;
  checked.set(kind, schema);
  return schema;
}

/** `$ref` would lead back to steps, which their own reader checks; here it stands for anything. */
function withoutRefs(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    value && typeof value === 'object' && '$ref' in value ? {} : value,
  );
}
