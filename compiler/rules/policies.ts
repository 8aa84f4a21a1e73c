/**
 * Policies: rules in `countersign.yaml` that every runbook must keep, as expressions over the plan.
 *
 * `step` stands for each step in turn, those of called runbooks included; `runbook` is the runbook they belong to; `steps`
 * are all of them. A policy that does not mention `step` is asked once for the runbook.
 */

import type { ASTNode } from '@marcbachmann/cel-js';
import { defined } from '../../plan/defined.ts';
import { templateText } from '../../plan/durations-and-quorums.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Cel, Plan } from '../../plan/plan.ts';
import { kindsInOrder } from '../../plan/step-descriptions.ts';
import * as codes from '../diagnostics/registry/configuration.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { parseAst } from '../expressions/environment.ts';
import { evaluator } from '../expressions/evaluate.ts';
import { bool, int, listType, nameOf, objectType, string, type Type } from '../expressions/types.ts';
import { type ActingLeaf, actingLeaves } from '../gates/acting-leaves.ts';
import { analyseGates, type Gate, type GatedStep } from '../gates/analyse.ts';
import { kinds } from '../schema/runbook.ts';
import { CompileSession } from '../scope/compile-session.ts';
import { Reading } from '../scope/reading.ts';
import { ScopeAt } from '../scope/scope-at.ts';
import { childOf, type Node, textOf } from '../source/tree.ts';
import { readExpression } from '../values/template.ts';

export interface Policy {
  name: string;
  description?: string;
  for?: Cel;
  rule: Cel;
  message?: string;
  /** Asked for each step, not once for the runbook. */
  eachStep: boolean;
}

export interface Violation {
  policy: Policy;
  /** Absent when the policy is about the runbook as a whole. */
  step?: GatedStep;
  /** Why the rule could not be asked at all. */
  problem?: string;
}

const oneOf = (...values: string[]): Type => ({ kind: 'string', values });

const gateType = objectType({
  id: string,
  title: string,
  signers: listType(string),
  quorum: int,
  rule: oneOf('number', 'majority', 'all'),
  escalatesTo: string,
});
const leafType = objectType({
  path: string,
  source: oneOf('input', 'ticket', 'step', 'event', 'task'),
  amend: oneOf('none', 'free', 'afterwards'),
});
const stepType = objectType({
  id: string,
  title: string,
  kind: oneOf(...kindsInOrder),
  action: string,
  effect: oneOf('read', 'write', 'destructive', 'none'),
  runbook: string,
  part: oneOf('steps', 'finally'),
  undo: bool,
  reads: listType(leafType),
  gates: listType(gateType),
  afterwards: listType(gateType),
});
const runbookType = objectType({
  name: string,
  title: string,
  kind: oneOf(...kinds),
  owner: string,
  triggers: listType(oneOf('ticket', 'manual', 'schedule')),
});

export function readPolicies(node: Node | undefined, reporter: Reporter): Policy[] {
  if (node?.kind !== 'list') return [];
  const session = new CompileSession(reporter, {
    catalogue: new Map(),
    runbooks: { names: () => [], find: () => 'unknown' },
  });
  const names = new Map<string, Type>([
    ['runbook', runbookType],
    ['step', stepType],
    ['steps', listType(stepType)],
  ]);
  const reading = new Reading(ScopeAt.start(session.shared, names).with({ view: 'trigger' }), session);
  const policies: Policy[] = [];
  for (const [index, item] of node.items.entries()) {
    const read = (key: string) => {
      const part = childOf(item, key);
      const found = part && !part.broken && readExpression(part, `\`${key}\` of a policy`, reading);
      if (found && found.type.kind !== 'bool' && found.type.kind !== 'dyn')
        reporter.report(codes.policyNotTrueOrFalse, part, { key, is: nameOf(found.type) });
      return found || undefined;
    };
    const [about, rule] = [read('for'), read('rule')];
    if (!rule) continue;
    const [description, message] = ['description', 'message'].map((key) => textOf(childOf(item, key)));
    policies.push({
      name: textOf(childOf(item, 'name')) ?? `policy ${index + 1}`,
      ...defined({ description, for: about ? about.cel : undefined }),
      rule: rule.cel,
      ...defined({ message }),
      eachStep: mentions(rule.ast, 'step') || (about !== undefined && mentions(about.ast, 'step')),
    });
  }
  return policies;
}

/** What a plan breaks. `find` gives the plans it calls. */
export function violationsOf(
  plan: Plan,
  policies: readonly Policy[],
  find: (runbook: string) => Plan | undefined,
): Violation[] {
  if (policies.length === 0) return [];
  const analysis = analyseGates(plan, find);
  const asksOfReads = policies.some((policy) => `${policy.for} ${policy.rule}`.includes('reads'));
  const reads = asksOfReads ? actingLeaves(plan, find) : new Map<string, ActingLeaf[]>();
  const steps = analysis.steps.map((step) => stepValue(step, reads.get(step.id) ?? []));
  const variables = { runbook: runbookValue(plan), steps };
  const violations: Violation[] = [];
  for (const policy of policies) {
    if (!analysis.complete)
      violations.push({ policy, problem: 'its runbooks call each other too often to look at every step' });
    for (const [index, step] of (policy.eachStep ? analysis.steps : [undefined]).entries()) {
      const about = step ? { ...variables, step: steps[index] } : variables;
      const found = ask(policy, about);
      if (found !== true)
        violations.push({
          policy,
          ...defined({ step, problem: found === false ? undefined : found }),
        });
    }
  }
  return violations;
}

function ask(policy: Policy, variables: Record<string, unknown>): boolean | string {
  try {
    const concerns = policy.for === undefined || compute(policy.for, variables) === true;
    return !concerns || compute(policy.rule, variables) === true;
  } catch (error) {
    return (error as { summary?: string }).summary ?? errorText(error);
  }
}

function compute(source: Cel, variables: Record<string, unknown>): unknown {
  return evaluator(parseAst(source))(variables);
}

function stepValue(
  { id, step, runbook, part, gates, afterwards }: GatedStep,
  reads: readonly ActingLeaf[],
): Record<string, unknown> {
  const isAction = step.kind === 'action';
  return {
    id,
    title: step.title ?? '',
    kind: step.kind,
    action: isAction ? step.uses : '',
    effect: isAction ? step.effect : 'none',
    runbook,
    part,
    undo: isAction && step.undo !== undefined,
    reads: reads.map(({ path, source, amend = 'none' }) => ({ path, source, amend })),
    gates: gates.map(gateValue),
    afterwards: afterwards.map(gateValue),
  };
}

function gateValue({ id, step }: Gate): Record<string, unknown> {
  return {
    id,
    title: step.title ?? '',
    signers: step.from.map(templateText),
    // A majority, or all, of people who are only known in the run is at least one.
    quorum: BigInt(typeof step.quorum === 'number' ? step.quorum : 1),
    rule: typeof step.quorum === 'number' ? 'number' : step.quorum,
    escalatesTo: step.escalate === undefined ? '' : templateText(step.escalate),
  };
}

function runbookValue({ runbook, title, kind, owner, triggers }: Plan): Record<string, unknown> {
  return { name: runbook, title, kind, owner, triggers: triggers.map(({ type }) => type) };
}

/** Whether an expression means this name, and not an item of `all`, `exists` and the like that is called the same. */
function mentions(part: unknown, name: string): boolean {
  if (Array.isArray(part)) return part.some((each) => mentions(each, name));
  if (typeof part !== 'object' || part === null || !('op' in part)) return false;
  const node = part as ASTNode;
  if (node.op === 'id') return node.args === name;
  if (node.op !== 'rcall') return mentions(node.args, name);
  const [, receiver, given] = node.args;
  const [item] = given;
  const own = given.length > 1 && item?.op === 'id' && item.args === name;
  return mentions(receiver, name) || (!own && mentions(given, name));
}
