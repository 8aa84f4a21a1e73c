/** What `countersign.yaml` may hold: for the checks, the editor and the reference. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import { signInSchema } from '../configuration/sign-in.ts';

const text = (description: string): JsonSchema => ({ type: 'string', description });
const object = (
  properties: Record<string, JsonSchema>,
  required: string[],
  description: string,
): JsonSchema => ({
  type: 'object',
  description,
  properties,
  ...defined({ required: unlessEmpty(required) }),
  additionalProperties: false,
});
const named = (item: JsonSchema, description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: item,
});
const open = (description: string): JsonSchema => ({ type: 'object', description });
const people: JsonSchema = {
  type: 'array',
  items: { type: 'string', format: 'email' },
  description: 'E-mail addresses.',
};

const role = object(
  {
    people,
    description: text('What the role stands for.'),
    entraGroup: text('Name or object id of an Entra group whose members have the role too.'),
    records: { type: 'boolean', description: 'May enter votes that were given in a meeting.' },
    delegates: named({ type: 'string', format: 'email' }, 'Who stands in for whom: an address each.'),
    absences: {
      type: 'array',
      description: 'Who is away when; their delegate is asked instead.',
      items: object(
        {
          person: { type: 'string', format: 'email', description: 'Who is away.' },
          from: { type: 'string', format: 'date', description: 'First day.' },
          to: { type: 'string', format: 'date', description: 'Last day.' },
          delegate: { type: 'string', format: 'email', description: 'Who is asked instead.' },
        },
        ['person', 'from', 'to'],
        'One absence.',
      ),
    },
  },
  [],
  'Who is in the role.',
);

const secret: JsonSchema = {
  description: 'Where the secret is found. Its value never stands here.',
  type: 'object',
  properties: {
    env: text('Name of an environment variable.'),
    file: text('Path of a file.'),
  },
  additionalProperties: false,
};

const calendar = object(
  {
    description: text('What the calendar is for.'),
    timezone: text('IANA time zone, such as Europe/Berlin.'),
    ics: text('Path of an .ics file beside this one.'),
    rrule: text('Recurrence rule (RFC 5545), such as FREQ=WEEKLY;BYDAY=SA.'),
    start: text('Start of the first occurrence: 2026-01-03T22:00.'),
    duration: text('How long each occurrence lasts, such as 6h.'),
    except: { type: 'array', items: { type: 'string' }, description: 'Dates on which there is none.' },
    windows: {
      type: 'array',
      description: 'Single occurrences.',
      items: object(
        { name: text('What it is called.'), from: text('Start.'), to: text('End.') },
        ['from', 'to'],
        'One occurrence.',
      ),
    },
  },
  ['timezone'],
  'Windows, freezes or holidays.',
);

const policy = object(
  {
    name: text('What it is called in messages.'),
    description: text('Why it is there.'),
    for: text(
      'Which steps or runbooks it is about: an expression with `step` and `runbook`, such as step.effect == "destructive". Without it, all.',
    ),
    rule: text(
      'What must be true: an expression with `step` (asked for each step), `steps` and `runbook`. A step has id, title, kind, action, effect, runbook, part, undo, reads, gates and afterwards; what it reads has path, source (input, ticket, step, event or task) and amend (none, free or afterwards); a gate has id, title, signers, quorum, rule and escalatesTo.',
    ),
    message: text('What its author is told.'),
  },
  ['rule'],
  'A rule that every runbook must keep.',
);

export const configurationKeys: Record<string, JsonSchema> = {
  organisation: open('Values that every runbook can use, such as the name and the mail domain.'),
  timezone: text('IANA time zone in which business days are counted.'),
  roles: named(role, 'Who is who: a name and its people.'),
  secrets: named(secret, 'Where secrets are found.'),
  connectors: named(open('Settings of the connector.'), 'The systems that actions call, by connector.'),
  tickets: named(open('Settings of the ticket system.'), 'The ticket systems that start runs.'),
  calendars: named(calendar, 'Change windows, freezes and holidays.'),
  holidays: text('The calendar whose days are no working days.'),
  policies: { type: 'array', items: policy, description: 'Rules for runbooks.' },
  separationOfDuties: {
    type: 'array',
    items: { enum: ['author', 'operator'] },
    description:
      'Who else may not sign in a run, besides whoever asked for it or changed its inputs: the author (who last changed the runbook in git), an operator (who retried, skipped or completed steps of the run).',
  },
  notifications: open('Which messages go where.'),
  outbound: object(
    {
      allow: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Hosts that `http` actions may call: `api.example.com`, `*.example.com` for all below a domain, `api.example.com:8443` for another port. Without it, none.',
      },
      privateNetworks: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Networks (`10.20.0.0/16`), addresses and hosts that may be called although they are private. They must be under `allow` too, and may do without https.',
      },
    },
    [],
    'Which hosts actions may reach whose address a runbook gives.',
  ),
  temporal: open('The Temporal cluster.'),
  database: open('The PostgreSQL database.'),
  signIn: signInSchema,
};

export const configurationSchema: JsonSchema = object(
  configurationKeys,
  [],
  'The configuration of Countersign.',
);
