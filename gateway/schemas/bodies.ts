/** What several routes are sent. What one route alone is sent stands beside it. */
export const person = { type: 'string', description: 'E-mail address' };
export const anyObject = { type: 'object', additionalProperties: true };

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

export const limitQuery = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 } },
};

export const afterQuery = {
  type: 'object',
  properties: {
    after: { type: 'integer', minimum: 0, default: 0, description: 'Only entries behind this number.' },
  },
};
