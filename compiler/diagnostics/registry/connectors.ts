/** CS20xx: connectors and actions declared as data. */
import { excerpt } from '../../../plan/excerpt.ts';
import { define, listOf } from '../diagnostic.ts';

const looked = 'look:\n  get: /things/1\n  take: answer.body\n  type: thing\n';
const read = (rest: string) => `effect: read\n${rest}`;
const write = (rest: string) => `effect: write\n${looked}${rest}`;

export const noType = define<{ type: string; known: string[] }>({
  code: 'CS2001',
  title: 'Unknown type of an answer',
  message: ({ type, known }) => `There is no type ${type}. A field is ${listOf(known)}, or a JSON Schema.`,
  explanation:
    'What a service answers has a type: `string`, `integer`, `number`, `boolean`, `object`, `any`, the name of one under `types` of the connector, each with `[]` behind it for a list and `?` where it may be absent or null, or a JSON Schema.',
  wrong: read('look:\n  get: /things/1\n  take: answer.body\n  type: thng\n'),
  right: read(looked),
});

export const untyped = define<{ where: string }>({
  code: 'CS2002',
  title: 'An answer without a type',
  message: ({ where }) =>
    `Nothing says of what form ${where} is. Add \`type\`: the name of a type of the connector, or a schema. What a contract describes needs none.`,
  explanation:
    'What is taken of an answer is held to a type, so that a field that is not there is found here, and an answer of another form is a failure that names the field.',
  wrong: read('look:\n  get: /others\n  take: answer.body\n'),
  right: read('look:\n  get: /others\n  take: answer.body\n  type: thing\n'),
});

export const twoRequests = define<{ where: string }>({
  code: 'CS2003',
  title: 'Two requests in the place of one',
  message: ({ where }) => `${where} has two methods. It is one request: keep one of them.`,
  explanation: 'A look, a list and a change are one request each. Several looks are a list, each with `as`.',
  wrong: read('look:\n  get: /things/1\n  head: /things/1\n  take: answer.body\n  type: thing\n'),
  right: read(looked),
});

export const noRequest = define<{ where: string }>({
  code: 'CS2004',
  title: 'No request',
  message: ({ where }) =>
    `${where} needs a request: \`get: /path\`, or \`post\`, \`put\`, \`patch\`, \`delete\`.`,
  explanation: 'A request is a method with its path below the base address of the connector.',
  wrong: read('look:\n  take: answer.body\n  type: thing\n'),
  right: read(looked),
});

export const lookWithEffect = define<{ where: string; method: string }>({
  code: 'CS2005',
  title: 'A look that may change something',
  message: ({ where, method }) =>
    `${where} sends ${method}, and what looks must change nothing. Use GET; or say under \`reads\` why this one only reads.`,
  explanation:
    'A preview and a verification look too, so a look changes nothing. Some services read by POST: then `reads` says so, the reference shows it, and the tests hold it to that.',
  wrong: read('look:\n  post: /things\n  take: answer.body\n  type: thing\n'),
  right: read(
    'look:\n  post: /things\n  reads: The service searches by POST.\n  take: answer.body\n  type: thing\n',
  ),
});

export const pathForm = define({
  code: 'CS2006',
  title: 'A path that does not begin with a slash',
  message: () =>
    'A path begins with `/`, and is below the base address: neither another host nor an expression stands first.',
  explanation:
    'The address of a service is set in the configuration. No answer and no input leads anywhere else.',
  wrong: read('look:\n  get: things/1\n  take: answer.body\n  type: thing\n'),
  right: read(looked),
});

export const queryInPath = define({
  code: 'CS2007',
  title: 'A query in the path',
  message: () =>
    'A path holds no `?` and no `#`. Parameters stand under `query`, where each is encoded as it must be.',
  explanation: 'What an expression gives is encoded by its place, so parameters have a place of their own.',
  wrong: read('look:\n  get: /things/1?all=true\n  take: answer.body\n  type: thing\n'),
  right: read('look:\n  get: /things/1\n  query: { all: true }\n  take: answer.body\n  type: thing\n'),
});

export const twoBodies = define({
  code: 'CS2008',
  title: 'Two bodies',
  message: () => 'A request has one body: `body` (JSON), `form`, `multipart` or `xml`. Keep one.',
  explanation: 'A request carries one body, of one form.',
  wrong: write(
    'already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n  form: { done: "true" }\n',
  ),
  right: write('already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n'),
});

export const xmlForm = define({
  code: 'CS2009',
  title: 'XML that does not begin with an element',
  message: () =>
    'What stands under `xml` begins with `<`: its elements are written, and only what stands in them is computed.',
  explanation:
    'What an expression gives is escaped, so that no value becomes an element. An expression that gave all of it would be sent as plain text.',
  wrong: write('already: found.done\nchange:\n  put: /things/1\n  xml: ${{ input.thing }}\n'),
  right: write(
    'already: found.done\nchange:\n  put: /things/1\n  xml: <thing><id>${{ input.thing }}</id></thing>\n',
  ),
});

export const noPath = define<{ path: string; file: string }>({
  code: 'CS2010',
  title: 'A path that the contract does not have',
  message: ({ path, file }) => `The contract (${file}) has no path like ${path}.`,
  explanation:
    'Requests are held to the OpenAPI document of the connector, so that a path that is not there is found before a run is.',
  wrong: read('look:\n  get: /thing/1\n  take: answer.body\n  type: thing\n'),
  right: read(looked),
});

export const noMethod = define<{ method: string; path: string; methods: string[] }>({
  code: 'CS2011',
  title: 'A method that the contract does not have',
  message: ({ method, path, methods }) => `The contract has no ${method} ${path}. It has ${listOf(methods)}.`,
  explanation: 'Requests are held to the OpenAPI document of the connector.',
  wrong: write('already: found.done\nchange:\n  patch: /things/1\n  body: { done: true }\n'),
  right: write('already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n'),
});

export const noParameter = define<{ name: string; path: string; known: string[] }>({
  code: 'CS2012',
  title: 'A parameter that the contract does not have',
  message: ({ name, path, known }) => `${path} has no parameter \`${name}\`. It has ${listOf(known)}.`,
  explanation:
    'A service that does not know a parameter passes over it, and answers something else than was asked.',
  wrong: read('look:\n  get: /things/1\n  query: { every: true }\n  take: answer.body\n  type: thing\n'),
  right: read('look:\n  get: /things/1\n  query: { all: true }\n  take: answer.body\n  type: thing\n'),
});

export const missingParameter = define<{ name: string; path: string }>({
  code: 'CS2013',
  title: 'A parameter that the contract asks for',
  message: ({ name, path }) => `${path} needs the parameter \`${name}\`.`,
  explanation: 'The contract says that the service refuses the request without it.',
  wrong: read(
    'look:\n  list: { get: /things, query: { page: 1 }, items: answer.body.things, type: thing }\n',
  ),
  right: read('look:\n  list: { get: /things, query: { q: a }, items: answer.body.things, type: thing }\n'),
});

export const missingHeader = define<{ name: string; path: string }>({
  code: 'CS2047',
  title: 'A header that the contract asks for',
  message: ({ name, path }) =>
    `${path} needs the header \`${name}\`. Write it under \`headers\`${/^if-match$/i.test(name) ? ': what `answer.headers.etag` of a look gave' : ''}.`,
  explanation:
    'The contract says that the service refuses the request without it. `If-Match` names the edition that was looked at, so that nothing is changed that has become another since.',
  wrong: write('already: found.done\nchange:\n  delete: /held/1\n').replace(
    'effect: write',
    'effect: destructive',
  ),
  right: write('already: found.done\nchange:\n  delete: /held/1\n  headers: { If-Match: "1" }\n').replace(
    'effect: write',
    'effect: destructive',
  ),
});

export const noProperty = define<{ name: string; where: string; known: string[] }>({
  code: 'CS2014',
  title: 'A field that the contract does not have',
  message: ({ name, where, known }) => `${where} has no \`${name}\`. It has ${listOf(known)}.`,
  explanation:
    'What a service does not know it passes over, or refuses. The OpenAPI document says which fields there are.',
  wrong: write('already: found.done\nchange:\n  put: /things/1\n  body: { dne: true }\n'),
  right: write('already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n'),
});

export const missingProperty = define<{ name: string; where: string }>({
  code: 'CS2015',
  title: 'A field that the contract asks for',
  message: ({ name, where }) => `${where} needs \`${name}\`.`,
  explanation: 'The contract says that the service refuses the request without it.',
  wrong: write(
    'mark: { of: "[found]", where: item.name == key }\nchange:\n  post: /things\n  body: { done: true }\n',
  ),
  right: write(
    'mark: { of: "[found]", where: item.name == key }\nchange:\n  post: /things\n  body: { name: "${{ key }}" }\n',
  ),
});

export const noField = define<{ name: string; known: string[] }>({
  code: 'CS2016',
  title: 'A field that the answer does not have',
  message: ({ name, known }) => `By the contract the answer has no \`${name}\`. It has ${listOf(known)}.`,
  explanation: 'The type of what is taken names a field that the OpenAPI document does not have there.',
  wrong: read(
    'look:\n  get: /things/1\n  take: answer.body\n  type: { type: object, properties: { colour: { type: string } } }\n',
  ),
  right: read(looked),
});

export const effectTooSmall = define<{ effect: string; why: string; needs: string }>({
  code: 'CS2020',
  title: 'An effect that does not fit the request',
  message: ({ effect, why, needs }) =>
    `\`effect: ${effect}\` does not fit: ${why}. Write \`effect: ${needs}\`.`,
  explanation:
    'Policies and gates go by the effect, so it is held to what the action sends: with `change` it is `write` or `destructive`, a DELETE and what the connector lists under `destructive` is `destructive`, and without `change` it is `read`.',
  wrong: `effect: read\n${looked}already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n`,
  right: write('already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n'),
});

export const noWayToTell = define({
  code: 'CS2021',
  title: 'A write that cannot tell whether it is done',
  message: () =>
    'This write looks, and nothing says what it looks for. Add `want` or `already` (is it so now?), or `mark` (did an earlier attempt make it?).',
  explanation:
    'An attempt whose answer was lost is made again, so an action must be able to tell that its work is done. What can only be sent and hoped for has no `look`: then a request without an answer parks the step.',
  wrong: write('change:\n  put: /things/1\n  body: { done: true }\n'),
  right: write('already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n'),
});

export const markWithoutKey = define({
  code: 'CS2022',
  title: 'A mark that anybody could have set',
  message: () =>
    'The mark’s `where` does not name `key`, so that it would also find what somebody else made. Name `key` in it, or say under `own` what is ours.',
  explanation:
    '`key` is the same at every attempt of this step, and no other step has it. What is made carries it, and the mark looks for it.',
  wrong: write(
    'mark: { of: "[found]", where: item.done }\nchange:\n  post: /things\n  body: { name: "${{ key }}" }\n',
  ),
  right: write(
    'mark: { of: "[found]", where: item.name == key }\nchange:\n  post: /things\n  body: { name: "${{ key }}" }\n',
  ),
});

export const constantAlready = define({
  code: 'CS2043',
  title: 'An `already` that looks at nothing',
  message: () =>
    '`already` does not read `found`, so that it says the same before and after. Compare what was found with what is wanted, or leave out `look` and `already`.',
  explanation:
    'An attempt whose answer was lost is made again, and then `already` alone keeps it from doing its work twice. What can only be sent and hoped for has no `look`: then a request without an answer parks the step.',
  wrong: write('already: "false"\nchange:\n  put: /things/1\n  body: { done: true }\n'),
  right: write('already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n'),
});

export const keyNotSent = define({
  code: 'CS2023',
  title: 'A mark that is never set',
  message: () =>
    'The mark looks for `key`, and the `change` does not send it. Write `${{ key }}` where the mark looks for it.',
  explanation: 'A mark finds what an earlier attempt made by the key that this attempt has put there.',
  wrong: write(
    'mark: { of: "[found]", where: item.name == key }\nchange:\n  post: /things\n  body: { name: a }\n',
  ),
  right: write(
    'mark: { of: "[found]", where: item.name == key }\nchange:\n  post: /things\n  body: { name: "${{ key }}" }\n',
  ),
});

export const unusedActionInput = define<{ name: string }>({
  code: 'CS2024',
  title: 'An input that the action does not use',
  message: ({ name }) => `The input \`${name}\` is used nowhere in this action. Use it, or remove it.`,
  explanation: 'Whoever calls the action would give it a value that changes nothing.',
  wrong: read(`input: { thing: { type: integer } }\n${looked}`),
  right: read(
    'input: { thing: { type: integer } }\nlook:\n  get: "/things/${{ input.thing }}"\n  take: answer.body\n  type: thing\n',
  ),
});

export const actionName = define<{ name: string; connector: string }>({
  code: 'CS2025',
  title: 'An action’s name that does not fit its connector',
  message: ({ name, connector }) =>
    `"${name}" does not fit: an action of this connector is called \`${connector}.operation\`.`,
  explanation:
    'The part before the dot is the connector’s name, the part behind it a name in small letters and capitals, such as `setStatus`.',
  wrong: `action: other.get\n${read(looked)}`,
  right: `action: things.get\n${read(looked)}`,
});

export const sameActionTwice = define<{ name: string; file: string }>({
  code: 'CS2026',
  title: 'Two actions of one name',
  message: ({ name, file }) => `There is an action ${name} already: ${file}.`,
  explanation:
    'A runbook names an action, so there is one of each name. A connector that ships with Countersign keeps its names.',
  wrong: `action: taken.get\n${read(looked)}`,
  right: `action: things.get\n${read(looked)}`,
});

export const connectorShips = define<{ name: string; actions: string[] }>({
  code: 'CS2046',
  title: 'A connector that ships already',
  message: ({ name, actions }) =>
    `${name} ships with Countersign, and so do ${actions.length} of these actions: ${excerpt(actions.join(', '))}. Remove their files and use those that ship; or call the folder, the connector and its actions otherwise. What you add to it stays: beside \`settingsFrom: ${name}\` it has the same settings.`,
  explanation:
    'A runbook names an action, so there is one of each name, and a connector that ships keeps its names. A folder of the same name adds actions to it.',
  wrong: `action: taken.get\n${read(looked)}`,
  right: `action: things.get\n${read(looked)}`,
});

export const noUndoAction = define<{ name: string; why: string }>({
  code: 'CS2027',
  title: 'An undo that takes nothing back',
  message: ({ name, why }) => `${name} cannot be the undo: ${why}.`,
  explanation: 'What takes a step back is another action that writes.',
  wrong: write(
    'already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\nundo: { uses: things.nothing, with: {} }\n',
  ),
  right: write('already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n'),
});

export const noDid = define({
  code: 'CS2028',
  title: 'An undo that does not ask whether there is anything to take back',
  message: () =>
    'This undo would also take back what this step did not do. Give the output `did` a name (`give: { did: changed }`), and ask for it: `if: output.changed`.',
  explanation:
    'What was so before, or what somebody else did meanwhile, is not taken back. `did` says what became of this step’s own request.',
  wrong: write(
    'already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\nundo: { uses: test.restore, with: {} }\n',
  ),
  right: write(
    'already: found.done\nchange:\n  put: /things/1\n  body: { done: true }\ngive: { did: changed }\nundo: { uses: test.restore, with: {}, if: output.changed }\n',
  ),
});

export const noContract = define<{ file: string; why: string }>({
  code: 'CS2030',
  title: 'A contract that cannot be read',
  message: ({ file, why }) => `The contract ${file} cannot be used: ${why}.`,
  explanation:
    'An OpenAPI document (3.x, as JSON) stands beside connector.yaml. Where a service has none, `facts` says what the connector was built from.',
  wrong:
    'connector: things\ntitle: Things\nsettings: {}\nhttp: { base: https://things.example.com, signIn: none }\ncontract: { openapi: missing.json, trust: none }\n',
  right:
    'connector: things\ntitle: Things\nsettings: {}\nhttp: { base: https://things.example.com, signIn: none }\ncontract: { facts: The manual of 2026, trust: The vendor’s own }\n',
});

export const signInForm = define<{ known: string[] }>({
  code: 'CS2031',
  title: 'How requests are signed in',
  message: ({ known }) => `\`signIn\` is \`none\`, or one of ${listOf(known)}.`,
  explanation:
    'One way of signing in stands there: `basic`, `bearer`, `header`, `oauth2`, `login`, or `none`.',
  wrong:
    'connector: things\ntitle: Things\nsettings: {}\nhttp:\n  base: https://things.example.com\n  signIn: { basic: { user: a, password: b }, bearer: c }\n',
  right:
    'connector: things\ntitle: Things\nsettings: {}\nhttp:\n  base: https://things.example.com\n  signIn: { bearer: c }\n',
});

export const pagesForm = define({
  code: 'CS2032',
  title: 'How a list comes in pages',
  message: () => '`pages` is one of `next`, `cursor` with `as`, or `number` or `offset` with `size`.',
  explanation:
    'A list is followed to its end: by the address of the next page, by a cursor that goes into a parameter, or by counting pages or items.',
  wrong: read(
    'look:\n  list: { get: /things, query: { q: a }, items: answer.body.things, type: thing, pages: { next: link header, number: page } }\n',
  ),
  right: read(
    'look:\n  list: { get: /things, query: { q: a }, items: answer.body.things, type: thing, pages: { number: page, end: empty page } }\n',
  ),
});

export const listEnd = define({
  code: 'CS2045',
  title: 'A list whose end nobody knows',
  message: () =>
    'Nothing says how this list ends. Name `total` (how many there are) or `last` (whether a page is the last) of the answer; or write `end: empty page`, if the service hides nothing of a page that it has cut.',
  explanation:
    'Many services cut a page and then leave out what the account may not see, so that a page is short, or empty, and more follows. Where pages or items are counted, a list without an end that is known could be cut short without a word, and what is decided by it would be wrong.',
  wrong: read(
    'look:\n  list: { get: /things, query: { q: a }, items: answer.body.things, type: thing, pages: { number: page } }\n',
  ),
  right: read(
    'look:\n  list: { get: /things, query: { q: a }, items: answer.body.things, type: thing, pages: { number: page, end: empty page } }\n',
  ),
});

export const connectorFolder = define<{ what: string }>({
  code: 'CS2033',
  title: 'A folder that is no connector',
  message: ({ what }) => what,
  explanation:
    'A connector is a folder with a `connector.yaml`, whose name the folder has, and a file `NAME.action.yaml` for each action.',
  wrong:
    'connector: others\ntitle: Things\nsettings: {}\nhttp: { base: https://things.example.com, signIn: none }\n',
  right:
    'connector: things\ntitle: Things\nsettings: {}\nhttp: { base: https://things.example.com, signIn: none }\n',
});

export const listForm = define<{ what: string }>({
  code: 'CS2034',
  title: 'A look that does not fit together',
  message: ({ what }) => what,
  explanation:
    'A look is one request with `take`, or a `list` with `items`, of which `pick` makes one. Several looks have a name each.',
  wrong: read('look:\n  get: /things/1\n  take: answer.body\n  type: thing\n  pick: first\n'),
  right: read(
    'look:\n  list: { get: /things, query: { q: a }, items: answer.body.things, type: thing }\n  pick: first\n',
  ),
});

export const wantForm = define({
  code: 'CS2035',
  title: 'A field of `want` without `is` or `to`',
  message: () =>
    'Each field under `want` says what it is now and what it should become: `is: found.status`, `to: input.status`.',
  explanation:
    '`want` gives the comparison, the difference that a preview shows, what is sent (`wanted`) and what was before (`before`).',
  wrong: write('want:\n  done: found.done\nchange:\n  put: /things/1\n  body: { done: true }\n'),
  right: write(
    'want:\n  done: { is: found.done, to: true }\nchange:\n  put: /things/1\n  body: { done: true }\n',
  ),
});

export const cutExpression = define<{ text: string }>({
  code: 'CS2037',
  title: 'An expression that YAML has cut',
  message: ({ text }) =>
    `YAML ends this expression at \`${text}\`: within { } a comma, a colon or a bracket is its own. Put the whole expression between quotes, or write the keys on lines of their own.`,
  explanation:
    'Within `{ … }` YAML takes commas, colons and brackets for itself, also those of an expression. Between quotes, or in a value on a line of its own, they stay the expression’s.',
  wrong: read(`${looked}give:\n  note: { value: default(found.note, ""), description: A note. }\n`),
  right: read(`${looked}give:\n  note: { value: 'default(found.note, "")', description: A note. }\n`),
});

const byScripts = `connector: things
title: Things
settings: {}
powershell: {}
types:
  thing: { id: integer }
---
`;

export const wayToReach = define({
  code: 'CS2038',
  title: 'How a connector is reached',
  message: () => 'A connector is reached in one way: `http`, `powershell` or `command`. Keep one.',
  explanation:
    '`http` sends requests, `powershell` and `command` run scripts of the connector’s folder. What mixes the two is two connectors.',
  wrong: 'connector: things\ntitle: Things\nsettings: {}\n',
  right:
    'connector: things\ntitle: Things\nsettings: {}\nhttp: { base: https://things.example.com, signIn: none }\n',
});

export const otherWay = define<{ key: string }>({
  code: 'CS2039',
  title: 'A request in a connector of scripts, or a script in one of requests',
  message: ({ key }) =>
    key === 'script'
      ? 'This connector is reached over HTTP and runs no scripts. Name a method (`get: /path`), or make it a connector of its own, with `powershell` or `command`.'
      : `This connector runs scripts and sends no requests: write \`script: NAME\` instead of \`${key}\`.`,
  explanation: 'What a connector does is said once, in connector.yaml: requests, or scripts.',
  wrong: read('look:\n  script: get.ps1\n  take: answer.body\n  type: thing\n'),
  right: read(looked),
});

export const noScript = define<{ name: string; why: string }>({
  code: 'CS2040',
  title: 'A script that cannot be read',
  message: ({ name, why }) => `The script ${name} cannot be used: ${why}.`,
  explanation:
    'A script is a file in the folder of its connector. Its text is a part of what is compiled: a live run goes on with the text that it began with.',
  wrong: `${byScripts}effect: read\nlook:\n  script: ../get.ps1\n  param: { Id: 1 }\n  take: answer.body\n  type: thing\n`,
  right: `${byScripts}effect: read\nlook:\n  script: get.ps1\n  param: { Id: 1 }\n  take: answer.body\n  type: thing\n`,
});

export const scriptParameter = define<{ what: string }>({
  code: 'CS2041',
  title: 'A parameter that the script does not have, or must be given',
  message: ({ what }) => what,
  explanation:
    'What stands under `param` is held to the `param` block of the script. Nothing is put into its text: what a parameter holds stays a value.',
  wrong: `${byScripts}effect: read\nlook:\n  script: get.ps1\n  param: { Name: A }\n  take: answer.body\n  type: thing\n`,
  right: `${byScripts}effect: read\nlook:\n  script: get.ps1\n  param: { Id: 1 }\n  take: answer.body\n  type: thing\n`,
});

const ticketsHead =
  "tickets: things\ntitle: Things\nsigned: [{ secretHeader: X-Things }]\nsetup: { steps: ['Send it to ${{ url }}.'] }\nbody: { id: string, status: string }\n";

export const ticketReading = define<{ what: string }>({
  code: 'CS2042',
  title: 'A delivery that cannot be read so',
  message: ({ what }) => what,
  explanation:
    'What a ticket system sends is read by the first of `reads` that fits: a `transition` says `key`, `ticket` and `to`, an `edit` and a `deletion` `key` and `ticket`, `nothing` says why it is not for us. What all have in common stands once under `all`. A signature over a moment names the header of the moment and how it is written.',
  wrong: `${ticketsHead}reads: [{ as: transition, key: "${'${{ body.id }}'}", ticket: { key: "${'${{ body.id }}'}" } }]\n`,
  right: `${ticketsHead}reads: [{ as: transition, key: "${'${{ body.id }}'}", ticket: { key: "${'${{ body.id }}'}" }, to: "${'${{ body.status }}'}" }]\n`,
});

export const badCheck = define<{ name: string; why: string }>({
  code: 'CS2044',
  title: 'A check that checks nothing',
  message: ({ name, why }) => `${name} cannot be the check: ${why}.`,
  explanation:
    '`countersign doctor` finds out whether a connector’s settings and permissions are right by one of its own actions that reads, with constant input. Finding nothing is an answer too.',
  wrong:
    'connector: things\ntitle: Things\nsettings: {}\nhttp: { base: https://things.example.com, signIn: none }\ncheck: { uses: things.nothing }\n',
  right:
    'connector: things\ntitle: Things\nsettings: {}\nhttp: { base: https://things.example.com, signIn: none }\n',
});
