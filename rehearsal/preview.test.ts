import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../activities/kit/call.ts';
import { PermanentFailure } from '../activities/kit/failures.ts';
import { planOf, testCatalogue } from '../compiler/testing.ts';
import { Calendars } from '../organisation/calendars.ts';
import type { Json, JsonObject, Plan } from '../plan/plan.ts';
import type { RunStart, RunView } from '../workflows/messages.ts';
import { runPlanOf } from '../workflows/run-plan.ts';
import { startOf } from '../workflows/testing.ts';
import { previewGate } from './gate-preview.ts';
import { type PreviewOptions, previewRun } from './preview.ts';

const plan = planOf(`inputs: { who: { type: string, format: email } }
steps:
  - { id: look, uses: entra.getUser, with: { user: "\${{ inputs.who }}" } }
  - { id: early, title: Greet, uses: mail.send, with: { to: "\${{ inputs.who }}", subject: Hello, text: Hello } }
  - { id: signoff, approve: { from: [m.roth@example.com], within: 1d } }
  - id: account
    title: Create the account
    uses: entra.createUser
    with: { userPrincipalName: "\${{ inputs.who }}", displayName: New, usageLocation: DE }
  - { id: again, uses: entra.getUser, with: { user: "\${{ steps.account.output.id }}" } }
  - id: group
    uses: entra.addGroupMember
    with: { user: "\${{ steps.again.output.id }}", group: Sales }
  - { id: gone, uses: entra.deleteUser, with: { user: "\${{ steps.look.output.id }}" } }`);

interface Asked {
  how: 'run' | 'preview';
  action: string;
  input: Json;
}

function optionsFor(answers: Record<string, (input: JsonObject) => Json>) {
  const asked: Asked[] = [];
  const say = (how: Asked['how']) => async (action: { name: string }, input: Json) => {
    asked.push({ how, action: action.name, input });
    // As over a network: not at once.
    await new Promise((resolve) => setTimeout(resolve, 2));
    const answer = answers[action.name]?.(input as JsonObject);
    return how === 'run' ? { output: answer } : answer;
  };
  const caller = { run: say('run'), preview: say('preview') } as unknown as Caller;
  const options: PreviewOptions = {
    catalogue: testCatalogue,
    caller: (name) => ({ caller, action: { name } as never }),
    services: {
      roles: () => ({}),
      calendars: () => new Calendars({ calendars: {}, timezone: 'UTC', read: () => '' }),
    },
  };
  return { asked, options };
}

function start(of: Plan = plan): RunStart {
  return startOf(runPlanOf(of), { inputs: { who: 'a.lee@example.com' } });
}

const world = {
  'entra.getUser': () => ({ id: 'u1', userPrincipalName: 'a.lee@example.com', jobTitle: null, tags: [] }),
  'entra.createUser': (input: JsonObject) => ({ summary: `would create ${input.userPrincipalName}` }),
  'entra.deleteUser': () => ({ summary: 'would delete u1', problems: ['u1 is the last administrator'] }),
  'mail.send': () => ({ summary: 'would send "Hello"' }),
};

describe('a preview', () => {
  it('reads for real, asks each write what it would do, and carries nothing out', async () => {
    const { asked, options } = optionsFor(world);
    const found = await previewRun(start(), new Map(), options);
    expect(found.stopped).toBeUndefined();
    expect(found.steps).toEqual([
      { step: 'early', title: 'Greet', action: 'mail.send', effect: 'write', summary: 'would send "Hello"' },
      {
        step: 'account',
        title: 'Create the account',
        action: 'entra.createUser',
        effect: 'write',
        summary: 'would create a.lee@example.com',
      },
      { step: 'group', title: 'entra.addGroupMember', action: 'entra.addGroupMember', effect: 'write' },
      {
        step: 'gone',
        title: 'entra.deleteUser',
        action: 'entra.deleteUser',
        effect: 'destructive',
        summary: 'would delete u1',
        problems: ['u1 is the last administrator'],
      },
    ]);
    expect(asked.filter(({ how }) => how === 'run').map(({ action }) => action)).toEqual(['entra.getUser']);
  });

  it('says of a step that hangs on one not done yet that it does, instead of calling it a mistake', async () => {
    const { options } = optionsFor({
      ...world,
      'entra.addGroupMember': () => {
        throw new PermanentFailure('There is no such user.');
      },
    });
    const { steps } = await previewRun(start(), new Map(), options);
    expect(steps.find(({ step }) => step === 'group')).toMatchObject({
      summary: 'depends on what the steps before it give',
    });
  });

  it('takes no number that is not known yet for one that is missing, and shows what it stands for', async () => {
    const numbered = planOf(`steps:
  - id: account
    uses: entra.createUser
    with: { userPrincipalName: b@example.com, displayName: New, usageLocation: DE }
  - { id: gone, uses: entra.deleteUser, with: { user: "\${{ steps.account.output.id }}" } }`);
    const { options } = optionsFor({
      'entra.deleteUser': ({ user }) => ({
        summary: `would delete ${user}`,
        problems: [`There is no user ${user}.`, 'It is a Monday.'],
      }),
    });
    const account = testCatalogue.get('entra.createUser');
    const output = { ...account?.output, properties: { id: { type: 'integer' } } };
    const catalogue = new Map([...testCatalogue, ['entra.createUser', { ...account, output } as never]]);
    const { steps } = await previewRun(startOf(runPlanOf(numbered), {}), new Map(), {
      ...options,
      catalogue,
    });
    expect(steps.find(({ step }) => step === 'gone')).toMatchObject({
      summary: 'would delete ‹b@example.com›',
      problems: ['It is a Monday.'],
    });
  });

  it('does not ask again what the run knows already', async () => {
    const { asked, options } = optionsFor(world);
    await previewRun(start(), new Map([['look', { id: 'u9' }]]), options);
    expect(asked.filter(({ how }) => how === 'run')).toEqual([]);
    expect(asked.find(({ action }) => action === 'entra.deleteUser')?.input).toEqual({ user: 'u9' });
  });

  it('says where it could not be followed any further', async () => {
    const { options } = optionsFor({
      ...world,
      'entra.getUser': () => {
        throw new PermanentFailure('There is nobody called a.lee@example.com.');
      },
    });
    expect(await previewRun(start(), new Map(), options)).toEqual({
      steps: [],
      stopped: 'entra.getUser: There is nobody called a.lee@example.com.',
    });
  });
});

describe('what those who sign are shown', () => {
  const view = {
    planHash: plan.hash,
    inputs: { who: 'a.lee@example.com' },
    requester: { id: 'asker@example.com', roles: [] },
    steps: [
      { id: 'look', kind: 'action', title: 'look', status: 'succeeded', attempts: 1, output: { id: 'u1' } },
    ],
  } as unknown as RunView;
  const gate = (parts: { view?: () => Promise<RunView> } = {}) =>
    previewGate('signoff', {
      ...optionsFor(world).options,
      view: async () => view,
      plan: async (hash) => (hash === plan.hash ? plan : undefined),
      organisation: {},
      ...parts,
    });

  it('is what the steps that their signature opens would do, and no others', async () => {
    expect((await gate())?.steps.map(({ step }) => step)).toEqual(['account', 'group', 'gone']);
  });

  it('is computed with the organisation’s values with which the run began', async () => {
    const tells = planOf(`inputs: { who: { type: string, format: email } }
steps:
  - { id: signoff, approve: { from: [m.roth@example.com], within: 1d } }
  - id: tell
    uses: mail.send
    with: { to: "all@\${{ string(organisation.domain) }}", subject: New, text: "\${{ inputs.who }}" }`);
    const { asked, options } = optionsFor(world);
    await previewGate('signoff', {
      ...options,
      view: async () => ({ ...view, planHash: tells.hash, organisation: { domain: 'example.com' } }),
      plan: async () => tells,
      organisation: { domain: 'renamed.example.com' },
    });
    expect(asked).toMatchObject([{ how: 'preview', input: { to: 'all@example.com' } }]);
  });

  it('is why it is not known, where the run cannot be asked', async () => {
    const away = async () => {
      throw new Error('no answer');
    };
    expect(await gate({ view: away })).toEqual({ steps: [], stopped: 'no answer' });
  });
});
