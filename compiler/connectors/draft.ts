/** First drafts of a connector from an OpenAPI document: they compile, and say where their author must decide. */
import { camelCase } from '../../plan/lexical.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { Contract } from './contract.ts';
import { actionDraft, scalar } from './draft-action.ts';
import { type DraftFile, propertiesOf, TypeDrafts } from './draft-types.ts';

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
  const types = new TypeDrafts(document);
  const readAt = (path: string) =>
    contract.methodsOf(path).includes('get') ? contract.read(path, 'get') : undefined;
  const actions = chosen.map(({ path, method, id }) => {
    const operation = contract.read(path, method);
    // What a path below it changes may show in the thing itself.
    const above = path.split('/').slice(0, -2).join('/');
    return actionDraft(
      { connector: name, name: actionNameOf(id, method, path) },
      { operation, ...(method === 'get' ? {} : { same: readAt(path), above: readAt(above) }) },
      types,
    );
  });
  return {
    files: [{ path: 'connector.yaml', text: connectorDraft(name, file, document, types) }, ...actions],
    unknown,
  };
}

function connectorDraft(name: string, file: string, document: JsonObject, types: TypeDrafts): string {
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
words: ${wordsOf(document)}
permissions: What the account must be allowed.

${types.text()}
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

/** By the first refusal that the document describes: `message`, or the like, or one step below. */
function wordsOf(document: JsonObject): string {
  const names = ['message', 'detail', 'error_description', 'description', 'title', 'reason'];
  const contract = new Contract('', document);
  for (const path of contract.paths())
    for (const method of contract.methodsOf(path)) {
      const fields = propertiesOf(contract.refusalOf(path, method) ?? {});
      const own = names.find((name) => fields[name]?.type === 'string');
      if (own) return `default(answer.body.?${own}, "")`;
      for (const [field, schema] of Object.entries(fields)) {
        const below = propertiesOf(schema);
        const name = names.find((each) => below[each]?.type === 'string');
        if (name && /^[A-Za-z_]\w*$/.test(field)) return `default(answer.body.?${field}.?${name}, "")`;
      }
    }
  return 'default(answer.body.?message, "")';
}
