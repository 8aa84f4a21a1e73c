/** What several routes answer. What one route alone answers stands beside it. */
import type { RunRow } from '../../store/runs.ts';
import type { Gate, RunView, StepView, Task } from '../../workflows/messages.ts';
import { boolean, date, listOf, mapOf, moment, object, open, text, which } from './dsl.ts';

/** A schema of a type has all of its names, those that may be absent with `?`: an answer with more is refused by whoever reads it strictly. */
type Describes<T> = {
  [Name in keyof T & string as object extends Pick<T, Name> ? `${Name}?` : Name]: object;
};

/** The answers of a route: what it gives, and problems. */
export function gives(schema: object, status = 200) {
  return { [status]: schema, '4xx': problem, '5xx': problem };
}

export const nothing = { type: 'null', description: 'Nothing; it is done.' };

/** Under the type that it is sent with: whoever makes a client of the document reads by it. */
export const problem = {
  description: 'RFC 9457 problem details',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: {
          type: text(),
          title: text(),
          status: { type: 'integer' },
          detail: text('What is wrong, where, and what to do, for a person.'),
        },
        required: ['type', 'title', 'status', 'detail'],
      },
    },
  },
};

export const principalProperties = {
  id: text('E-mail address, in lower case.'),
  'name?': text(),
  roles: listOf(text()),
};

export const principal = object(principalProperties, 'Who is signed in.');

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

export const runProperties = {
  id: text(),
  workflowId: text(),
  runbook: text(),
  title: text(),
  'subject?': text('What the run is about.'),
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
  'removed?': object({ at: date }, 'The run is no longer listed: only its records are left.'),
} satisfies Describes<RunRow>;

export const outlineStep = object(
  {
    id: text(),
    title: text(),
    kind: text(),
    'tag?': text('What it is, in a word.'),
    depth: { type: 'integer', description: 'How deep it stands inside other steps.' },
    part: which('steps', 'finally'),
    'action?': text(),
    'does?': text('What the action does, in words.'),
    'effect?': which('read', 'write', 'destructive'),
    gatedBy: listOf(text('Id of an approval without which the step does not run.')),
  },
  'A step of the plan.',
);

const failure = object({ message: text(), type: text(), 'requestId?': text() });

export const vote = object({
  principal,
  decision: which('approve', 'reject'),
  'comment?': text(),
  'form?': open('What was filled in with it.'),
  at: moment,
  'recorded?': object({
    by: text(),
    minutes: text(),
    'countsFrom?': moment,
    'telling?': boolean('Whose vote it is is being told.'),
    'untold?': boolean('Whose vote it is could not be told, so that it does not count.'),
  }),
});

const previewedStep = object({
  step: text(),
  title: text(),
  action: text(),
  effect: which('read', 'write', 'destructive'),
  'summary?': text(),
  'nothingToDo?': boolean(),
  'problems?': listOf(text()),
  'difference?': text('Line by line what is there (- ) and what would be (+ ).'),
});

export const gateProperties = {
  step: text(),
  title: text(),
  openedAt: moment,
  'deadline?': moment,
  'remindAt?': moment,
  approvers: listOf(text('E-mail address.')),
  'standIns?': mapOf(text('For whom.'), 'Who stands in, for whom.'),
  'seats?': mapOf(text('For whom.'), 'Stand-ins who have one vote together with whom they stand in for.'),
  'recorders?': listOf(text('Who may enter votes that were given in a meeting.')),
  'recordersOf?': mapOf(listOf(text()), 'Who may enter whose vote.'),
  'except?': listOf(text('Who may not sign here, by the runbook.')),
  'from?': listOf(text('Whom the runbook names: an e-mail address or role:NAME.')),
  'eligible?': listOf(text('Who could be asked instead.')),
  'roles?': mapOf(listOf(text()), 'Members of each role who are here, or stand in.'),
  'notice?': text('Id of the message with which people were asked.'),
  'revision?': { type: 'integer', description: 'Goes up with whatever changes what is signed.' },
  'proposals?': listOf(open('A change by hand that those who signed are asked to countersign.')),
  'unmet?': boolean('Too few of those who are asked could still approve.'),
  needed: { type: 'integer', description: 'How many must approve.' },
  shown: open('Everything that a signature stands for.'),
  'preview?': object({ steps: listOf(previewedStep), 'stopped?': text() }, 'What the signature lets happen.'),
  hash: text('Hash of exactly what is shown; a vote names it.'),
  'form?': open('What whoever approves fills in: field name to JSON Schema.'),
  'required?': listOf(text('A field that must be filled in.')),
  votes: listOf(vote),
} satisfies Describes<Gate>;

const task = object({
  step: text(),
  title: text(),
  openedAt: moment,
  'deadline?': moment,
  people: listOf(text()),
  'barred?': listOf(text('Who may not do it, by the runbook.')),
  instructions: {},
  form: open('Field name to JSON Schema.'),
  'required?': listOf(text()),
  'sensitive?': listOf(text('A field that is sealed once it is reported.')),
} satisfies Describes<Task>);

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
} satisfies Describes<StepView>);

export const runView = object(
  {
    runbook: text(),
    title: text(),
    kind: text(),
    owner: text(),
    planHash: text(),
    status: text(),
    'subject?': text('What the run is about.'),
    'reason?': text(),
    requester: principal,
    'ticket?': ticket,
    inputs: open('By name. A sealed one is { $sealed: true }.'),
    'organisation?': open('The organisation’s values with which it began.'),
    startedAt: moment,
    'endedAt?': moment,
    steps: listOf(stepView),
    gates: listOf(object(gateProperties)),
    tasks: listOf(task),
    'barred?': mapOf(text(), 'Who may not sign, and why.'),
    'outputs?': open('By name.'),
    'left?': listOf(object({ step: text(), title: text(), why: text() })),
    seq: { type: 'integer' },
  } satisfies Describes<RunView>,
  'The run in its own words.',
);

export const journalEntry = object({
  seq: { type: 'integer' },
  at: moment,
  kind: text(),
  'step?': text(),
  'data?': open('What happened, by name.'),
});
