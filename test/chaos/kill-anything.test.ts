import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openWindows } from '../../cli/demo/configuration.ts';
import { accompany, coordinator } from '../../cli/demo/people.ts';
import { countOf } from '../../cli/demo/play.ts';
import { scenarios } from '../../cli/demo/scenarios/index.ts';
import type { Scenario } from '../../cli/demo/scenarios/scenario.ts';
import type { Stage } from '../../cli/demo/stage.ts';
import type { Verdict } from '../../store/audit/verify.ts';
import { packageRoot } from '../../store/package-root.ts';
import { TestStack } from '../support/stack.ts';

/** How often something is killed in each round. */
const rounds = [9, 8, 8];
const allKills = rounds.reduce((all, kills) => all + kills, 0);
const parts = ['worker', 'gateway', 'temporal'] as const;
/** Between two kills: long enough for what was killed to be up again, mostly. */
const [leastMs, mostMs] = [1_500, 6_000];

describe(`The four procedures at once, with worker, gateway and Temporal killed at ${allKills} random moments,`, () => {
  it.each(rounds.map((kills, round) => [round + 1, kills] as const))(
    'lose nothing and double nothing: round %i, with %i kills',
    async (round, kills) => {
      const stack = await TestStack.start(`kill-anything-${round}`, {
        latencyMs: 20,
        configuration: (folder) =>
          openWindows(join(packageRoot(), 'countersign.yaml'), folder, [
            'network-changes',
            'prod-maintenance',
          ]),
      });
      try {
        const stage = stack.stage();
        const moments: string[] = [];
        const killing = killAtRandom(stack, kills, moments);
        const ends = await Promise.all(scenarios.map((scenario) => carryOut(scenario, stage)));
        await killing;
        const found = await Promise.all(scenarios.map((scenario) => countsOf(scenario, stage)));
        expect({ moments, ends, found }).toEqual({
          moments,
          ends: scenarios.map(() => ({ status: 'succeeded', findings: [] })),
          found: scenarios.map(({ expected }) => expected.map(({ what, count }) => ({ what, count }))),
        });
        expect(moments).toHaveLength(kills);
      } finally {
        await stack.stop();
      }
    },
    300_000,
  );
});

/** How the run ended, and what its evidence says about it. */
async function carryOut(scenario: Scenario, stage: Stage) {
  const delivery = await scenario.begin(stage);
  const { run = '' } = await stage.deliver(scenario.system, delivery);
  const { status } = await accompany(run, scenario, stage);
  const { findings } = await stage.get<Verdict>(coordinator, `/runs/${run}/audit/verify`);
  return { status, findings };
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
async function killAtRandom(stack: TestStack, kills: number, moments: string[]): Promise<void> {
  const began = Date.now();
  for (let kill = 0; kill < kills; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, leastMs + Math.random() * (mostMs - leastMs)));
    const part = parts[kill % parts.length] ?? 'worker';
    moments.push(`${part} after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    await stack.stack.parts[part].waitReady().catch(() => {});
    stack.stack.parts[part].kill('SIGKILL');
  }
}
