/** Swagger 2.0, as some services still publish it, in the form of OpenAPI 3, which the contract reads. */

import { defined } from '../plan/defined.ts';

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  type?: string;
  enum?: unknown[];
}

interface Operation {
  parameters?: Parameter[];
  responses?: Record<string, { schema?: unknown }>;
}

export interface Swagger {
  swagger: string;
  paths: Record<string, Record<string, Operation>>;
  definitions?: Record<string, unknown>;
}

export function isSwagger(description: object): description is Swagger {
  return 'swagger' in description;
}

/** References to `#/definitions/…` keep their targets. */
export function openApiOf(description: Swagger) {
  const paths = Object.entries(description.paths).map(([path, operations]) => {
    const converted = Object.entries(operations).map(([method, operation]) => [
      method,
      operationOf(operation),
    ]);
    return [path, Object.fromEntries(converted)] as const;
  });
  return { ...description, paths: Object.fromEntries(paths), components: { schemas: {} } };
}

function operationOf({ parameters = [], responses = {} }: Operation) {
  const form = parameters.filter((parameter) => parameter.in === 'formData');
  const answers = Object.entries(responses).map(([status, { schema }]) => [
    status,
    schema ? { content: { 'application/json': { schema } } } : {},
  ]);
  return {
    parameters: parameters
      .filter((parameter) => parameter.in !== 'formData')
      .map(({ type, enum: values, ...parameter }) => ({
        ...parameter,
        schema: { type, ...defined({ enum: values }) },
      })),
    ...defined({
      requestBody:
        form.length > 0
          ? { required: true, content: { 'application/json': { schema: formOf(form) } } }
          : undefined,
    }),
    responses: Object.fromEntries(answers),
  };
}

/** The fields of a form come as text, whatever type they have. */
function formOf(parameters: Parameter[]) {
  const textOf = ({ type }: Parameter) => ({
    type: 'string',
    ...defined({
      enum: type === 'boolean' ? ['true', 'false'] : undefined,
      pattern: type === 'integer' ? '^\\d+$' : undefined,
    }),
  });
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, textOf(parameter)])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}
