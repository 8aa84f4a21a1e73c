import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import { completeExample } from '../diagnostics/registry.ts';
import { problemsOf, testCatalogue, testConfiguration } from '../testing.ts';

const board = `${testConfiguration}
policies:
  - name: board-before-deleting
    for: step.effect == "destructive"
    rule: step.gates.exists(gate, gate.signers == ["role:it-managers"] && gate.quorum >= 2)
    message: Two members of role:it-managers must sign before anything is deleted.
`;

const deletes = '  - id: wipe\n    uses: entra.deleteUser\n    with: { user: a@example.com }\n';

function problems(steps: string, configuration = board): string[] {
  return problemsOf(`steps:\n${steps}`, { configuration });
}

function configurationProblems(policies: string): string[] {
  return compile({
    files: [],
    configuration: { path: 'countersign.yaml', text: `policies:\n${policies}` },
    catalogue: testCatalogue,
  }).diagnostics.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
}

describe('a policy', () => {
  it('refuses a runbook at the step that breaks it, in the words of its message', () => {
    expect(problems(deletes)).toEqual([
      '7:11 CS1712 The step `wipe` breaks the policy `board-before-deleting`: Two members of role:it-managers must sign before anything is deleted.',
    ]);
  });

  it('accepts a runbook that keeps it', () => {
    expect(problems(`  - approve: { from: [role:it-managers], quorum: 2 }\n${deletes}`)).toEqual([]);
  });

  it('is not kept by too few signatures, by others, or by an approval that comes too late', () => {
    for (const approval of [
      '  - approve: { from: [role:it-managers] }\n',
      '  - approve: { from: [role:it-managers, role:it-coordinators], quorum: 2 }\n',
      '  - approve: { from: [role:it-managers], quorum: 2, retroactive: true, within: 3d }\n',
    ])
      expect(problems(approval + deletes).map((problem) => problem.split(' ')[1])).toEqual(['CS1712']);
    expect(problems(`${deletes}  - approve: { from: [role:it-managers], quorum: 2 }\n`)).toHaveLength(1);
  });

  it('looks into called runbooks, where the caller has signed for them, and tells the caller', () => {
    const others = [`runbook: wipe-all\nsteps:\n${deletes}`];
    const call = '  - runbook: wipe-all\n';
    const signed = `  - approve: { from: [role:it-managers], quorum: 2 }\n${call}`;
    expect(problemsOf(`steps:\n${signed}`, { configuration: board, others })).toEqual([]);
    expect(problemsOf(`steps:\n${call}`, { configuration: board, others })).toEqual([
      '6:14 CS1712 The step `step1.wipe` breaks the policy `board-before-deleting`: Two members of role:it-managers must sign before anything is deleted.',
    ]);
  });

  it('sees what a step reads, through called runbooks too, and what may be changed without a signature', () => {
    const leave = `${testConfiguration}
policies:
  - name: signed
    for: step.effect == "destructive"
    rule: '!step.reads.exists(leaf, leaf.amend == "free")'
    message: Not free.
`;
    const others = [
      `runbook: wipe\ninputs: { who: { type: string }, note: { type: string, optional: true } }\nsteps:\n  - { id: go, uses: entra.deleteUser, with: { user: "\${{ inputs.who }}" } }\n`,
    ];
    const codes = (inputs: string, steps: string) =>
      problemsOf(`inputs:\n${inputs}steps:\n${steps}`, { configuration: leave, others }).flatMap(
        (text) => /CS1712 .*?`(.*?)`/.exec(text)?.[1] ?? [],
      );
    const call =
      '  - { id: call, runbook: wipe, with: { who: "${{ inputs.a }}", note: "${{ inputs.b }}" } }\n';
    const free = '{ type: string, amend: free }';
    expect(codes(`  a: ${free}\n  b: { type: string }\n`, call)).toEqual(['call.go']);
    expect(codes(`  a: { type: string }\n  b: ${free}\n`, call)).toEqual([]);
    expect(codes('  a: { type: string, amend: afterwards }\n  b: { type: string }\n', call)).toEqual([]);
    const around = `  - if: inputs.b == "x"\n    steps:\n      - { id: own, uses: entra.deleteUser, with: { user: "\${{ inputs.a }}" } }\n`;
    expect(codes(`  a: { type: string }\n  b: ${free}\n`, around)).toEqual(['own']);
  });

  it('refuses what calls a runbook that breaks it by itself', () => {
    const others = [`runbook: wipe-all\non:\n  - manual: { by: [role:it-managers] }\nsteps:\n${deletes}`];
    const steps = '  - approve: { from: [role:it-managers], quorum: 2 }\n  - runbook: wipe-all\n';
    const { plans, diagnostics } = compile({
      files: [`steps:\n${steps}`, ...others].map((text, index) => ({
        path: `${index}.yaml`,
        text: completeExample(text),
      })),
      configuration: { path: 'countersign.yaml', text: board },
      catalogue: testCatalogue,
    });
    expect(plans).toEqual([]);
    expect(diagnostics.map(({ file, code }) => `${file} ${code}`)).toEqual([
      '0.yaml CS1405',
      '1.yaml CS1712',
    ]);
  });

  it('may be about the runbook as a whole', () => {
    const configuration = `${testConfiguration}
policies:
  - name: emergencies
    for: runbook.kind != "change"
    rule: steps.all(each, size(each.afterwards) == 0)
    message: Only changes may run before they are signed.
`;
    const steps = `  - approve: { from: [role:it-managers], retroactive: true, within: 3d }\n${deletes}`;
    expect(problems(steps, configuration)).toEqual([
      '1:10 CS1712 This runbook breaks the policy `emergencies`: Only changes may run before they are signed.',
    ]);
    expect(problemsOf(`kind: change\nsteps:\n${steps}`, { configuration })).toEqual([]);
  });

  it('is checked like any expression, at its own place in the configuration', () => {
    expect(
      configurationProblems('  - for: step.effect == "destroys"\n    rule: size(step.gate) > 0\n'),
    ).toEqual([
      '2:10 CS1313 `step.effect` and "destroys" are never equal. It can be "read", "write", "destructive", "none".',
      '3:21 CS1305 `step` has no `gate`. It has `id`, `title`, `kind`, `action`, `effect`, `runbook`, `part`, `undo`, `reads`, `gates` or `afterwards`.',
    ]);
    expect(configurationProblems('  - rule: "${{ size(steps) }}"\n')).toEqual([
      '2:11 CS1906 `rule` of a policy must be true or false, and this is a whole number.',
    ]);
  });
});

describe('an approval', () => {
  it('cannot be told to go on when nobody can be asked', () => {
    expect(problemsOf('steps:\n  - approve: { from: [role:it-managers] }\n    onError: continue')).toEqual([
      expect.stringMatching(/^7:5 CS1713 With `onError: continue` the run would go on unsigned/),
    ]);
  });
});
