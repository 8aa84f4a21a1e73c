/** The top of a runbook: its keys, for the checks and the editor. Steps have their own file. */

import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import { retry as retrySchema } from '../../plan/step-kinds/schemas.ts';
import { ticketSystemNames } from '../../plan/ticket-systems.ts';

export const kinds = ['onboarding', 'offboarding', 'change', 'maintenance', 'procurement', 'review', 'other'];

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
const people: JsonSchema = {
  type: 'array',
  minItems: 1,
  items: { type: 'string' },
  description: 'E-mail addresses or role:NAME.',
};
const triggerInputs: JsonSchema = { type: 'object', description: 'What the inputs of the run get.' };
const statuses: JsonSchema = { type: 'array', minItems: 1, items: { type: 'string' } };

/** `systems` are the ticket systems that there are. */
export const triggerSchemasWith = (systems: readonly string[]): Record<string, JsonSchema> => ({
  ticket: object(
    {
      ticket: object(
        {
          system: { type: 'string', enum: [...systems], description: 'The ticket system.' },
          project: text('Only tickets of this project.'),
          type: text('Only tickets of this type.'),
          to: text('The status that the ticket must have moved to.'),
          from: text('Only if it had this status before.'),
        },
        ['system', 'to'],
        'A ticket that moves to a status starts a run.',
      ),
      inputs: triggerInputs,
      if: { type: ['string', 'boolean'], description: 'Only if this is true; sees the ticket.' },
      cancel: {
        ...object(
          {
            to: { ...statuses, description: 'Statuses: a ticket that moves to one of these.' },
            deleted: { const: true, description: 'A ticket that is deleted.' },
          },
          [],
          'Which later changes of the ticket abort the live run.',
        ),
        minProperties: 1,
      },
      amend: {
        type: 'array',
        minItems: 1,
        items: { type: 'string' },
        description: 'Inputs that a later edit of the ticket changes in the live run.',
      },
    },
    ['ticket'],
    'Started by a ticket.',
  ),
  manual: object(
    { manual: object({ by: people }, ['by'], 'Who may start it.') },
    ['manual'],
    'Started by a person.',
  ),
  schedule: object(
    {
      schedule: object(
        {
          cron: text(
            'Minute, hour, day of the month, month, day of the week: 0 8 * * MON. Where both days are named, either will do.',
          ),
          timezone: text('IANA time zone, such as Europe/Berlin.'),
        },
        ['cron', 'timezone'],
        'When it starts by itself.',
      ),
      inputs: triggerInputs,
    },
    ['schedule'],
    'Started by a schedule.',
  ),
});

export const triggerSchemas = triggerSchemasWith(ticketSystemNames);

export const runbookKeys: Record<string, JsonSchema> = {
  runbook: text('Its name: small letters, digits and hyphens.'),
  title: text('Its title, as people read it.'),
  kind: { enum: kinds, description: 'What kind of work it is.' },
  owner: text('Who may operate its runs (retry, skip, abort): an e-mail address or role:NAME.'),
  description: text('What it does and when to use it.'),
  on: { type: 'array', items: { type: 'object' }, description: 'What starts it.' },
  inputs: {
    type: 'object',
    description:
      'What a run needs to know: a name and a JSON Schema for each. Required unless it has a default or is optional.',
  },
  data: {
    type: 'object',
    description:
      'Tables of the repository, as `data.NAME` in expressions: checked cell by cell, and part of the plan.',
    additionalProperties: object(
      {
        file: text('The .csv, .yaml, .yml or .json file, beside countersign.yaml.'),
        columns: {
          type: 'object',
          minProperties: 1,
          description:
            'What each column holds: string, integer, number, boolean, date, time, email, or a JSON Schema.',
        },
        as: {
          const: 'file',
          description: 'The file as it is, for an attachment: no table.',
        },
        items: {
          type: ['string', 'object'],
          description: 'What each item of a plain list is, as of a column.',
        },
        separator: {
          type: 'string',
          minLength: 1,
          maxLength: 1,
          description: 'What stands between the cells of a .csv file; a comma without it.',
        },
      },
      ['file'],
      'A table of the repository.',
    ),
  },
  let: { type: 'object', description: 'Names for expressions that several steps use.' },
  unique: text(
    'A second live run with the same value is refused, whoever begins it: a person, a ticket, a schedule. Where another runbook calls it, that step parks until the first has ended.',
  ),
  subject: text(
    'What a run is about, in a line, such as ${{ inputs.fullName }}: it stands behind the title in every list, mail, page and report. It reads what is known when the run begins, and follows what is amended.',
  ),
  change: object(
    {
      risk: text('How risky the change is, for the board.'),
      affects: { type: ['array', 'string'], description: 'What is affected: configuration items, services.' },
      backout: text('How the change is taken back.'),
    },
    [],
    'What the board sees of a change.',
  ),
  defaults: object(
    {
      timeout: text('How long one try of an action may take, unless it says otherwise.'),
      retry: retrySchema,
    },
    [],
    'What actions have that say nothing else.',
  ),
  steps: { type: 'array', description: 'What is done, from top to bottom.' },
  finally: { type: 'array', description: 'What is done at the end in any case.' },
  outputs: { type: 'object', description: 'What the run gives to a runbook that called it.' },
};

export const runbookSchema: JsonSchema = object(
  runbookKeys,
  ['runbook', 'title', 'kind', 'owner', 'steps'],
  'A runbook of Countersign.',
);
