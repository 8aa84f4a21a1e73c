/** The inputs of a runbook: what a run must be told, with types for the expressions. */

import type { Input } from '../../plan/plan.ts';
import * as inputCodes from '../diagnostics/registry/inputs.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import type { Field, Type } from '../expressions/types.ts';
import type { Context } from '../scope/compile-session.ts';
import { type Entry, entryOf, jsonOf, type Node, setOwn, textOf } from '../source/tree.ts';
import { readInputSchema } from './input-schema.ts';

export interface ReadInputs {
  inputs: Record<string, Input>;
  type: Type & { kind: 'object' };
  entries: Entry[];
}

export function readInputs(node: Node | undefined, context: Context): ReadInputs {
  const inputs: Record<string, Input> = {};
  const fields = new Map<string, Field>();
  const entries = node?.kind === 'map' ? node.entries : [];
  for (const entry of entries) {
    const { key, keyRange, value } = entry;
    context.checkId(keyRange, key, "an input's name", false);
    const read = readInputSchema(value, `the input \`${key}\``, context);
    if (!read) {
      fields.set(key, { type: { kind: 'dyn' } });
      continue;
    }
    const { schema, sensitive, defaultNode } = read;
    const visibleTo = peopleOf(read.visibleTo, context);
    if (read.visibleTo && !sensitive) {
      const at = (value.kind === 'map' && entryOf(value, 'visibleTo')?.keyRange) || value;
      context.report(inputCodes.visibleWithoutSensitive, at, {});
    }
    if (defaultNode && read.optional) context.report(inputCodes.optionalWithDefault, keyRange, { name: key });
    const mayLack = read.optional && !defaultNode;
    setOwn(inputs, key, {
      schema,
      required: !defaultNode && !read.optional,
      ...(defaultNode ? { default: jsonOf(defaultNode) } : {}),
      ...(sensitive ? { sensitive: true as const } : {}),
      ...(visibleTo.length > 0 ? { visibleTo } : {}),
    });
    fields.set(key, fieldOf(schema, sensitive, mayLack));
  }
  return { inputs, type: { kind: 'object', fields }, entries };
}

function fieldOf(schema: Input['schema'], sensitive: boolean, mayLack: boolean): Field {
  const { type, nullable } = typeOfSchema(schema);
  return {
    type: sensitive ? { kind: 'sealed', of: type } : type,
    ...(mayLack ? { optional: true } : {}),
    ...(nullable ? { nullable: true } : {}),
    ...(typeof schema.description === 'string' ? { description: schema.description } : {}),
  };
}

function peopleOf(node: Node | undefined, context: Context): string[] {
  if (node?.kind !== 'list') return [];
  for (const item of node.items) context.checkPerson(item, '`visibleTo`');
  return node.items.map(textOf).filter((text) => text !== undefined);
}

/** Inputs that nothing uses. A ticket's or schedule's giving one a value is no use of it. */
export function reportUnused(entries: readonly Entry[], context: Context): void {
  for (const { key, keyRange } of entries) {
    if (!context.shared.usedInputs.has(key)) context.report(inputCodes.unusedInput, keyRange, { name: key });
  }
}
