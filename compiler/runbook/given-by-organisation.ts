/**
 * Values of the organisation where a plain value must stand: the default, choices or limits of an input, what a ticket trigger
 * waits for, the time zone of a schedule. They are known when the runbook is read, so that the plan has them as if they were written.
 */
import { Optional } from '@marcbachmann/cel-js';
import type { Json } from '../../plan/plan.ts';
import * as inputCodes from '../diagnostics/registry/inputs.ts';
import { evaluator } from '../expressions/evaluate.ts';
import { plain } from '../expressions/functions.ts';
import { partsOf } from '../expressions/interpolation.ts';
import type { Reading } from '../scope/reading.ts';
import type { SourceRange } from '../source/source-file.ts';
import type { Entry, MapNode, Node } from '../source/tree.ts';
import { readExpression } from '../values/template.ts';

/** What a trigger says beside `inputs` and `if`, which are computed when it starts a run. */
const plainTriggerKeys = ['ticket', 'manual', 'schedule'];

/** The same runbook with those values written out. `reading` is where the organisation alone is known. */
export function givenByOrganisation(root: MapNode, reading: Reading): MapNode {
  const values = reading.session.surroundings.configuration?.organisation;
  const filled = (node: Node) => fill(node, values, reading);
  return withChildren(root, (entry) => {
    if (entry.key === 'inputs') return filled(entry.value);
    if (entry.key !== 'on' || entry.value.kind !== 'list') return entry.value;
    const items = entry.value.items.map((item) =>
      item.kind !== 'map'
        ? item
        : withChildren(item, ({ key, value }) => (plainTriggerKeys.includes(key) ? filled(value) : value)),
    );
    return { ...entry.value, items };
  });
}

/** Undefined where the organisation does not say it, and nothing needs to be there. */
function fill(node: Node, values: object | undefined, reading: Reading): Node | undefined {
  if (node.broken) return node;
  if (node.kind === 'map') return withChildren(node, ({ value }) => fill(value, values, reading));
  if (node.kind === 'list') {
    const items = node.items.map((item) => fill(item, values, reading)).filter((item) => item !== undefined);
    return { ...node, items };
  }
  const expression = typeof node.value === 'string' ? expressionIn(node.value) : undefined;
  if (expression === undefined) return node;
  const before = reading.session.reporter.diagnostics.length;
  const read = readExpression(node, 'a value of the organisation', reading);
  // Without a configuration nobody knows what the organisation says.
  if (!read || values === undefined || reading.session.reporter.diagnostics.length > before) return undefined;
  const value = computed(read.ast, values);
  if (value !== undefined) return nodeOf(value, node);
  reading.report(inputCodes.notGiven, node, { expression });
  return undefined;
}

/** The expression that is the whole of a text and names nothing but the organisation. */
function expressionIn(text: string): string | undefined {
  const { parts, unclosed } = partsOf(text.trim());
  const [only] = parts;
  if (unclosed !== undefined || parts.length !== 1 || typeof only !== 'object') return undefined;
  const { expression } = only;
  const isOurs = /\borganisation\b/.test(expression);
  return isOurs && !/\b(inputs|steps|ticket|run|data|secrets)\s*[.[]/.test(expression)
    ? expression.trim()
    : undefined;
}

function computed(ast: Parameters<typeof evaluator>[0], organisation: object): Json | undefined {
  try {
    const value = evaluator(ast)({ organisation });
    return value instanceof Optional && !value.hasValue() ? undefined : plain(value);
  } catch {
    // What is asked for is not there: `organisation.departments.Sales` where nobody has named that department.
    return undefined;
  }
}

function nodeOf(value: Json, at: SourceRange): Node {
  const { start, end } = at;
  if (Array.isArray(value)) return { kind: 'list', start, end, items: value.map((item) => nodeOf(item, at)) };
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([key, own]) => ({
      key,
      keyRange: { start, end },
      value: nodeOf(own, at),
    }));
    return { kind: 'map', start, end, entries };
  }
  return { kind: 'scalar', start, end, value, style: 'quoted', raw: JSON.stringify(value) };
}

function withChildren(node: MapNode, change: (entry: Entry) => Node | undefined): MapNode {
  const entries = node.entries.flatMap((entry) => {
    const value = change(entry);
    return value === undefined ? [] : [{ ...entry, value }];
  });
  return { ...node, entries };
}
