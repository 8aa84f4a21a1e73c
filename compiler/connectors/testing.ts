/** For tests: a connector with a small contract, and the shortest way from a part of an action to its diagnostics. */
import { type Catalogue, catalogueOf } from '../../plan/catalogue.ts';
import { testCatalogue } from '../testing.ts';
import { type CompiledConnectors, compileConnectors } from './compile-connectors.ts';

export const exampleConnector = `connector: things
title: Things
settings:
  token: { type: string, sensitive: true }
  region: { type: string }
http:
  base: https://things.example.com
  signIn: { bearer: "\${{ settings.token }}" }
types:
  thing: { id: integer, name: string, done: boolean, note: string? }
contract: { openapi: things.json, trust: Invented }
`;

const thing = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    name: { type: 'string' },
    done: { type: 'boolean' },
    note: { type: 'string', nullable: true },
  },
};
const json = (schema: object) => ({ content: { 'application/json': { schema } } });

export const exampleContract = JSON.stringify({
  openapi: '3.0.3',
  paths: {
    '/things': {
      get: {
        parameters: [
          { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
          { name: 'page', in: 'query', schema: { type: 'integer' } },
        ],
        responses: {
          200: json({
            type: 'object',
            properties: { things: { type: 'array', items: { $ref: '#/components/schemas/Thing' } } },
          }),
        },
      },
      post: {
        requestBody: json({ ...thing, required: ['name'] }),
        responses: { 201: json({ $ref: '#/components/schemas/Thing' }) },
      },
    },
    '/things/{id}': {
      get: {
        parameters: [{ name: 'all', in: 'query', schema: { type: 'boolean' } }],
        responses: { 200: json({ $ref: '#/components/schemas/Thing' }) },
      },
      put: { requestBody: json(thing), responses: { 200: json({ $ref: '#/components/schemas/Thing' }) } },
      delete: { responses: { 204: {} } },
    },
    '/held/{id}': {
      delete: {
        parameters: [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } }],
        responses: { 204: {} },
      },
    },
    '/others': { get: { responses: { 200: {} } } },
  },
  components: { schemas: { Thing: thing } },
});

const [some] = testCatalogue.values();
const others: Catalogue = catalogueOf(
  some
    ? [
        { ...some, name: 'taken.get' },
        { ...some, name: 'test.restore', effect: 'write', input: { type: 'object' } },
      ]
    : [],
);

const exampleScript = `param([Parameter(Mandatory = $true)] [int] $Id, [string] $Note = 'none, yet')
@{ id = $Id }
`;

/** A part of an action, to which what every action needs is added; or a whole `connector.yaml`, which such a part may follow behind `---`. */
export function compileConnectorPart(parts: string): CompiledConnectors {
  const [first = '', behind] = parts.split(/^---\n/m);
  const part = behind ?? first;
  const isConnector = /^connector:/m.test(part);
  const heads: Record<string, string> = { action: 'things.example', title: 'Example', effect: 'read' };
  const head = Object.entries(heads)
    .filter(([key]) => !new RegExp(`^${key}:`, 'm').test(part))
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
  const files = /^tickets:/m.test(part)
    ? [
        { path: 'connectors/things/connector.yaml', text: exampleConnector },
        { path: 'connectors/things/tickets.yaml', text: part },
      ]
    : isConnector
      ? [{ path: 'connectors/things/connector.yaml', text: part }]
      : [
          { path: 'connectors/things/connector.yaml', text: behind === undefined ? exampleConnector : first },
          { path: 'connectors/things/example.action.yaml', text: head + part },
        ];
  const read = (file: string) => {
    if (file === 'things.json') return exampleContract;
    if (file === 'get.ps1') return exampleScript;
    throw new Error(`there is no file ${file}`);
  };
  const source = { name: 'things', folder: 'connectors/things', files, read };
  return compileConnectors({ sources: [source], catalogue: others });
}
