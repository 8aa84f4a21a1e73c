import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openWindows } from '../../cli/demo/configuration.ts';
import { accompany } from '../../cli/demo/people.ts';
import { countOf } from '../../cli/demo/play.ts';
import { scenarios } from '../../cli/demo/scenarios/index.ts';
import type { Scenario } from '../../cli/demo/scenarios/scenario.ts';
import type { Stage } from '../../cli/demo/stage.ts';
import { packageRoot } from '../../store/package-root.ts';
import { TestStack } from '../support/stack.ts';

const rounds = 5;
const killsEach = 5;
const parts = ['worker', 'gateway', 'temporal'] as const;
/** Between two kills: long enough for what was killed to be up again, mostly. */
const [leastMs, mostMs] = [1_500, 6_000];

describe(`The four procedures at once, with worker, gateway and Temporal killed at ${rounds * killsEach} random moments,`, () => {
  it.each(Array.from({ length: rounds }, (_, index) => index))(
    'lose nothing and double nothing: round %i',
    async (round) => {
      const stack = await TestStack.start(`kill-anything-${round}`, {
        latencyMs: 20,
        configuration: (folder) =>
          openWindows(join(packageRoot(), 'countersign.yaml'), folder, [
            'network-changes',
            'prod-maintenance',
          ]),
      });
      try {
        const stage = await stack.stage();
        const moments: string[] = [];
        const killing = killAtRandom(stack, round, moments);
        const ends = await Promise.all(scenarios.map((scenario) => carryOut(scenario, stage)));
        await killing;
        const found = await Promise.all(scenarios.map((scenario) => countsOf(scenario, stage)));
        expect({ moments, ends, found }).toEqual({
          moments,
          ends: scenarios.map(() => 'succeeded'),
          found: scenarios.map(({ expected }) => expected.map(({ what, count }) => ({ what, count }))),
        });
        expect(moments).toHaveLength(killsEach);
      } finally {
        await stack.stop();
      }
    },
    300_000,
  );
});

async function carryOut(scenario: Scenario, stage: Stage): Promise<string> {
  const delivery = await scenario.begin(stage);
  const { run = '' } = await stage.deliver(scenario.system, delivery);
  return (await accompany(run, scenario, stage)).status;
}

async function countsOf({ expected }: Scenario, stage: Stage) {
  return Promise.all(
    expected.map(async (each) => ({
      what: each.what,
      count: countOf(each, await stage.effects({ system: each.system, effect: each.effect })),
    })),
  );
}

/** Notes what was killed when, so that a failure can be told. */
async function killAtRandom(stack: TestStack, round: number, moments: string[]): Promise<void> {
  const began = Date.now();
  for (let kill = 0; kill < killsEach; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, leastMs + Math.random() * (mostMs - leastMs)));
    const part = parts[(round * killsEach + kill) % parts.length] ?? 'worker';
    moments.push(`${part} after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    await stack.stack.parts[part].waitReady().catch(() => {});
    stack.stack.parts[part].kill('SIGKILL');
  }
}
