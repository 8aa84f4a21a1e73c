import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import { completeExample } from '../diagnostics/registry.ts';
import { testCatalogue, testConfiguration } from '../testing.ts';
import { compare, type State } from './compare.ts';

function stateOf(part: string, configuration = testConfiguration): State {
  const result = compile({
    files: [{ path: 'example.yaml', text: completeExample(part) }],
    configuration: { path: 'countersign.yaml', text: configuration },
    catalogue: testCatalogue,
  });
  const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return { plans: result.plans, configuration: result.configuration, broken: [] };
}

/** `ABOUT text` of each change between two lists of steps. */
function changes(before: string, after: string): string[] {
  return compare(stateOf(before), stateOf(after)).map(({ about, text }) => `${about} ${text}`);
}

const steps = (...list: string[]) => `steps:\n${list.map((step) => `  - ${step}\n`).join('')}`;
const signoff = (more = 'from: [role:it-managers], quorum: 2') => `{ id: signoff, approve: { ${more} } }`;
const member = '{ id: member, uses: entra.addGroupMember, with: { group: VPN, user: a@example.com } }';
const remove = '{ id: wipe, uses: entra.deleteUser, with: { user: a@example.com } }';
const before = steps(signoff(), member, remove);

describe('a comparison of runbooks', () => {
  it('says nothing when nothing changes but the text', () => {
    expect(changes(before, `# A remark.\n${before}`)).toEqual([]);
  });

  it('tells what may now be changed by hand without those who signed, or before they sign it', () => {
    const made = (input: string, task: string) =>
      `inputs: { desk: { type: string${input} } }\n${steps(`{ id: place, task: { to: role:it-managers, instructions: "\${{ inputs.desk }}" }${task} }`)}`;
    expect(changes(made('', ''), made(', amend: free', ', amend: afterwards'))).toEqual([
      'gate `inputs.desk` may now be changed by hand without a signature.',
      'gate `steps.place` may now be changed by hand before it is signed.',
    ]);
    expect(changes(made(', amend: free', ', amend: free'), made(', amend: afterwards', ''))).toEqual([]);
  });

  it('tells who may now enter votes for others, and who signs where nobody else is left', () => {
    const configured = (more: string) =>
      testConfiguration.replace(/(it-managers: \{ people: \[.*?\])/, `$1${more}`);
    const now = `${configured(', recordedBy: role:it-director')}approvals: { lastResort: role:it-director, objection: 4h }\n`;
    expect(
      compare(stateOf(before, configured('')), stateOf(before, now)).map(
        ({ about, text }) => `${about} ${text}`,
      ),
    ).toEqual([
      'gate role:it-director may now enter the votes of role:it-managers.',
      'gate role:it-director may now sign where nobody else is left who could.',
      'gate those whose votes are entered for them have 4h instead of 1 business day to object.',
    ]);
  });

  it('tells who may now sign for somebody who is away, and in which role', () => {
    const role = (more: string) =>
      testConfiguration.replace(/(it-managers: \{ people: \[.*?\])/, `$1${more}`);
    const away = ', absences: [{ person: m.roth@example.com, from: 2026-08-03, to: 2026-08-14';
    const told = (was: string, is: string) =>
      compare(stateOf(before, role(was)), stateOf(before, role(is))).map(
        ({ about, text }) => `${about} ${text}`,
      );
    expect(
      told(
        `${away} }]`,
        `${away}, delegate: b.ito@example.com }], delegates: { m.roth@example.com: c.may@example.com }`,
      ),
    ).toEqual([
      'gate c.may@example.com may now sign as role:it-managers whenever m.roth@example.com is away.',
      'gate b.ito@example.com may now sign as role:it-managers instead of m.roth@example.com, from 2026-08-03 to 2026-08-14.',
    ]);
    expect(told('', ', entraGroup: IT managers')).toEqual([
      'gate the members of the Entra group "IT managers" are in role:it-managers now.',
    ]);
  });

  it('tells which of those who had a hand in a run may now sign in it', () => {
    const configured = (duties: string, person: string) =>
      stateOf(
        before,
        `${testConfiguration.replace('tickets:', `tickets:\n  servicenow: { people: { r1: ${person} } }`)}separationOfDuties: ${duties}\n`,
      );
    expect(
      compare(
        configured('[author, operator]', 'robin@example.com'),
        configured('[author]', 'kim@example.com'),
      ).map(({ about, text }) => `${about} ${text}`),
    ).toEqual([
      'gate whoever operates a run may now sign in it.',
      'gate the account r1 of servicenow is kim@example.com now, who does not sign what it asks for.',
    ]);
  });

  it('tells first which steps run unsigned once an approval is gone', () => {
    expect(changes(before, steps(member, remove))).toEqual([
      'gate the approval `signoff` is gone: `member` and `wipe` now run unsigned.',
      'step `signoff` is gone.',
    ]);
  });

  it('tells that a step has moved before its gate', () => {
    expect(changes(before, steps(member, signoff(), remove))).toEqual([
      'gate `member` no longer waits for `signoff`: `member` now runs unsigned.',
      'step `member` has moved before `signoff`.',
    ]);
  });

  it('tells each way in which an approval asks for less', () => {
    const weaker = (more: string) => changes(before, steps(signoff(more), member, remove));
    expect(weaker('from: [role:it-managers]')).toEqual([
      'gate `signoff` needs 1 signature instead of 2 signatures.',
    ]);
    expect(weaker('from: [role:it-managers, role:it-director], quorum: 2')).toEqual([
      'gate `signoff` may now be signed by `role:it-director` too.',
    ]);
    const leftOut = steps(
      signoff('from: [role:it-managers], quorum: 2, except: [kim.okafor@example.com]'),
      member,
      remove,
    );
    expect(changes(leftOut, before)).toEqual([
      'gate `signoff` may now be signed by `kim.okafor@example.com`, who was left out before.',
    ]);
    expect(weaker('from: [role:it-director], quorum: 2')).toEqual([
      'gate `signoff` is now signed by `role:it-director` instead of `role:it-managers`.',
    ]);
    expect(weaker('from: [role:it-managers], quorum: 2, within: 2d, escalate: role:it-director')).toEqual([
      'gate `signoff` may now be signed by `role:it-director` too, once its time has passed.',
      'step `signoff` has its time now: `2d`.',
    ]);
    expect(weaker('from: [role:it-managers], quorum: 2, within: 2d, retroactive: true')).toEqual([
      'gate `member` and `wipe` no longer wait for `signoff`, which may now be given afterwards: `member` and `wipe` now run unsigned.',
      'gate `signoff` may now be given afterwards.',
      'step `signoff` has its time now: `2d`.',
    ]);
    expect(weaker('from: [role:it-managers], quorum: 2, onReject: continue')).toEqual([
      'gate `member` and `wipe` no longer wait for `signoff`, which now goes on after a refusal: `member` and `wipe` now run unsigned.',
      'step `signoff` has what follows a refusal now: `continue`.',
    ]);
  });

  it('tells an approval that is only asked under a condition', () => {
    const inputs = 'inputs: { big: { type: boolean } }\n';
    const asked = (more: string) =>
      inputs +
      steps(
        `{ id: signoff, ${more}approve: { from: [role:it-managers] } }`,
        member,
        '{ if: inputs.big, end: { status: succeeded } }',
      );
    expect(changes(asked(''), asked('if: inputs.big, '))).toEqual([
      'gate `member` no longer waits for `signoff`, which is now asked only if `inputs.big`: `member` now runs unsigned.',
      'step `signoff` has its condition now: `inputs.big`.',
    ]);
  });

  it('counts a stronger gate as no weakness', () => {
    expect(changes(before, steps(signoff('from: [role:it-managers], quorum: all'), member, remove))).toEqual(
      [],
    );
    expect(changes(steps(member), steps(signoff(), member))).toEqual(['step `signoff` is new.']);
  });

  it('tells a new step that destroys something unsigned', () => {
    expect(changes(steps(member), steps(member, remove))).toEqual([
      'gate `wipe` is new, destroys something (entra.deleteUser), and nobody signs before it.',
      'step `wipe` is new: it destroys with entra.deleteUser.',
    ]);
  });

  it('tells what a step does otherwise', () => {
    const other =
      '{ id: member, uses: entra.addGroupMember, with: { group: Staff, user: a@example.com }, timeout: 5m }';
    expect(changes(steps(member), steps(other))).toEqual([
      'step `member` gets another `group`: `Staff` instead of `VPN`.',
      'step `member` has its timeout now: `5m`.',
    ]);
  });

  it('tells inputs and triggers that today’s starts no longer fit', () => {
    const runbook = (inputs: string, to: string) =>
      `on:\n  - ticket: { system: jira, project: HR, to: ${to} }\n    inputs: { name: "\${{ ticket.summary }}" }\n  - manual: { by: [role:it-managers] }\ninputs:\n${inputs}steps:\n  - uses: entra.getUser\n    with: { user: "\${{ inputs.name + default(inputs.size, '') }}" }\n`;
    expect(
      changes(
        runbook('  name: { type: string }\n  size: { enum: [S, M], default: S }\n', 'Approved'),
        runbook('  name: { type: string, minLength: 2 }\n  size: { enum: [M], default: M }\n', 'Done'),
      ),
    ).toEqual([
      'start A jira ticket (HR) that becomes Approved no longer starts it.',
      'start the input `name` is limited further: `minLength: 2`.',
      'start the input `size` can no longer be "S".',
      'other A jira ticket (HR) that becomes Done starts it now.',
      'other the input `size` is "M" where it is not given.',
    ]);
  });

  it('tells policies that are gone and people who joined a role', () => {
    const policy = `${testConfiguration}policies:\n  - { name: signed, rule: size(steps) > 0 }\n`;
    const roles = testConfiguration.replace('m.roth@example.com', 'm.roth@example.com, n.berg@example.com');
    expect(
      compare(stateOf(before, policy), stateOf(before, roles)).map(({ about, text }) => `${about} ${text}`),
    ).toEqual(['gate the policy `signed` is gone.', 'other n.berg@example.com joined role:it-managers.']);
  });
});
