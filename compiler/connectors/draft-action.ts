/** First drafts of actions: they compile, promise no more than they keep, and say where their author must decide. */
import { camelCase } from '../../plan/lexical.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import type { Operation } from './contract.ts';
import {
  type AnswerDraft,
  type DraftFile,
  propertiesOf,
  type TypeDrafts,
  withoutNull,
} from './draft-types.ts';

export interface Drafted {
  operation: Operation;
  /** What reads at the same path. */
  same?: Operation | undefined;
  /** What reads the thing that the path goes on from. */
  above?: Operation | undefined;
}

export function actionDraft(
  { connector, name }: { connector: string; name: string },
  drafted: Drafted,
  types: TypeDrafts,
): DraftFile {
  const { path, method, summary, query, body } = drafted.operation;
  const effect = method === 'get' ? 'read' : method === 'delete' ? 'destructive' : 'write';
  const written = method === 'get' ? readDraft(drafted.operation, types) : writeDraft(drafted, types);
  const ofQuery = method === 'get';
  const inputs = [
    ...parametersOf(path).map(
      (each) => `  ${idOf(each)}: ${inputOf(drafted.operation.inPath.get(each) ?? {}, each, true)}`,
    ),
    ...written.inputs.map((each) => {
      const schema = ofQuery ? query.get(each) : propertiesOf(body ?? {})[each];
      return `  ${idOf(each)}: ${inputOf(schema ?? {}, each, isNeeded(drafted.operation, each))}`;
    }),
  ];
  const lines = [
    ...written.notes,
    `action: ${connector}.${name}`,
    `title: ${scalar(summary || name)}`,
    `effect: ${effect}`,
    ...(inputs.length > 0 ? ['input:', ...inputs] : []),
    ...written.lines,
    '# Add an example: it stands in the reference.',
    '# examples:',
    '#   - { title: What it shows, with: { … } }',
  ];
  return { path: `${fileName(name)}.action.yaml`, text: `${lines.join('\n')}\n` };
}

interface Written {
  notes: string[];
  /** Parameters of the query, or fields of the body, that the author gives. */
  inputs: string[];
  lines: string[];
}

const ofPages = /^(page|per_?page|page_?size|limit|offset|start|skip|top|cursor|after|before|count|size)$/i;

function readDraft(operation: Operation, types: TypeDrafts): Written {
  const answer = types.ofAnswer(operation);
  const all = [...operation.query.keys()].filter((each) => /^[A-Za-z_$][\w$]*$/.test(each));
  const isList = answer?.items !== undefined;
  const inputs = isList ? all.filter((each) => !isOfPages(each, operation)) : all;
  const query = inputs.map((each) => `  ${each}: \${{ input.${idOf(each)} }}`);
  const request = [`get: ${filled(operation.path)}`, ...(query.length > 0 ? ['query:', ...query] : [])];
  const look = isList
    ? ['  list:', ...indented(4, [...request, ...listParts(operation, answer)])]
    : indented(2, [
        ...request,
        ...(answer
          ? [`type: ${answer.type}`]
          : ['type: object', '# Say of what form the answer is: `type`.']),
      ]);
  const absent = isList || parametersOf(operation.path).length === 0 ? [] : [absentLine('permanent')];
  return {
    notes: [],
    inputs,
    lines: [
      'look:',
      ...look,
      ...absent,
      'give:',
      '  # Name what runbooks need of it.',
      '  answer: { value: found, description: What the service answered. }',
    ],
  };
}

/** `from` is a place in the list where it is a number; else it may be a day. */
function isOfPages(name: string, { query }: Operation): boolean {
  return ofPages.test(name) || (name === 'from' && query.get(name)?.type === 'integer');
}

function listParts(operation: Operation, { items, type }: AnswerDraft): string[] {
  const paged = [...operation.query.keys()].some((each) => isOfPages(each, operation));
  return [
    `items: ${items}`,
    `type: ${type}`,
    ...(paged ? ['# It comes in pages: say how, in `pages`, here or in connector.yaml.'] : []),
  ];
}

function writeDraft(drafted: Drafted, types: TypeDrafts): Written {
  const { operation, same, above } = drafted;
  const fields = Object.keys(propertiesOf(operation.body ?? {})).filter((each) =>
    /^[A-Za-z_]\w*$/.test(each),
  );
  const answer = same && types.ofAnswer(same);
  if (operation.method === 'delete') return gone(operation, same, fields, answer, above);
  if (answer?.items !== undefined && same) return made(operation, same, answer, fields, types);
  const readable = new Set(Object.keys(propertiesOf(answer?.item ?? {})));
  const compared = fields.filter((each) => readable.has(each));
  if (!same || !answer || compared.length === 0) return sent(operation, fields, above);
  // What cannot be read back cannot be compared: an action that compares others would pass over it.
  const left = fields.filter((each) => !readable.has(each));
  const versioned = operation.headers.some(isVersion);
  const it = versioned ? 'found.it' : 'found';
  return {
    notes: left.map((each) => `# \`${each}\` cannot be read back: it needs an action of its own.`),
    inputs: compared,
    lines: [
      ...(versioned ? lookAtVersion(same) : lookAt(same, answer, 'permanent')),
      'want:',
      ...compared.map((each) => `  ${each}: { is: ${it}.${each}, to: input.${idOf(each)} }`),
      'change:',
      `  ${operation.method}: ${filled(operation.path)}`,
      ...headerLines(operation, versioned ? 'versioned' : undefined),
      '  body:',
      ...compared.map((each) => `    ${each}: \${{ wanted.?${each} }}`),
      // Refused because it has become another since: looked at and decided anew.
      ...(versioned ? ['answers:', '  - { status: 412, means: conflict }'] : []),
      'give:',
      '  did: changed',
      '  before: { value: before, description: What it was. }',
    ],
  };
}

/** A thing of a list: found again by a field that keeps what we write into it. */
function made(
  operation: Operation,
  same: Operation,
  answer: AnswerDraft,
  fields: string[],
  types: TypeDrafts,
): Written {
  const readable = propertiesOf(answer.item);
  const own = fields.find(
    (each) =>
      /reference|_ref$|Ref$|external|correlation|idempotency|client_?id|custom|note|comment/i.test(each) &&
      Object.hasOwn(readable, each),
  );
  if (own === undefined) return sent(operation, fields, undefined);
  const made = types.ofAnswer(operation);
  const isOptional =
    !(Array.isArray(answer.item.required) && answer.item.required.includes(own)) ||
    withoutNull(readable[own] ?? {}).mayBeNull;
  const others = fields.filter((each) => each !== own);
  return {
    notes: [],
    inputs: others,
    lines: [
      '# The key is in every attempt of a step the same: what has it is what an earlier attempt made.',
      'mark:',
      '  list:',
      ...indented(4, [
        `get: ${filled(same.path)}`,
        ...(same.query.has(own) ? ['query:', `  ${own}: \${{ key }}`] : []),
        ...listParts(same, answer),
      ]),
      `  where: ${isOptional ? `default(item.${own}, "")` : `item.${own}`} == key`,
      'change:',
      `  ${operation.method}: ${filled(operation.path)}`,
      '  body:',
      ...others.map((each) => `    ${each}: \${{ input.${idOf(each)} }}`),
      `    ${own}: \${{ key }}`,
      ...(made?.type === answer.type ? ['  take: answer.body', `  type: ${answer.type}`] : ['  take: mark']),
      'give:',
      '  did: created',
    ],
  };
}

function gone(
  operation: Operation,
  same: Operation | undefined,
  fields: string[],
  answer: AnswerDraft | undefined,
  above: Operation | undefined,
): Written {
  if (!same || answer?.items !== undefined) return sent(operation, fields, above);
  return {
    notes: [],
    inputs: [],
    lines: [
      ...lookAt(same, answer, 'already'),
      'change:',
      `  delete: ${filled(operation.path)}`,
      'give:',
      '  did: deleted',
    ],
  };
}

/** Nothing tells what became of it. */
function sent(operation: Operation, fields: string[], above: Operation | undefined): Written {
  const hint = above
    ? [
        '# If what it changes shows there, this makes it once, and only where it is needed:',
        '# look:',
        `#   get: ${filled(above.path)}`,
        '# already: when there is nothing to do',
      ]
    : [];
  return {
    notes: [],
    inputs: fields,
    lines: [
      '# A look or a mark would tell a later attempt what this one did: without either it is sent once, and parks without an answer.',
      ...hint,
      'change:',
      `  ${operation.method}: ${filled(operation.path)}`,
      ...headerLines(operation),
      ...(fields.length > 0
        ? ['  body:', ...fields.map((each) => `    ${each}: \${{ input.${idOf(each)} }}`)]
        : []),
      'give:',
      '  did: changed',
    ],
  };
}

function lookAt(same: Operation, answer: AnswerDraft | undefined, means: string): string[] {
  return ['look:', `  get: ${filled(same.path)}`, `  type: ${answer?.type ?? 'object'}`, absentLine(means)];
}

/** `found` has the version too, where the service asks for it back. */
function headerLines({ headers, bodyType }: Operation, found?: 'versioned'): string[] {
  const lines = [
    ...(bodyType === undefined ? [] : [`Content-Type: ${bodyType}`]),
    ...headers.map((name) =>
      found && isVersion(name) ? `${name}: \${{ found.etag }}` : `${name}: Say what it is.`,
    ),
  ];
  return lines.length > 0 ? ['  headers:', ...lines.map((line) => `    ${line}`)] : [];
}

const isVersion = (name: string) => /^if-match$/i.test(name);

function lookAtVersion(same: Operation): string[] {
  return [
    'look:',
    `  get: ${filled(same.path)}`,
    `  take: '{ "it": answer.body, "etag": default(answer.headers.?etag, "") }'`,
    '  type: { type: object, required: [it, etag], properties: { it: { type: object }, etag: { type: string } } }',
    absentLine('permanent'),
  ];
}

const absentLine = (means: string) => `  absent: { means: ${means}, says: There is none. }`;
const indented = (by: number, lines: string[]) => lines.map((line) => `${' '.repeat(by)}${line}`);
const parametersOf = (path: string) => [...path.matchAll(/\{([^}]*)\}/g)].map(([, each = '']) => each);
const filled = (path: string) =>
  path.replace(/\{([^}]*)\}/g, (_, each: string) => `\${{ input.${idOf(each)} }}`);

function isNeeded({ method, required, body }: Operation, name: string): boolean {
  const needed = method === 'get' ? required : Array.isArray(body?.required) ? body.required : [];
  // What is compared is left alone where it is not given.
  return needed.includes(name);
}

function inputOf(schema: JsonSchema, name: string, needed: boolean): string {
  const { plain } = withoutNull(schema);
  const types = ['string', 'integer', 'number', 'boolean', 'array', 'object'];
  const type = types.find((each) => each === plain.type);
  const format = ['email', 'date', 'date-time', 'uri'].find((each) => each === plain.format);
  const parts = Array.isArray(plain.enum)
    ? [`enum: [${plain.enum.map((each) => scalar(String(each))).join(', ')}]`]
    : type
      ? [`type: ${type}`, ...(format ? [`format: ${format}`] : [])]
      : [];
  const first = typeof plain.description === 'string' ? (plain.description.split(/[.\n]/)[0] ?? '') : '';
  const about = (first || `Say what ${name} is`).slice(0, 120).replace(/["\\]/g, '');
  return `{ ${[...parts, ...(needed ? [] : ['optional: true']), `description: "${about}."`].join(', ')} }`;
}

/** An input's name: what a service calls a parameter may be no name here. */
function idOf(name: string): string {
  return camelCase(name) || 'value';
}

function fileName(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

export function scalar(text: string): string {
  return /^[\w][\w .\-’']*$/.test(text) ? text : JSON.stringify(text);
}
