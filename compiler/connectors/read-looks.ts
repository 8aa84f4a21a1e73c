/** Reads `look`, lists and `mark`: what is asked before anything is done, and of what types `found` and `item` are. */
import type {
  Absent,
  DeclaredList,
  DeclaredRequest,
  Look,
  Mark,
  PageSize,
  Pages,
  ScriptEnd,
  Take,
} from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import { type Field, listType, optionalType, type Type } from '../expressions/types.ts';
import { childOf, entryOf, type MapNode, type Node, numberOf, textOf } from '../source/tree.ts';
import { type ActionReading, typeOf } from './action-reading.ts';
import { schemaOfType } from './field-types.ts';
import { checkTaken } from './held-to-contract.ts';
import { readRequest } from './read-request.ts';

export interface ReadLooks {
  looks: Look[];
  /** Undefined when nothing is looked at. */
  found: Type | undefined;
}

export function readLooks(node: Node | undefined, reading: ActionReading): ReadLooks {
  if (node?.kind === 'map') {
    const read = readLook(node, reading);
    return { looks: [read.look], found: read.look.as ? objectOf({ [read.look.as]: read.type }) : read.type };
  }
  if (node?.kind !== 'list') return { looks: [], found: undefined };
  const looks: Look[] = [];
  const types: Record<string, Type> = {};
  for (const item of node.items) {
    if (item.kind !== 'map') continue;
    const before = Object.keys(types).length > 0 ? { found: objectOf(types) } : {};
    const { look, type } = readLook(item, reading.with(before));
    if (look.as === undefined)
      reading.session.report(codes.listForm, item, {
        what: 'Each of several looks needs a name: `as`. The others see it as `found.NAME`.',
      });
    else types[look.as] = type;
    looks.push(look);
  }
  return { looks, found: objectOf(types) };
}

function objectOf(types: Record<string, Type>): Type {
  const fields = new Map<string, Field>();
  for (const [name, type] of Object.entries(types)) fields.set(name, fieldOf(type));
  return { kind: 'object', fields };
}

export function fieldOf(type: Type): Field {
  return type.kind === 'optional' ? { type: type.of, optional: true, nullable: true } : { type };
}

function readLook(node: MapNode, reading: ActionReading): { look: Look; type: Type } {
  const listNode = childOf(node, 'list');
  const as = textOf(childOf(node, 'as'));
  const absent = readAbsent(childOf(node, 'absent'), reading);
  if (listNode?.kind === 'map') return readListLook(node, listNode, defined({ as, absent }), reading);
  const wrong = entryOf(node, 'pick') ?? entryOf(node, 'where') ?? entryOf(node, 'holds');
  if (wrong)
    reading.session.report(codes.listForm, wrong.keyRange, {
      what: `\`${wrong.key}\` is about the items of a \`list\`, and this look has none.`,
    });
  const read = readRequest(node, { where: 'A look', onlyReads: true }, reading);
  if (!read) reading.session.report(codes.noRequest, node, { where: 'A look' });
  const take = readTake(node, reading.withAnswer(read?.answer), 'what the look takes');
  const type = typeOf(take.type);
  return {
    look: {
      ...defined({ as, absent }),
      ...(read ? { one: { request: asList(read.request, take), ...take } } : {}),
    },
    type: absent?.means === 'empty' ? optionalType(type, 'there is none') : type,
  };
}

/** `take`, with its type: the author's, or what the contract says of it. Without `take`, the body as it is. */
export function readTake(node: MapNode, reading: ActionReading, where: string, known?: JsonSchema): Take {
  const takeNode = childOf(node, 'take');
  const typeNode = childOf(node, 'type');
  const read = takeNode ? reading.expression(takeNode, '`take`') : undefined;
  const own = read?.type ?? fieldTypeOf(reading.names.get('answer'), 'body');
  const found = own?.kind === 'optional' ? own.of : own;
  const type = typeNode || !known ? reading.typeAt(typeNode, takeNode ?? node, found, where) : known;
  if (type && typeNode) checkTaken(type, found, typeNode, reading.session);
  return { take: read?.cel ?? 'answer.body', type: type ?? loose(schemaOfType(found ?? { kind: 'dyn' })) };
}

/** A list is wanted of a script: PowerShell makes nothing of an empty one, and of one with one item that item. */
export function asList(request: DeclaredRequest, { type }: Pick<Take, 'type'>): DeclaredRequest {
  return request.method === 'RUN' && type.type === 'array' ? { ...request, gives: 'list' } : request;
}

function fieldTypeOf(type: Type | undefined, name: string): Type | undefined {
  return type?.kind === 'object' ? type.fields.get(name)?.type : undefined;
}

/** A contract says what fields are called, and seldom that they are there. */
function loose(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === 'required' && Array.isArray(value) ? undefined : value,
  );
}

function readListLook(
  node: MapNode,
  listNode: MapNode,
  known: Pick<Look, 'as' | 'absent'>,
  reading: ActionReading,
): { look: Look; type: Type } {
  const list = readList(listNode, reading);
  const item = typeOf(list.type);
  const ofItem = reading.with({ item });
  const where = ofItem.condition(childOf(node, 'where'), '`where`');
  const holds = ofItem.condition(childOf(node, 'holds'), '`holds`');
  const pick = readPick(childOf(node, 'pick'), ofItem);
  const one = childOf(node, 'one');
  const none = readAbsent(childOf(one, 'none'), reading);
  const several = readAbsent(childOf(one, 'several'), reading);
  const isSure = none !== undefined && none.means !== 'empty';
  const type: Type = pick ? (isSure ? item : optionalType(item, 'the list has none')) : listType(item);
  return { look: { ...known, list, ...defined({ where, holds, pick, none, several }) }, type };
}

function readPick(node: Node | undefined, reading: ActionReading): Look['pick'] {
  const text = textOf(node);
  if (text === 'first' || text === 'only') return { by: text };
  const newest = reading.expression(childOf(node, 'newest'), '`newest`');
  return newest && { by: 'newest', value: newest.cel };
}

export function readList(node: MapNode, reading: ActionReading): DeclaredList {
  const read = readRequest(node, { where: 'A list', onlyReads: true }, reading);
  if (!read) reading.session.report(codes.noRequest, node, { where: 'A list' });
  const answered = reading.withAnswer(read?.answer);
  const itemsNode = childOf(node, 'items');
  const items = answered.expression(itemsNode, '`items`');
  const own = items?.type.kind === 'optional' ? items.type.of : items?.type;
  const found = own?.kind === 'list' ? own.item : undefined;
  const typeNode = childOf(node, 'type');
  const type = reading.typeAt(typeNode, itemsNode ?? node, found, 'an item of the list');
  if (type && typeNode) checkTaken(type, found, typeNode, reading.session);
  const pages = readPages(childOf(node, 'pages'), answered) ?? reading.pages;
  return {
    request: read ? asList(read.request, { type: { type: 'array' } }) : { method: 'GET', path: '/' },
    items: items?.cel ?? 'answer.body',
    type: type ?? loose(schemaOfType(found ?? { kind: 'dyn' })),
    ...defined({ pages }),
    most: numberOf(childOf(node, 'most')) ?? mostItems,
  };
}

const mostItems = 100_000;

export function readPages(node: Node | undefined, reading: ActionReading): Pages | undefined {
  if (node?.kind !== 'map') return undefined;
  const kinds = node.entries.filter(({ key }) => ['next', 'cursor', 'number', 'offset'].includes(key));
  const [entry] = kinds;
  if (kinds.length !== 1 || !entry) {
    reading.session.report(codes.pagesForm, node, {});
    return undefined;
  }
  const size = defined({ size: readPageSize(node) });
  if (entry.key === 'next') {
    if (textOf(entry.value) === 'link header') return { by: 'link', ...size };
    const next = reading.expression(entry.value, '`next`');
    return next && { by: 'next', next: next.cel, ...size };
  }
  if (entry.key === 'cursor') {
    const cursor = reading.expression(entry.value, '`cursor`');
    const as = textOf(childOf(node, 'as'));
    if (as === undefined) reading.session.report(codes.pagesForm, node, {});
    return cursor && as !== undefined ? { by: 'cursor', cursor: cursor.cel, as, ...size } : undefined;
  }
  return readCounted(node, entry.key as 'number' | 'offset', entry.value, reading);
}

function readCounted(
  node: MapNode,
  by: 'number' | 'offset',
  parameter: Node,
  reading: ActionReading,
): Pages | undefined {
  const size = readPageSize(node);
  if (by === 'offset' && !size) {
    reading.session.report(codes.pagesForm, node, {});
    return undefined;
  }
  const total = reading.expression(childOf(node, 'total'), '`total`');
  const last = reading.condition(childOf(node, 'last'), '`last`');
  if (!['total', 'last', 'end'].some((key) => entryOf(node, key)))
    reading.session.report(codes.listEnd, node, {});
  return {
    by,
    parameter: textOf(parameter) ?? '',
    first: numberOf(childOf(node, 'first')) ?? (by === 'number' ? 1 : 0),
    ...defined({ size, total: total?.cel, last }),
  };
}

function readPageSize(node: Node): PageSize | undefined {
  const size = childOf(node, 'size');
  const [sized] = size?.kind === 'map' ? size.entries : [];
  const of = numberOf(sized?.value);
  return sized && of !== undefined ? { parameter: sized.key, of } : undefined;
}

export function readAbsent(node: Node | undefined, reading: ActionReading): Absent | undefined {
  if (node?.kind !== 'map') return undefined;
  const means = textOf(childOf(node, 'means')) as Absent['means'] | undefined;
  const says = reading.text(childOf(node, 'says'), '`says`');
  return means && { means, ...defined({ says }), ...readEnd(node) };
}

/** How a script ended. */
export function readEnd(node: Node): ScriptEnd {
  const several = (name: string) => {
    const value = childOf(node, name);
    return value?.kind === 'list' ? value.items : value ? [value] : undefined;
  };
  const exit = several('exit')?.flatMap((each) => numberOf(each) ?? []);
  const error = several('error')?.flatMap((each) => textOf(each) ?? []);
  return defined({ exit, error });
}

export interface ReadMark {
  mark: Mark;
  item: Type;
  schema: JsonSchema;
  sends: boolean;
}

export function readMark(node: Node | undefined, reading: ActionReading): ReadMark | undefined {
  if (node?.kind !== 'map') return undefined;
  const { session } = reading;
  const showsMs = lengthOf(childOf(node, 'shows'), '`shows`', reading);
  const lastsMs = lengthOf(childOf(node, 'lasts'), '`lasts`', reading);
  if (textOf(childOf(node, 'by')) === 'service')
    return {
      mark: { where: 'false', ...defined({ lastsMs }) },
      item: { kind: 'dyn' },
      schema: {},
      sends: true,
    };
  const listNode = childOf(node, 'list');
  const list = listNode?.kind === 'map' ? readList(listNode, reading) : undefined;
  const of = reading.expression(childOf(node, 'of'), '`of`');
  const { item, schema } = itemOf(list, of?.type);
  const ofItem = reading.with({ item });
  const where = ofItem.condition(childOf(node, 'where'), '`where`') ?? 'false';
  const own = ofItem.condition(childOf(node, 'own'), '`own`');
  if (!/\bkey\b/.test(own ?? where)) session.report(codes.markWithoutKey, childOf(node, 'where') ?? node, {});
  return {
    mark: { where, ...defined({ list, of: of?.cel, own, showsMs, lastsMs }) },
    item,
    schema,
    sends: true,
  };
}

function itemOf(list: DeclaredList | undefined, of: Type | undefined): { item: Type; schema: JsonSchema } {
  if (list) return { item: typeOf(list.type), schema: list.type };
  const own = of?.kind === 'optional' ? of.of : of;
  const item: Type = own?.kind === 'list' ? own.item : (own ?? { kind: 'dyn' });
  return { item, schema: loose(schemaOfType(item)) };
}

export function lengthOf(
  node: Node | undefined,
  where: string,
  { session }: ActionReading,
): number | undefined {
  const length = node && session.duration(node, where, true);
  return length && 'ms' in length ? length.ms : undefined;
}
