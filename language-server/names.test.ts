import { describe, expect, it } from '@jest/globals';
import { testCatalogue, testConfiguration } from '../compiler/testing.ts';
import { applied } from './format.ts';
import { occurrenceAt, occurrencesOf, whyNotRename } from './names.ts';
import { Workspace } from './workspace.ts';

const head = (name: string) => `runbook: ${name}\ntitle: Example\nkind: other\nowner: role:it-coordinators\n`;
const main = `${head('main')}on:
  - ticket: { system: jira, project: HR, to: Approved }
    inputs: { user: "\${{ ticket.fields.user }}" }
    amend: [user]
inputs:
  user: { type: string, format: email }
  "size": { type: integer, default: 1 }
let:
  big: inputs.size > 2
  many: big || inputs["size"] > 5
steps:
  - id: find
    uses: entra.getUser
    with: { user: "\${{ inputs.user }}" }
  - if: big
    id: group
    steps:
      - id: again
        uses: entra.getUser
        with: { user: "\${{ steps.find.output.id + \\"x\\" + steps[\\"find\\"].output.id }}" }
  - id: mail
    runbook: other
    with:
      to: '\${{ [1, 2].map(each, string(big) + string(each) + string(many)).size() == 2 ? "a@example.com" : steps.find.output.id }}'
outputs:
  id: \${{ default(steps.again.output.id, steps.find.output.id) }}
`;
const other = `${head('other')}inputs:
  to: { type: string }
steps:
  - id: find
    uses: entra.getUser
    with: { user: "\${{ inputs.to }}" }
`;
const tests = `runbook: main
defaults:
  inputs: { user: a@example.com }
  actions:
    find: { output: { id: "1" } }
    "mail.find": { output: { id: "2" } }
    entra.getUser: { output: { id: "3" } }
tests:
  - name: it works
    events: [{ amend: { user: b@example.com } }, { skip: find, when: again }]
    expect:
      path: [find, "mail.find", 'find.undo']
      steps: { find: succeeded }
      notCalled: [again]
`;

function workspaceOf(files: Record<string, string> = {}): Workspace {
  const all: Record<string, string> = {
    'runbooks/main.yaml': main,
    'runbooks/other.yaml': other,
    'runbooks/main.test.yaml': tests,
    ...files,
  };
  const sourceOf = (path: string) => ({ path, text: all[path] ?? '' });
  return new Workspace({
    read: () => ({
      files: Object.keys(all)
        .filter((path) => !path.includes('.test.'))
        .map(sourceOf),
      configuration: { path: 'countersign.yaml', text: testConfiguration },
    }),
    tests: () => [{ source: sourceOf('runbooks/main.test.yaml'), beside: sourceOf('runbooks/main.yaml') }],
    catalogue: testCatalogue,
  });
}

/** The files after what stands at this place was renamed. */
function renamed(workspace: Workspace, file: string, at: string, to: string): Record<string, string> {
  const found = occurrenceAt(workspace, file, (workspace.anyText(file) ?? '').indexOf(at));
  if (!found) throw new Error(`nothing has a name at ${at}`);
  const why = whyNotRename(workspace, found, to);
  if (why !== undefined) return { why };
  const byFile: Record<string, string> = {};
  const all = occurrencesOf(workspace, found);
  for (const path of new Set(all.map(({ file: each }) => each)))
    byFile[path] = applied(
      workspace.anyText(path) ?? '',
      all.filter((each) => each.file === path).map(({ start, end }) => ({ start, end, text: to })),
    );
  return byFile;
}

const errorsOf = (workspace: Workspace) =>
  [...workspace.diagnostics().values()].flat().filter(({ severity }) => severity === 'error');

describe('a rename', () => {
  it('of a step takes its expressions, its tests and no step of that name in another runbook along', () => {
    const workspace = workspaceOf();
    expect(errorsOf(workspace)).toEqual([]);
    const after = renamed(workspace, 'runbooks/main.yaml', 'find\n    uses', 'person');
    expect(Object.keys(after).sort()).toEqual(['runbooks/main.test.yaml', 'runbooks/main.yaml']);
    expect(after['runbooks/main.yaml']).toBe(
      main
        .replaceAll('steps.find', 'steps.person')
        .replace('steps[\\"find', 'steps[\\"person')
        .replace('id: find', 'id: person'),
    );
    expect(after['runbooks/main.test.yaml']).toBe(
      tests
        .replace('    find:', '    person:')
        .replace('skip: find', 'skip: person')
        .replace('[find,', '[person,')
        .replace("'find.undo'", "'person.undo'")
        .replace('{ find: succeeded', '{ person: succeeded'),
    );
    expect(errorsOf(workspaceOf(after))).toEqual([]);
  });

  it('of a step of a called runbook is made in the tests of its caller', () => {
    const after = renamed(workspaceOf(), 'runbooks/other.yaml', 'find\n', 'look');
    expect(after['runbooks/main.test.yaml']).toBe(tests.replaceAll('mail.find', 'mail.look'));
    expect(after['runbooks/main.yaml']).toBeUndefined();
  });

  it('of an input is made in triggers, in callers and in tests', () => {
    const after = renamed(workspaceOf(), 'runbooks/main.yaml', 'user: { type', 'person');
    expect(after['runbooks/main.yaml']).toContain('inputs: { person: "${{ ticket.fields.user }}" }');
    expect(after['runbooks/main.yaml']).toContain('amend: [person]');
    expect(after['runbooks/main.yaml']).toContain('with: { user: "${{ inputs.person }}" }');
    expect(after['runbooks/main.test.yaml']).toContain('inputs: { person: a@example.com }');
    expect(after['runbooks/main.test.yaml']).toContain('amend: { person: b@example.com }');
    const called = renamed(workspaceOf(), 'runbooks/other.yaml', 'to: { type', 'target');
    expect(called['runbooks/main.yaml']).toContain("      target: '${{ [1, 2]");
    expect(errorsOf(workspaceOf(called))).toEqual([]);
    const quoted = renamed(workspaceOf(), 'runbooks/main.yaml', 'size": {', 'length');
    expect(quoted['runbooks/main.yaml']).toContain('"length": { type: integer');
    expect(quoted['runbooks/main.yaml']).toContain('inputs["length"] > 5');
    expect(errorsOf(workspaceOf(quoted))).toEqual([]);
  });

  it('of a name under `let` reaches other names, conditions and what goes through lists', () => {
    const after = renamed(workspaceOf(), 'runbooks/main.yaml', 'big: inputs', 'large');
    expect(after['runbooks/main.yaml']).toContain('large: inputs.size > 2');
    expect(after['runbooks/main.yaml']).toContain('many: large ||');
    expect(after['runbooks/main.yaml']).toContain('- if: large');
    expect(after['runbooks/main.yaml']).toContain('.map(each, string(large) + string(each) + string(many))');
  });

  it.each([
    ['there is such a step already', 'find\n    uses', 'mail', 'There is a step `mail` already.'],
    ['it is no name', 'find\n    uses', 'my-step', '`my-step` cannot be a name'],
    ['it is a reserved word', 'find\n    uses', 'in', '`in` is a reserved word'],
    ['there is such a name already', 'many: big', 'big', 'There is a name under `let` `big` already.'],
    ['an item has that name', 'many: big', 'each', '`each` is the name of an item in this runbook'],
  ])('is refused where %s', (_, at, to, why) => {
    expect(renamed(workspaceOf(), 'runbooks/main.yaml', at, to).why).toContain(why);
  });

  it('is refused where a file that names it cannot be read', () => {
    const broken = main.replace('if: big', 'if: big &&');
    const workspace = workspaceOf({ 'runbooks/main.yaml': broken });
    expect(renamed(workspace, 'runbooks/main.yaml', 'find\n    uses', 'person').why).toBe(
      'runbooks/main.yaml cannot be read as a whole. Mend what is not valid in it first.',
    );
  });

  it('reaches expressions that the compiler passed over beside another mistake', () => {
    const wrong = main.replace('uses: entra.getUser\n        with', 'uses: entra.getUsr\n        with');
    const after = renamed(
      workspaceOf({ 'runbooks/main.yaml': wrong }),
      'runbooks/main.yaml',
      'find\n    uses',
      'person',
    );
    expect(after['runbooks/main.yaml']).not.toMatch(/steps\.find|\\"find/);
  });
});
