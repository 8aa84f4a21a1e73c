/** Reads `connector.yaml`: what all actions of a system share. */
import { parse } from 'yaml';
import type {
  AnswerRule,
  DeclaredHttp,
  DeclaredProgram,
  DeclaredService,
  Pages,
  QueryLanguage,
  SignIn,
} from '../../plan/declared.ts';
import { queryLanguages } from '../../plan/declared.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import type { JsonObject, JsonSchema, Template } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { type Field, int, objectType, string, type Type } from '../expressions/types.ts';
import { readInputs } from '../runbook/inputs.ts';
import { checkNode } from '../schema/check.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import {
  childOf,
  describeNode,
  entryOf,
  type MapNode,
  type Node,
  numberOf,
  setOwn,
  textOf,
} from '../source/tree.ts';
import { ActionReading } from './action-reading.ts';
import { type Also, asOneDocument, Contract } from './contract.ts';
import { type NamedTypes, readTypes } from './field-types.ts';
import { readAnswers } from './read-change.ts';
import { lengthOf, readPages } from './read-looks.ts';
import { allowSchema, readProgram, type ScriptsOf, sshRequired, sshSettings } from './read-program.ts';
import { readRequest } from './read-request.ts';
import { connectorSchema } from './schema.ts';

export interface ReadConnector {
  name: string;
  service: DeclaredService;
  types: NamedTypes;
  contract: Contract | undefined;
  /** How far it is to be trusted, in words. */
  contractWords: string | undefined;
  /** What actions see of the settings: nothing that is secret. */
  openSettings: Type;
  languages: Record<string, QueryLanguage>;
  pages: Pages | undefined;
  destructive: string[];
  permissions: string | undefined;
  source: string;
  /** Where it is reached by scripts. */
  scripts: ScriptsOf | undefined;
  /** Headers that all its requests have, in small letters. */
  headers: readonly string[];
}

/** The text of a file of the connector's folder; throws why there is none, gives undefined where it is not at hand. */
export type ContractFile = (file: string) => string | undefined;

/** By their texts: several connectors may be held to one document, and reading a large one takes long. */
export type KnownDocuments = Map<string, JsonObject>;

export function readConnector(
  root: Node,
  contractFile: ContractFile,
  session: CompileSession,
  documents: KnownDocuments = new Map(),
): ReadConnector | undefined {
  if (root.kind !== 'map') {
    session.report(structure.wrongKind, root, {
      where: 'A connector',
      takes: 'a set of keys',
      is: describeNode(root),
    });
    return undefined;
  }
  const settingsNode = childOf(root, 'settings');
  checkNode(root, connectorSchema, 'a connector', {
    reporter: session.reporter,
    handled: (node) => node === settingsNode && node.kind === 'map',
  });
  const { inputs, type } = readInputs(settingsNode, session);
  const sensitive = Object.keys(inputs).filter((name) => inputs[name]?.sensitive);
  const contractNode = childOf(root, 'contract');
  const contract = readContract(contractNode, { contractFile, documents }, session);
  const types = readTypes(childOf(root, 'types'), session);
  const names = new Map<string, Type>([['settings', type]]);
  const scripts = readProgram(root, session);
  const around = { types, contract, languages: {}, pages: undefined };
  const reading = new ActionReading(session, { ...around, scripts: undefined }, names);
  const http = entryOf(root, 'http') ? readHttp(childOf(root, 'http'), reading) : undefined;
  reportWays(root, session);
  const name = textOf(childOf(root, 'connector')) ?? '';
  const title = textOf(childOf(root, 'title')) ?? '';
  const words = reading.withAnswer().expression(childOf(root, 'words'), '`words`')?.cel;
  const answers: AnswerRule[] = readAnswers(childOf(root, 'answers'), reading);
  const settingsFrom = textOf(childOf(root, 'settingsFrom'));
  return {
    name,
    service: {
      name,
      title,
      settings: settingsSchema(inputs, scripts),
      sensitive: scripts?.over ? [...sensitive, 'privateKey'] : sensitive,
      answers,
      ...defined({ http, scripts, settingsFrom, words }),
    },
    scripts: scripts && { program: scripts, read: contractFile },
    types,
    contract,
    contractWords: wordsOf(contractNode),
    openSettings: withoutSecrets(type),
    languages: languagesOf(childOf(childOf(root, 'http'), 'languages')),
    pages: readPages(childOf(childOf(root, 'http'), 'pages'), reading.withAnswer()),
    destructive: listOfTexts(childOf(root, 'destructive')),
    permissions: textOf(childOf(root, 'permissions')),
    headers: sentHeaders(http),
    source: textOf(childOf(root, 'source')) ?? textOf(childOf(contractNode, 'facts')) ?? title,
  };
}

function sentHeaders(http: DeclaredHttp | undefined): string[] {
  if (!http) return [];
  const { headers, signIn } = http;
  const signing = signIn.by === 'header' || signIn.by === 'login' ? Object.keys(signIn.headers) : [];
  return [...Object.keys(headers), ...signing].map((name) => name.toLowerCase());
}

/** A connector is reached in one way. */
function reportWays(root: MapNode, session: CompileSession): void {
  const ways = ['http', 'powershell', 'command'].flatMap((name) => entryOf(root, name) ?? []);
  const at = ways[1]?.keyRange ?? (ways.length === 0 ? root : undefined);
  if (at) session.report(codes.wayToReach, at, {});
}

function settingsSchema(
  inputs: ReturnType<typeof readInputs>['inputs'],
  scripts: DeclaredProgram | undefined,
): JsonSchema {
  const required = [
    ...Object.entries(inputs)
      .filter(([, { required: needed }]) => needed)
      .map(([name]) => name),
    ...(scripts?.over ? sshRequired : []),
  ];
  const own = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [
      name,
      { ...input.schema, ...defined({ default: input.default }) } as JsonSchema,
    ]),
  );
  return {
    type: 'object',
    properties: {
      ...own,
      ...(scripts ? { allow: allowSchema } : { ca: caSchema }),
      ...(scripts?.over ? sshSettings : {}),
    },
    ...defined({ required: unlessEmpty(required) }),
    additionalProperties: false,
  };
}

/** Every connector can name a certificate authority, as those in TypeScript do. */
const caSchema: JsonSchema = {
  type: 'object',
  properties: {
    file: {
      type: 'string',
      minLength: 1,
      description: 'File with its certificates (PEM), beside countersign.yaml.',
    },
    secret: { type: 'string', minLength: 1, description: 'Secret that holds them, instead of a file.' },
  },
  additionalProperties: false,
  description:
    'The certificate authority of your own that has signed the certificates of this service: give file or secret. The well-known ones are trusted, too.',
};

function withoutSecrets(type: Type & { kind: 'object' }): Type {
  const fields = new Map<string, Field>();
  for (const [name, field] of type.fields) if (field.type.kind !== 'sealed') fields.set(name, field);
  return { kind: 'object', fields };
}

function wordsOf(node: Node | undefined): string | undefined {
  const trust = textOf(childOf(node, 'trust'));
  const openapi = filesOf(childOf(node, 'openapi')).map(({ file }) => file);
  const from = openapi.length > 0 ? openapi.join(', ') : textOf(childOf(node, 'facts'));
  return from === undefined && trust === undefined ? undefined : [from, trust].filter(Boolean).join('. ');
}

function readContract(
  node: Node | undefined,
  from: { contractFile: ContractFile; documents: KnownDocuments },
  session: CompileSession,
): Contract | undefined {
  const files = filesOf(childOf(node, 'openapi'));
  if (files.length === 0) return undefined;
  const documents = files.map(({ file, at }) =>
    readDocument(file, from, (why) => void session.report(codes.noContract, at, { file, why })),
  );
  const read = documents.filter((document) => document !== undefined);
  if (read.length < documents.length) return undefined;
  return new Contract(files.map(({ file }) => file).join(', '), asOneDocument(read), {
    base: textOf(childOf(node, 'base')),
    also: alsoOf(childOf(node, 'also')),
  });
}

function filesOf(node: Node | undefined): { file: string; at: Node }[] {
  const nodes = node?.kind === 'list' ? node.items : node ? [node] : [];
  return nodes.flatMap((at) => {
    const file = textOf(at);
    return file === undefined ? [] : [{ file, at }];
  });
}

/** Undefined when it is not at hand, or cannot be used, which is told. */
function readDocument(
  file: string,
  { contractFile, documents }: { contractFile: ContractFile; documents: KnownDocuments },
  problem: (why: string) => void,
): JsonObject | undefined {
  try {
    const text = contractFile(file);
    if (text === undefined) return undefined;
    const known = documents.get(text);
    if (known) return known;
    const document = (/\.ya?ml$/.test(file) ? parse(text) : JSON.parse(text)) as JsonObject;
    if (typeof document.paths === 'object') {
      documents.set(text, document);
      return document;
    }
    problem('it has no `paths`, so it is no OpenAPI document');
  } catch (error) {
    problem(error instanceof SyntaxError ? 'it is no JSON' : errorText(error));
  }
  return undefined;
}

function alsoOf(node: Node | undefined): Also {
  const entries = node?.kind === 'map' ? node.entries : [];
  return Object.fromEntries(entries.map(({ key, value }) => [key, listOfTexts(value)]));
}

function readHttp(node: Node | undefined, reading: ActionReading): DeclaredHttp {
  const map: MapNode = node?.kind === 'map' ? node : { kind: 'map', entries: [], start: 0, end: 0 };
  const baseNode = childOf(map, 'base');
  const base = baseNode ? reading.template(baseNode, { where: '`base`' }, { type: 'string' }) : '';
  const limits = childOf(map, 'limits');
  const answers = textOf(childOf(map, 'answers')) === 'text' ? ('text' as const) : ('json' as const);
  const close = textOf(childOf(map, 'connection')) === 'close' ? ('close' as const) : undefined;
  return {
    base,
    headers: headersOf(childOf(map, 'headers'), reading),
    signIn: readSignIn(entryOf(map, 'signIn')?.value, reading),
    answers,
    limits: (limits?.kind === 'list' ? limits.items : []).flatMap((item) => {
      const calls = numberOf(childOf(item, 'calls'));
      const perMs = lengthOf(childOf(item, 'per'), '`per`', reading);
      return calls === undefined || perMs === undefined ? [] : [{ calls, perMs }];
    }),
    ...defined({ connection: close, requestId: textOf(childOf(map, 'requestId')) }),
  };
}

function headersOf(node: Node | undefined, reading: ActionReading): Record<string, Template> {
  const headers: Record<string, Template> = {};
  for (const { key, value } of node?.kind === 'map' ? node.entries : [])
    setOwn(headers, key, reading.template(value, { where: `the header \`${key}\``, sealed: true }));
  return headers;
}

const waysToSignIn = ['basic', 'bearer', 'header', 'oauth2', 'login'];

function readSignIn(node: Node | undefined, reading: ActionReading): SignIn {
  if (textOf(node) === 'none') return { by: 'none' };
  const entries = node?.kind === 'map' ? node.entries : [];
  const [entry] = entries;
  if (!entry || entries.length > 1) {
    if (node && !node.broken) reading.session.report(codes.signInForm, node, { known: waysToSignIn });
    return { by: 'none' };
  }
  const { key, value } = entry;
  const text = (at: Node | undefined, name: string): Template =>
    at ? reading.template(at, { where: `\`${name}\``, sealed: true }, { type: 'string' }) : '';
  const part = (name: string) => text(childOf(value, name), name);
  switch (key) {
    case 'basic':
      return { by: 'basic', user: part('user'), password: part('password') };
    case 'bearer':
      return { by: 'bearer', token: text(value, 'bearer') };
    case 'header':
      return { by: 'header', headers: headersOf(value, reading) };
    case 'oauth2':
      return readOAuth(value, reading, part);
    case 'login':
      return readLogin(value, reading);
    default:
      return { by: 'none' };
  }
}

function readOAuth(node: Node, reading: ActionReading, part: (name: string) => Template): SignIn {
  const scope = childOf(node, 'scope');
  const fields = childOf(node, 'fields');
  return {
    by: 'oauth2',
    token: part('token'),
    client: part('client'),
    secret: part('secret'),
    in: textOf(childOf(node, 'by')) === 'basic' ? 'basic' : 'body',
    ...defined({ scope: scope && part('scope'), fields: fields && headersOf(fields, reading) }),
  };
}

function readLogin(node: Node, reading: ActionReading): SignIn {
  if (node.kind !== 'map') return { by: 'none' };
  const read = readRequest(node, { where: '`login`', onlyReads: false, sealed: true }, reading);
  if (!read) reading.session.report(codes.noRequest, node, { where: '`login`' });
  const take = reading.withAnswer().expression(childOf(node, 'take'), '`take`');
  const token = reading.with({ token: string, answer: objectType({ status: int }) });
  return {
    by: 'login',
    request: read?.request ?? { method: 'POST', path: '/' },
    take: take?.cel ?? 'answer.body',
    forMs: lengthOf(childOf(node, 'for'), '`for`', reading) ?? 60_000,
    headers: headersOf(childOf(node, 'header'), token),
  };
}

function languagesOf(node: Node | undefined): Record<string, QueryLanguage> {
  const languages: Record<string, QueryLanguage> = {};
  for (const { key, value } of node?.kind === 'map' ? node.entries : []) {
    const language = queryLanguages.find((each) => each === textOf(value));
    if (language) setOwn(languages, key, language);
  }
  return languages;
}

function listOfTexts(node: Node | undefined): string[] {
  return node?.kind === 'list' ? node.items.flatMap((item) => textOf(item) ?? []) : [];
}
