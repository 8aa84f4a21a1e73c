/**
 * Every runbook of the library, from its start to its end on every real part, as the first of its own tests has it.
 * A new one needs no code here. UPDATE_EXPECTED=1 writes anew what each changed outside: read the difference.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindows } from '../cli/demo/configuration.ts';
import type { Stage } from '../cli/demo/stage.ts';
import { packageRoot } from '../store/package-root.ts';
import { playShipped, shippedLibrary, stepsDone, windowsOf } from './support/library.ts';
import { TestStack } from './support/stack.ts';

const expectedFile = join(packageRoot(), 'test/fixtures/library/effects.json');
const expected = existsSync(expectedFile)
  ? (JSON.parse(readFileSync(expectedFile, 'utf8')) as Record<string, Record<string, number>>)
  : {};
// Active Directory, DNS and hosts over SSH have no stand-in here: what uses them is played by a suite of its own, against real servers.
const library = (await shippedLibrary()).filter(
  ({ plan }) => !/"uses":"(ad|dns|ssh)\./.test(JSON.stringify(plan)),
);

describe('On every real part, as its own first test has it,', () => {
  let stack: TestStack;
  let stage: Stage;

  beforeAll(async () => {
    stack = await TestStack.start('library', {
      configuration: (folder) =>
        openWindows(join(packageRoot(), 'countersign.yaml'), folder, windowsOf(library)),
    });
    stage = stack.stage();
  }, 300_000);

  afterAll(async () => {
    await stack?.stop();
    if (process.env.UPDATE_EXPECTED) {
      const sorted = Object.fromEntries(Object.entries(expected).sort(([a], [b]) => (a < b ? -1 : 1)));
      writeFileSync(expectedFile, `${JSON.stringify(sorted, null, 2)}\n`);
    }
  }, 60_000);

  it.each(library.map((shipped) => [shipped.plan.runbook, shipped] as const))(
    '%s does the steps that its rehearsal does, and changes what it should, once',
    async (name, shipped) => {
      const { status, last, done, effects } = await playShipped(shipped, stage);
      expect({ status, last }).toEqual({ status: 'succeeded', last: '' });
      expect(done).toEqual(stepsDone(shipped.rehearsed.journal.filter(({ run }) => run === 'rehearsal')));
      if (process.env.UPDATE_EXPECTED) expected[name] = effects;
      expect(effects).toEqual(expected[name]);
    },
    120_000,
  );
});
