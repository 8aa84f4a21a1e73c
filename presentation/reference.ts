/** The reference of the manual, made from what the compiler itself checks with. */

import { registry } from '../compiler/diagnostics/registry.ts';
import { defaultFunction, functions } from '../compiler/expressions/functions.ts';
import { loopDescriptions } from '../compiler/expressions/loops.ts';
import { runFields, ticketType } from '../compiler/runbook/runbook.ts';
import { configurationKeys } from '../compiler/schema/configuration.ts';
import { organisationKeys } from '../compiler/schema/organisation.ts';
import { runbookKeys, triggerSchemas } from '../compiler/schema/runbook.ts';
import { kindSchemas } from '../compiler/schema/steps.ts';
import type { ActionDescription } from '../plan/catalogue.ts';
import { type Block, code, heading, type Inline, list, paragraph, prose } from '../plan/document.ts';
import type { JsonSchema } from '../plan/plan.ts';
import { commonKeys } from '../plan/step-kinds/schemas.ts';
import { limits } from './limits.ts';
import { toMarkdown } from './markdown.ts';

const generated = 'Generated from the code by `npm run schemas`; never edited by hand.';

/** Path in the project -> text. */
export function referenceFiles(actions: readonly ActionDescription[]): Record<string, string> {
  return {
    'docs/reference/language.md': page(languagePage()),
    'docs/reference/functions.md': page(functionsPage()),
    'docs/reference/actions.md': page(actionsPage(actions)),
    'docs/reference/errors.md': errorsPage(),
  };
}

function page(blocks: Block[]): string {
  const [title, ...rest] = blocks;
  return toMarkdown([...(title ? [title] : []), paragraph(...generatedLine()), ...rest]);
}

function generatedLine(): Inline[] {
  return ['Generated from the code by ', code('npm run schemas'), '; never edited by hand.'];
}

function languagePage(): Block[] {
  return [
    heading(1, 'The language'),
    heading(2, 'A runbook'),
    keyTable(runbookKeys, ['runbook', 'title', 'kind', 'owner', 'steps']),
    heading(2, 'What starts it'),
    paragraph('Each item under ', code('on'), ' is one of these.'),
    ...Object.values(triggerSchemas).flatMap((schema) => nestedTables('', schema)),
    heading(2, 'Every step'),
    keyTable(commonKeys, []),
    ...kindSchemas.flatMap(({ key, words, keys, required }) => [
      heading(2, `${words.charAt(0).toUpperCase()}${words.slice(1)}: `, code(key)),
      keyTable(keys, required),
      ...Object.entries(keys).flatMap(([name, schema]) => inside(name, schema)),
    ]),
    ...namesBlocks(),
    heading(2, 'How large things may be'),
    {
      type: 'table',
      head: ['What', 'Limit', 'Beyond it'],
      rows: limits.map(({ what, limit, beyond }) => [prose(what), [limit], [beyond]]),
    },
    heading(2, 'organisation.yaml'),
    keyTable(organisationKeys, []),
    ...Object.entries(organisationKeys).flatMap(([name, schema]) => inside(name, schema)),
    heading(2, 'countersign.yaml'),
    keyTable(configurationKeys, []),
    ...Object.entries(configurationKeys).flatMap(([name, schema]) => inside(name, schema)),
  ];
}

/** What an expression can name, and from where. */
function namesBlocks(): Block[] {
  const fields = (names: Iterable<string>): Inline[] =>
    [...names].flatMap((name, index) => [index > 0 ? ', ' : '', code(name)]);
  const rows: Inline[][][] = [
    [[code('inputs.NAME')], ['everywhere but in triggers'], ['What the run was given.']],
    [
      [code('steps.ID.output')],
      ['after the step'],
      prose('What it gave; may be absent where the step may not have run.'),
    ],
    [
      [code('steps.ID.status')],
      ['after the step'],
      prose(
        '`succeeded`, `skipped` or `failed`; of an approval also `rejected`, of a task or wait also `expired`.',
      ),
    ],
    [[code('steps.ID.approvers')], ['after an approval'], ['Who signed: a list of addresses.']],
    [
      [code('steps.ID.output'), ' of a ', code('forEach')],
      ['after it'],
      prose(
        '`total`, `succeeded` and `failed` (counts), `failures` (a list of `index` and `message`), and with `collect` also `collected`: of each item the outputs of its steps, by step.',
      ),
    ],
    [
      [code('steps.ID.output'), ' of a ', code('repeat')],
      ['after it'],
      prose('`rounds`: how many there were.'),
    ],
    [
      [code('steps.ID.output'), ' of a ', code('runbook')],
      ['after it'],
      ['The outputs of the called runbook.'],
    ],
    [
      [code('steps.ID.output'), ' of a ', code('task')],
      ['after it'],
      ['What was entered: the fields of its form.'],
    ],
    [
      [code('steps.ID.output'), ' of a ', code('wait'), ' for an event'],
      ['after it'],
      ['The data of the event.'],
    ],
    [
      [code('run')],
      ['everywhere but in triggers'],
      [...fields(Object.keys(runFields)), '; in ', code('finally'), ' also ', code('status')],
    ],
    [
      [code('ticket')],
      ['everywhere'],
      [...fields(ticketType.fields.keys()), '; in a trigger all that the ticket system sent'],
    ],
    [[code('organisation')], ['everywhere'], prose('What stands under `organisation` in countersign.yaml.')],
    [['the name after ', code('as')], prose('inside the `forEach`'), ['The item.']],
    [
      [code('secrets.NAME')],
      prose('in the `with` of an action'),
      ['By itself or within text; nothing is computed with it.'],
    ],
    [
      ['a name under ', code('let')],
      ['everywhere but in triggers'],
      ['The expression, written out where it is used.'],
    ],
  ];
  return [
    heading(2, 'What an expression can name'),
    { type: 'table', head: ['Name', 'Where', 'What it is'], rows },
  ];
}

/** A key that holds keys of its own has a table of its own. */
function inside(name: string, schema: JsonSchema): Block[] {
  const named = asSchema(schema.additionalProperties);
  const items = asSchema(schema.items);
  const [own, label] = named?.properties
    ? [named, `Each item of \`${name}\``]
    : items?.properties
      ? [items, `Each item of \`${name}\``]
      : [schema, `Under \`${name}\``];
  const properties = asSchema(own.properties);
  if (!properties || Object.keys(properties).length === 0) return [];
  const [before, after] = label.split('`');
  return [
    heading(3, before ?? '', code(after ?? '')),
    keyTable(properties as Record<string, JsonSchema>, requiredOf(own)),
  ];
}

function nestedTables(name: string, schema: JsonSchema): Block[] {
  const properties = (asSchema(schema.properties) ?? {}) as Record<string, JsonSchema>;
  const [first = name] = Object.keys(properties);
  return [
    heading(3, code(first)),
    keyTable(properties, requiredOf(schema)),
    ...Object.entries(properties).flatMap(([key, value]) => inside(key, value)),
  ];
}

function keyTable(keys: Readonly<Record<string, JsonSchema>>, required: readonly string[]): Block {
  return {
    type: 'table',
    head: ['Key', 'Takes', 'What it is'],
    rows: Object.entries(keys).map(([key, schema]) => [
      required.includes(key) ? [code(key), ' (needed)'] : [code(key)],
      [takes(schema)],
      prose(typeof schema.description === 'string' ? schema.description : ''),
    ]),
  };
}

const typeWords: Record<string, string> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  array: 'list',
  object: 'keys',
  null: 'nothing',
};

function takes(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(', ');
  if (schema.const !== undefined) return String(schema.const);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives))
    return [...new Set(alternatives.map((each) => takes(each as JsonSchema)))].join(' or ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.map((type) => typeWords[String(type)] ?? 'anything').join(' or ');
}

function functionsPage(): Block[] {
  const rows = [...functions, ...loopDescriptions, defaultFunction]
    .slice()
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, signatures, description, example }): Inline[][] => [
      [code(name)],
      prose(description),
      [code(example.expression), ' gives ', code(JSON.stringify(example.gives))],
      signatures.flatMap((signature, index) => [index > 0 ? ' ' : '', code(signature)]),
    ]);
  return [
    heading(1, 'Functions'),
    paragraph(
      'Expressions are CEL. Besides its operators, ',
      ...['has', 'size', 'startsWith', 'endsWith', 'contains', 'split', 'substring'].flatMap(
        (name, index) => [index > 0 ? ', ' : '', code(name)],
      ),
      ' there are these. None depends on the machine, its time zone or its language.',
    ),
    paragraph(
      ...prose(
        'What is typed as a `number` is computed with as a fraction, whatever its value: `inputs.hours / 4` is 0.75 for 3. Between whole numbers (`integer`, and 3 written out) `/` leaves the remainder out. Numbers are equal by what they are worth: `1 == 1.0`. Whole numbers have 64 bits; beyond them, by nought, and where a result is no number, the step parks. Positions in a text count characters from 0. An item that a list may not have is asked for with `list[2].orValue("")`.',
      ),
    ),
    { type: 'table', head: ['Function', 'What it gives', 'Example', 'Types'], rows },
  ];
}

function actionsPage(actions: readonly ActionDescription[]): Block[] {
  return [
    heading(1, 'Actions'),
    ...actions
      .slice()
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(actionBlocks),
  ];
}

const effectWords = { read: 'Reads.', write: 'Writes.', destructive: 'Destroys.' };

function actionBlocks(action: ActionDescription): Block[] {
  const { name, title, description, effect, delivery, undo, source, sensitive, input, output } = action;
  const properties = (schema: JsonSchema) =>
    (asSchema(schema.properties) ?? {}) as Record<string, JsonSchema>;
  return [
    heading(2, code(name)),
    paragraph(`${title}. `, ...prose(description)),
    list([
      [paragraph(`${effectWords[effect]} Repeated after a crash: ${delivery}.`)],
      ...(undo ? [[paragraph('Taken back by ', code(undo), '.')]] : []),
      ...(sensitive.length > 0
        ? [[paragraph('Sealed: ', ...sensitive.map((field) => code(field)), '.')]]
        : []),
      [paragraph(`Follows ${source}.`)],
      ...declaredBlocks(action),
    ]),
    paragraph('Takes:'),
    keyTable(properties(input), requiredOf(input)),
    ...(Object.keys(properties(output)).length > 0
      ? [paragraph('Gives:'), keyTable(properties(output), [])]
      : []),
    ...action.examples.map(({ title: about, with: given }) =>
      paragraph(`${about}: `, code(JSON.stringify(given))),
    ),
  ];
}

/** What an action that is declared as data asks of the service. */
function declaredBlocks({ declared }: ActionDescription): Block[][] {
  if (!declared) return [];
  const { requests, permissions, contract } = declared;
  const listed = requests.flatMap((request, index) => [index > 0 ? ', ' : '', code(request)]);
  return [
    [paragraph('Sends ', ...listed, '.')],
    ...(permissions ? [[paragraph(`Needs: ${permissions}`)]] : []),
    ...(contract ? [[paragraph(`Built from: ${contract}`)]] : []),
  ];
}

/** Examples hold code of several lines, which blocks do not. */
function errorsPage(): string {
  const entries = registry.map(
    ({ code: number, title, severity, explanation, wrong, right }) =>
      `## ${number}: ${title}\n\n${severity === 'warning' ? 'A warning. ' : ''}${explanation}\n\n${example('Wrong', wrong)}${example('Right', right)}`,
  );
  return `# Errors and warnings\n\n${generated}\n\n${entries.join('\n')}`;
}

/** Longer examples, which only show that something is too long, are cut. */
const longest = 1_200;

function example(label: string, text: string): string {
  const shown = text.length > longest ? `${text.slice(0, 200)}\n# … and so on` : text.trim();
  return `${label}:\n\n\`\`\`yaml\n${shown}\n\`\`\`\n\n`;
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonSchema)
    : undefined;
}

function requiredOf(schema: JsonSchema): string[] {
  return Array.isArray(schema.required) ? schema.required.map(String) : [];
}
