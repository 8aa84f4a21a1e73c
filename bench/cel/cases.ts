/** The CEL specification's conformance data, as cases that this product can be asked. */
import { dyn, listType, type Type } from '../../compiler/expressions/types.ts';
import { type Message, readTextProto, type Scalar } from './textproto.ts';

/** What a case expects: a value, or an error. `unlike` where it is of a kind that no value has here. */
export type Expected = { value: unknown } | { error: true } | { unlike: string };

export interface Case {
  /** `section/test`. */
  name: string;
  expression: string;
  names: Map<string, Type>;
  variables: Record<string, unknown>;
  expected: Expected;
  /** Why it cannot be asked at all. */
  beyond?: string;
}

export function casesOf(source: string): Case[] {
  return messages(readTextProto(source).section).flatMap((section) =>
    messages(section.test).map((test) => caseOf(`${text(section.name)}/${text(test.name)}`, test)),
  );
}

/** Of something that runbooks do not have: bytes, unsigned numbers, times, Protocol Buffers' messages. */
class Unlike extends Error {}

function caseOf(name: string, test: Message): Case {
  const names = new Map<string, Type>();
  const variables: Record<string, unknown> = Object.create(null);
  const found: Case = { name, expression: text(test.expr), names, variables, expected: { error: true } };
  try {
    if (word(test.check_only) === 'true') throw new Unlike('types only');
    if (text(test.container) !== '') throw new Unlike('names are never looked up in a container');
    if (word(test.disable_macros) === 'true') throw new Unlike('macros cannot be switched off');
    for (const declared of messages(test.type_env)) {
      const [ident] = messages(declared.ident);
      if (!ident) throw new Unlike('functions of its own');
      const [type] = messages(ident.type);
      names.set(text(declared.name), typeOf(type ?? {}));
    }
    for (const binding of messages(test.bindings)) {
      const [value] = messages(messages(binding.value)[0]?.value);
      if (!value) throw new Unlike('unknown values');
      variables[text(binding.key)] = celValue(value);
      if (!names.has(text(binding.key))) names.set(text(binding.key), dyn);
    }
    found.expected = expectedOf(test);
  } catch (error) {
    if (!(error instanceof Unlike)) throw error;
    found.beyond = error.message;
  }
  return found;
}

function expectedOf(test: Message): Expected {
  if (test.eval_error ?? test.any_eval_errors) return { error: true };
  if (test.unknown ?? test.any_unknowns) throw new Unlike('unknown values');
  const [value] = [...messages(test.value), ...messages(messages(test.typed_result)[0]?.result)];
  if (!value) return { value: true };
  try {
    return { value: celValue(value) };
  } catch (error) {
    if (error instanceof Unlike) return { unlike: error.message };
    throw error;
  }
}

function typeOf(type: Message): Type {
  const primitive = word(type.primitive);
  switch (primitive) {
    case 'INT64':
      return { kind: 'int' };
    case 'DOUBLE':
      return { kind: 'double' };
    case 'STRING':
      return { kind: 'string' };
    case 'BOOL':
      return { kind: 'bool' };
  }
  if (type.dyn) return dyn;
  if (type.null) return { kind: 'null' };
  const [list] = messages(type.list_type);
  if (list) return listType(typeOf(messages(list.elem_type)[0] ?? {}));
  const [map] = messages(type.map_type);
  if (map && word(messages(map.key_type)[0]?.primitive) === 'STRING')
    return { kind: 'map', value: typeOf(messages(map.value_type)[0] ?? {}) };
  throw new Unlike('types that runbooks do not have');
}

function celValue(value: Message): unknown {
  const [kind] = Object.keys(value);
  const given = kind === undefined ? undefined : value[kind];
  switch (kind) {
    case 'int64_value':
      return BigInt(word(given));
    case 'double_value':
      return numberOf(word(given));
    case 'string_value':
      return text(given);
    case 'bool_value':
      return word(given) === 'true';
    case 'null_value':
      return null;
    case 'list_value':
      return messages(messages(given)[0]?.values).map(celValue);
    case 'map_value':
      return mapOf(messages(given)[0] ?? {});
    default:
      throw new Unlike(kind ?? 'nothing');
  }
}

function mapOf(map: Message): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  for (const { key, value } of messages(map.entries)) {
    const name = celValue(messages(key)[0] ?? {});
    if (typeof name !== 'string') throw new Unlike('keys that are no text');
    result[name] = celValue(messages(value)[0] ?? {});
  }
  return result;
}

function numberOf(written: string): number {
  const plain = written.replace(/^\+/, '').toLowerCase();
  if (/^-?inf(inity)?f?$/.test(plain)) return plain.startsWith('-') ? -Infinity : Infinity;
  return plain === 'nan' ? Number.NaN : Number(plain.replace(/f$/, ''));
}

function messages(values: (Scalar | Message)[] | undefined): Message[] {
  return (values ?? []).filter(
    (value): value is Message =>
      !('text' in value && typeof value.text === 'string') &&
      !('word' in value && typeof value.word === 'string'),
  );
}

function text(values: (Scalar | Message)[] | undefined): string {
  const [value] = values ?? [];
  return value && 'text' in value && typeof value.text === 'string' ? value.text : '';
}

function word(values: (Scalar | Message)[] | undefined): string {
  const [value] = values ?? [];
  return value && 'word' in value && typeof value.word === 'string' ? value.word : '';
}
