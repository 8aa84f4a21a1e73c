/** The inputs of a runbook: what a run must be told, with types for the expressions. */

import { defined, unlessEmpty } from '../../plan/defined.ts';
import { camelCase, idPattern, reservedWords } from '../../plan/lexical.ts';
import type { Input } from '../../plan/plan.ts';
import * as inputCodes from '../diagnostics/registry/inputs.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import type { Field, Type } from '../expressions/types.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { type Entry, entryOf, jsonOf, type Node, setOwn, textOf } from '../source/tree.ts';
import { readInputSchema } from './input-schema.ts';

export interface ReadInputs {
  inputs: Record<string, Input>;
  type: Type & { kind: 'object' };
  entries: Entry[];
}

export function readInputs(node: Node | undefined, session: CompileSession): ReadInputs {
  const inputs: Record<string, Input> = {};
  const fields = new Map<string, Field>();
  const entries = node?.kind === 'map' ? node.entries : [];
  for (const entry of entries) {
    const { key, keyRange, value } = entry;
    const fits = session.checkId(keyRange, key, "an input's name", false);
    const read = readInputSchema(value, `the input \`${key}\``, session);
    if (!read) {
      fields.set(key, { type: { kind: 'dyn' } });
      continue;
    }
    const { schema, sensitive, defaultNode } = read;
    const visibleTo = peopleOf(read.visibleTo, session);
    if (read.visibleTo && !sensitive) {
      const at = (value.kind === 'map' && entryOf(value, 'visibleTo')?.keyRange) || value;
      session.report(inputCodes.visibleWithoutSensitive, at, {});
    }
    if (defaultNode && read.optional) session.report(inputCodes.optionalWithDefault, keyRange, { name: key });
    const mayLack = read.optional && !defaultNode;
    setOwn(inputs, key, {
      schema,
      required: !defaultNode && !read.optional,
      ...defined({
        default: defaultNode ? jsonOf(defaultNode) : undefined,
        sensitive: sensitive ? (true as const) : undefined,
        visibleTo: unlessEmpty(visibleTo),
        amend: read.amend,
      }),
    });
    const field = fieldOf(schema, sensitive, mayLack);
    fields.set(key, field);
    // Whoever writes it as it should be called is not told that there is no such input.
    if (!fits && !entries.some((other) => other.key === camelCase(key))) fields.set(camelCase(key), field);
  }
  return { inputs, type: { kind: 'object', fields }, entries };
}

function fieldOf(schema: Input['schema'], sensitive: boolean, mayLack: boolean): Field {
  const { type, nullable } = typeOfSchema(schema);
  return {
    type: sensitive ? { kind: 'sealed', of: type } : type,
    ...defined({
      optional: mayLack ? true : undefined,
      nullable: nullable ? true : undefined,
      description: typeof schema.description === 'string' ? schema.description : undefined,
    }),
  };
}

function peopleOf(node: Node | undefined, session: CompileSession): string[] {
  if (node?.kind !== 'list') return [];
  for (const item of node.items) session.checkPerson(item, '`visibleTo`');
  return node.items.map(textOf).filter((text) => text !== undefined);
}

/** Inputs that nothing uses. A ticket's or schedule's giving one a value is no use of it. */
export function reportUnused(entries: readonly Entry[], session: CompileSession): void {
  for (const { key, keyRange } of entries) {
    // What no expression could name is told already, and not to be named in one.
    if (reservedWords.has(key) || !idPattern.test(key)) continue;
    if (!session.shared.usedInputs.has(key)) session.report(inputCodes.unusedInput, keyRange, { name: key });
  }
}
