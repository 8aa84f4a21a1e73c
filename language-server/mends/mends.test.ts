import { describe, expect, it } from '@jest/globals';
import { compile } from '../../compiler/compile.ts';
import { exampleConnector, exampleContract } from '../../compiler/connectors/testing.ts';
import { completeExample, registry } from '../../compiler/diagnostics/registry.ts';
import { testCatalogue, testConfiguration } from '../../compiler/testing.ts';
import { applied } from '../format.ts';
import { Workspace } from '../workspace.ts';
import { mendOf } from './mends.ts';
import { obvious } from './obvious.ts';
import { examples, unshown } from './testing.ts';
import { withoutMend } from './without.ts';

/** The file that an example of a code stands in, and a workspace with it. */
function opened(code: string, example: string): { workspace: Workspace; file: string; text: string } {
  const isConfiguration = code.startsWith('CS19');
  const isConnector = code.startsWith('CS20');
  const file = isConfiguration
    ? 'countersign.yaml'
    : isConnector
      ? example.startsWith('connector:')
        ? 'connectors/things/connector.yaml'
        : 'connectors/things/get.action.yaml'
      : 'runbooks/x.yaml';
  const text =
    isConfiguration || isConnector || code === 'CS1015' || code === 'CS1016'
      ? example
      : completeExample(example);
  const other = {
    path: 'runbooks/other.yaml',
    text: completeExample('runbook: send-welcome\nsteps: [{ end: { status: succeeded } }]'),
  };
  const files = isConnector || isConfiguration ? [] : [{ path: file, text }, other];
  const workspace = new Workspace({
    read: () => ({
      files,
      configuration: { path: 'countersign.yaml', text: isConfiguration ? text : testConfiguration },
    }),
    catalogue: testCatalogue,
    now: () => Date.UTC(2026, 0, 1),
    ...(isConnector
      ? {
          connectors: () => [
            {
              name: 'things',
              folder: 'connectors/things',
              files: [
                ...(file.endsWith('connector.yaml')
                  ? []
                  : [{ path: 'connectors/things/connector.yaml', text: exampleConnector }]),
                { path: file, text },
              ],
              read: () => exampleContract,
            },
          ],
        }
      : {}),
  });
  return { workspace, file, text };
}

const found = (workspace: Workspace, file: string, code: string) =>
  (workspace.diagnostics().get(file) ?? []).filter((each) => each.code === code);

const errors = (workspace: Workspace, file: string) =>
  (workspace.diagnostics().get(file) ?? []).filter(({ severity }) => severity === 'error').length;

/** What is left of a code once its first mend was applied. */
function mended(code: string, example: string) {
  const { workspace, file, text } = opened(code, example);
  const before = found(workspace, file, code);
  const [diagnostic] = before.filter((each) => each.suggestion !== undefined || Object.hasOwn(obvious, code));
  const mend = diagnostic && mendOf(workspace, file, text, diagnostic);
  if (!mend) return { before: before.length, mend: undefined };
  const errorsBefore = errors(workspace, file);
  const after = applied(text, mend.edits);
  workspace.change(file, after);
  return {
    before: before.length,
    mend,
    after,
    left: found(workspace, file, code).length,
    newErrors: Math.max(0, errors(workspace, file) - errorsBefore),
  };
}

const reasons = new Map(
  Object.entries(withoutMend).flatMap(([reason, codes]) => codes.map((code) => [code, reason])),
);

describe('every diagnostic', () => {
  it('has a mend, or a reason why it has none', () => {
    const neither = registry
      .map(({ code }) => code)
      .filter(
        (code) =>
          !reasons.has(code) && !Object.hasOwn(obvious, code) && !examples.has(code) && !unshown.has(code),
      );
    expect(neither).toEqual([]);
    const both = [...reasons.keys()].filter(
      (code) => Object.hasOwn(obvious, code) || examples.has(code) || unshown.has(code),
    );
    expect(both).toEqual([]);
    const unknown = [
      ...reasons.keys(),
      ...examples.keys(),
      ...unshown.keys(),
      ...Object.keys(obvious),
    ].filter((code) => !registry.some((each) => each.code === code));
    expect(unknown).toEqual([]);
  });

  const shown = registry.filter(({ code }) => Object.hasOwn(obvious, code) || examples.has(code));
  it.each(shown.map(({ code, title, wrong }) => [code, title, examples.get(code) ?? wrong] as const))(
    '%s (%s) is gone once its mend is applied, and nothing else goes wrong',
    (code, _, example) => {
      const result = mended(code, example);
      expect(result).toMatchObject({ newErrors: 0, left: result.before - 1 });
      expect(result.before).toBeGreaterThan(0);
    },
  );

  it('that suggests something in its example is one whose mend is tried here', () => {
    const untried = registry.filter(({ code, wrong }) => {
      if (examples.has(code) || unshown.has(code) || code.startsWith('CS18')) return false;
      const { workspace, file } = opened(code, wrong);
      return found(workspace, file, code).some(({ suggestion }) => suggestion !== undefined);
    });
    expect(untried.map(({ code }) => code)).toEqual([]);
  });
});

describe('a mend', () => {
  const part = 'inputs: { day: { type: string }, name: { type: string } }\n';

  it.each([
    [
      'in double quotes',
      `${part}unique: "\${{ inputs.day == 2026-01-05 ? inputs.nmae : \\"x\\" }}"`,
      'CS1320',
      '== \\"2026-01-05\\" ?',
    ],
    [
      'in single quotes',
      `${part}unique: '\${{ inputs.nmae + "it''s" }}'`,
      'CS1305',
      "'${{ inputs.name + \"it''s\" }}'",
    ],
    [
      'at the beginning of a value without quotes',
      `${part}steps:\n  - if: 2026-01-05 == inputs.day\n    end: { status: succeeded }`,
      'CS1320',
      `if: '"2026-01-05" == inputs.day'`,
    ],
    [
      'in a folded text',
      `${part}unique: >-\n  \${{ inputs.day +\n    inputs.nmae }}`,
      'CS1305',
      '\n    inputs.name }}',
    ],
  ])('writes what YAML needs %s', (_, example, code, expected) => {
    expect(mended(code, example).after).toContain(expected);
  });

  it('keeps the quotes around a value, and sets them where the value would be something else', () => {
    expect(mended('CS1401', 'steps: [{ uses: "entra.getUsr", with: { user: a } }]').after).toContain(
      'uses: "entra.getUser"',
    );
    expect(
      mended('CS1501', 'steps: [{ uses: entra.getUser, timeout: 5 min, with: { user: a } }]').after,
    ).toContain('timeout: 5m,');
  });

  it('takes an input out that is the only one, the last of a line, or one of many lines', () => {
    const only = mended('CS1605', 'inputs:\n  who: { type: string }\ntitle: X');
    expect(only.after).not.toContain('inputs');
    expect(
      mended('CS1605', 'inputs: { day: { type: string }, name: { type: string } }\nunique: ${{ inputs.day }}')
        .after,
    ).toContain('inputs: { day: { type: string } }');
    expect(
      mended(
        'CS1605',
        'inputs:\n  name:\n    type: string\n    # Long.\n  day: { type: string }\nunique: ${{ inputs.day }}',
      ).after,
    ).toContain('inputs:\n  day: { type: string }\n');
  });

  it('is not offered where the file would no longer be YAML', () => {
    for (const { code, wrong } of registry) {
      const { workspace, file, text } = opened(code, wrong);
      for (const diagnostic of workspace.diagnostics().get(file) ?? []) {
        const mend = mendOf(workspace, file, text, diagnostic);
        if (!mend) continue;
        const yaml = (each: string) =>
          compile({ files: [{ path: 'x', text: each }], catalogue: testCatalogue }).diagnostics.filter(
            ({ code: own }) => /^CS10(0[1-8]|09|1[0-5])$/.test(own),
          ).length;
        expect(yaml(applied(text, mend.edits))).toBeLessThanOrEqual(yaml(text));
      }
    }
  });
});
