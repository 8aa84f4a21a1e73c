/** Which leaves an approval's `show` tells without loss: who reads it knows the value itself. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { itemPath } from '../../plan/leaf-paths.ts';
import type { Cel, Template } from '../../plan/plan.ts';
import { astOf } from '../expressions/ast.ts';
import { type Names, readNode } from './leaves.ts';

/** Calls that show all of a value, in another form. */
const lossless = new Set(['default', 'orValue', 'nonNull', 'join', 'toJson', 'string', 'dyn']);

/** Paths of which everything is shown. */
export function shownBy(template: Template | undefined, names: Names): Set<string> {
  const shown = new Set<string>();
  const visit = (part: Template | undefined): void => {
    if (part === null || typeof part !== 'object') return;
    if (Array.isArray(part)) for (const each of part) visit(each);
    else if (typeof part.$expr === 'string') for (const path of ofSource(part.$expr, names)) shown.add(path);
    else for (const each of Object.values(part)) visit(each);
  };
  visit(template);
  return shown;
}

function ofSource(source: Cel, names: Names): Set<string> {
  const node = astOf(source);
  return node ? ofNode(node, names) : new Set();
}

function ofNode(node: ASTNode, names: Names): Set<string> {
  const each = (parts: readonly ASTNode[]) => new Set(parts.flatMap((part) => [...ofNode(part, names)]));
  switch (node.op) {
    case 'id':
    case '.':
    case '.?':
      return pathsOf(node, names);
    case '[]':
    case '[?]': {
      const [, key] = node.args;
      // One item of a list says nothing of the others.
      return key.op === 'value' && typeof key.args === 'string' ? pathsOf(node, names) : new Set();
    }
    case '+':
    case 'list':
      return each(node.args);
    case 'map':
      return each(node.args.map(([, value]) => value));
    case 'call':
      return lossless.has(node.args[0]) ? each(node.args[1]) : new Set();
    case 'rcall':
      return ofMethod(node.args, names);
    case '?:':
      return ofChoice(node.args, names);
    default:
      return new Set();
  }
}

function ofMethod([name, receiver, args]: [string, ASTNode, ASTNode[]], names: Names): Set<string> {
  if (name === 'map' && args.length === 2) {
    const [variable, body] = args;
    if (variable?.op !== 'id' || !body || !isPath(receiver)) return new Set();
    const paths = [...pathsOf(receiver, names)].map((path) => ({ text: itemPath(path) }));
    return ofNode(body, new Map([...names, [variable.args, { paths }]]));
  }
  return lossless.has(name) ? ofNode(receiver, names) : new Set();
}

/** Both branches show it; or one does, and in the other it is the very text that the condition compares it with. */
function ofChoice([condition, then, otherwise]: [ASTNode, ASTNode, ASTNode], names: Names): Set<string> {
  const [first, second] = [then, otherwise].map((part) => ofNode(part, names));
  const both = new Set([...(first ?? [])].filter((path) => second?.has(path)));
  if (condition.op !== '==' && condition.op !== '!=') return both;
  const [left, right] = condition.args;
  const [asked, literal] = right.op === 'value' ? [left, right] : [right, left];
  if (literal.op !== 'value') return both;
  const told = condition.op === '==' ? second : first;
  for (const path of pathsOf(asked, names)) if (told?.has(path)) both.add(path);
  return both;
}

function isPath(node: ASTNode): boolean {
  if (node.op === 'id') return true;
  if (node.op === '.' || node.op === '.?') return isPath(node.args[0]);
  if (node.op === '[]' || node.op === '[?]')
    return isPath(node.args[0]) && node.args[1].op === 'value' && typeof node.args[1].args === 'string';
  return false;
}

/** What a plain path reads, in full. */
function pathsOf(node: ASTNode, names: Names): Set<string> {
  return isPath(node) ? readNode(node, names) : new Set();
}
