import { describe, expect, it } from '@jest/globals';
import { compileProject } from './project.ts';
import { untestedBranches } from './untested-branches.ts';

const runbook = {
  path: 'runbooks/leave.yaml',
  text: `runbook: leave
title: Leave
kind: other
owner: it@example.com
on:
  - manual: { by: [it@example.com] }
inputs:
  vip: { type: boolean }
steps:
  - id: signoff
    approve: { from: [it@example.com], within: 1d }
  - id: extra
    if: inputs.vip
    uses: mail.send
    with: { to: [it@example.com], subject: x, text: y }
`,
};

function found(weight: string, tests: string) {
  const configuration = { path: 'countersign.yaml', text: `rules: { branch-without-test: ${weight} }\n` };
  const compiled = compileProject({ files: [runbook], configuration });
  const source = { path: 'runbooks/leave.test.yaml', text: `tests:\n${tests}` };
  return untestedBranches([{ source, beside: runbook }], {
    ...compiled,
    files: [runbook],
    configurationPath: configuration.path,
  });
}

const signed =
  '  - { name: signed, inputs: { vip: true }, events: [{ approve: signoff }], expect: { status: succeeded } }\n';
const refused =
  '  - { name: refused, inputs: { vip: true }, events: [{ reject: signoff }], expect: { status: rejected } }\n';
const usual =
  '  - { name: usual, inputs: { vip: false }, events: [{ approve: signoff }], expect: { status: succeeded } }\n';

describe('the rule branch-without-test', () => {
  it('names each branch that no test takes, at its step, as heavy as the configuration says', async () => {
    const diagnostics = await found('error', signed);
    expect(diagnostics.map(({ code, severity, line, column }) => ({ code, severity, line, column }))).toEqual(
      [
        { code: 'CS2212', severity: 'error', line: 10, column: 3 },
        { code: 'CS2212', severity: 'error', line: 12, column: 3 },
      ],
    );
    expect(diagnostics.map(({ message }) => message.split('.')[0])).toEqual([
      'In the tests of `leave`, `signoff` was never refused or too late',
      'In the tests of `leave`, `extra` was never left out by its `if`',
    ]);
  });

  it('is silent once each is taken by one of them, and where it is off', async () => {
    expect(await found('warning', signed + refused + usual)).toEqual([]);
    expect(await found('off', signed)).toEqual([]);
  });
});
