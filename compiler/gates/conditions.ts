/** What the outcome of a condition shows of the steps before it. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { serialize } from '@marcbachmann/cel-js';
import type { Cel } from '../../plan/plan.ts';
import { astOf } from '../expressions/ast.ts';
import { pathOf } from '../expressions/facts.ts';

/** `steps.STEP.status` is, or is not, STATUS. */
export interface StatusFact {
  step: string;
  status: string;
  is: boolean;
}

/** One part of a condition that holds, as canonical text. */
export interface Term {
  text: string;
  /** Gives the same answer whenever it is asked in one run. What reads inputs or the ticket does not: they can be amended. */
  stable: boolean;
}

export interface Shown {
  terms: Term[];
  facts: StatusFact[];
}

const nothing: Shown = { terms: [], facts: [] };

/** What is known where a condition of the plan had this outcome. */
export function shownBy(condition: Cel | undefined, outcome: boolean): Shown {
  const ast = condition === undefined ? undefined : astOf(condition);
  return ast ? shown(ast, outcome) : nothing;
}

function shown(node: ASTNode, outcome: boolean): Shown {
  if (node.op === '!_') return shown(node.args, !outcome);
  if ((node.op === '&&' && outcome) || (node.op === '||' && !outcome)) {
    const parts = node.args.map((part) => shown(part, outcome));
    return { terms: parts.flatMap(({ terms }) => terms), facts: parts.flatMap(({ facts }) => facts) };
  }
  const text = serialize(node);
  const term = { text: outcome ? text : `!(${text})`, stable: !namesIn(node).some(isAmendable) };
  const fact = statusFact(node, outcome);
  return { terms: [term], facts: fact ? [fact] : [] };
}

function statusFact(node: ASTNode, outcome: boolean): StatusFact | undefined {
  if (node.op !== '==' && node.op !== '!=') return undefined;
  const [left, right] = node.args;
  const [asked, literal] = right.op === 'value' ? [left, right] : [right, left];
  if (literal.op !== 'value' || typeof literal.args !== 'string') return undefined;
  const { value, otherwise } = withDefault(asked);
  // What stands in for the status of a step that was skipped must not be taken for its own.
  if (otherwise === literal.args) return undefined;
  const step = /^steps\.(\w+)\.status$/.exec(pathOf(value) ?? '')?.[1];
  if (step === undefined) return undefined;
  return { step, status: literal.args, is: (node.op === '==') === outcome };
}

/** `steps.?x.?status.orValue("skipped")`: how the status of a step that may be skipped is read. */
function withDefault(node: ASTNode): { value: ASTNode; otherwise?: unknown } {
  if (node.op !== 'rcall') return { value: node };
  const [name, receiver, [argument]] = node.args;
  if (name !== 'orValue' || argument?.op !== 'value') return { value: node };
  return { value: receiver, otherwise: argument.args };
}

function isAmendable(name: string): boolean {
  return name === 'inputs' || name === 'ticket';
}

/** Every name that an expression mentions, those of `map` and `filter` among them. */
function namesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namesIn);
  if (typeof part !== 'object' || part === null || !('op' in part)) return [];
  const node = part as ASTNode;
  return node.op === 'id' ? [node.args] : namesIn(node.args);
}
