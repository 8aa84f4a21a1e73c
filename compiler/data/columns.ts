/** What each column of a data file holds: by one word, or by a schema as inputs have it. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/data.ts';
import * as inputCodes from '../diagnostics/registry/inputs.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { readInputSchema } from '../runbook/input-schema.ts';
import { inputSchemaKeywords } from '../schema/inputs.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { entryOf, type MapNode, type Node, setOwn, textOf } from '../source/tree.ts';

const words: Record<string, JsonSchema> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  time: { type: 'string', format: 'date-time' },
  email: { type: 'string', format: 'email' },
};

export const columnWords = Object.keys(words);

/** The schema of one row. */
export function readColumns(node: MapNode, session: CompileSession): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const { key, value } of node.entries) {
    const column = readColumn(value, key, session);
    if (!column) continue;
    setOwn(properties, key, column.schema);
    if (!column.optional) required.push(key);
  }
  return { type: 'object', properties, ...defined({ required: unlessEmpty(required) }) };
}

/** Neither kept from anybody nor changed in a run: what stands in git is known to all who read it. */
const notOfData = ['sensitive', 'visibleTo', 'amend', 'default'];

export function readColumn(
  node: Node,
  column: string,
  session: CompileSession,
): { schema: JsonSchema; optional: boolean } | undefined {
  const word = textOf(node);
  if (word === undefined || node.broken) {
    const read = readInputSchema(node, `the column \`${column}\``, session);
    for (const key of notOfData) {
      const entry = node.kind === 'map' ? entryOf(node, key) : undefined;
      const known = [...Object.keys(inputSchemaKeywords), 'optional'].filter(
        (each) => !notOfData.includes(each),
      );
      if (entry)
        session.report(inputCodes.unknownKeyword, entry.keyRange, {
          key,
          where: `the column \`${column}\``,
          known,
        });
    }
    return read && { schema: read.schema, optional: read.optional };
  }
  const schema = Object.hasOwn(words, word) ? words[word] : undefined;
  if (schema) return { schema, optional: false };
  const params = { value: word, column, known: columnWords };
  session.report(codes.unknownColumnType, node, params, { suggestion: nearest(word, columnWords) });
  return undefined;
}
