/** What the reference says of names and examples, held to what the compiler knows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compilePart } from '../compiler/testing.ts';
import type { ActionDescription } from '../plan/catalogue.ts';
import { packageRoot } from '../store/package-root.ts';

const page = (name: string) => readFileSync(join(packageRoot(), 'docs', 'reference', name), 'utf8');
const actions = JSON.parse(
  readFileSync(join(packageRoot(), 'schemas', 'actions.json'), 'utf8'),
) as ActionDescription[];

const table = /## What an expression can name\n\n([\s\S]*?)\n\n##/.exec(page('language.md'))?.[1] ?? '';
const rows = table
  .split('\n')
  .slice(2)
  .map((row) => row.split('|').map((cell) => cell.trim()));
const named = (name: string) => rows.find(([, cell]) => cell === name)?.[3] ?? '';
const codes = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

/** One of each kind, whose names are `look`, `sign`, `form`, `rounds`, `poll`, `called` and `came`. */
const steps = `inputs: { people: { type: array, items: { type: string } } }
steps:
  - id: look
    uses: entra.getUser
    with: { user: a@example.com }
  - id: sign
    approve: { from: [role:it-director] }
  - id: form
    task: { to: role:it-director, instructions: Do it., form: { serial: { type: string } } }
  - id: rounds
    forEach: inputs.people
    as: person
    collect: 10
    steps:
      - id: each
        uses: entra.getUser
        with: { user: "\${{ person }}" }
  - id: poll
    repeat: { until: "true", every: 5s, atMost: 2h }
    steps:
      - uses: entra.getUser
        with: { user: a@example.com }
  - id: came
    wait: { event: order.shipped, key: a }
`;
const other = `runbook: other
outputs: { answer: "\${{ 1 }}" }
steps:
  - end: { status: succeeded }
`;

function problems(expressions: readonly string[], part: 'outputs' | 'finally' = 'outputs'): string[] {
  const values = expressions.map((each, index) => `  v${index}: '\${{ toJson(${each}) }}'`).join('\n');
  const text =
    part === 'outputs'
      ? `${steps}outputs:\n${values}\n`
      : `${steps}finally:\n  - uses: entra.getUser\n    with: { user: '\${{ toJson(${expressions[0]}) }}' }\n`;
  return compilePart(text, { others: [other] })
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);
}

describe('what an expression can name, by the reference', () => {
  it('is there: run, ticket, and what each kind of step gives', () => {
    const loop = codes(named('`steps.ID.output` of a `forEach`'));
    expect(loop).toEqual([
      'total',
      'succeeded',
      'failed',
      'failures',
      'index',
      'message',
      'collect',
      'collected',
    ]);
    const [run, ticket] = [codes(named('`run`')), codes(named('`ticket`'))];
    expect(run).toEqual(['id', 'runbook', 'requester', 'startedAt', 'finally', 'status']);
    expect(ticket.length).toBeGreaterThan(3);
    expect(named('`steps.ID.output` of a `task`')).toContain('form');
    expect(named('`steps.ID.output` of a `wait` for an event')).toContain('event');
    expect(
      problems([
        ...['total', 'succeeded', 'failed', 'failures'].map((name) => `steps.rounds.output.${name}`),
        'steps.rounds.output.failures.map(each, [string(each.index), each.message])',
        'steps.rounds.output.collected.orValue([]).map(each, each.each.orValue({}))',
        'steps.poll.output.rounds',
        'steps.form.output.serial',
        'steps.came.output.carrier',
        'steps.sign.approvers',
        'steps.sign.status',
        'organisation.name',
        ...run.slice(0, 4).map((name) => `run.${name}`),
        ...ticket.map((name) => `ticket.${name}`),
      ]),
    ).toEqual([]);
    expect(problems(['run.status'], 'finally')).toEqual([]);
    expect(problems(['run.status'])).toHaveLength(1);
  });
});

describe('each action in the reference', () => {
  it('has the examples that it is tested with', () => {
    const text = page('actions.md');
    const missing = actions.flatMap(({ name, examples }) => {
      const own = text.slice(text.indexOf(`## \`${name}\``)).split('\n## ')[0] ?? '';
      return examples
        .filter(({ title }) => !own.includes(`\n${title}: \``))
        .map(({ title }) => `${name}: ${title}`);
    });
    expect(missing).toEqual([]);
    expect(actions.filter(({ examples }) => examples.length === 0)).toEqual([]);
  });
});
