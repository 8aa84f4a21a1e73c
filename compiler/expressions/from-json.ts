/** The type of a value that is already known, such as what stands under `organisation` in the configuration. */
import type { Json } from '../../plan/plan.ts';
import { bool, dyn, type Field, int, listType, string, type Type, unify } from './types.ts';

export function typeOfJson(value: Json): Type {
  if (value === null) return { kind: 'null' };
  if (Array.isArray(value))
    return listType(value.map(typeOfJson).reduce((a, b) => unify(a, b) ?? dyn, { kind: 'never' } as Type));
  switch (typeof value) {
    case 'string':
      return string;
    case 'boolean':
      return bool;
    case 'number':
      return Number.isInteger(value) ? int : { kind: 'number' };
    default: {
      const fields = new Map<string, Field>();
      for (const [key, item] of Object.entries(value)) fields.set(key, { type: typeOfJson(item) });
      return { kind: 'object', fields };
    }
  }
}
