import { describe, expect, it } from '@jest/globals';
import { problemsOf, testConfiguration } from '../testing.ts';

const inputs = `inputs:
  people: { type: array, items: { type: string }, default: [] }
`;
const look = '  - { id: look, uses: entra.getUser, with: { user: a@example.com } }\n';
const sign = (show = '') => `  - { id: sign, approve: { from: [role:it-managers]${show} } }\n`;
const form =
  '  - { id: who, task: { to: role:it-coordinators, instructions: Find out, form: { user: { type: string } } } }\n';
const destroy = (user: string) =>
  `  - { id: wipe, uses: entra.deleteUser, with: { user: "\${{ ${user} }}" } }\n`;

/** The codes of signatures, with the step each is about. */
function told(part: string, options?: Parameters<typeof problemsOf>[1]): string[] {
  return problemsOf(part, options)
    .filter((text) => /CS175\d/.test(text))
    .map((text) => /CS175\d/.exec(text)?.[0] ?? '');
}

describe('a target of a destructive step', () => {
  it('may come from a form only before the last signature', () => {
    expect(told(`steps:\n${sign()}${form}${destroy('steps.who.output.user')}`)).toEqual(['CS1751']);
    expect(told(`steps:\n${form}${sign()}${destroy('steps.who.output.user')}`)).toEqual([]);
  });

  it('may come from a form among the closing steps only before the last signature there', () => {
    const target = destroy('steps.who.output.user');
    expect(told(`steps:\n${look}finally:\n${sign()}${form}${target}`)).toEqual(['CS1751']);
    expect(told(`steps:\n${look}finally:\n${form}${sign()}${target}`)).toEqual([]);
    expect(told(`steps:\n${form}finally:\n${sign()}${target}`)).toEqual([]);
  });

  it('may not come from an event after it, also as an item of a list', () => {
    const event = '  - { id: who, wait: { event: users.gone, key: all } }\n';
    const each = `  - forEach: steps.who.output.users
    as: user
    upTo: 3
    steps:
      - { uses: entra.deleteUser, with: { user: "\${{ user.name }}" } }
`;
    expect(told(`steps:\n${sign()}${event}${each}`)).toEqual(['CS1751']);
    expect(told(`steps:\n${event}${sign()}${each}`)).toEqual([]);
  });

  it('is looked for through called runbooks', () => {
    const others = [
      'runbook: wipe\ninputs: { who: { type: string } }\nsteps:\n  - { uses: entra.deleteUser, with: { user: "${{ inputs.who }}" } }\n',
      'runbook: gated\ninputs: { who: { type: string } }\nsteps:\n  - approve: { from: [role:it-managers] }\n  - { uses: entra.deleteUser, with: { user: "${{ inputs.who }}" } }\n',
    ];
    const call = (name: string) =>
      `  - { runbook: ${name}, with: { who: "\${{ steps.who.output.user }}" } }\n`;
    expect(told(`steps:\n${sign()}${form}${call('wipe')}`, { others })).toEqual(['CS1751']);
    expect(told(`steps:\n${sign()}${form}${call('gated')}`, { others })).toEqual([]);
  });

  it('is looked for through what was looked up by it', () => {
    const find = '  - { id: find, uses: entra.getUser, with: { user: "${{ steps.who.output.user }}" } }\n';
    const wipe = destroy('steps.find.output.id');
    expect(told(`steps:\n${sign()}${form}${find}${wipe}`)).toEqual(['CS1751']);
    expect(told(`steps:\n${form}${sign()}${find}${wipe}`)).toEqual([]);
  });

  it('may not be asked for in a called runbook that nobody signs in', () => {
    const asks = (signs = '') =>
      `runbook: asks\nsteps:\n  - { id: who, task: { to: role:it-coordinators, instructions: Find out, form: { user: { type: string } } } }\n${signs}  - { uses: entra.deleteUser, with: { user: "\${{ steps.who.output.user }}" } }\n`;
    const call = '  - { id: call, runbook: asks, with: {} }\n';
    expect(told(`steps:\n${sign()}${call}`, { others: [asks()] })).toEqual(['CS1751']);
    expect(told(`steps:\n${sign()}${call}`, { others: [asks(sign())] })).toEqual([]);
  });

  it("is nobody's matter here where nobody signs, or where nothing is destroyed", () => {
    expect(told(`steps:\n${form}${destroy('steps.who.output.user')}`)).toEqual([]);
    const read = '  - { uses: entra.getUser, with: { user: "${{ steps.who.output.user }}" } }\n';
    expect(told(`steps:\n${sign()}${form}${read}`)).toEqual([]);
  });
});

describe('a list for which something is destroyed', () => {
  const each = (items: string, more = '') =>
    `  - forEach: ${items}\n    as: user\n${more}    steps:\n      - { uses: entra.deleteUser, with: { user: "\${{ user }}" } }\n`;

  it('is shown to those who sign, or has a bound', () => {
    expect(told(`steps:\n${look}${sign()}${each('steps.look.output.tags')}`)).toEqual(['CS1752']);
    expect(told(`steps:\n${look}${each('steps.look.output.tags')}`)).toEqual(['CS1752']);
    expect(told(`steps:\n${look}${sign()}${each('steps.look.output.tags', '    upTo: 5\n')}`)).toEqual([]);
    const shown = ', show: { tags: "${{ steps.look.output.tags }}" }';
    expect(told(`steps:\n${look}${sign(shown)}${each('steps.look.output.tags')}`)).toEqual([]);
    const counted = ', show: { tags: "${{ size(steps.look.output.tags) }}" }';
    expect(told(`steps:\n${look}${sign(counted)}${each('steps.look.output.tags')}`)).toEqual(['CS1752']);
  });

  it('is known where it is an input, a list of the text, or signed item by item', () => {
    expect(told(`${inputs}steps:\n${sign()}${each('inputs.people')}`)).toEqual([]);
    expect(told(`steps:\n${sign()}${each('\'["a", "b"]\'')}`)).toEqual([]);
    const signed = `  - forEach: steps.look.output.tags
    as: user
    steps:
      - approve: { from: [role:it-managers] }
      - { uses: entra.deleteUser, with: { user: "\${{ user }}" } }
`;
    expect(told(`steps:\n${look}${signed}`)).toEqual([]);
  });
});

describe('an approver', () => {
  const start =
    'on:\n  - manual: { by: [role:it-coordinators] }\ninputs: { boss: { type: string, format: email } }\n';

  it('taken from an input as it was given is told, once for each key', () => {
    expect(told(`${start}steps:\n  - approve: { from: ["\${{ inputs.boss }}"] }\n`)).toEqual(['CS1754']);
    expect(
      told(
        `${start}steps:\n  - approve: { from: [role:it-managers], within: 1d, escalate: "\${{ inputs.boss }}" }\n`,
      ),
    ).toEqual(['CS1754']);
  });

  it('whom the directory knows is not, nor one whom a calling runbook gives', () => {
    const found = `  - { id: boss, uses: entra.getUser, with: { user: "\${{ inputs.boss }}" } }\n  - approve: { from: ["\${{ steps.boss.output.userPrincipalName }}"] }\n`;
    expect(told(`${start}steps:\n${found}`)).toEqual([]);
    const called = start.replace(/on:.*\n.*\n/, '');
    expect(told(`${called}steps:\n  - approve: { from: ["\${{ inputs.boss }}"] }\n`)).toEqual([]);
  });
});

describe('an object that is read as a whole behind a signature', () => {
  const tell = (what: string) =>
    `  - { uses: mail.send, with: { to: a@example.com, subject: Done, text: "\${{ toJson(${what}) }}" } }\n`;

  it('is told once', () => {
    expect(told(`${inputs}steps:\n${look}${sign()}${tell('inputs')}${tell('inputs')}`)).toEqual(['CS1755']);
    expect(told(`steps:\n${look}${sign()}${tell('steps.look.output')}`)).toEqual(['CS1755']);
  });

  it('is not where a field of it is, or where nobody signs', () => {
    expect(told(`${inputs}steps:\n${look}${sign()}${tell('inputs.people')}`)).toEqual([]);
    expect(told(`${inputs}steps:\n${look}${tell('inputs')}`)).toEqual([]);
  });
});

describe('a sealed value that a signature stands for', () => {
  const sealed = (visibleTo: string, from: string) =>
    `inputs: { user: { type: string, sensitive: true${visibleTo} } }\nsteps:\n  - approve: { from: ${from} }\n${destroy('inputs.user')}`;

  it('is told when none of those asked may see it', () => {
    expect(told(sealed('', '[role:it-managers]'))).toEqual(['CS1753']);
    expect(told(sealed(', visibleTo: [role:it-director]', '[role:it-managers]'))).toEqual(['CS1753']);
  });

  it('is not where one of them may, or might', () => {
    expect(told(sealed(', visibleTo: [role:it-managers]', '[role:it-managers]'))).toEqual([]);
    expect(told(sealed(', visibleTo: [m.roth@example.com]', '[role:it-managers]'))).toEqual([]);
    expect(told(sealed(', visibleTo: [role:it-director]', '["${{ run.requester }}"]'))).toEqual([]);
    const configuration = testConfiguration.replace(
      'it-director: { people: [i.novak@example.com, j.ortiz@example.com] }',
      'it-director: { entraGroup: Directors }',
    );
    expect(told(sealed(', visibleTo: [role:it-director]', '[role:it-managers]'), { configuration })).toEqual(
      [],
    );
  });
});
