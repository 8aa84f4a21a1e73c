/** What each kind of step may hold: one schema for the checks, the editor and the reference. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonObject, JsonSchema, StepKind } from '../../plan/plan.ts';

const text = (description: string): JsonSchema => ({ type: 'string', description });
const duration = (description: string): JsonSchema => ({
  type: 'string',
  description: `${description} For example 90m, 1h30m, 10d, 2 business days.`,
});
const object = (
  properties: Record<string, JsonSchema>,
  required: string[],
  description = '',
): JsonSchema => ({
  type: 'object',
  ...defined({ description: description || undefined }),
  properties,
  ...defined({ required: unlessEmpty(required) }),
  additionalProperties: false,
});
const steps = (description: string): JsonSchema => ({
  type: 'array',
  minItems: 1,
  items: { $ref: '#/$defs/step' },
  description,
});

/** An expression: text, or true or false as YAML reads them. */
export const expressionSchema = (description: string): JsonSchema => ({
  type: ['string', 'boolean'],
  description: `${description} An expression; the braces may be left out.`,
});

export const retrySchema: JsonSchema = object(
  {
    attempts: { type: 'integer', minimum: 1, maximum: 100, description: 'How often it is tried in all.' },
    first: duration('How long to wait before the second try.'),
    factor: {
      type: 'number',
      minimum: 1,
      maximum: 10,
      description: 'By how much each wait is longer than the one before.',
    },
    max: duration('The longest wait between two tries.'),
  },
  [],
  'How a failed action is tried again before the step parks.',
);

const peopleSchema = (description: string): JsonSchema => ({
  description,
  anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { type: 'string' } }],
});

/** Keys that every step may have. */
export const commonKeys: Record<string, JsonSchema> = {
  id: text(
    'Name of the step in expressions, commands and the record: small letter first, then letters and digits.',
  ),
  title: text('What the step does, as people read it.'),
  if: expressionSchema('The step runs only if this is true.'),
  onError: {
    enum: ['park', 'continue', 'abort'],
    description: 'When it fails after its retries: wait for a person (park), go on, or abort the run.',
  },
};

const withSchema: JsonSchema = { type: 'object', description: 'What the action gets.' };

const actionKeys: Record<string, JsonSchema> = {
  uses: text('The action, for example entra.createUser.'),
  with: withSchema,
  timeout: duration('How long one try may take.'),
  retry: retrySchema,
  undo: object(
    {
      if: expressionSchema(
        'The step is taken back only if this is true, for example that it has changed anything at all.',
      ),
      uses: text('The action that takes the step back.'),
      with: withSchema,
    },
    ['uses'],
    'Takes the step back when the run is aborted.',
  ),
};

export interface KindSchema {
  kind: StepKind;
  /** The key by which the kind is known. */
  key: string;
  /** In a coordinator's words. */
  words: string;
  keys: Record<string, JsonSchema>;
  required: string[];
}

export const kindSchemas: readonly KindSchema[] = [
  { kind: 'action', key: 'uses', words: 'an action', keys: actionKeys, required: ['uses'] },
  {
    kind: 'approve',
    key: 'approve',
    words: 'an approval',
    required: ['approve'],
    keys: {
      approve: object(
        {
          from: peopleSchema('Who is asked: e-mail addresses, role:NAME, or expressions that give them.'),
          except: peopleSchema(
            'Who may not sign here, though they are among those asked: e-mail addresses, role:NAME, or expressions that give them. Whoever asked for the run never may.',
          ),
          quorum: {
            description: 'How many must agree: a number, majority, or all.',
            anyOf: [{ type: 'integer', minimum: 1 }, { enum: ['majority', 'all'] }],
          },
          within: duration('By when it must be given.'),
          remind: duration('After how long those who have not answered are reminded.'),
          escalate: text(
            'Who is asked in addition when the time has passed. Without it the run is rejected.',
          ),
          show: { type: 'object', description: 'What the people asked see, beside the inputs.' },
          retroactive: {
            type: 'boolean',
            description: 'The steps after it go on; the run does not end before it is given.',
          },
          onReject: { enum: ['abort', 'continue'], description: 'What happens when it is refused.' },
        },
        ['from'],
        'Asks people for their signature.',
      ),
    },
  },
  {
    kind: 'task',
    key: 'task',
    words: 'a task',
    required: ['task'],
    keys: {
      task: object(
        {
          to: peopleSchema('Who does it: e-mail addresses, role:NAME, or expressions that give them.'),
          instructions: text('What to do, as the person reads it.'),
          form: {
            type: 'object',
            additionalProperties: { $ref: '#/$defs/input' },
            description: 'What the person reports: a name and a JSON Schema for each field.',
          },
          within: duration('By when it must be done.'),
          onExpiry: { enum: ['park', 'continue'], description: 'What happens when the time has passed.' },
        },
        ['to', 'instructions'],
        'A person does it by hand and reports it.',
      ),
    },
  },
  {
    kind: 'wait',
    key: 'wait',
    words: 'a wait',
    required: ['wait'],
    keys: {
      wait: object(
        {
          for: duration('How long to wait.'),
          until: text(
            'A date (2026-01-31) or time (2026-01-31T09:00) to wait for, in the time zone of the organisation or of its own: 2026-01-31T09:00[Europe/Lisbon].',
          ),
          event: text('Name of an event to wait for, such as order.shipped.'),
          key: text('Which of these events: the run wakes for the one with this key.'),
          within: duration('How long to wait for the event.'),
          onExpiry: { enum: ['park', 'continue'], description: 'What happens when the time has passed.' },
        },
        [],
        'Waits for a length of time, until a moment, or for an event.',
      ),
    },
  },
  {
    kind: 'window',
    key: 'window',
    words: 'a window',
    required: ['window'],
    keys: {
      window: object(
        {
          calendar: text('A calendar from countersign.yaml whose windows count.'),
          freeze: {
            type: 'array',
            items: { type: 'string' },
            description: 'Calendars during which nothing may run.',
          },
          needs: duration('Enters a window only with this much of it left.'),
          overrun: {
            enum: ['undo', 'finish', 'park'],
            description: 'When the window closes before the steps are done.',
          },
          steps: steps('What is done in the window.'),
        },
        ['calendar', 'steps'],
        'Waits for a change window and does its steps in it.',
      ),
    },
  },
  {
    kind: 'parallel',
    key: 'parallel',
    words: 'a parallel',
    required: ['parallel'],
    keys: {
      parallel: {
        type: 'object',
        minProperties: 1,
        additionalProperties: steps('The steps of this branch, in order.'),
        description: 'Branches that run at the same time, each with a name.',
      },
    },
  },
  {
    kind: 'forEach',
    key: 'forEach',
    words: 'a forEach',
    required: ['forEach', 'as', 'steps'],
    keys: {
      forEach: {
        type: ['string', 'array'],
        description: 'The items: an expression that gives a list, or a list.',
      },
      as: text('Name of the item in the expressions of its steps.'),
      concurrency: {
        type: 'integer',
        minimum: 1,
        maximum: 1000,
        description: 'How many items at the same time; one, unless said.',
      },
      tolerate: {
        type: ['integer', 'string'],
        description: 'How many items may fail: a number or a share such as 5%.',
      },
      collect: {
        type: 'integer',
        minimum: 1,
        maximum: 1000,
        description: "How many items' outputs are kept for later steps.",
      },
      steps: steps('What is done for each item.'),
    },
  },
  {
    kind: 'repeat',
    key: 'repeat',
    words: 'a repeat',
    required: ['repeat', 'steps'],
    keys: {
      repeat: object(
        {
          until: expressionSchema('The steps are repeated until this is true.'),
          every: duration('How long to wait between two rounds.'),
          atMost: { type: ['integer', 'string'], description: 'How many rounds, or how long in all.' },
        },
        ['until', 'every', 'atMost'],
        'Repeats its steps until something holds.',
      ),
      steps: steps('What is done in each round.'),
    },
  },
  {
    kind: 'runbook',
    key: 'runbook',
    words: 'a called runbook',
    required: ['runbook'],
    keys: {
      runbook: text('Name of the runbook to run.'),
      with: { type: 'object', description: 'Its inputs.' },
    },
  },
  {
    kind: 'end',
    key: 'end',
    words: 'an end',
    required: ['end'],
    keys: {
      end: object(
        {
          status: { enum: ['succeeded', 'cancelled', 'failed'], description: 'How the run ends.' },
          reason: text('Why, as people read it.'),
        },
        ['status'],
        'Ends the run early.',
      ),
    },
  },
  {
    kind: 'group',
    key: 'steps',
    words: 'a group',
    required: ['steps'],
    keys: {
      steps: steps('Steps that belong together.'),
      else: steps('What is done when `if` is false.'),
    },
  },
];

export function kindSchema(kind: StepKind): KindSchema {
  const found = kindSchemas.find((schema) => schema.kind === kind);
  if (!found) throw new Error(`no schema for steps of kind ${kind}`);
  return found;
}

const checked = new Map<StepKind, JsonSchema>();

/** The schema that a step of this kind is checked with. Steps inside it are read and checked by themselves. */
export function stepSchema(kind: StepKind): JsonSchema {
  const known = checked.get(kind);
  if (known) return known;
  const { keys, required } = kindSchema(kind);
  const schema = withoutRefs(object({ ...commonKeys, ...keys }, required)) as JsonObject;
  checked.set(kind, schema);
  return schema;
}

/** `$ref` would lead back to steps, which their own reader checks; here it stands for anything. */
function withoutRefs(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    value && typeof value === 'object' && '$ref' in value ? {} : value,
  );
}
