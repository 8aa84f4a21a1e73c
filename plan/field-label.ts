/** How a form's field is called: by what its author wrote of it, where something was written. */
import type { JsonSchema } from './plan.ts';

/** The description without its full stop; undefined where there is none. */
export function fieldLabel(schema: JsonSchema | undefined): string | undefined {
  const { description } = schema ?? {};
  if (typeof description !== 'string') return undefined;
  return description.trim().replace(/\.$/, '') || undefined;
}

/** For a message that names a field to a person who sees labels and to a program that knows names: `“Last day” (endDate)`. */
export function namedField(name: string, schema: JsonSchema | undefined): string {
  const label = fieldLabel(schema);
  return label === undefined ? name : `“${label}” (${name})`;
}
