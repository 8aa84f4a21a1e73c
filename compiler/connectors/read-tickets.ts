/** Reads `tickets.yaml`: how a ticket system signs what it sends, what a delivery says, and what its administrator does. */
import type {
  DeclaredPerson,
  DeclaredReading,
  DeclaredTicketSystem,
  Signing,
  TicketSample,
} from '../../plan/declared-tickets.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonObject, JsonSchema, Template } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { dyn, listType, string } from '../expressions/types.ts';
import { checkNode } from '../schema/check.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { childOf, describeNode, entryOf, jsonOf, type MapNode, type Node, textOf } from '../source/tree.ts';
import { ActionReading, typeOf } from './action-reading.ts';
import { fieldsSchema, type NamedTypes, readField, readTypes } from './field-types.ts';
import { ticketsSchema } from './tickets-schema.ts';

/** Readers that ship in TypeScript, in `tickets/`. */
export const ticketReaders = ['jira', 'servicenow'];

export function readTickets(
  root: Node,
  connector: string,
  session: CompileSession,
): DeclaredTicketSystem | undefined {
  if (root.kind !== 'map') {
    session.report(structure.wrongKind, root, {
      where: 'A ticket system',
      takes: 'a set of keys',
      is: describeNode(root),
    });
    return undefined;
  }
  checkNode(root, ticketsSchema, 'a ticket system', { reporter: session.reporter });
  const nameNode = childOf(root, 'tickets');
  const name = textOf(nameNode) ?? '';
  if (nameNode && name !== connector)
    session.report(codes.connectorFolder, nameNode, {
      what: `The ticket system calls itself "${name}", and its folder is ${connector}. Give them one name.`,
    });
  const types = readTypes(childOf(root, 'types'), session);
  const bodyNode = childOf(root, 'body');
  const body: JsonSchema = bodyOf(bodyNode, types, session);
  const around = { types, contract: undefined, languages: {}, pages: undefined, scripts: undefined };
  const start = new ActionReading(session, around, new Map());
  const reading = start.with({ body: bodyNode ? typeOf(body) : dyn });
  const reader = readerOf(root, session);
  return {
    name,
    title: textOf(childOf(root, 'title')) ?? name,
    words: (objectOf(childOf(root, 'words')) ?? {}) as Record<string, string>,
    signed: itemsOf(childOf(root, 'signed')).flatMap((item) => signingOf(item, session) ?? []),
    ...defined({ reader }),
    body,
    reads: readReadings(root, reading),
    setup: readSetup(childOf(root, 'setup'), start),
    samples: itemsOf(childOf(root, 'samples')).map((item) => ({
      says: {},
      ...(jsonOf(item) as Partial<TicketSample>),
    })) as TicketSample[],
    file: session.reporter.file.path,
    lines: reading.lines,
  };
}

/** Fields of a body may be called `type`, so that they are no schema. */
function bodyOf(node: Node | undefined, types: NamedTypes, session: CompileSession): JsonSchema {
  if (!node) return {};
  return node.kind === 'map' ? fieldsSchema(node, types, session) : readField(node, types, session).schema;
}

function readerOf(root: MapNode, session: CompileSession): string | undefined {
  const at = childOf(root, 'reader');
  const reader = textOf(at);
  const hasReads = entryOf(root, 'reads') !== undefined;
  const what =
    reader === undefined
      ? hasReads
        ? undefined
        : 'It does not say what deliveries say: add `body` and `reads`.'
      : hasReads
        ? 'A `reader` reads all there is: leave out `reads`.'
        : ticketReaders.includes(reader)
          ? undefined
          : `There is no reader "${reader}". There are ${ticketReaders.join(' and ')}; any other system is read by \`body\` and \`reads\`.`;
  if (what !== undefined)
    session.report(
      codes.ticketReading,
      at ?? childOf(root, 'tickets') ?? root,
      { what },
      {
        suggestion: reader === undefined ? undefined : nearest(reader, ticketReaders),
      },
    );
  return reader;
}

function signingOf(node: Node, session: CompileSession): Signing | undefined {
  const sender = textOf(childOf(node, 'sender'));
  const secret = textOf(childOf(node, 'secretHeader'));
  if (secret !== undefined)
    return { by: 'secret', header: secret.toLowerCase(), shown: secret, ...defined({ sender }) };
  const header = textOf(childOf(node, 'header'));
  if (header === undefined) return undefined;
  const over = (textOf(childOf(node, 'over')) ?? 'body') as 'body';
  const timestamp = textOf(childOf(node, 'timestamp'));
  const clock = textOf(childOf(node, 'clock')) as 'seconds' | undefined;
  if ((over !== 'body') !== (timestamp !== undefined && clock !== undefined))
    session.report(codes.ticketReading, childOf(node, 'over') ?? node, {
      what: 'A signature over a moment needs `timestamp`, its header, and `clock`, how it is written; one over the body alone has neither.',
    });
  return {
    by: 'hmac',
    header: header.toLowerCase(),
    shown: header,
    encoding: (textOf(childOf(node, 'encoding')) ?? 'hex') as 'hex',
    over,
    ...defined({
      timestamp:
        timestamp !== undefined && clock !== undefined
          ? { header: timestamp.toLowerCase(), shown: timestamp, clock }
          : undefined,
      sender,
      advice: textOf(childOf(node, 'advice')),
    }),
  };
}

function readReadings(root: MapNode, reading: ActionReading): DeclaredReading[] {
  const all = partsOf(childOf(root, 'all'), reading);
  return itemsOf(childOf(root, 'reads')).flatMap((node) => {
    if (node.kind !== 'map') return [];
    const as = (textOf(childOf(node, 'as')) ?? 'nothing') as DeclaredReading['as'];
    const own = partsOf(node, reading);
    const rule: DeclaredReading = {
      as,
      ...(as === 'nothing' ? {} : all),
      ...own,
      ...defined({
        when: reading.condition(childOf(node, 'when'), '`when`'),
        says: reading.text(childOf(node, 'says'), '`says`'),
      }),
    };
    const needed = as === 'nothing' ? (['says'] as const) : as === 'transition' ? needsOfMove : needsOfChange;
    const missing = needed.filter((key) => rule[key] === undefined);
    if (missing.length > 0)
      reading.session.report(codes.ticketReading, childOf(node, 'as') ?? node, {
        what: `\`${as}\` needs ${missing.map((key) => `\`${key}\``).join(' and ')}, here or under \`all\`.`,
      });
    return [rule];
  });
}

const needsOfChange = ['key', 'ticket'] as const;
const needsOfMove = ['key', 'ticket', 'to'] as const;

function partsOf(node: Node | undefined, reading: ActionReading): Omit<DeclaredReading, 'as'> {
  if (node?.kind !== 'map') return {};
  const text = (key: string) => reading.text(childOf(node, key), `\`${key}\``);
  const bare = (key: string, type?: 'list') => {
    const read = reading.expression(childOf(node, key), `\`${key}\``);
    const isList = read && ['list', 'dyn', 'never'].includes(read.type.kind);
    if (read && type === 'list' && !isList)
      reading.session.report(codes.ticketReading, childOf(node, key) ?? node, {
        what: `\`${key}\` is a list of the names of fields, and this is none.`,
      });
    return read?.cel;
  };
  const fields = childOf(node, 'fields');
  const more = childOf(node, 'more');
  const one = childOf(node, 'field');
  const [name, value] = [childOf(one, 'name'), childOf(one, 'value')];
  return defined({
    key: text('key'),
    ticket: ticketOf(childOf(node, 'ticket'), reading),
    project: text('project'),
    type: text('type'),
    from: statusOf(childOf(node, 'from'), 'from', reading),
    to: statusOf(childOf(node, 'to'), 'to', reading),
    by: personOf(childOf(node, 'by'), reading),
    requester: personOf(childOf(node, 'requester'), reading),
    changed: bare('changed', 'list'),
    number: bare('number'),
    at: bare('at'),
    fields: fields && reading.template(fields, { where: '`fields`' }),
    field:
      name && value
        ? {
            name: reading.template(name, { where: '`name`' }, { type: 'string' }),
            value: reading.template(value, { where: '`value`' }),
          }
        : undefined,
    more:
      more?.kind === 'map'
        ? Object.fromEntries(
            more.entries.map(({ key, value }) => [key, reading.template(value, { where: `\`${key}\`` })]),
          )
        : undefined,
  });
}

function ticketOf(node: Node | undefined, reading: ActionReading): DeclaredReading['ticket'] {
  const key = reading.text(childOf(node, 'key'), '`key` of the ticket');
  if (key === undefined) return undefined;
  const part = (name: string) => reading.text(childOf(node, name), `\`${name}\` of the ticket`);
  return { key, ...defined({ id: part('id'), url: part('url'), summary: part('summary') }) };
}

function statusOf(
  node: Node | undefined,
  where: string,
  reading: ActionReading,
): { label: Template; value?: Template } | undefined {
  if (!node) return undefined;
  const label = reading.text(node.kind === 'map' ? childOf(node, 'label') : node, `\`${where}\``);
  const value =
    node.kind === 'map' ? reading.text(childOf(node, 'value'), `\`value\` of \`${where}\``) : undefined;
  return label === undefined ? undefined : { label, ...defined({ value }) };
}

function personOf(node: Node | undefined, reading: ActionReading): DeclaredPerson | undefined {
  if (!node) return undefined;
  const part = (name: string) => reading.text(childOf(node, name), `\`${name}\``);
  return defined({ email: part('email'), id: part('id'), name: part('name') });
}

function readSetup(node: Node | undefined, start: ActionReading): DeclaredTicketSystem['setup'] {
  const reading = start.with({ url: string, about: listType(string) });
  return {
    ...defined({
      about: textOf(childOf(node, 'about')) as 'project' | undefined,
      script: textOf(childOf(node, 'script')),
    }),
    steps: itemsOf(childOf(node, 'steps')).flatMap((item) => [
      reading.template(item, { where: 'a step', foreign: true }, { type: 'string' }),
    ]),
  };
}

function itemsOf(node: Node | undefined): readonly Node[] {
  return node?.kind === 'list' ? node.items : [];
}

function objectOf(node: Node | undefined): JsonObject | undefined {
  return node?.kind === 'map' ? (jsonOf(node) as JsonObject) : undefined;
}
