import { describe, expect, it } from '@jest/globals';
import { testCatalogue, testConfiguration } from '../compiler/testing.ts';
import { complete, definition, hover } from './assist.ts';
import { Workspace } from './workspace.ts';

/** A runbook in which `|` stands for the cursor. */
function at(text: string): { workspace: Workspace; offset: number; text: string } {
  const offset = text.indexOf('|');
  const whole = text.replace('|', '');
  const workspace = new Workspace({
    read: () => ({
      files: [
        { path: 'a.yaml', text: 'old' },
        {
          path: 'other.yaml',
          text: `${head.replace('example', 'send-welcome')}steps:\n  - end: { status: succeeded }\n`,
        },
      ],
      configuration: { path: 'countersign.yaml', text: testConfiguration },
    }),
    catalogue: testCatalogue,
  });
  workspace.change('a.yaml', whole);
  return { workspace, offset, text: whole };
}

const head = 'runbook: example\ntitle: Example\nkind: other\nowner: role:it-coordinators\n';
const start = `${head}inputs:
  user: { type: string, format: email, description: Sign-in name }
  size: { type: integer, default: 1 }
let:
  domain: organisation.domain
steps:
  - id: find
    uses: entra.getUser
    with: { user: "\${{ inputs.user }}" }
  - if: inputs.size > 2
    id: big
    uses: entra.getUser
    with: { user: a@example.com }
`;

function labels(text: string): string[] {
  const { workspace, offset } = at(text);
  return complete(workspace, 'a.yaml', offset).map(({ label }) => label);
}

describe('completion', () => {
  it('offers what can be seen from the place, and functions', () => {
    const found = labels(`${start}  - if: |\n    end: { status: succeeded }\n`);
    expect(labels(`${start}  - if: in|\n    end: { status: succeeded }\n`)).toEqual(
      expect.arrayContaining([
        'inputs',
        'ticket',
        'run',
        'organisation',
        'steps',
        'domain',
        'slug',
        'default',
      ]),
    );
    // Nothing has been begun there, so there is nothing to complete either.
    expect(found).toEqual([]);
  });

  it('offers inputs, steps, and the fields of what a step gave', () => {
    const expression = (text: string) =>
      labels(`${start}  - uses: entra.getUser\n    with: { user: "\${{ ${text}| }}" }\n`);
    expect(expression('inputs.')).toEqual(['user', 'size']);
    expect(expression('steps.')).toEqual(['find', 'big']);
    expect(expression('steps.find.')).toEqual(['output', 'status']);
    expect(expression('steps.find.output.')).toEqual([
      'id',
      'userPrincipalName',
      'displayName',
      'mail',
      'jobTitle',
      'tags',
    ]);
  });

  it('takes the place of the word that was begun', () => {
    const { workspace, offset, text } = at(
      `${start}  - uses: entra.getUser\n    with: { user: "\${{ inputs.us|er }}" }\n`,
    );
    const [first] = complete(workspace, 'a.yaml', offset);
    expect(text.slice(first?.replace.start, first?.replace.end)).toBe('user');
  });

  it('offers actions behind `uses`', () => {
    expect(labels(`${start}  - uses: entra.|\n`)).toContain('entra.createUser');
  });

  it('works while the braces are still open', () => {
    expect(
      labels(`${start}  - uses: entra.getUser\n    with:\n      user: \${{ steps.find.output.|\n`),
    ).toContain('mail');
  });
});

describe('hover', () => {
  it('tells types in words, and why something may be absent', () => {
    const told = (text: string) => {
      const { workspace, offset } = at(
        `${start}  - uses: entra.getUser\n    with: { user: "\${{ ${text} }}" }\n`,
      );
      return hover(workspace, 'a.yaml', offset);
    };
    expect(told('inputs.us|er')).toBe('`inputs.user`: an e-mail address');
    expect(told("default(steps.big.output.ma|il, '')")).toBe(
      '`steps.big.output.mail`: text, or absent (the step `big` runs only if `inputs.size > 2`)',
    );
    expect(told('slu|g(inputs.user)')).toContain('The text as a name for addresses');
  });

  it('describes an action', () => {
    const { workspace, offset } = at(`${start}  - uses: entra.get|User\n    with: { user: a }\n`);
    expect(hover(workspace, 'a.yaml', offset)).toBe('**entra.getUser** (read)\n\nentra.getUser for tests.');
  });
});

describe('definition', () => {
  const target = (text: string) => {
    const { workspace, offset } = at(start + text);
    return definition(workspace, 'a.yaml', offset);
  };

  it('leads from a step, an input and a name to where they stand', () => {
    const value = (text: string) =>
      target(`  - uses: entra.getUser\n    with: { user: "\${{ ${text} }}" }\n`);
    expect(value('steps.fi|nd.output.id')).toEqual({ file: 'a.yaml', line: 11, column: 1 });
    expect(value('string(inputs.si|ze)')).toEqual({ file: 'a.yaml', line: 7, column: 3 });
    expect(value('doma|in')).toEqual({ file: 'a.yaml', line: 9, column: 3 });
  });

  it('leads from a called runbook to its file', () => {
    expect(target('  - runbook: send-|welcome\n')).toEqual({ file: 'other.yaml', line: 1, column: 1 });
  });
});
