import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import type { ConnectorSettings } from '../configuration/configuration.ts';
import { completeExample } from '../diagnostics/registry.ts';
import { compilePart, testCatalogue, testConfiguration } from '../testing.ts';
import { rules } from './registry.ts';

const wait = 'steps:\n  - { id: desk, task: { to: role:it-managers, instructions: Place it. } }\n';
const unused = 'inputs: { who: { type: string } }\nsteps:\n  - end: { status: succeeded }\n';

function found(part: string, weights: string, tested?: boolean) {
  const { diagnostics, plans } = compilePart(part, {
    configuration: `${testConfiguration}\nrules: { ${weights} }\n`,
    lint: { tested: () => tested ?? true },
  });
  return { says: diagnostics.map(({ code, severity }) => `${code} ${severity}`), plans };
}

describe('The rules of good habit', () => {
  it('weigh what countersign.yaml says: nothing, a warning, or an error that no runbook passes', () => {
    expect(found(wait, '').says).toEqual(['CS2202 warning']);
    expect(found(wait, 'wait-without-end: off').says).toEqual([]);
    const failed = found(wait, 'wait-without-end: error');
    expect(failed.says).toEqual(['CS2202 error']);
    expect(failed.plans).toEqual([]);
  });

  it('name warnings of the compiler too, which can be turned off, or into errors', () => {
    expect(found(unused, '').says).toEqual(['CS1605 warning']);
    expect(found(unused, 'unused-input: off').says).toEqual([]);
    const failed = found(unused, 'unused-input: error');
    expect(failed.says).toEqual(['CS1605 error']);
    expect(failed.plans).toEqual([]);
  });

  it('are refused under a name that there is not, with a suggestion', () => {
    const { diagnostics } = compilePart(wait, {
      configuration: `${testConfiguration}\nrules: { wait-without-en: off, no-subject: loud }\n`,
    });
    expect(diagnostics.map(({ code, suggestion }) => `${code} ${suggestion}`)).toEqual([
      'CS1101 wait-without-end',
      'CS1104 undefined',
    ]);
  });

  it('tell of a runbook without tests only where it is known that there are none', () => {
    const nothing = 'steps:\n  - end: { status: succeeded }\n';
    expect(found(nothing, 'untested: warning', false).says).toEqual(['CS2208 warning']);
    expect(found(nothing, 'untested: warning', true).says).toEqual([]);
  });

  it('look for a literal secret, and not for one that is named', () => {
    const text = (instructions: string) =>
      found(`steps:\n  - task: { to: role:it-managers, within: 1d, instructions: '${instructions}' }\n`, '')
        .says;
    expect(text('The password is Winter2026!')).toEqual(['CS2205 warning']);
    expect(text('api_key: 9f8a7b6c5d4e')).toEqual(['CS2205 warning']);
    for (const harmless of [
      'Set a new password: yours.',
      'The password is ${{ run.id }}',
      'password is required',
    ])
      expect(text(harmless)).toEqual([]);
  });

  it('name what would take a write back, where there is something', () => {
    const add = testCatalogue.get('entra.addGroupMember');
    if (!add) throw new Error('no action');
    const step = '{ uses: entra.addGroupMember, with: { group: VPN, user: a@example.com }';
    const undo = ', undo: { uses: entra.addGroupMember, with: { group: VPN, user: a@example.com } }';
    const codes = (text: string) =>
      compile({
        files: [{ path: 'example.yaml', text: completeExample(`steps:\n  - ${text} }\n`) }],
        configuration: {
          path: 'countersign.yaml',
          text: `${testConfiguration}\nrules: { write-without-undo: warning }\n`,
        },
        catalogue: new Map([[add.name, { ...add, undo: 'entra.removeGroupMember' }]]),
        lint: {},
      }).diagnostics.map(({ code }) => code);
    expect(codes(step)).toEqual(['CS2210']);
    expect(codes(step + undo)).toEqual([]);
  });

  it('have each a name of its own, in small letters', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    expect(rules.every(({ name }) => /^[a-z]+(-[a-z]+)*$/.test(name))).toBe(true);
  });

  it('tell once of each system without settings, at the first step that uses it, and of none that has them or needs none', () => {
    const steps = `steps:
  - { id: look, uses: entra.getUser, with: { user: a@example.com } }
  - { id: again, uses: entra.getUser, with: { user: b@example.com } }
`;
    const settings = { required: ['tenant', 'clientId'] };
    const told = (connectors: string, connectorSettings: ConnectorSettings) =>
      compilePart(steps, {
        configuration: `${testConfiguration}\n${connectors}\n`,
        connectorSettings,
        lint: {},
      })
        .diagnostics.filter(({ code }) => code === 'CS2211')
        .map(({ message, severity, line }) => `${severity} ${line} ${message}`);
    const schemas = { entra: settings };
    const line =
      completeExample(steps)
        .split('\n')
        .findIndex((text) => text.includes('id: look')) + 1;
    expect(told('', schemas)).toEqual([
      `warning ${line} entra.getUser cannot run yet: the configuration has no settings of \`entra\`. Add \`connectors: { entra: … }\` with \`tenant\`, \`clientId\`.`,
    ]);
    expect(told('connectors: { entra: { tenant: a, clientId: b } }', schemas)).toEqual([]);
    expect(told('', { entra: {} })).toEqual([]);
    const cloud = { entra: { 'x-settingsFrom': 'cloud' }, cloud: settings };
    expect(told('', cloud)).toEqual([expect.stringContaining('no settings of `cloud`')]);
    expect(told('connectors: { cloud: { tenant: a, clientId: b } }', cloud)).toEqual([]);
  });
});
