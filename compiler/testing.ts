/** For tests: a small catalogue, a configuration, and the shortest way from text to diagnostics. */

import { type ActionDescription, catalogueOf } from '../plan/catalogue.ts';
import { defined } from '../plan/defined.ts';
import { type JsonSchema, PLAN_FORMAT, type Plan, type Step } from '../plan/plan.ts';
import { type CompileOptions, type CompileResult, compile } from './compile.ts';
import { completeExample } from './diagnostics/registry.ts';

const text: JsonSchema = { type: 'string' };

function object(properties: Record<string, JsonSchema>, optional: string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: 'object', properties, required, additionalProperties: false };
}

function action(
  name: string,
  effect: ActionDescription['effect'],
  input: JsonSchema,
  output: JsonSchema,
  more: Partial<ActionDescription> = {},
): ActionDescription {
  return {
    name,
    title: name,
    description: `${name} for tests.`,
    effect,
    delivery: 'exactly once',
    source: 'tests',
    input,
    output,
    sensitive: [],
    examples: [],
    ...more,
  };
}

const nullableText: JsonSchema = { anyOf: [text, { type: 'null' }] };

export const testCatalogue = catalogueOf([
  action(
    'entra.getUser',
    'read',
    object({ user: { ...text, minLength: 1, description: 'Sign-in name.' } }),
    object(
      {
        id: text,
        userPrincipalName: text,
        displayName: text,
        mail: text,
        jobTitle: nullableText,
        tags: { type: 'array', items: text },
      },
      ['displayName', 'mail'],
    ),
  ),
  action(
    'entra.createUser',
    'write',
    object(
      {
        userPrincipalName: { ...text, format: 'email' },
        displayName: { ...text, minLength: 1 },
        usageLocation: { ...text, pattern: '^[A-Z]{2}$' },
        department: text,
        accountEnabled: { type: 'boolean' },
        level: { type: 'integer', minimum: 1, maximum: 9 },
        type: { anyOf: [{ const: 'member' }, { const: 'guest' }] },
      },
      ['department', 'accountEnabled', 'level', 'type'],
    ),
    object({ id: text, userPrincipalName: text, password: text }),
    { sensitive: ['password'], undo: 'entra.deleteUser' },
  ),
  action('entra.deleteUser', 'destructive', object({ user: text }), object({ deleted: { type: 'boolean' } })),
  action(
    'entra.addGroupMember',
    'write',
    object({ group: text, user: text }),
    object({ added: { type: 'boolean' } }),
  ),
  action(
    'mail.send',
    'write',
    object(
      {
        to: {
          anyOf: [
            { ...text, format: 'email' },
            { type: 'array', items: { ...text, format: 'email' } },
          ],
        },
        subject: text,
        text,
        copies: { type: 'array', items: { ...text, format: 'email' } },
      },
      ['copies'],
    ),
    object({ messageId: text, accepted: { type: 'array', items: text } }),
  ),
]);

export const testConfiguration = `organisation: { name: Example, domain: example.com, seats: 40 }
roles:
  it-coordinators: { people: [c.kim@example.com] }
  it-managers: { people: [m.roth@example.com, p.sand@example.com] }
  it-director: { people: [i.novak@example.com, j.ortiz@example.com] }
  security: { people: [s.berg@example.com] }
secrets:
  token: { env: TOKEN }
tickets:
  jira: { webhookSecret: "\${{ secrets.token }}" }
calendars:
  prod-maintenance: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SA, start: 2026-01-03T22:00, duration: 6h }
  year-end: { timezone: Europe/Berlin, windows: [{ from: "2026-12-20", to: "2027-01-03" }] }
`;

/** Compiles one runbook, of which only a part may be given (see completeExample). */
export function compilePart(
  part: string,
  options: {
    configuration?: string | null;
    others?: string[];
    dataFile?: (path: string, encoding?: 'base64') => string;
    lint?: CompileOptions['lint'];
    connectorSettings?: CompileOptions['connectorSettings'];
  } = {},
): CompileResult {
  const files = [part, ...(options.others ?? [])].map((text, index) => ({
    path: index === 0 ? 'example.yaml' : `other${index}.yaml`,
    text: completeExample(text),
  }));
  const configuration = options.configuration === undefined ? testConfiguration : options.configuration;
  return compile({
    files,
    catalogue: testCatalogue,
    dataFile: options.dataFile,
    lint: options.lint,
    connectorSettings: options.connectorSettings,
    ...defined({
      configuration: configuration === null ? undefined : { path: 'countersign.yaml', text: configuration },
    }),
  });
}

/** The plan of a runbook that must be right. Throws with its diagnostics when it is not. */
export function planOf(part: string, others: string[] = []): Plan {
  const { plans, diagnostics } = compilePart(part, { others });
  const [plan] = plans;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (!plan || errors.length > 0)
    throw new Error(errors.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return plan;
}

/** `LINE:COLUMN CODE message [suggestion]` of each diagnostic that is not a warning about the example itself. */
export function problemsOf(part: string, options?: Parameters<typeof compilePart>[1]): string[] {
  return compilePart(part, options).diagnostics.map(
    ({ line, column, code, message, suggestion }) =>
      `${line}:${column} ${code} ${message}${suggestion === undefined ? '' : ` [${suggestion}]`}`,
  );
}

/** A plan of these steps, for tests of what works on plans. */
export function planFrom(steps: Step[], more: Partial<Plan> = {}): Plan {
  return {
    format: PLAN_FORMAT,
    hash: 'test',
    runbook: 'example',
    title: 'Example',
    kind: 'other',
    owner: 'role:it-coordinators',
    triggers: [],
    inputs: {},
    steps,
    finally: [],
    outputs: {},
    positions: {},
    ...more,
  };
}
