/** What a `*.test.yaml` may hold: for the checks, the editor and the reference. */
import type { JsonSchema } from '../../plan/plan.ts';

const text = (description: string): JsonSchema => ({ type: 'string', description });
const open = (description: string): JsonSchema => ({ type: 'object', description });
const list = (description: string): JsonSchema => ({ type: 'array', items: { type: 'string' }, description });
const duration = (description: string): JsonSchema => ({
  type: 'string',
  description: `${description} Such as 90m, 10d or 2 business days.`,
});

const answer: JsonSchema = {
  type: 'object',
  description: 'One answer.',
  properties: {
    output: open('What it gives. Fields not named are made up from the action’s schema.'),
    fails: {
      description:
        'It fails for good, with these words: what is left once its retries are used up. Or in passing: `{ times: 2 }` fails so many attempts, each retried as the step says, and then does what `output` says.',
      anyOf: [
        { type: 'string' },
        {
          type: 'object',
          properties: {
            times: { type: 'integer', minimum: 1, maximum: 100, description: 'How many attempts fail.' },
            says: text('With these words.'),
          },
          required: ['times'],
          additionalProperties: false,
        },
      ],
    },
    absent: list('Fields of the output that are left out. They must be such that the action may leave out.'),
    takes: duration('How long it takes.'),
  },
  additionalProperties: false,
};

const actions: JsonSchema = {
  type: 'object',
  description:
    'What actions answer, by step id or action name: one answer, or a list for one try after the other. Without it, each succeeds with made-up output.',
  additionalProperties: { anyOf: [answer, { type: 'array', minItems: 1, items: answer }] },
};

const ticket: JsonSchema = {
  ...open('The ticket that starts the run.'),
  properties: {
    system: text('jira, servicenow, …'),
    key: text('Its key, such as HR-101.'),
    id: text('Its id.'),
    url: text('Its address.'),
    summary: text('Its summary.'),
  },
};

const common: Record<string, JsonSchema> = {
  start: text('When the run starts, in local time: 2026-01-05T09:00 (a Monday, unless another is given).'),
  inputs: open('The inputs of the run.'),
  payload: {
    type: ['object', 'string'],
    description:
      'What a ticket system sends, or a file beside the tests that has it. The run starts as its trigger says: the inputs, the ticket and who asks come from there.',
  },
  requester: text('Who asks for the run: an e-mail address.'),
  ticket,
  actions,
};

const event: JsonSchema = {
  type: 'object',
  description:
    'Something that happens: exactly one of approve, reject, reassign, complete, retry, skip, abort, pause, resume, amend, event. Each waits until it is possible.',
  properties: {
    approve: text('Somebody signs this approval.'),
    reject: text('Somebody refuses to sign this approval.'),
    reassign: text('The owner asks others (`to`) to sign this approval.'),
    complete: text('This task is reported, or this parked step was done by hand, with its `output`.'),
    retry: text('This parked step is tried again.'),
    skip: text('The run goes on without this parked step.'),
    abort: text('The run is aborted, for this reason.'),
    pause: text('The run is paused, for this reason.'),
    resume: text('The paused run goes on, for this reason.'),
    amend: open('Inputs get new values.'),
    event: text('An event of this name comes from outside, with its `key`.'),
    by: text('Who does it. Without it: whoever is asked, or the runbook’s owner.'),
    after: duration(
      'How long after it became possible; for an abort, pause, resume, amend or event: after the event before.',
    ),
    when: text('Only once this step has begun.'),
    for: text('`by` enters the vote that this person gave in a meeting.'),
    minutes: text('Where the minutes of that meeting are.'),
    comment: text('Why.'),
    output: open('What the task or step gives.'),
    form: open('What an approval fills in.'),
    with: open('Other input for the retry.'),
    to: list('Who is to sign instead.'),
    key: text('The key of the event from outside.'),
    data: open('What the event from outside brings.'),
    refused: { type: 'boolean', description: 'Countersign must refuse it.' },
  },
  additionalProperties: false,
};

const statuses = ['succeeded', 'failed', 'rejected', 'cancelled', 'waiting', 'parked', 'paused'];

const message: JsonSchema = {
  type: 'object',
  properties: {
    to: text('Who gets it.'),
    subject: text('A part of the subject.'),
    text: text('A part of the text.'),
  },
  // One that says nothing would be like every message.
  minProperties: 1,
  additionalProperties: false,
};

const expectation: JsonSchema = {
  type: 'object',
  description: 'What must come of it. Without it: that the run succeeds.',
  properties: {
    status: {
      enum: statuses,
      description: 'How the run ends, or what it waits in when nothing more happens.',
    },
    reason: text('A part of the reason it ends with.'),
    path: list('The steps that did something, in order; an undo as STEP.undo.'),
    steps: {
      type: 'object',
      description: 'Step id -> its status.',
      additionalProperties: {
        enum: [
          'pending',
          'waiting',
          'succeeded',
          'skipped',
          'parked',
          'failed',
          'rejected',
          'expired',
          'cancelled',
          'undone',
        ],
      },
    },
    calls: open(
      'Step id -> a part of the input that its action was called with. {contains: …} and {notContains: …}, or both, look inside a text.',
    ),
    notCalled: list('Step ids and action names that must not be called.'),
    outputs: open('A part of the outputs of the run.'),
    takes: {
      description: 'How long the run takes.',
      anyOf: [
        { type: 'string' },
        {
          type: 'object',
          properties: { atLeast: duration('At least.'), atMost: duration('At most.') },
          additionalProperties: false,
        },
      ],
    },
    waitsFor: list('The steps that it waits for when nothing more happens.'),
    failures: {
      type: 'object',
      description: 'Step id -> a part of what it failed with.',
      additionalProperties: { type: 'string' },
    },
    told: {
      type: 'array',
      description: 'Messages that people get from the engine: being asked, reminded, told of a parked step.',
      items: message,
    },
    rounds: {
      type: 'object',
      description: 'Id of a repeat -> how many rounds it took.',
      additionalProperties: { type: 'integer', minimum: 1 },
    },
    notTold: { type: 'array', description: 'Messages that nobody gets from the engine.', items: message },
    called: {
      type: 'object',
      description: 'Step id or action name -> how often it is called; or `times` and `at`, in local time.',
      additionalProperties: {
        anyOf: [
          { type: 'integer', minimum: 0 },
          {
            type: 'object',
            properties: {
              times: { type: 'integer', minimum: 0, description: 'How often.' },
              at: {
                anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { type: 'string' } }],
                description: 'When, each in its order: 2026-01-06T09:00.',
              },
            },
            minProperties: 1,
            additionalProperties: false,
          },
        ],
      },
    },
  },
  additionalProperties: false,
};

const testCase: JsonSchema = {
  type: 'object',
  description: 'One run, and what must come of it.',
  properties: {
    name: text('What it shows, as a sentence.'),
    ...common,
    events: { type: 'array', items: event, description: 'What happens during the run, in order.' },
    expect: expectation,
  },
  required: ['name'],
  additionalProperties: false,
};

export const testFileSchema: JsonSchema = {
  type: 'object',
  properties: {
    runbook: text('The runbook that is tested. Without it: the one in the file of the same name.'),
    defaults: {
      type: 'object',
      description: 'What all tests share. A test’s own inputs and actions are put over these.',
      properties: common,
      additionalProperties: false,
    },
    tests: { type: 'array', minItems: 1, items: testCase, description: 'The tests.' },
  },
  required: ['tests'],
  additionalProperties: false,
};
