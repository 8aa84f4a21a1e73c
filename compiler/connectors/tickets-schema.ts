/** Which keys `tickets.yaml` has: for the checks, the editor and the reference. */
import type { JsonSchema } from '../../plan/plan.ts';
import { any, expression, listOf, map, object, text } from './schema-parts.ts';

const person = object(
  {
    email: text('The e-mail address, where the system tells it.'),
    id: text('The account there.'),
    name: text('The name.'),
  },
  [],
  'Somebody: by address, else by account.',
);

const status: JsonSchema = {
  anyOf: [
    { type: 'string' },
    object(
      { label: text('As people read it.'), value: text('As the system stores it.') },
      ['label'],
      'A status.',
    ),
  ],
  description: 'A status: as people read it, and as the system stores it where that is another.',
};

export const readingKeys: Record<string, JsonSchema> = {
  key: text('Names the change: the same for every report of it, and made of what is signed.'),
  ticket: object(
    {
      key: text('As people name the ticket.'),
      id: text('What never changes of it; the key unless said.'),
      url: text('Its page.'),
      summary: text('Its title.'),
    },
    ['key'],
    'The ticket.',
  ),
  project: text('What `project` of a trigger is compared with.'),
  type: text('What `type` of a trigger is compared with.'),
  from: status,
  to: status,
  by: person,
  requester: person,
  changed: expression('The names of the fields that changed: a list of texts.'),
  number: expression('The number that the system gives the change, which grows.'),
  at: expression('When it was changed: a time as text.'),
  fields: any('What runbooks read as `ticket.fields`.'),
  field: object(
    { name: text('Its name.'), value: any('What it holds.') },
    ['name', 'value'],
    'One more of the fields, whose name the delivery says.',
  ),
  more: map('What runbooks read as `ticket.NAME` besides.'),
};

const reading = object(
  {
    when: expression('Which deliveries are read so: the first that fits.'),
    as: {
      enum: ['transition', 'edit', 'deletion', 'nothing'],
      description: 'What it is. `nothing` is not for us.',
    },
    says: text('Of `nothing`: why it is not for us.'),
    ...readingKeys,
  },
  ['as'],
  'One kind of delivery.',
);

const signing: JsonSchema = {
  anyOf: [
    object(
      {
        secretHeader: text('A header that carries the secret itself.'),
        sender: text('Who sends it, for messages.'),
      },
      ['secretHeader'],
      'A secret that is sent along.',
    ),
    object(
      {
        hmac: { const: 'sha256', description: 'HMAC-SHA256, with the secret as it is.' },
        header: text('The header with the signature.'),
        encoding: { enum: ['hex', 'base64', 'sha256=hex'], description: 'How the signature is written.' },
        over: {
          enum: ['body', 'timestamp body', 'timestamp.body'],
          description:
            'What is signed: the body alone, or a moment before it, with nothing or a dot between.',
        },
        timestamp: text('The header with the moment.'),
        clock: { enum: ['seconds', 'ISO 8601'], description: 'How the moment is written.' },
        sender: text('Who sends it, for messages.'),
        advice: text('What to do where the signature is missing.'),
      },
      ['hmac', 'header', 'encoding', 'over'],
      'A signature.',
    ),
  ],
  description: 'How a delivery shows that it comes from there.',
};

export const ticketsSchema: JsonSchema = object(
  {
    tickets: text('Its name: that of the folder, of `system` in a trigger and of /hooks/NAME.'),
    title: text('The system, as people call it.'),
    words: map('What the keys of a trigger mean there.', { type: 'string' }),
    signed: listOf(signing, 'How deliveries are signed: the first whose header is there counts.'),
    reader: text('A reader that ships in TypeScript, instead of `body` and `reads`.'),
    types: map('Types of what it sends: a name, and its fields.', { type: 'object' }),
    body: any('Of what form a delivery is: the name of a type, or its fields.'),
    all: object(readingKeys, [], 'What all kinds of delivery have in common.'),
    reads: listOf(reading, 'What deliveries say.'),
    setup: object(
      {
        about: {
          enum: ['project', 'type'],
          description: 'Which key of the triggers is `about` in the steps.',
        },
        steps: listOf({ type: 'string' }, 'What its administrator does; `url` and `about` are known.'),
        script: text('A file of the manual that is pasted there.'),
      },
      ['steps'],
      'What `countersign trigger setup` prints.',
    ),
    samples: listOf(
      object(
        {
          title: text('What it shows.'),
          body: { type: 'object', description: 'A delivery.' },
          is: {
            enum: ['transition', 'edit', 'deletion', 'nothing', 'rejected'],
            description: 'What it is read as.',
          },
          says: { type: 'object', description: 'What is read in it, as far as this says.' },
        },
        ['title', 'body', 'is'],
        'One delivery.',
      ),
      'Deliveries, for the reference and for the tests.',
    ),
  },
  ['tickets', 'title', 'signed', 'setup'],
  'A ticket system of Countersign.',
);
