/** JSON Schemas of the API's bodies; the OpenAPI description is made from them. */

const person = { type: 'string', description: 'E-mail address' };
const anyObject = { type: 'object', additionalProperties: true };

export const problem = {
  type: 'object',
  description: 'RFC 9457 problem details',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong, where, and what to do, for a person.' },
  },
};

export const waitingOn = {
  type: 'object',
  properties: {
    step: { type: 'string' },
    title: { type: 'string' },
    kind: { type: 'string', enum: ['gate', 'task', 'parked', 'event', 'moment', 'window'] },
    people: { type: 'array', items: person },
    role: { type: 'string' },
    since: { type: 'integer', description: 'Milliseconds since 1970' },
    deadline: { type: 'integer', description: 'Milliseconds since 1970' },
    event: {
      type: 'object',
      description: 'What is to come from outside.',
      properties: { name: { type: 'string' }, key: { type: 'string' } },
    },
  },
};

export const run = {
  type: 'object',
  additionalProperties: true,
  properties: {
    id: { type: 'string' },
    runbook: { type: 'string' },
    title: { type: 'string' },
    kind: { type: 'string' },
    owner: { type: 'string' },
    requester: { type: 'string' },
    status: { type: 'string' },
    reason: { type: 'string' },
    startedAt: { type: 'string', format: 'date-time' },
    endedAt: { type: 'string', format: 'date-time' },
    ticket: anyObject,
    waitingOn: { type: 'array', items: waitingOn },
  },
};

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
    hash: { type: 'string', description: 'The hash of what the voter was shown, from the gate.' },
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
