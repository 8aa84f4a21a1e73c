/** First drafts of a connector from an OpenAPI document: they compile, and say where their author must decide. */
import { camelCase } from '../../plan/lexical.ts';
import type { JsonObject, JsonSchema } from '../../plan/plan.ts';
import { Contract, type Operation } from './contract.ts';

export interface DraftFile {
  /** Below the connector's folder. */
  path: string;
  text: string;
}

export interface Draft {
  files: DraftFile[];
  /** Operations that the document does not have. */
  unknown: string[];
}

/** `operations` are ids of the document, or `GET /path`. */
export function draftConnector(
  name: string,
  file: string,
  document: JsonObject,
  operations: readonly string[],
): Draft {
  const contract = new Contract(file, document);
  const all = contract
    .paths()
    .flatMap((path) => contract.methodsOf(path).map((method) => ({ path, method })));
  const paths = document.paths as Record<string, Record<string, JsonObject>>;
  const idOf = ({ path, method }: { path: string; method: string }) =>
    String(paths[path]?.[method]?.operationId ?? '');
  const unknown: string[] = [];
  const chosen = operations.flatMap((wanted) => {
    const found = all.find(
      (each) => idOf(each) === wanted || `${each.method.toUpperCase()} ${each.path}` === wanted,
    );
    if (!found) unknown.push(wanted);
    return found ? [{ ...found, id: idOf(found) }] : [];
  });
  const actions = chosen.map(({ path, method, id }) => {
    const look =
      method !== 'get' && contract.methodsOf(path).includes('get') ? contract.read(path, 'get') : undefined;
    return actionDraft(name, actionNameOf(id, method, path), contract.read(path, method), look);
  });
  return {
    files: [{ path: 'connector.yaml', text: connectorDraft(name, file, document) }, ...actions],
    unknown,
  };
}

function connectorDraft(name: string, file: string, document: JsonObject): string {
  const info = (document.info ?? {}) as JsonObject;
  const title = String(info.title ?? name);
  return `connector: ${name}
title: ${scalar(title)}
description: What it is, and what to know of it.
source: ${scalar(`${title} ${String(info.version ?? '')}`.trim())}

settings:
  baseUrl: { type: string, minLength: 1, description: Address of ${scalar(title).replace(/[{}:,]/g, '')} }
${signInDraft(document)}
# The service's own words in an answer that refuses.
words: default(answer.body.?message, "")
permissions: What the account must be allowed.

types: {}

contract:
  openapi: ${file}
  trust: Where this document is from, and how far it is to be trusted.
`;
}

function signInDraft(document: JsonObject): string {
  const components = (document.components ?? {}) as JsonObject;
  const [scheme] = Object.values((components.securitySchemes ?? {}) as Record<string, JsonObject>);
  const secret =
    '  token: { type: string, minLength: 1, sensitive: true, description: A token of its API. }\n';
  const http = (signIn: string) => `\nhttp:\n  base: \${{ settings.baseUrl }}\n  signIn: ${signIn}\n`;
  if (!scheme) return `${secret}${http('{ bearer: "${{ settings.token }}" }')}`;
  if (scheme.type === 'apiKey' && scheme.in === 'header')
    return `${secret}${http(`{ header: { ${String(scheme.name)}: "\${{ settings.token }}" } }`)}`;
  if (scheme.type === 'http' && scheme.scheme === 'basic')
    return `  user: { type: string, minLength: 1, description: Whom it is signed in as. }\n  password: { type: string, minLength: 1, sensitive: true, description: The password. }\n${http('{ basic: { user: "${{ settings.user }}", password: "${{ settings.password }}" } }')}`;
  if (scheme.type === 'oauth2')
    return `  clientId: { type: string, minLength: 1, description: The client. }\n  clientSecret: { type: string, minLength: 1, sensitive: true, description: Its secret. }\n\nhttp:\n  base: \${{ settings.baseUrl }}\n  signIn:\n    oauth2:\n      token: ${tokenUrlOf(scheme)}\n      client: \${{ settings.clientId }}\n      secret: \${{ settings.clientSecret }}\n`;
  return `${secret}${http('{ bearer: "${{ settings.token }}" }')}`;
}

function tokenUrlOf(scheme: JsonObject): string {
  const flows = (scheme.flows ?? {}) as Record<string, JsonObject>;
  return String(flows.clientCredentials?.tokenUrl ?? '/oauth/token');
}

function actionNameOf(id: string, method: string, path: string): string {
  // `/lockers` and `/lockers/{id}` are two.
  const named = id || `${method} ${path.replace(/\{([^}]*)\}/g, ' by $1')}`;
  return camelCase(named);
}

function actionDraft(
  connector: string,
  name: string,
  operation: Operation,
  look: Operation | undefined,
): DraftFile {
  const { path, method, summary } = operation;
  const parameters = [...path.matchAll(/\{([^}]*)\}/g)].map(([, parameter = '']) => parameter);
  const all = method === 'get' ? [...operation.query.keys()] : bodyFields(operation.body);
  const readable = new Set(Object.keys((look?.answerSchema?.properties ?? {}) as object));
  const compared = method === 'get' ? [] : all.filter((each) => readable.has(each));
  // What cannot be read back cannot be compared: an action that compares others would pass over it.
  const left = compared.length > 0 ? all.filter((each) => !readable.has(each)) : [];
  const fields = all.filter((each) => !left.includes(each));
  const inputs = [
    ...parameters.map((each) => `  ${idOf(each)}: { type: string, description: "In the path: ${each}." }`),
    ...fields.map(
      (each) =>
        `  ${idOf(each)}: ${inputOf(schemaOf(operation, method, each), each, isNeeded(operation, method, each))}`,
    ),
  ];
  const effect = method === 'get' ? 'read' : method === 'delete' ? 'destructive' : 'write';
  const head = [
    `action: ${connector}.${name}`,
    `title: ${scalar(summary || name)}`,
    `effect: ${effect}`,
    ...(inputs.length > 0 ? ['input:', ...inputs] : []),
  ];
  const at = path.replace(/\{([^}]*)\}/g, (_, each: string) => `\${{ input.${idOf(each)} }}`);
  const body = method === 'get' ? readDraft(at, operation, fields) : writeDraft(at, operation, look, fields);
  const notes = left.map((each) => `# \`${each}\` cannot be read back: it needs an action of its own.`);
  return { path: `${fileName(name)}.action.yaml`, text: `${[...notes, ...head, ...body].join('\n')}\n` };
}

function readDraft(at: string, operation: Operation, fields: string[]): string[] {
  const query = fields.map((each) => `    ${each}: \${{ input.${idOf(each)} }}`);
  const answer = operation.answerSchema;
  return [
    'look:',
    `  get: ${at}`,
    ...(query.length > 0 ? ['  query:', ...query] : []),
    ...(answer ? [] : ['  type: object', '  # Say of what form the answer is: `type`.']),
    'give:',
    '  # Name what runbooks need of it.',
    '  answer: { value: found, description: What the service answered. }',
    ...exampleDraft(),
  ];
}

function writeDraft(
  at: string,
  operation: Operation,
  look: Operation | undefined,
  fields: string[],
): string[] {
  const known = new Set(Object.keys((look?.answerSchema?.properties ?? {}) as object));
  const compared = fields.filter((each) => known.has(each));
  const gone = operation.method === 'delete';
  const means = gone ? 'already' : 'permanent';
  const looked = look
    ? [
        'look:',
        `  get: ${look.path.replace(/\{([^}]*)\}/g, (_, each: string) => `\${{ input.${idOf(each)} }}`)}`,
        `  absent: { means: ${means}, says: There is none. }`,
      ]
    : [];
  const want =
    look && !gone && compared.length > 0
      ? ['want:', ...compared.map((each) => `  ${each}: { is: found.${each}, to: input.${idOf(each)} }`)]
      : [];
  const tells = gone || want.length > 0 || !look;
  return [
    ...looked,
    ...want,
    ...(tells ? [] : ['# Say when there is nothing to do.', 'already: "false"']),
    ...(look
      ? []
      : [
          '# A look or a mark would tell a later attempt what this one did: without either it is sent once, and parks without an answer.',
        ]),
    'change:',
    `  ${operation.method}: ${at}`,
    ...(fields.length > 0
      ? [
          '  body:',
          ...fields.map(
            (each) =>
              `    ${each}: \${{ ${want.length > 0 && compared.includes(each) ? `wanted.?${each}` : `input.${idOf(each)}`} }}`,
          ),
        ]
      : []),
    'give:',
    '  did: changed',
    ...exampleDraft(),
  ];
}

function exampleDraft(): string[] {
  return [
    '# Add an example: it stands in the reference, and the tests run it.',
    '# examples:',
    '#   - { title: What it shows, with: { … } }',
  ];
}

function bodyFields(schema: JsonSchema | undefined): string[] {
  return Object.keys((schema?.properties ?? {}) as object).filter((each) => /^[A-Za-z_]\w*$/.test(each));
}

function schemaOf({ query, body }: Operation, method: string, name: string): JsonSchema {
  if (method === 'get') return query.get(name) ?? {};
  return ((body?.properties ?? {}) as Record<string, JsonSchema>)[name] ?? {};
}

function isNeeded({ required, body }: Operation, method: string, name: string): boolean {
  const needed = method === 'get' ? required : Array.isArray(body?.required) ? body.required : [];
  return needed.includes(name);
}

function inputOf(schema: JsonSchema, name: string, needed: boolean): string {
  const type = ['string', 'integer', 'number', 'boolean', 'array', 'object'].find(
    (each) => each === schema.type,
  );
  const values = Array.isArray(schema.enum)
    ? `enum: [${schema.enum.map((each) => scalar(String(each))).join(', ')}], `
    : type
      ? `type: ${type}, `
      : '';
  const first = typeof schema.description === 'string' ? (schema.description.split(/[.\n]/)[0] ?? '') : '';
  const about = (first || name).slice(0, 120).replace(/["\\]/g, '');
  return `{ ${values}${needed ? '' : 'optional: true, '}description: "${about}." }`;
}

/** An input's name: what a service calls a parameter may be no name here. */
function idOf(name: string): string {
  return camelCase(name) || 'value';
}

function fileName(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

function scalar(text: string): string {
  return /^[\w][\w .\-’']*$/.test(text) ? text : JSON.stringify(text);
}
