/** Reads what an action does and what follows: `want`, `refuse`, `prepare`, `change`, `answers`, `confirm`, `wait`. */
import type { AnswerRule, DeclaredAction, Refusal, Waiting, Want } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import { type Field, optionalType, type Type } from '../expressions/types.ts';
import { childOf, type Node, setOwn, textOf } from '../source/tree.ts';
import { type ActionReading, typeOf } from './action-reading.ts';
import { asList, fieldOf, lengthOf, readEnd, readList, readTake } from './read-looks.ts';
import { readRequest } from './read-request.ts';

export interface ReadWant {
  want: Want;
  wanted: Type;
  before: Type;
}

export function readWant(node: Node | undefined, reading: ActionReading): ReadWant | undefined {
  if (node?.kind !== 'map') return undefined;
  const fields: Record<string, { is: string; to: string }> = {};
  const wanted = new Map<string, Field>();
  const before = new Map<string, Field>();
  for (const { key, keyRange, value } of node.entries) {
    const is = reading.expression(childOf(value, 'is'), '`is`');
    const to = reading.expression(childOf(value, 'to'), '`to`');
    if (value.kind !== 'map' || !childOf(value, 'is') || !childOf(value, 'to')) {
      reading.session.report(codes.wantForm, keyRange, {});
      continue;
    }
    if (!is || !to) continue;
    setOwn(fields, key, { is: is.cel, to: to.cel });
    wanted.set(key, { ...fieldOf(to.type), optional: true });
    before.set(key, { ...fieldOf(is.type), optional: true, nullable: true });
  }
  return {
    want: { fields },
    wanted: { kind: 'object', fields: wanted },
    before: { kind: 'object', fields: before },
  };
}

export function readRefusals(node: Node | undefined, reading: ActionReading): Refusal[] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((item) => {
    const when = reading.condition(childOf(item, 'when'), '`when`');
    const says = reading.text(childOf(item, 'says'), '`says`');
    const means = textOf(childOf(item, 'means')) === 'skip' ? ('skip' as const) : ('stop' as const);
    return when === undefined || says === undefined ? [] : [{ when, says, means }];
  });
}

export function readPrepare(
  node: Node | undefined,
  found: Type | undefined,
  reading: ActionReading,
): { prepare: DeclaredAction['prepare']; found: Type | undefined } {
  if (node?.kind !== 'list') return { prepare: [], found };
  const prepare: DeclaredAction['prepare'] = [];
  const fields = new Map<string, Field>(found?.kind === 'object' ? found.fields : []);
  for (const item of node.items) {
    if (item.kind !== 'map') continue;
    const own = reading.with({
      found: fields.size > 0 ? { kind: 'object', fields: new Map(fields) } : undefined,
    });
    const read = readRequest(item, { where: 'What is prepared', onlyReads: false, sealed: true }, own);
    const as = textOf(childOf(item, 'as'));
    if (!read || as === undefined) {
      if (!read) reading.session.report(codes.noRequest, item, { where: 'What is prepared' });
      continue;
    }
    const take = readTake(item, own.withAnswer(read.answer), 'what is prepared');
    fields.set(as, { type: typeOf(take.type) });
    prepare.push({ as, request: asList(read.request, take), ...take });
  }
  return { prepare, found: fields.size > 0 ? { kind: 'object', fields } : found };
}

export interface ReadChange {
  change: NonNullable<DeclaredAction['change']>;
  made: Type | undefined;
  answer: Type | undefined;
}

/** `marked` is the schema of what a mark finds. */
export function readChange(
  node: Node | undefined,
  marked: JsonSchema | undefined,
  reading: ActionReading,
): ReadChange | undefined {
  if (node?.kind !== 'map') return undefined;
  const read = readRequest(node, { where: 'A change', onlyReads: false, sealed: true }, reading);
  if (!read) {
    reading.session.report(codes.noRequest, node, { where: 'A change' });
    return undefined;
  }
  const again = textOf(childOf(node, 'again'));
  const known = { request: read.request, ...defined({ again }) };
  const takeNode = childOf(node, 'take');
  if (textOf(takeNode) === 'mark')
    return {
      change: { ...known, take: 'mark', ...defined({ type: marked }) },
      made: marked && typeOf(marked),
      answer: read.answer,
    };
  if (!takeNode) {
    const { request } = read;
    // What nobody takes need not be of any form.
    const gives = request.method === 'RUN' ? ('nothing' as const) : undefined;
    return {
      change: { ...known, request: { ...request, ...defined({ gives }) } },
      made: undefined,
      answer: read.answer,
    };
  }
  const take = readTake(node, reading.withAnswer(read.answer), 'what the change takes', marked);
  return {
    change: { ...known, request: asList(read.request, take), ...take },
    made: typeOf(take.type),
    answer: read.answer,
  };
}

export function readAnswers(node: Node | undefined, reading: ActionReading): AnswerRule[] {
  if (node?.kind !== 'list') return [];
  const answered = reading.withAnswer();
  return node.items.flatMap((item) => {
    const means = textOf(childOf(item, 'means')) as AnswerRule['means'] | undefined;
    const when = answered.condition(childOf(item, 'when'), '`when`');
    const says = answered.text(childOf(item, 'says'), '`says`');
    const advice = textOf(childOf(item, 'advice'));
    const status = numbersOf(childOf(item, 'status'));
    return means === undefined
      ? []
      : [{ means, ...defined({ status, when, says, advice }), ...readEnd(item) }];
  });
}

function numbersOf(node: Node | undefined): number[] | undefined {
  if (!node) return undefined;
  const nodes = node.kind === 'list' ? node.items : [node];
  return nodes.flatMap((each) =>
    each.kind === 'scalar' && typeof each.value === 'number' ? [each.value] : [],
  );
}

export function readConfirm(node: Node | undefined, reading: ActionReading): DeclaredAction['confirm'] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((item) => {
    const that = reading.condition(childOf(item, 'that'), '`that`');
    const otherwise = reading.text(childOf(item, 'else'), '`else`');
    return that === undefined || otherwise === undefined ? [] : [{ that, else: otherwise }];
  });
}

export function readWait(node: Node | undefined, reading: ActionReading): Waiting | undefined {
  if (node?.kind !== 'map') return undefined;
  const everyMs = lengthOf(childOf(node, 'every'), '`every`', reading);
  const atMostMs = lengthOf(childOf(node, 'atMost'), '`atMost`', reading);
  const listNode = childOf(node, 'list');
  const list = listNode?.kind === 'map' ? readList(listNode, reading) : undefined;
  const one = list ? undefined : readRequest(node, { where: '`wait`', onlyReads: true }, reading);
  const items: Type | undefined = list && { kind: 'list', item: typeOf(list.type) };
  const asked = one ? reading.withAnswer(one.answer) : reading.with({ items });
  const until = asked.condition(childOf(node, 'until'), '`until`');
  const fails = asked.condition(childOf(node, 'fails'), '`fails`');
  const says = asked.text(childOf(node, 'says'), '`says`');
  if (everyMs === undefined || atMostMs === undefined) return undefined;
  return { everyMs, atMostMs, ...defined({ one: one?.request, list, until, fails, says }) };
}

/** What a change made is not there when nothing had to be done. */
export function madeSoFar(made: Type | undefined, mayBeDone: boolean): Type | undefined {
  return made && mayBeDone ? optionalType(made, 'nothing had to be made') : made;
}
