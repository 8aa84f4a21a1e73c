/** JSON Schemas of what the API is sent: bodies, paths and queries. */
import type { Outcome } from '../../store/deliveries.ts';

const person = { type: 'string', description: 'E-mail address' };
const anyObject = { type: 'object', additionalProperties: true };

export const runId = {
  type: 'object',
  required: ['id'],
  properties: {
    id: {
      type: 'string',
      minLength: 1,
      description: 'The run’s id, or as much of its beginning as is unique.',
    },
  },
};

export const runAndStep = {
  type: 'object',
  required: ['id', 'step'],
  properties: { ...runId.properties, step: { type: 'string', minLength: 1, description: 'The step’s id.' } },
};

export const startBody = {
  type: 'object',
  required: ['runbook'],
  additionalProperties: false,
  properties: {
    runbook: { type: 'string', description: 'Name of the runbook.' },
    inputs: { ...anyObject, description: 'By name, as the runbook declares them.' },
    ticket: {
      type: 'object',
      description: 'The ticket it is about, where the runbook works on one.',
      required: ['system', 'key'],
      additionalProperties: false,
      properties: {
        system: { type: 'string' },
        key: { type: 'string' },
        url: { type: 'string' },
        summary: { type: 'string' },
      },
    },
  },
};

export const voteBody = {
  type: 'object',
  required: ['decision', 'hash'],
  additionalProperties: false,
  properties: {
    decision: { type: 'string', enum: ['approve', 'reject'] },
    hash: {
      type: 'string',
      minLength: 1,
      description: 'The hash of what the voter was shown, from the gate.',
    },
    comment: { type: 'string', maxLength: 4000 },
    recorded: {
      type: 'object',
      description: 'A vote that was given in a meeting, entered by somebody with the right to.',
      required: ['for', 'minutes'],
      additionalProperties: false,
      properties: {
        for: { ...person, description: 'E-mail address of whose vote it is.' },
        minutes: { type: 'string', minLength: 1, maxLength: 1000, description: 'Where the minutes are.' },
      },
    },
  },
};

export const commandBody = {
  type: 'object',
  additionalProperties: false,
  properties: { comment: { type: 'string', maxLength: 4000 } },
};

export const retryBody = {
  ...commandBody,
  properties: {
    ...commandBody.properties,
    with: { ...anyObject, description: 'Replaces the step’s input.' },
  },
};

export const completeBody = {
  ...commandBody,
  required: ['output'],
  properties: {
    ...commandBody.properties,
    output: { ...anyObject, description: 'What the step would have given.' },
  },
};

export const amendBody = {
  ...commandBody,
  required: ['inputs'],
  properties: { ...commandBody.properties, inputs: { ...anyObject, description: 'New values by name.' } },
};

export const limitQuery = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 } },
};

const outcomes: Outcome[] = [
  'received',
  'started',
  'told',
  'kept',
  'already',
  'not for us',
  'rejected',
  'failed',
];

export const deliveryQuery = {
  ...limitQuery,
  properties: {
    ...limitQuery.properties,
    outcome: { type: 'string', enum: outcomes, description: 'Only those of which this became.' },
  },
};

export const deliveryId = {
  type: 'object',
  required: ['id'],
  properties: {
    id: {
      type: 'string',
      minLength: 4,
      description: 'The delivery’s id, or as much of its beginning as is unique.',
    },
  },
};

export const eventBody = {
  type: 'object',
  required: ['name', 'key'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'What happened, such as order.shipped.',
    },
    key: {
      type: 'string',
      minLength: 1,
      maxLength: 500,
      description: 'To what: the run that waits for this name and this key goes on.',
    },
    data: { ...anyObject, description: 'What the step that waited gives on.' },
  },
};

export const reassignBody = {
  ...commandBody,
  required: ['from'],
  properties: {
    ...commandBody.properties,
    from: {
      type: 'array',
      minItems: 1,
      items: { type: 'string' },
      description: 'E-mail addresses and role:NAME.',
    },
  },
};

export const listQuery = {
  type: 'object',
  properties: {
    status: { type: 'string', description: 'One or more, separated by commas.' },
    waitingFor: { type: 'string', enum: ['me'], description: 'Only runs that wait for whoever asks.' },
    runbook: { type: 'string', description: 'Only runs of this runbook.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
    afterStartedAt: { type: 'string', description: 'With `afterId`, the last run of the page before.' },
    afterId: { type: 'string' },
  },
};

export const afterQuery = {
  type: 'object',
  properties: {
    after: { type: 'integer', minimum: 0, default: 0, description: 'Only entries behind this number.' },
  },
};

export const codeBody = {
  type: 'object',
  required: ['email'],
  additionalProperties: false,
  properties: { email: { ...person, minLength: 3, maxLength: 254 } },
};

export const signInBody = {
  ...codeBody,
  required: ['email', 'code'],
  properties: {
    ...codeBody.properties,
    code: { type: 'string', minLength: 8, maxLength: 20, description: 'The code from the mail: 1234-5678.' },
  },
};

export const runbookName = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', minLength: 1, description: 'Name of the runbook.' } },
};
