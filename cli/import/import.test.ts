import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { compileProject, knownActions } from '../project.ts';
import { draftOfChecklist } from './checklist.ts';
import { type Draft, writeDraft } from './draft.ts';
import { draftOfLifecycle, isLifecycleWorkflow } from './lifecycle.ts';

const configuration = {
  path: 'countersign.yaml',
  text: 'roles: { it-coordinators: { people: [kim@example.com] }, hr: { people: [sam@example.com] } }\n',
};
const actions = [...knownActions().values()];

/** The codes of what is wrong with a draft; a draft is there to be run, so nothing may be. */
function problems(draft: Draft): string[] {
  const files = [{ path: 'runbooks/draft.yaml', text: writeDraft(draft) }];
  return compileProject({ files, configuration }).diagnostics.map(
    ({ code, message }) => `${code} ${message}`,
  );
}

function steps(draft: Draft): Record<string, unknown>[] {
  return (parse(writeDraft(draft)) as { steps: Record<string, unknown>[] }).steps;
}

const checklist = `# Onboarding checklist

What we do before somebody begins.

## Before day one
- [ ] Disable the old **account**
- [ ] Assign a licence
  - E3 for most
- [x] Order it at [the shop](https://shop.example.com)

## Day one
1. Meet at \${{ reception }}
2.
`;

describe('A checklist', () => {
  it('becomes a runbook of tasks that can be run at once, with the actions that may do them', () => {
    const draft = draftOfChecklist(checklist, actions, 'new-hire.md');
    expect(draft && problems(draft)).toEqual([]);
    expect(draft && steps(draft).map(({ title }) => title)).toEqual(['Before day one', 'Day one']);
    const text = draft ? writeDraft(draft) : '';
    expect(text).toContain('# TODO: Perhaps `uses: ad.disableUser`');
    expect(text).toContain('instructions: |-\n            Assign a licence\n            - E3 for most\n');
    expect(text).toContain('Order it at the shop (https://shop.example.com)');
    expect(text).toContain('Meet at $ {{ reception }}');
    expect(text).not.toContain('\n\n\n');
  });

  it('without a heading is called as its file, and without a list is none', () => {
    expect(draftOfChecklist('- Ring the bell\n', actions, 'fire_drill.md')?.title).toBe('fire drill');
    expect(draftOfChecklist('Just text.', actions, 'x.md')).toBeUndefined();
    expect(draftOfChecklist('- \n', actions, 'x.md')).toBeUndefined();
  });

  it('can be drafted from whatever people write', () => {
    const line = fc.tuple(
      fc.constantFrom('- ', '  - ', '1. ', '- [ ] ', '# ', '## ', '', '> ', '    '),
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.constantFrom('a: b', '# c', '"q"', '`code`', '<b>x</b>', 'Const', 'if', 'return'),
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const draft = draftOfChecklist(lines.map((parts) => parts.join('')).join('\n'), actions, 'list.md');
        if (draft) expect(problems(draft)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

const workflow = {
  category: 'leaver',
  displayName: 'Offboard an employee',
  description: 'On the last day',
  executionConditions: {
    scope: { rule: "(department eq 'Marketing')" },
    trigger: { timeBasedAttribute: 'employeeLeaveDateTime', offsetInDays: -1 },
  },
  tasks: [
    {
      taskDefinitionId: '1dfdfcc7-52fa-4c2e-bf3a-e3919cc12950',
      displayName: 'Disable',
      executionSequence: 2,
    },
    {
      taskDefinitionId: '52853A3E-F4E5-4EB8-BB24-1AC09A1DA935',
      displayName: 'Tell the manager',
      continueOnError: true,
      executionSequence: 1,
      arguments: [
        { name: 'customSubject', value: '{{userDisplayName}} leaves' },
        { name: 'customBody', value: 'Hello {{managerDisplayName}}, see {{companyName}}.' },
      ],
    },
    { taskDefinitionId: '1b555e50-7f65-41d5-b514-5894a026d10d', displayName: 'Pass', executionSequence: 3 },
    {
      taskDefinitionId: '42ae2956-193d-4f39-be06-691b8ac4fa1d',
      displayName: 'Access packages',
      executionSequence: 4,
    },
    { taskDefinitionId: '8d18588d-9ad3-4c0f-99d0-ec215f0e3dff', displayName: 'Delete', isEnabled: false },
  ],
};

describe("A workflow of Entra's Lifecycle Workflows", () => {
  it('becomes a runbook in its order, signed before anything happens, with tasks for what has no action', () => {
    const draft = draftOfLifecycle(workflow);
    expect(problems(draft)).toEqual([]);
    expect(steps(draft).map(({ id }) => id)).toEqual([
      'person',
      'signoff',
      'moment',
      'tellManager',
      'disableAccount',
      'pass',
      'sendPassManager',
      'accessPackages',
    ]);
    const text = writeDraft(draft);
    expect(text).toContain('kind: offboarding');
    expect(text).toContain('addDays(inputs.day, -1)');
    expect(text).toContain('subject: ${{ default(steps.person.output.displayName, inputs.person) }} leaves');
    expect(text).toContain('see {{companyName}}.');
    expect(text).toContain('to be handed over in person: ${{ steps.pass.output.pass }}');
    expect(text).toContain('# TODO: The task "Delete" was switched off, and is left out.');
    expect(steps(draft)[3]).toMatchObject({ onError: 'continue' });
    expect(steps(draft)[7]).toMatchObject({ task: { to: 'role:it-coordinators' } });
  });

  it('translates every task that it knows into what compiles', () => {
    const known = [
      ['70b29d51-b59a-4773-9280-8841dfd3f2ea', {}],
      ['22085229-5809-45e8-97fd-270d28d66910', { groupID: 'a, b' }],
      ['e440ed8d-25a1-4618-84ce-091ed5be5594', { teamID: 'a' }],
      ['1953a66c-751c-45e5-8bfe-01462c70da3c', { groupID: 'a, b' }],
      ['06aa7acb-01af-4824-8899-b14e5ed788d6', {}],
      ['b3a31406-2a15-4c9a-b25b-a658fa5f07fc', {}],
      ['6fc52c9d-398b-4305-9763-15f42c1676fc', {}],
      ['683c87a4-2ad4-420b-97d4-220d90afcd24', { licenses: 'l' }],
      ['8fa97d28-3e52-4985-b3a9-a1126f9b8b4e', {}],
      ['1b555e50-7f65-41d5-b514-5894a026d10d', { tapLifetimeMinutes: '480', tapIsUsableOnce: 'false' }],
      ['00000000-0000-4000-8000-000000000000', {}],
    ] as const;
    for (const [taskDefinitionId, given] of known) {
      const task = {
        taskDefinitionId,
        arguments: Object.entries(given).map(([name, value]) => ({ name, value })),
      };
      expect(problems(draftOfLifecycle({ tasks: [task] }))).toEqual([]);
    }
  });

  it('may have been edited by hand', () => {
    const odd = {
      displayName: 7,
      category: null,
      tasks: [null, { taskDefinitionId: 'x', displayName: {}, arguments: [null, { name: 1 }] }],
    };
    expect(isLifecycleWorkflow(odd)).toBe(true);
    expect(problems(draftOfLifecycle(odd as never))).toEqual([]);
  });

  it('is told from other JSON', () => {
    expect(isLifecycleWorkflow(workflow)).toBe(true);
    for (const other of [null, [], {}, { tasks: [] }, { tasks: [null] }, { tasks: 'x' }])
      expect(isLifecycleWorkflow(other)).toBe(false);
  });
});
