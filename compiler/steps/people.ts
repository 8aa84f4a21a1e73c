/** Who is asked: literal people and roles are checked now, expressions give them later. */

import type { JsonSchema, Template } from '../../plan/plan.ts';
import type { Reading } from '../scope/reading.ts';
import { type Node, textOf } from '../source/tree.ts';
import { readTemplate, readText } from '../values/template.ts';

export function readPerson(node: Node, where: string, reading: Reading): Template {
  const text = textOf(node);
  if (text === undefined || !text.includes('${{')) {
    reading.session.checkPerson(node, where);
    return text ?? '';
  }
  return readText(node, { where }, reading);
}

/** One person or a list of them. An expression that stands alone may give a list only inside `to`. */
export function readPeople(node: Node | undefined, where: string, reading: Reading): Template[] {
  if (!node || node.broken) return [];
  if (node.kind === 'list') return node.items.map((item) => readPerson(item, where, reading));
  return node.kind === 'scalar' ? [readPerson(node, where, reading)] : [];
}

const peopleSchema: JsonSchema = {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
};

export function readPeopleTemplate(node: Node | undefined, where: string, reading: Reading): Template {
  if (!node || node.broken) return '';
  if (node.kind === 'list') return readPeople(node, where, reading);
  const text = textOf(node);
  if (text?.includes('${{')) return readTemplate(node, peopleSchema, { where }, reading);
  reading.session.checkPerson(node, where);
  return text ?? '';
}
