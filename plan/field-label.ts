/** How a form's field is called: by what its author wrote of it, where something was written. */
import type { JsonSchema } from './plan.ts';

/**
 * The description without its full stop; undefined where there is none. What is true or false is ticked by people: `True when it was there
 * before, false when this step made it.` is `It was there before` to them.
 */
export function fieldLabel(schema: JsonSchema | undefined): string | undefined {
  const { description } = schema ?? {};
  if (typeof description !== 'string') return undefined;
  const text = description.trim().replace(/\.$/, '');
  const ticked = /^(?:With `[^`]*`: )?True (?:when|if|where) (.+?)(?:[,;] (?:and )?false .*)?$/i.exec(
    text,
  )?.[1];
  const label = ticked === undefined ? text : ticked.charAt(0).toUpperCase() + ticked.slice(1);
  return label || undefined;
}

/** For a message that names a field to a person who sees labels and to a program that knows names: `“Last day” (endDate)`. */
export function namedField(name: string, schema: JsonSchema | undefined): string {
  const label = fieldLabel(schema);
  return label === undefined ? name : `“${label}” (${name})`;
}
