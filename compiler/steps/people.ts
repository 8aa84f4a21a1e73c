/** Who is asked: literal people and roles are checked now, expressions give them later. */

import type { ASTNode } from '@marcbachmann/cel-js';
import type { JsonSchema, Template } from '../../plan/plan.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { astOf } from '../expressions/ast.ts';
import { partsOf } from '../expressions/interpolation.ts';
import type { Reading } from '../scope/reading.ts';
import { type Node, textOf } from '../source/tree.ts';
import { readTemplate, readText } from '../values/template.ts';

export function readPerson(node: Node, where: string, reading: Reading): Template {
  const text = textOf(node);
  if (text === undefined || !text.includes('${{')) {
    reading.session.checkPerson(node, where);
    return text ?? '';
  }
  // Whoever is left out may be nobody; whoever is asked may not.
  if (isLeftOut(where)) return readText(node, { where, fallback: '""' }, reading);
  reportNobody(node, where, reading);
  return readText(node, { where, fallback: JSON.stringify(someRole(reading)) }, reading);
}

function isLeftOut(where: string): boolean {
  return where === '`except`';
}

/** A role to name in advice: one that the house has, and not the runbook's own operators where there is another. */
function someRole({ session }: Reading): string {
  const names = Object.keys(session.surroundings.configuration?.roles ?? {});
  const name =
    names.find((each) => /manage/.test(each)) ?? names.find((each) => !/coordinat/.test(each)) ?? names[0];
  return `role:${name ?? 'it-managers'}`;
}

/** `.orValue("")` is what an absent text is told to become elsewhere; here it would ask nobody. */
function reportNobody(node: Node, where: string, reading: Reading): void {
  for (const part of partsOf(textOf(node) ?? '').parts) {
    const ast = typeof part === 'string' ? undefined : astOf(part.expression);
    if (ast && mayBeEmpty(ast))
      reading.report(flowCodes.nobodyInstead, node, { where: capital(where), role: someRole(reading) });
  }
}

function mayBeEmpty(node: ASTNode): boolean {
  switch (node.op) {
    case 'value':
      return node.args === '';
    case 'rcall':
      return node.args[0] === 'orValue' && node.args[2].some(mayBeEmpty);
    case 'call':
      return node.args[0] === 'default' && node.args[1].slice(1).some(mayBeEmpty);
    case '?:':
      return node.args.slice(1).some(mayBeEmpty);
    default:
      return false;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
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
  if (text?.includes('${{')) {
    reportNobody(node, where, reading);
    return readTemplate(node, peopleSchema, { where, fallback: JSON.stringify(someRole(reading)) }, reading);
  }
  reading.session.checkPerson(node, where);
  return text ?? '';
}
