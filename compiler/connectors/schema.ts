/** Which keys `connector.yaml` and `*.action.yaml` have: for the checks, the editor and the reference. */
import { queryLanguages } from '../../plan/declared.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import { any, expression, listOf, map, object, text } from './schema-parts.ts';

export const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;

export const requestKeys: Record<string, JsonSchema> = {
  ...Object.fromEntries(
    methods.map((method) => [method, text(`${method.toUpperCase()} this path, below the base address.`)]),
  ),
  query: map('Parameters. One whose value is absent is left out; a list gives the parameter several times.'),
  headers: map('Headers of this request.'),
  body: any('Sent as JSON. A key whose value is absent is left out; `"..."` spreads a set of keys.'),
  form: map('Sent as a web form, instead of `body`.'),
  multipart: map('Sent as multipart/form-data, instead of `body`.'),
  xml: text(
    'Sent as XML, instead of `body`, where a service takes nothing else. What an expression gives is escaped.',
  ),
  answers: {
    enum: ['json', 'text'],
    description:
      'How this answer is read: as the connector says unless said. `text` is for what is no JSON, such as a file.',
  },
  reads: text('Why this request changes nothing, though its method is not GET.'),
  script: text('Runs this script of the connector’s folder, instead of a request.'),
  param: map('What the script is given, by name. A parameter whose value is absent is left out.'),
};

const endKeys: Record<string, JsonSchema> = {
  exit: {
    anyOf: [{ type: 'integer' }, { type: 'array', items: { type: 'integer' } }],
    description: 'Of a script: the exit code, or several.',
  },
  error: {
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    description: 'Of a script of PowerShell: the type of the error, or several.',
  },
};

const absentKeys = object(
  {
    means: {
      enum: ['permanent', 'retry', 'already', 'empty'],
      description: 'What it means that it is not there.',
    },
    says: text('What people read then.'),
    ...endKeys,
  },
  ['means'],
  'What it means when there is none.',
);

const pages: JsonSchema = object(
  {
    next: expression('`link header`, or the address of the next page.'),
    cursor: expression('What names the next page; absent at the end.'),
    as: text('The parameter that carries the cursor.'),
    number: text('The parameter that counts the pages.'),
    offset: text('The parameter that counts the items before the page.'),
    first: { type: 'integer', minimum: 0, description: 'The number of the first page: 1 unless said.' },
    size: map('The parameter that asks for so many items, and how many.', { type: 'integer', minimum: 1 }),
    total: expression('How many items there are, where the answer says so.'),
    end: {
      enum: ['empty page'],
      description:
        'Instead of `total` and `last`, where the answer says neither: the first page without an item is the end. It is so only where the service hides no items of a page that it has cut.',
    },
    last: expression('Whether this page is the last, where the answer says so instead.'),
  },
  [],
  'How the list comes in pages.',
);

const takeKeys: Record<string, JsonSchema> = {
  take: expression('What is made of the answer.'),
  type: any('What that is: the name of a type of the connector, or a schema.'),
};

const list: JsonSchema = object(
  {
    ...requestKeys,
    items: expression('The items in the answer.'),
    type: any('What an item is: the name of a type of the connector, or a schema.'),
    pages,
    most: { type: 'integer', minimum: 1, description: 'More items are a failure: 10000 unless said.' },
  },
  ['items'],
  'A list, with all its pages.',
);

const lookKeys: Record<string, JsonSchema> = {
  as: text('Its name: `found.NAME`.'),
  ...requestKeys,
  ...takeKeys,
  list,
  where: expression('Keeps the items for which it is true.'),
  holds: expression('Must be true of every item, or the service did not apply the condition.'),
  pick: {
    anyOf: [
      { enum: ['first', 'only'] },
      object({ newest: expression('By what they are compared.') }, ['newest'], 'The greatest.'),
    ],
    description: 'Makes one of the list.',
  },
  one: object({ none: absentKeys, several: absentKeys }, [], 'What it means that there is none, or more.'),
  absent: absentKeys,
};

const look = object(lookKeys, [], 'What is looked at.');
const answers: JsonSchema = listOf(
  object(
    {
      status: {
        anyOf: [{ type: 'integer' }, { type: 'array', items: { type: 'integer' } }],
        description: 'The status of the answer, or several.',
      },
      ...endKeys,
      when: expression('Only if this is true of the answer.'),
      means: {
        enum: ['success', 'permanent', 'retry', 'limit', 'conflict', 'already', 'absent'],
        description: 'What it means.',
      },
      says: text('What people read of it.'),
      advice: text('What they can do about it.'),
    },
    ['means'],
    'One kind of answer.',
  ),
  'What answers mean, before success is believed: the first that fits.',
);

export const actionSchema: JsonSchema = object(
  {
    action: text('Its name: CONNECTOR.operation.'),
    title: text('Its title, as people read it.'),
    description: text('What it does, and what to know.'),
    effect: { enum: ['read', 'write', 'destructive'], description: 'What it does out there.' },
    permissions: text('What the account must be allowed.'),
    input: { type: 'object', description: 'What it needs to know: a name and a JSON Schema for each.' },
    look: {
      anyOf: [look, listOf(look, 'Several looks, each with `as`.')],
      description: 'What is there now.',
    },
    mark: object(
      {
        list,
        of: expression('Where it is looked for, without a further request.'),
        where: expression('Which item is it.'),
        own: expression('Whether it is ours.'),
        shows: text('The service may not show it sooner.'),
        by: { const: 'service', description: 'The service keeps the key itself.' },
        lasts: text('How long the service keeps the key.'),
      },
      [],
      'Finds what an earlier attempt made.',
    ),
    want: map('What should be: each field with what it is and what it should become.', {
      type: ['object', 'string'],
    }),
    already: expression('Whether there is nothing to do.'),
    refuse: listOf(
      object(
        {
          when: expression('When it cannot be done.'),
          says: text('Why, as people read it.'),
          means: {
            enum: ['stop', 'skip'],
            description: '`stop` unless said; `skip` succeeds without doing it.',
          },
        },
        ['when', 'says'],
        'One reason.',
      ),
      'What stands in the way.',
    ),
    prepare: listOf(
      object({ ...requestKeys, ...takeKeys, as: text('`found.NAME`.') }, ['as', 'take'], 'One request.'),
      'What must be made ready, and changes nothing that anybody sees.',
    ),
    change: object(
      { ...requestKeys, ...takeKeys, again: text('Why it is harmless to repeat.') },
      [],
      'The one request that does it.',
    ),
    answers,
    confirm: listOf(
      object(
        { that: expression('What must be true of the answer.'), else: text('What it means if not.') },
        ['that', 'else'],
        'One check.',
      ),
      'What must be true of the answer to the change.',
    ),
    wait: object(
      {
        ...requestKeys,
        list,
        until: expression('When it is over.'),
        fails: expression('When it has failed.'),
        says: text('What people read then.'),
        every: text('How long to the next look.'),
        atMost: text('How long in all.'),
      },
      ['every', 'atMost'],
      'Until it has taken hold.',
    ),
    give: {
      type: 'object',
      description: 'What it gives on.',
      additionalProperties: {
        anyOf: [
          { type: 'string' },
          object(
            {
              value: expression('What it is.'),
              description: text('What it is, in words.'),
              sensitive: { type: 'boolean', description: 'Whether it is sealed.' },
              picked: {
                const: true,
                description: 'Of a list whose items are large: given only where a step says `pick`.',
              },
            },
            ['value', 'description'],
            'One output.',
          ),
        ],
      },
    },
    say: object(
      { would: text('A clause: what it would do.'), is: text('A clause: that it is so.') },
      [],
      'What a preview says.',
    ),
    undo: object(
      { uses: text('The action that takes it back.'), with: map('Its input.'), if: expression('Only then.') },
      ['uses', 'with'],
      'What takes it back.',
    ),
    examples: listOf(
      object(
        { title: text('What it shows.'), with: { type: 'object', description: 'The input.' } },
        ['title', 'with'],
        'One example.',
      ),
      'Examples, for the reference and for the tests.',
    ),
  },
  ['action', 'title', 'effect'],
  'An action of a connector.',
);

const signIn: JsonSchema = {
  anyOf: [
    { const: 'none' },
    object(
      {
        basic: object({ user: text('Name.'), password: text('Password.') }, ['user', 'password'], 'Basic.'),
        bearer: text('The token.'),
        header: map('Headers that sign in.'),
        oauth2: object(
          {
            token: text('Address of the token endpoint, or a path below the base.'),
            client: text('Client id.'),
            secret: text('Client secret.'),
            scope: text('Scopes.'),
            by: { enum: ['basic', 'body'], description: 'How the client is named: `body` unless said.' },
            fields: map('Further fields of the request.'),
          },
          ['token', 'client', 'secret'],
          'OAuth 2, client credentials.',
        ),
        login: object(
          {
            ...requestKeys,
            take: expression('The token in the answer.'),
            for: text('How long it is good.'),
            header: map('Headers that carry it.'),
          },
          ['take', 'for', 'header'],
          'A request that gives a token.',
        ),
      },
      [],
      'How requests are signed in.',
    ),
  ],
  description: 'How requests are signed in.',
};

const placeKeys: Record<string, JsonSchema> = {
  over: { const: 'ssh', description: 'On a host over SSH; unsaid: where the worker runs.' },
  limit: text('How long one run may take: 2m unless said. Then it is ended with all that it began.'),
};

export const connectorSchema: JsonSchema = object(
  {
    connector: text('Its name: the part of its actions’ names before the dot.'),
    title: text('The system, as people call it.'),
    description: text('What it is and what to know.'),
    source: text('The documentation that it follows.'),
    settings: { type: 'object', description: 'What stands under its name in countersign.yaml.' },
    settingsFrom: text('A connector whose settings count where its own are silent.'),
    http: object(
      {
        base: text('The address that all paths are below.'),
        headers: map('Headers of every request.'),
        signIn,
        languages: map('Parameters that are written in a query language.', { enum: [...queryLanguages] }),
        pages,
        answers: { enum: ['json', 'text'], description: 'What the service answers: `json` unless said.' },
        connection: { enum: ['keep', 'close'], description: '`close` opens a connection for each request.' },
        limits: listOf(
          object(
            {
              calls: { type: 'integer', minimum: 1, description: 'So many requests' },
              per: text('in this time.'),
            },
            ['calls', 'per'],
            'One limit.',
          ),
          'How many requests one worker makes.',
        ),
        requestId: text('The header with the service’s id of the request.'),
      },
      ['base', 'signIn'],
      'How it is reached.',
    ),
    powershell: object(
      {
        program: {
          type: 'string',
          pattern: '^[A-Za-z0-9_./\\\\:-]+$',
          description: 'The program: `pwsh` unless said, `powershell.exe` for Windows PowerShell.',
        },
        modules: listOf({ type: 'string' }, 'Modules that are imported first.'),
        ...placeKeys,
      },
      [],
      'Its actions are scripts of PowerShell.',
    ),
    command: object(
      {
        program: listOf(
          { type: 'string', pattern: '^[A-Za-z0-9_./=+@:-]+$' },
          'The program that runs a script, and its options. The file of the script comes behind them.',
        ),
        ...placeKeys,
      },
      ['program'],
      'Its actions are scripts of any other kind: JSON on standard input, JSON on standard output.',
    ),
    words: expression('The service’s own words in an answer that refuses.'),
    answers,
    types: map('Types of what the service answers: a name, and its fields.', { type: 'object' }),
    destructive: listOf(
      { type: 'string' },
      'Paths whose requests are destructive though they are no DELETE.',
    ),
    permissions: text('What the account must be allowed in any case.'),
    check: object(
      {
        uses: text('An action of this connector that reads.'),
        with: { type: 'object', description: 'What it is asked. Finding nothing is an answer too.' },
      },
      ['uses'],
      'How `countersign doctor` finds out whether settings and permissions are right: by an action that needs no input, unless said.',
    ),
    contract: object(
      {
        openapi: {
          anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
          description: 'An OpenAPI document (JSON), beside this file; or several, which are read as one.',
        },
        facts: text('What it was built from, where there is no contract.'),
        trust: text('Where that is from, and how far it is to be trusted.'),
        also: map(
          'What the document lacks and is there all the same: `GET /path` with `query.NAME`, `body.NAME`, or `request` for the whole of it; and `header.NAME`, which it asks for and the service does not.',
          {
            type: 'array',
            items: { type: 'string' },
          },
        ),
        base: text('The part of the paths that the document leaves out, or has in front.'),
      },
      ['trust'],
      'What requests and answers are held to.',
    ),
  },
  ['connector', 'title', 'settings'],
  'A connector of Countersign.',
);
