/** `a.b`, `a["b"]`, `a[0]`, and what is special about `steps.x`. */

import type { ASTNode } from '@marcbachmann/cel-js';
import { defined } from '../../plan/defined.ts';
import { descriptionOf } from '../../plan/step-descriptions.ts';
import * as expressions from '../diagnostics/registry/expressions.ts';
import * as references from '../diagnostics/registry/references.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Checking } from './checking.ts';
import { pathOf } from './facts.ts';
import type { StepInfo, StepProblem } from './scope.ts';
import { dyn, type Field, listType, nameOf, objectType, optionalType, string, type Type } from './types.ts';

type Access = Extract<ASTNode, { op: '.' | '.?' | '[]' | '[?]' }>;

export function isStepReference(node: Access, checker: Checking): boolean {
  const root = node.args[0];
  if (isStepRoot(root, checker)) return true;
  return isAccess(root) && isStepRoot(root.args[0], checker);
}

function isStepRoot(node: ASTNode, checker: Checking): boolean {
  return (
    node.op === 'id' &&
    node.args === 'steps' &&
    !checker.locals.has('steps') &&
    // In a policy, `steps` is a list.
    !checker.scope.names.has('steps')
  );
}

function isAccess(node: ASTNode): node is Access {
  return node.op === '.' || node.op === '.?' || node.op === '[]' || node.op === '[?]';
}

/** `steps.x`, or `steps.x.FIELD`. */
export function stepReference(node: Access, checker: Checking): Type {
  const inner = node.args[0];
  if (!isAccess(inner) || isStepRoot(inner, checker)) return wholeStep(node, checker);
  const id = constantKey(inner);
  const field = constantKey(node);
  if (id === undefined || field === undefined) return refuseIndex(node, checker);
  const found = checker.scope.findStep(id);
  if ('problem' in found) return reportStep(inner, id, found, checker);
  return stepField({ node, reference: inner, id, field }, found, checker);
}

function wholeStep(node: Access, checker: Checking): Type {
  const id = constantKey(node);
  if (id === undefined) return refuseIndex(node, checker);
  const found = checker.scope.findStep(id);
  if ('problem' in found) return reportStep(node, id, found, checker);
  const { info } = found;
  const type = objectType({
    status: string,
    ...defined({
      output: info.output
        ? { type: info.output, ...defined({ optional: info.outputMayLack ? true : undefined }) }
        : undefined,
      approvers:
        info.kind === 'approve'
          ? { type: listType(string), ...defined({ optional: info.approversMayLack ? true : undefined }) }
          : undefined,
    }),
  });
  if (found.maybe === undefined || checker.facts.has(`steps.${id}`)) return type;
  makeOptional(node, checker);
  return optionalType(type, found.maybe);
}

function stepField(
  { node, reference, id, field }: { node: Access; reference: Access; id: string; field: string },
  found: { info: StepInfo; maybe?: string },
  checker: Checking,
): Type {
  const { info } = found;
  const maybe = checker.facts.has(`steps.${id}`) ? undefined : found.maybe;
  if (field === 'status') {
    const status: Type = { kind: 'string', values: info.statuses };
    if (maybe === undefined) return status;
    makeOptional(reference, checker);
    makeOptional(node, checker);
    // A step that did not run has a status all the same, so that an author can ask for it.
    if (node.op === '.' || node.op === '[]') checker.edits.insert(node.end, '.orValue("skipped")');
    return node.op === '.' || node.op === '[]' ? status : optionalType(status, maybe);
  }
  const known = checker.facts.has(`steps.${id}.${field}`);
  const result = resultOf(node, id, field, info, checker);
  if (!result) return dyn;
  const lack = maybe ?? (known ? undefined : result.mayLack);
  if (lack === undefined && node.op !== '.?' && node.op !== '[?]') {
    // Only what nothing else makes sure of forbids an operator to skip the step.
    if (!known) checker.scope.need(info);
    return result.type;
  }
  if (maybe !== undefined) makeOptional(reference, checker);
  makeOptional(node, checker);
  return optionalType(result.type, lack);
}

function resultOf(
  node: Access,
  id: string,
  field: string,
  info: StepInfo,
  checker: Checking,
): { type: Type; mayLack?: string | undefined } | undefined {
  if (field === 'output' && info.output) return { type: info.output, mayLack: info.outputMayLack };
  if (field === 'approvers' && info.kind === 'approve')
    return { type: listType(string), mayLack: info.approversMayLack };
  const at = { start: node.end - field.length, end: node.end };
  const has = [
    'status',
    ...(info.output ? ['output'] : []),
    ...(info.kind === 'approve' ? ['approvers'] : []),
  ];
  if (field === 'output') {
    const { words, wordsWithoutOutput } = descriptionOf(info);
    checker.report(references.noOutput, at, { id, kind: wordsWithoutOutput ?? words, has });
  } else if (field === 'outputs' && info.output) {
    checker.report(references.outputsForOutput, at, { id }, { suggestion: 'output' });
  } else {
    const inOutput = info.output?.kind === 'object' && info.output.fields.has(field);
    const suggestion = inOutput ? `output.${field}` : nearest(field, has);
    checker.report(references.unknownStepField, at, { id, field, known: has, inOutput }, { suggestion });
  }
  return undefined;
}

function reportStep(node: Access, id: string, found: { problem: StepProblem }, checker: Checking): Type {
  const { problem } = found;
  const at = { start: Math.max(node.start, node.end - id.length), end: node.end };
  switch (problem.kind) {
    case 'later':
      checker.report(references.laterStep, at, { id, line: problem.line });
      break;
    case 'branch':
      checker.report(references.otherBranch, at, { id, line: problem.line });
      break;
    case 'else':
      checker.report(references.elseStep, at, { id, line: problem.line });
      break;
    case 'self':
      checker.report(references.ownStep, at, { id });
      break;
    case 'inner':
      checker.report(references.innerStep, at, { id, line: problem.line, container: problem.container });
      break;
    case 'unnamed':
      checker.report(references.unknownStep, at, { id, known: checker.scope.stepNames() });
      break;
    case 'unknown':
      checker.report(
        references.unknownStep,
        at,
        { id, known: checker.scope.stepNames() },
        {
          suggestion: nearest(id, problem.known),
        },
      );
  }
  return dyn;
}

/** A field, key or item of anything but `steps`. */
export function accessField(node: Access, checker: Checking): Type {
  const object = node.args[0];
  if (object.op === 'id' && object.args === 'secrets' && !checker.locals.has('secrets')) {
    checker.report(expressions.secretHere, node.range, { name: constantKey(node) ?? 'NAME' });
    return dyn;
  }
  const isAsked = checker.asked === node;
  const type = checker.check(object);
  const key = constantKey(node);
  if (key === undefined) checkIndex(node, type.kind === 'optional' ? type.of : type, checker);
  if (object.op === 'id' && object.args === 'inputs' && key !== undefined) checker.scope.useInput(key);
  const isWritten = node.op === '.?' || node.op === '[?]';
  if (type.kind === 'optional') {
    makeOptional(node, checker);
    const inner = member(node, type.of, key, checker);
    if (inner.nullable) checker.edits.insert(node.end, '.nonNull()');
    return optionalType(inner.type, type.why);
  }
  const { type: found, mayLack, nullable } = member(node, type, key, checker);
  const path = pathOf(node);
  const known = path !== undefined && checker.facts.has(path);
  if (known && !isWritten) return found;
  const mayBeShort = isAsked && type.kind === 'list';
  const lack = mayLack ?? (isWritten || mayBeShort || (checker.soft && type.kind === 'dyn') ? '' : undefined);
  if (lack === undefined) return found;
  makeOptional(node, checker);
  if (nullable) checker.edits.insert(node.end, '.nonNull()');
  return optionalType(found, lack || undefined);
}

interface Member {
  type: Type;
  mayLack?: string | undefined;
  nullable?: boolean | undefined;
}

function member(node: Access, type: Type, key: string | undefined, checker: Checking): Member {
  switch (type.kind) {
    case 'dyn':
    case 'any':
      return { type: dyn };
    case 'object':
      return memberOfObject(node, type, key, checker);
    case 'map':
      return { type: type.value, mayLack: 'nobody knows before the run which keys there are' };
    case 'list':
      if (key === undefined) return { type: type.item };
      break;
    case 'sealed':
      checker.report(expressions.sealedUsed, node.args[0].range, { text: checker.text(node.args[0]) });
      return { type: dyn };
  }
  const params = { field: key ?? '', of: checker.text(node.args[0]), is: nameOf(type) };
  if (key === undefined) {
    const index = node.args[1];
    const text = typeof index === 'string' ? index : checker.text(index);
    checker.report(expressions.wrongIndex, node.range, {
      of: params.of,
      is: params.is,
      index: `\`${text}\``,
    });
  } else if (node.op === '[]' || node.op === '[?]') {
    checker.report(expressions.wrongIndex, node.range, { of: params.of, is: params.is, index: `"${key}"` });
  } else {
    checker.report(expressions.noFields, node.range, params);
  }
  return { type: dyn };
}

function memberOfObject(
  node: Access,
  type: Type & { kind: 'object' },
  key: string | undefined,
  checker: Checking,
): Member {
  if (key === undefined) return { type: dyn, mayLack: 'nobody knows before the run which field it is' };
  const field: Field | undefined = type.fields.get(key);
  if (field) {
    const mayLack = field.optional
      ? optionalReason(node, key)
      : field.nullable
        ? 'the service may leave it empty'
        : undefined;
    return { type: field.type, mayLack, nullable: field.nullable };
  }
  if (type.more) return { type: type.more, mayLack: 'nobody knows before the run which keys there are' };
  const known = [...type.fields.keys()];
  const at =
    node.op === '.' || node.op === '.?' ? { start: node.end - key.length, end: node.end } : node.range;
  const params = { field: key, of: checker.text(node.args[0]), known };
  checker.report(expressions.unknownField, at, params, { suggestion: nearest(key, known) });
  return { type: dyn };
}

function optionalReason(node: Access, key: string): string {
  const object = node.args[0];
  return object.op === 'id' && object.args === 'inputs'
    ? `the input \`${key}\` is optional`
    : `\`${key}\` is not always given`;
}

/** A list has positions; what has fields or keys has texts. */
function checkIndex(node: Access, object: Type, checker: Checking): void {
  const index = node.args[1];
  if (typeof index === 'string') return;
  const type = checker.definite(index);
  const hasPositions = object.kind === 'list';
  const hasKeys = object.kind === 'object' || object.kind === 'map';
  if (type.kind === 'dyn' || (type.kind === 'int' && !hasKeys) || (type.kind === 'string' && !hasPositions))
    return;
  const is = hasPositions || hasKeys ? nameOf(object) : 'no list';
  checker.report(expressions.wrongIndex, index.range, {
    of: checker.text(node.args[0]),
    is,
    index: nameOf(type),
  });
}

function refuseIndex(node: Access, checker: Checking): Type {
  checker.report(references.stepsAlone, node.range, {});
  return dyn;
}

/** The name behind the dot, or the constant text in the brackets. */
function constantKey(node: Access): string | undefined {
  const key = node.args[1];
  if (typeof key === 'string') return key;
  return key.op === 'value' && typeof key.args === 'string' ? key.args : undefined;
}

/** Writes the `?` of CEL's optional access, unless the author did. */
function makeOptional(node: Access, checker: Checking): void {
  if (node.op === '.?' || node.op === '[?]') return;
  const at = checker.source.indexOf(node.op === '.' ? '.' : '[', node.args[0].end);
  if (at !== -1) checker.edits.insert(at + 1, '?');
}
