/** Reads `give` and `undo`: what an action hands on, and what takes it back. */
import type { ActionDescription } from '../../plan/catalogue.ts';
import type { DeclaredAction, Given, Refusal } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import { outputTypeOf } from '../expressions/from-schema.ts';
import type { Type } from '../expressions/types.ts';
import { childOf, entryOf, type MapNode, type Node, setOwn, textOf } from '../source/tree.ts';
import type { ActionReading } from './action-reading.ts';
import { schemaOfType } from './field-types.ts';

export interface ReadGive {
  give: Record<string, Given>;
  did: string | undefined;
  sensitive: string[];
  output: JsonSchema;
}

export function readGive(
  node: Node | undefined,
  reading: ActionReading,
  refuse: readonly Refusal[],
): ReadGive {
  const give: Record<string, Given> = {};
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  const sensitive: string[] = [];
  let did: string | undefined;
  for (const { key, keyRange, value } of node?.kind === 'map' ? node.entries : []) {
    if (key === 'did' && value.kind === 'scalar') {
      did = textOf(value) ?? '';
      reading.session.checkId(value, did, "an output's name", false);
      setOwn(properties, did, {
        type: 'boolean',
        description: 'Whether this step did it, over all its attempts.',
      });
      required.push(did);
      continue;
    }
    reading.session.checkId(keyRange, key, "an output's name", false);
    const read = readGiven(value, reading);
    if (!read) continue;
    setOwn(give, key, read.given);
    setOwn(properties, key, read.described);
    if (read.given.required) required.push(key);
    if (read.sensitive) sensitive.push(key);
  }
  if (refuse.some(({ means }) => means === 'skip'))
    setOwn(properties, 'skipped', { type: 'string', description: 'Why nothing was done, where that is so.' });
  return { give, did, sensitive, output: { type: 'object', properties, required } };
}

function readGiven(node: Node, reading: ActionReading) {
  if (node.kind !== 'map') return undefined;
  const read = reading.expression(childOf(node, 'value'), '`value`');
  if (!read) return undefined;
  const optional = read.type.kind === 'optional';
  const schema = schemaOfType(read.type);
  const description = textOf(childOf(node, 'description')) ?? '';
  const flag = childOf(node, 'sensitive');
  return {
    given: {
      value: read.cel,
      schema,
      required: !optional,
      ...defined({ picked: childOf(node, 'picked') ? (true as const) : undefined }),
    } satisfies Given,
    described: { ...schema, description },
    sensitive: flag?.kind === 'scalar' && flag.value === true,
  };
}

export function outputOf({ output, sensitive }: Pick<DeclaredAction, 'output' | 'sensitive'>): Type {
  return outputTypeOf(output, sensitive);
}

/** Read when all actions are known. */
export function readUndo(
  node: MapNode,
  action: DeclaredAction,
  find: (name: string) => ActionDescription | undefined,
  reading: ActionReading,
): DeclaredAction['undo'] {
  const usesNode = childOf(node, 'uses');
  const uses = textOf(usesNode);
  if (uses === undefined || !usesNode) return undefined;
  const target = find(uses);
  const why =
    target === undefined ? 'there is no such action' : target.effect === 'read' ? 'it only reads' : undefined;
  if (why !== undefined) reading.session.report(codes.noUndoAction, usesNode, { name: uses, why });
  const condition = reading.condition(childOf(node, 'if'), '`if`');
  const asks =
    action.did !== undefined && condition !== undefined && new RegExp(`\\b${action.did}\\b`).test(condition);
  if (!asks) reading.session.report(codes.noDid, entryOf(node, 'if')?.value ?? usesNode, {});
  const withNode = childOf(node, 'with');
  const input = withNode
    ? reading.template(withNode, { where: `\`with\` of ${uses}`, sealed: true }, target?.input)
    : {};
  return { uses, with: input, ...defined({ if: condition }) };
}
