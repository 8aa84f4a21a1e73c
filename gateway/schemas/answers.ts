/** JSON Schemas of the API's answers. */
import { boolean, date, listOf, mapOf, moment, object, open, text, which } from './dsl.ts';

/** The answers of a route: what it gives, and problems. */
export function gives(schema: object, status = 200) {
  return { [status]: schema, '4xx': problem, '5xx': problem };
}

export const nothing = { type: 'null', description: 'Nothing; it is done.' };

export const problem = {
  type: 'object',
  description: 'RFC 9457 problem details',
  properties: {
    type: text(),
    title: text(),
    status: { type: 'integer' },
    detail: text('What is wrong, where, and what to do, for a person.'),
  },
  required: ['type', 'title', 'status', 'detail'],
};

export const principal = object(
  {
    id: text('E-mail address, in lower case.'),
    'name?': text(),
    roles: listOf(text()),
  },
  'Who is signed in.',
);

export const signInWays = object(
  {
    organisation: text('Its name.'),
    local: boolean('Whether a one-time code by mail will do.'),
    'oidc?': object({
      title: text('What the provider is called.'),
      url: text('Where to begin; takes ?to=.'),
    }),
  },
  'How one can sign in.',
);

export const ticket = object({ system: text(), key: text(), id: text(), url: text(), summary: text() });

const waitingOn = object({
  step: text(),
  title: text(),
  kind: which('gate', 'task', 'parked', 'event', 'moment', 'window'),
  people: listOf(text('E-mail address.')),
  'role?': text(),
  since: moment,
  'deadline?': moment,
  'event?': object({ name: text(), key: text() }, 'What is to come from outside.'),
});

const runProperties = {
  id: text(),
  workflowId: text(),
  runbook: text(),
  title: text(),
  kind: text(),
  owner: text('role:NAME or an e-mail address.'),
  'planHash?': text(),
  'partOf?': text('The run whose step started this one.'),
  requester: text(),
  'ticket?': ticket,
  status: which(
    'running',
    'waiting',
    'parked',
    'paused',
    'undoing',
    'succeeded',
    'failed',
    'rejected',
    'cancelled',
  ),
  'reason?': text(),
  startedAt: date,
  'endedAt?': date,
  waitingOn: listOf(waitingOn),
};

export const runs = object({ runs: listOf(object(runProperties)) });

export const outlineStep = object(
  {
    id: text(),
    title: text(),
    kind: text(),
    'tag?': text('What it is, in a word.'),
    depth: { type: 'integer', description: 'How deep it stands inside other steps.' },
    part: which('steps', 'finally'),
    'action?': text(),
    'effect?': which('read', 'write', 'destructive'),
    gatedBy: listOf(text('Id of an approval without which the step does not run.')),
  },
  'A step of the plan.',
);

const failure = object({ message: text(), type: text(), 'requestId?': text() });

const vote = object({
  principal,
  decision: which('approve', 'reject'),
  'comment?': text(),
  at: moment,
  'recorded?': object({ by: text(), minutes: text() }),
});

const previewedStep = object({
  step: text(),
  title: text(),
  action: text(),
  effect: which('read', 'write', 'destructive'),
  'summary?': text(),
  'nothingToDo?': boolean(),
  'problems?': listOf(text()),
});

const gateProperties = {
  step: text(),
  title: text(),
  openedAt: moment,
  'deadline?': moment,
  'remindAt?': moment,
  approvers: listOf(text('E-mail address.')),
  'standIns?': mapOf(text('Who is away.'), 'Who is asked instead of whom.'),
  'recorders?': listOf(text('Who may enter votes that were given in a meeting.')),
  needed: { type: 'integer', description: 'How many must approve.' },
  shown: open('Everything that a signature stands for.'),
  'preview?': object({ steps: listOf(previewedStep), 'stopped?': text() }, 'What the signature lets happen.'),
  hash: text('Hash of exactly what is shown; a vote names it.'),
  votes: listOf(vote),
};

const task = object({
  step: text(),
  title: text(),
  openedAt: moment,
  'deadline?': moment,
  people: listOf(text()),
  instructions: {},
  form: open('Field name to JSON Schema.'),
  'required?': listOf(text()),
  'sensitive?': listOf(text('A field that is sealed once it is reported.')),
  'report?': open('What was reported.'),
});

const stepView = object({
  id: text(),
  kind: text(),
  title: text(),
  status: text(),
  'action?': text(),
  'startedAt?': moment,
  'endedAt?': moment,
  'input?': {},
  'output?': {},
  'failure?': failure,
  'progress?': object({ total: { type: 'integer' }, done: { type: 'integer' }, failed: { type: 'integer' } }),
  attempts: { type: 'integer' },
});

const runView = object(
  {
    runbook: text(),
    title: text(),
    kind: text(),
    owner: text(),
    planHash: text(),
    status: text(),
    'reason?': text(),
    requester: principal,
    'ticket?': ticket,
    inputs: open('By name. A sealed one is { $sealed: true }.'),
    startedAt: moment,
    'endedAt?': moment,
    steps: listOf(stepView),
    gates: listOf(object(gateProperties)),
    tasks: listOf(task),
    'barred?': mapOf(text(), 'Who may not sign, and why.'),
    'outputs?': open('By name.'),
    seq: { type: 'integer' },
  },
  'The run in its own words.',
);

export const run = object({
  ...runProperties,
  titles: mapOf(text(), 'Step id to title.'),
  'live?': runView,
  'inputs?': open('By name; those of a live run, and of one that has ended while Temporal keeps it.'),
  'outputs?': open('By name, once it has ended.'),
  mayOperate: boolean('Whether whoever asks may retry, skip, pause or abort.'),
  outline: listOf(outlineStep),
});

export const journalEntry = object({
  seq: { type: 'integer' },
  at: moment,
  kind: text(),
  'step?': text(),
  'data?': open('What happened, by name.'),
});

export const journal = object({ status: text(), entries: listOf(journalEntry) });

export const gate = object({
  ...gateProperties,
  runbook: object({ name: text(), title: text(), kind: text() }),
  'change?': object(
    { 'risk?': text(), 'affects?': listOf(text()), 'backout?': text() },
    'What the board is told of the change.',
  ),
  'window?': object(
    {
      calendar: text(),
      'title?': text(),
      'opensAt?': moment,
      'closesAt?': moment,
      'frozenBy?': text('The freeze because of which it is not sooner.'),
    },
    'When the signed steps could run.',
  ),
  mayVote: boolean(),
  'whyNot?': text(),
  'mine?': vote,
});

export const voteReceipt = object({
  result: which('counted', 'changed'),
  approvals: { type: 'integer' },
  needed: { type: 'integer' },
});

export const done = object({ id: text('The run.'), done: text('What it was told.') });

export const started = object({
  id: text('The run.'),
  started: boolean('False when the same request had started it before.'),
});

export const inbox = object({
  items: listOf(
    object({
      run: object({
        id: text(),
        title: text(),
        runbook: text(),
        kind: text(),
        requester: text(),
        'ticket?': ticket,
        startedAt: date,
      }),
      step: text(),
      title: text(),
      kind: which('gate', 'task', 'parked'),
      since: moment,
      'deadline?': moment,
      'role?': text(),
      people: listOf(text()),
      'reason?': text('Of a parked step: what went wrong.'),
    }),
  ),
  total: { type: 'integer', description: 'How many there are; the most urgent are given.' },
});

const runbookProperties = {
  runbook: text('Its name.'),
  title: text(),
  kind: text(),
  owner: text(),
  'description?': text(),
  hash: text('Of its plan.'),
  mayStart: boolean('Whether whoever asks may start it by hand.'),
};

export const runbooks = object({ runbooks: listOf(object(runbookProperties)) });

export const runbook = object({
  ...runbookProperties,
  inputs: mapOf(
    object({
      schema: open('JSON Schema.'),
      required: boolean(),
      'default?': {},
      'sensitive?': boolean(),
      'visibleTo?': listOf(text()),
    }),
    'By name.',
  ),
  needsTicket: boolean(),
  triggers: listOf(open('What starts it.')),
});

export const procedure = object({ html: text('A fragment of a page.'), svg: text('The flow as a picture.') });

export const health = object({ status: which('ready') });

export const received = object(
  { outcome: text(), 'reason?': text(), 'run?': text('The run that it started or told.') },
  'What became of a delivery.',
);

const deliveryProperties = {
  id: text(),
  system: text(),
  deliveryKey: text(),
  'transitionKey?': text(),
  receivedAt: date,
  believed: boolean('Whether it was signed, and fresh where the system says when.'),
  outcome: text(),
  'reason?': text(),
  'runId?': text(),
  attempts: { type: 'integer' },
};

export const deliveries = object({
  deliveries: listOf(object(deliveryProperties)),
  countedOnly: mapOf(
    { type: 'integer' },
    'By system: what was not believed in the last day, and not kept either.',
  ),
});

export const delivery = object({
  ...deliveryProperties,
  body: text('As it came.'),
  replays: listOf(object({ at: date, by: text(), outcome: text(), 'reason?': text(), 'runId?': text() })),
  'reading?': open('What was read in it.'),
});

export const replayed = object({
  id: text('Of the delivery.'),
  outcome: text(),
  'reason?': text(),
  'run?': text('The run that it started or told.'),
});

export const kept = object({ id: text('Of the event.') }, 'It is kept, and wakes the run that waits for it.');

export const keptEvents = object({
  events: listOf(
    object({
      id: text(),
      name: text(),
      key: text(),
      data: open('What it brings.'),
      source: text('Who sent it.'),
      receivedAt: date,
      'runId?': text('The run it is for.'),
      'deliveredAt?': date,
    }),
  ),
});

const auditRecord = open(
  'One record: its number, moment, kind, step, actor and data, bound to the one before.',
);

export const auditRecords = object({
  run: text(),
  records: listOf(auditRecord),
  'next?': { type: 'integer', description: 'Number to go on after.' },
});

export const verdict = open('Whether the records are whole and agree with the journal, and what does not.');

export const auditFile = open('Records, journal, plan and head of one run.');
