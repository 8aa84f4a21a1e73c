import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindows } from '../cli/demo/configuration.ts';
import { accompany } from '../cli/demo/people.ts';
import { countOf } from '../cli/demo/play.ts';
import { scenarios } from '../cli/demo/scenarios/index.ts';
import type { Stage } from '../cli/demo/stage.ts';
import { packageRoot } from '../store/package-root.ts';
import { TestStack } from './support/stack.ts';

describe('From the ticket to its end, on every real part,', () => {
  let stack: TestStack;
  let stage: Stage;

  beforeAll(async () => {
    stack = await TestStack.start('four-runbooks', {
      configuration: (folder) =>
        openWindows(join(packageRoot(), 'countersign.yaml'), folder, ['network-changes', 'prod-maintenance']),
    });
    stage = stack.stage();
  }, 300_000);

  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it.each(scenarios.map((scenario) => [scenario.runbook, scenario] as const))(
    '%s does everything once, though its ticket is reported three times',
    async (_, scenario) => {
      const delivery = await scenario.begin(stage);
      const answers = await Promise.all([1, 2, 3].map(() => stage.deliver(scenario.system, delivery)));
      const [run = '', ...others] = [...new Set(answers.map((answer) => answer.run))];
      expect(others).toEqual([]);
      expect(await accompany(run, scenario, stage)).toEqual({ run, status: 'succeeded' });
      for (const each of scenario.expected) {
        const effects = await stage.effects({ system: each.system, effect: each.effect });
        expect({ what: each.what, count: countOf(each, effects) }).toEqual({
          what: each.what,
          count: each.count,
        });
      }
    },
    180_000,
  );
});
