/** A form: what people fill in when they do a task or sign, field by field. */
import { defined } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import * as signatures from '../diagnostics/registry/signatures.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import { type Field, objectType, type Type } from '../expressions/types.ts';
import { readInputSchema } from '../runbook/input-schema.ts';
import type { Reading } from '../scope/reading.ts';
import { entryOf, type Node, setOwn } from '../source/tree.ts';

export interface ReadForm {
  form: Record<string, JsonSchema>;
  optional: string[];
  sensitive: string[];
  /** What later expressions see of it. */
  output: Type;
}

/** `on` is what asks for it: "the task". */
export function readForm(node: Node | undefined, on: string, reading: Reading): ReadForm {
  const form: Record<string, JsonSchema> = {};
  const fields: Record<string, Field> = {};
  const optional: string[] = [];
  const sensitive: string[] = [];
  for (const { key, keyRange, value } of node?.kind === 'map' ? node.entries : []) {
    reading.session.checkId(keyRange, key, 'the name of a field', false);
    const read = readInputSchema(value, `the field \`${key}\``, reading.session);
    if (!read) continue;
    const amend = value.kind === 'map' && entryOf(value, 'amend');
    if (amend) reading.report(signatures.amendNothing, amend.keyRange, { what: 'a field of a form', on });
    setOwn(form, key, read.schema);
    if (read.optional) optional.push(key);
    if (read.sensitive) sensitive.push(key);
    const { type, nullable } = typeOfSchema(read.schema);
    setOwn(fields, key, {
      type: read.sensitive ? { kind: 'sealed', of: type } : type,
      ...defined({ optional: read.optional ? true : undefined, nullable: nullable ? true : undefined }),
    });
  }
  return { form, optional, sensitive, output: objectType(fields) };
}
