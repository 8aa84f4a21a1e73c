/** Who is asked: literal people and roles are checked now, expressions give them later. */

import type { JsonSchema, Template } from '../../plan/plan.ts';
import type { Context } from '../scope/compile-session.ts';
import type { Flow } from '../scope/flow.ts';
import { type Node, textOf } from '../source/tree.ts';
import { readTemplate, readText } from '../values/template.ts';

export function readPerson(node: Node, where: string, flow: Flow, context: Context): Template {
  const text = textOf(node);
  if (text === undefined || !text.includes('${{')) {
    context.checkPerson(node, where);
    return text ?? '';
  }
  return readText(node, { where }, flow, context);
}

/** One person or a list of them. An expression that stands alone may give a list only inside `to`. */
export function readPeople(node: Node | undefined, where: string, flow: Flow, context: Context): Template[] {
  if (!node || node.broken) return [];
  if (node.kind === 'list') return node.items.map((item) => readPerson(item, where, flow, context));
  return node.kind === 'scalar' ? [readPerson(node, where, flow, context)] : [];
}

const peopleSchema: JsonSchema = {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
};

export function readPeopleTemplate(
  node: Node | undefined,
  where: string,
  flow: Flow,
  context: Context,
): Template {
  if (!node || node.broken) return '';
  if (node.kind === 'list') return readPeople(node, where, flow, context);
  const text = textOf(node);
  if (text?.includes('${{')) return readTemplate(node, peopleSchema, { where }, flow, context);
  context.checkPerson(node, where);
  return text ?? '';
}
