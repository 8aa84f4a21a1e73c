/** The published files of `schemas/`: what editors complete and check with. Generated, never edited. */

import type { ActionDescription, Catalogue } from '../../plan/catalogue.ts';
import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import { commonKeys } from '../../plan/step-kinds/schemas.ts';
import type { ConnectorSettings } from '../configuration/configuration.ts';
import { withFormerly } from '../configuration/formerly.ts';
import { actionSchema, connectorSchema } from '../connectors/schema.ts';
import { ticketsSchema } from '../connectors/tickets-schema.ts';
import { testFileSchema } from '../test-file/schema.ts';
import { configurationSchema } from './configuration.ts';
import { inputSchemaKeywords, ownInputSchemas } from './inputs.ts';
import { organisationSchema } from './organisation.ts';
import { runbookSchema, triggerSchemas } from './runbook.ts';
import { kindSchemas } from './steps.ts';

export interface SchemaFile {
  /** Relative to the project. */
  path: string;
  text: string;
}

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** The files for these actions. With the connectors' settings, their part of the configuration completes too. */
export function schemaFiles(catalogue: Catalogue, connectorSettings: ConnectorSettings = {}): SchemaFile[] {
  const actions = [...catalogue.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    fileOf('schemas/runbook.schema.json', runbookFile(actions)),
    fileOf('schemas/configuration.schema.json', configurationFile(connectorSettings)),
    fileOf('schemas/organisation.schema.json', {
      $schema: dialect,
      title: 'Countersign organisation',
      ...organisationSchema,
    }),
    fileOf('schemas/test.schema.json', {
      $schema: dialect,
      title: 'Countersign runbook tests',
      ...testFileSchema,
    }),
    fileOf('schemas/connector.schema.json', {
      $schema: dialect,
      title: 'Countersign connector',
      ...connectorSchema,
    }),
    fileOf('schemas/action.schema.json', { $schema: dialect, title: 'Countersign action', ...actionSchema }),
    fileOf('schemas/tickets.schema.json', {
      $schema: dialect,
      title: 'Countersign ticket system',
      ...ticketsSchema,
    }),
    fileOf('schemas/actions.json', actions as unknown as Json),
    fileOf('schemas/connectors.json', connectorSettings as Json),
  ];
}

function fileOf(path: string, content: Json): SchemaFile {
  return { path, text: `${JSON.stringify(content, null, 2)}\n` };
}

function runbookFile(actions: readonly ActionDescription[]): JsonObject {
  const schema = structuredClone(runbookSchema);
  const properties = schema.properties as Record<string, JsonObject>;
  const list = { type: 'array', minItems: 1, items: { $ref: '#/$defs/step' } };
  Object.assign(properties.steps ?? {}, list);
  Object.assign(properties.finally ?? {}, list);
  Object.assign(properties.on ?? {}, { items: { anyOf: Object.values(triggerSchemas) } });
  Object.assign(properties.inputs ?? {}, { additionalProperties: { $ref: '#/$defs/input' } });
  return {
    $schema: dialect,
    title: 'Countersign runbook',
    ...schema,
    $defs: { step: stepSchema(actions), input: inputSchema() },
  };
}

function inputSchema(): JsonObject {
  return {
    type: 'object',
    properties: { ...inputSchemaKeywords, ...ownInputSchemas },
    additionalProperties: false,
  };
}

/** All keys of all kinds, so that an editor offers them; which go together is said by `allOf`. */
function stepSchema(actions: readonly ActionDescription[]): JsonObject {
  const properties: JsonObject = { ...commonKeys };
  for (const { keys } of kindSchemas) {
    // `with` and `steps` stand in several kinds, with the same form.
    for (const [key, schema] of Object.entries(keys)) properties[key] ??= schema;
  }
  properties.uses = {
    anyOf: [
      ...actions.map(({ name, title, description }) => ({ const: name, title, description })),
      { type: 'string' },
    ],
    description: 'The action.',
  };
  const calls = actions.map(withFor);
  return {
    type: 'object',
    properties,
    additionalProperties: false,
    anyOf: kindSchemas.map(({ key }) => ({ required: [key] })),
    allOf: [...kindSchemas.filter(({ kind }) => kind !== 'group').map(keysOfKind), ...calls],
  };
}

/** A step of a kind has this kind's keys and the common ones. */
function keysOfKind({ key, keys, required }: (typeof kindSchemas)[number]): JsonObject {
  const names = [...Object.keys(commonKeys), ...Object.keys(keys)];
  return {
    if: { required: [key] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { required, propertyNames: { enum: names } },
  };
}

function withFor(action: ActionDescription): JsonObject {
  const input = withExpressions(action.input);
  const required = Array.isArray(action.input.required) && action.input.required.length > 0;
  return {
    if: { properties: { uses: { const: action.name } }, required: ['uses'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: {
      properties: { with: { ...input, description: action.description } },
      ...defined({ required: required ? ['with'] : undefined }),
    },
  };
}

const expression: JsonSchema = { type: 'string', pattern: '\\$\\{\\{' };

/** An action's input as a runbook writes it: wherever a value stands, an expression may stand instead. */
export function withExpressions(schema: JsonSchema, top = true): JsonSchema {
  const result: JsonSchema = { ...schema };
  const properties = schema.properties as Record<string, JsonSchema> | undefined;
  if (properties) {
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, withExpressions(property, false)]),
    );
  }
  if (isObject(schema.items)) result.items = withExpressions(schema.items, false);
  if (isObject(schema.additionalProperties))
    result.additionalProperties = withExpressions(schema.additionalProperties, false);
  if (top) return result;
  const { title, description } = schema;
  return {
    ...defined({ title, description }),
    anyOf: [result, expression],
  };
}

function configurationFile(connectorSettings: ConnectorSettings): JsonObject {
  const schema = structuredClone(configurationSchema);
  const properties = schema.properties as Record<string, JsonObject>;
  const connectors = Object.entries(connectorSettings).map(([name, settings]) => [
    name,
    withExpressions(withFormerly(settings)),
  ]);
  if (connectors.length > 0)
    Object.assign(properties.connectors ?? {}, { properties: Object.fromEntries(connectors) });
  return { $schema: dialect, title: 'Countersign configuration', ...schema };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
