/** Values that a repeat remembers from round to round: what they begin with, and what they are set to. */
import type { Json, Template } from '../../plan/plan.ts';
import * as expressions from '../diagnostics/registry/expressions.ts';
import { fallbackFor } from '../expressions/check.ts';
import { typeOfJson } from '../expressions/from-json.ts';
import { dyn, string, type Type } from '../expressions/types.ts';
import type { Reading } from '../scope/reading.ts';
import { jsonOf, type Node, textOf } from '../source/tree.ts';
import { readTemplate } from './template.ts';

export interface Remembered {
  template: Template;
  type: Type;
  /** As its author wrote it, for messages. */
  text: string;
}

export function readRemembered(node: Node, where: string, reading: Reading): Remembered {
  const types: Type[] = [];
  const template = readTemplate(node, undefined, { where, onType: (type) => types.push(type) }, reading);
  const isWhole = typeof template === 'object' && template !== null && '$expr' in template;
  const text = isWhole ? String(template.$expr) : (textOf(node) ?? 'the value');
  const [type = dyn] = types;
  if (!isWhole) return { template, type: typeOf(node, types), text };
  if (type.kind !== 'optional') return { template, type, text };
  reading.report(expressions.mayBeAbsent, node, { text, why: type.why, fallback: fallbackFor(type.of) });
  return { template, type: type.of, text };
}

function typeOf(node: Node, computed: readonly Type[]): Type {
  if (textOf(node) !== undefined && typeof jsonOf(node) === 'string') return string;
  // A list or a map with expressions in it is looked at where it is used.
  return computed.length > 0 ? dyn : typeOfJson(jsonOf(node) as Json);
}
