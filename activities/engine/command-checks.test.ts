import { describe, expect, it } from '@jest/globals';
import { planOf, testCatalogue } from '../../compiler/testing.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { Seal } from '../../vault/seal.ts';
import type { RunView } from '../../workflows/messages.ts';
import { checkedAmendment, checkedCompletion } from './command-checks.ts';

const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 7) } });
const view = {
  tasks: [
    {
      step: 'desk',
      title: 'Desk',
      openedAt: 0,
      people: [],
      instructions: '',
      form: { serial: { type: 'string', minLength: 3 }, dock: { type: 'boolean' } },
      required: ['serial'],
    },
  ],
  steps: [
    { id: 'account', kind: 'action', action: 'entra.createUser', title: '', status: 'parked', attempts: 1 },
  ],
} as unknown as RunView;

const completed = (step: string, output: Record<string, string | boolean>) =>
  checkedCompletion(view, step, output, { catalogue: testCatalogue, seal });

describe('what is handed in by hand', () => {
  it('for a task fits its form, where fields may be optional', () => {
    expect(completed('desk', { serial: 'X-1' }).problems).toEqual([]);
    expect(completed('desk', { serial: 'X', dock: 'yes', colour: 'red' }).problems).toEqual([
      expect.stringContaining('`colour` is not known here.'),
      '`serial` must have at least 3 characters, and is "X".',
      '`dock` must be true or false, and is "yes".',
    ]);
  });

  it('is told of by what the form calls a field, beside the name that programs use', () => {
    const serial = { type: 'string', minLength: 3, description: 'Serial number of the laptop.' };
    const task = { ...view.tasks[0], form: { serial } } as RunView['tasks'][number];
    const of = (output: Record<string, string>) =>
      checkedCompletion({ ...view, tasks: [task] }, 'desk', output, { catalogue: testCatalogue, seal });
    expect(of({}).problems).toEqual(['“Serial number of the laptop” (`serial`) is missing.']);
    expect(of({ serial: 'X' }).problems[0]).toMatch(/^“Serial number of the laptop” \(`serial`\) must have/);
  });

  it('for a parked action fits what the action gives, and what is secret in it is sealed', () => {
    const output = { id: '1', userPrincipalName: 'a@example.com', password: 'once-only' };
    const { value, problems } = completed('account', output);
    expect(problems).toEqual([]);
    expect(JSON.stringify(value)).not.toContain('once-only');
    expect(seal.open((value.password as { $sealed: string }).$sealed)).toBe('once-only');
    expect(completed('account', { id: '1' }).problems).toContain('`userPrincipalName` is missing.');
  });

  it('for a task is sealed where its form says so, also when the task is parked', () => {
    const plan = planOf(`steps:
  - id: vault
    task:
      to: kim@example.com
      instructions: Make a code up
      form: { code: { type: string, sensitive: true }, note: { type: string, optional: true } }
  - { uses: mail.send, with: { to: a@example.com, subject: Hello, text: "\${{ steps.vault.output.code }}" } }`);
    const [task] = plan.steps;
    if (task?.kind !== 'task') throw new Error('no task');
    const { form, sensitive = [] } = task;
    const required = ['code'];
    const open = {
      step: 'vault',
      title: '',
      openedAt: 0,
      people: [],
      instructions: '',
      form,
      required,
      sensitive,
    };
    for (const tasks of [[open], []]) {
      const given = { tasks, steps: [] } as Pick<RunView, 'tasks' | 'steps'>;
      const check = (output: JsonObject) =>
        checkedCompletion(given, 'vault', output, { catalogue: testCatalogue, seal, plan });
      const { value, problems } = check({ code: 'once-only', note: 'seen' });
      expect(problems).toEqual([]);
      expect(value.note).toBe('seen');
      expect(seal.open((value.code as { $sealed: string }).$sealed)).toBe('once-only');
      expect(check({ code: 47_114_711 }).problems).toEqual(['`code` must be text.']);
    }
  });

  it('as a new input fits it, and is sealed where it is sensitive', () => {
    const plan = planOf(`inputs:
  day: { type: string, format: date }
  reason: { type: string, sensitive: true, default: none }
steps:
  - { uses: mail.send, with: { to: a@example.com, subject: "\${{ inputs.day }}", text: "\${{ inputs.reason }}" } }`);
    expect(checkedAmendment(plan, { day: 'soon' }, seal).problems).toEqual([
      '`day` must be a date such as 2026-01-31.',
    ]);
    const { value, problems } = checkedAmendment(plan, { reason: 'illness' }, seal);
    expect(problems).toEqual([]);
    expect(Object.keys(value)).toEqual(['reason']);
    expect(JSON.stringify(value)).not.toContain('illness');
  });
});
