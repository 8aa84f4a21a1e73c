/** The types that expressions are checked with: CEL's, refined by what JSON Schema and the runbook say. */
import { defined } from '../../plan/defined.ts';

export type Type =
  | { kind: 'dyn' | 'null' | 'bool' | 'int' | 'double' | 'number' | 'never' }
  | { kind: 'string'; values?: readonly string[]; format?: string }
  | { kind: 'list'; item: Type }
  | { kind: 'map'; value: Type }
  | {
      kind: 'object';
      fields: ReadonlyMap<string, Field> /** Type of further keys; without it there are none. */;
      more?: Type;
    }
  /** May be absent. `why` completes "is absent when …". */
  | { kind: 'optional'; of: Type; why?: string }
  /** May be handed on, and neither looked at nor computed with. */
  | { kind: 'sealed'; of: Type }
  /** A type variable of a function's signature. */
  | { kind: 'any'; name: string };

export interface Field {
  type: Type;
  /** May be left out. */
  optional?: boolean;
  /** May be null, which expressions see as absent. */
  nullable?: boolean;
  description?: string;
}

export const dyn: Type = { kind: 'dyn' };
export const bool: Type = { kind: 'bool' };
export const int: Type = { kind: 'int' };
export const double: Type = { kind: 'double' };
export const string: Type = { kind: 'string' };

export function listType(item: Type): Type {
  return { kind: 'list', item };
}

export function optionalType(of: Type, why?: string): Type {
  if (of.kind === 'optional') return of;
  return { kind: 'optional', of, ...defined({ why }) };
}

export function objectType(fields: Record<string, Field | Type>): Type & { kind: 'object' } {
  const map = new Map<string, Field>();
  for (const [name, field] of Object.entries(fields))
    map.set(name, 'kind' in field ? { type: field } : field);
  return { kind: 'object', fields: map };
}

/** A type in a coordinator's words. */
export function nameOf(type: Type): string {
  switch (type.kind) {
    case 'dyn':
    case 'any':
      return 'anything';
    case 'null':
      return 'null';
    case 'bool':
      return 'true or false';
    case 'int':
      return 'a whole number';
    case 'double':
    case 'number':
      return 'a number';
    case 'never':
      return 'nothing';
    case 'string':
      if (type.values?.length === 1) return `the text "${type.values[0]}"`;
      if (type.values)
        return `one of ${type.values
          .slice(0, 8)
          .map((value) => `"${value}"`)
          .join(', ')}`;
      return type.format ? (formatNames[type.format] ?? 'text') : 'text';
    case 'list':
      return type.item.kind === 'dyn' || type.item.kind === 'any'
        ? 'a list'
        : `a list of ${nameOf(type.item)}`;
    case 'map':
      return 'a set of keys and values';
    case 'object': {
      const names = [...type.fields.keys()];
      const shown = names.slice(0, 4).join(', ');
      return names.length === 0 ? 'an object' : `an object (${shown}${names.length > 4 ? ', …' : ''})`;
    }
    case 'optional':
      return `${nameOf(type.of)}, or nothing`;
    case 'sealed':
      return 'a sealed value';
  }
}

const formatNames: Record<string, string> = {
  date: 'a date (2026-01-31)',
  'date-time': 'a time (2026-01-31T09:00:00Z)',
  email: 'an e-mail address',
  uri: 'a web address',
};

/** One type that both fit, or undefined. Used for `a ? b : c`, list literals and `orValue`. */
export function unify(a: Type, b: Type): Type | undefined {
  if (a.kind === 'never') return b;
  if (b.kind === 'never') return a;
  if (a.kind === 'dyn' || b.kind === 'dyn') return dyn;
  if (a.kind === 'optional' || b.kind === 'optional') {
    if (a.kind !== b.kind) return undefined;
    const of = unify((a as { of: Type }).of, (b as { of: Type }).of);
    return of && optionalType(of, (a as { why?: string }).why);
  }
  if (isNumeric(a) && isNumeric(b)) return a.kind === b.kind ? a : { kind: 'number' };
  if (a.kind !== b.kind) {
    if ((a.kind === 'map' && b.kind === 'object') || (a.kind === 'object' && b.kind === 'map'))
      return { kind: 'map', value: dyn };
    return undefined;
  }
  switch (a.kind) {
    case 'string':
      return unifyText(a, b as Type & { kind: 'string' });
    case 'list': {
      const item = unify(a.item, (b as Type & { kind: 'list' }).item);
      return listType(item ?? dyn);
    }
    case 'map': {
      const value = unify(a.value, (b as Type & { kind: 'map' }).value);
      return { kind: 'map', value: value ?? dyn };
    }
    case 'object':
      return unifyObjects(a, b as Type & { kind: 'object' });
    case 'sealed':
      return { kind: 'sealed', of: unify(a.of, (b as Type & { kind: 'sealed' }).of) ?? dyn };
    case 'null':
    case 'bool':
    case 'int':
    case 'double':
    case 'number':
    case 'any':
      return a;
  }
}

function unifyText(a: Type & { kind: 'string' }, b: Type & { kind: 'string' }): Type {
  const values = a.values && b.values ? [...new Set([...a.values, ...b.values])] : undefined;
  return {
    kind: 'string',
    ...defined({ values, format: a.format && a.format === b.format ? a.format : undefined }),
  };
}

function unifyObjects(a: Type & { kind: 'object' }, b: Type & { kind: 'object' }): Type {
  if (a === b) return a;
  const fields = new Map<string, Field>();
  for (const name of new Set([...a.fields.keys(), ...b.fields.keys()])) {
    const left = a.fields.get(name);
    const right = b.fields.get(name);
    const type = left && right ? (unify(left.type, right.type) ?? dyn) : ((left ?? right)?.type ?? dyn);
    const optional = !left || !right || left.optional || right.optional;
    fields.set(name, {
      type,
      ...defined({
        optional: optional ? true : undefined,
        nullable: left?.nullable || right?.nullable ? true : undefined,
      }),
    });
  }
  return { kind: 'object', fields };
}

export function isNumeric(type: Type): boolean {
  return type.kind === 'int' || type.kind === 'double' || type.kind === 'number';
}

/** Can the two ever be equal? Comparing what cannot is a mistake. */
export function comparable(a: Type, b: Type): boolean {
  if (a.kind === 'dyn' || b.kind === 'dyn') return true;
  return unify(a, b) !== undefined;
}
