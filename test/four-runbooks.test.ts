import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindows } from '../cli/demo/configuration.ts';
import { accompany } from '../cli/demo/people.ts';
import { countOf } from '../cli/demo/play.ts';
import { scenarios } from '../cli/demo/scenarios/index.ts';
import type { Scenario } from '../cli/demo/scenarios/scenario.ts';
import type { Delivery, Stage } from '../cli/demo/stage.ts';
import { packageRoot } from '../store/package-root.ts';
import { TestStack } from './support/stack.ts';

/** Its runbook stands beside the firewall change; the rule is set while nobody has signed. */
const emergency: Scenario = {
  runbook: 'firewall-rule-emergency',
  story: 'In ServiceNow, somebody authorises an emergency change',
  system: 'servicenow',
  async begin(stage) {
    const { number } = await stage.sandbox<{ number: string }>('POST', '/_sandbox/servicenow/records', {
      table: 'change_request',
      fields: {
        type: 'emergency',
        category: 'Network',
        short_description: 'A scan from this network takes the shop down',
        // As it is after Assess, which an emergency change does not go through.
        state: '-4',
        requested_by: 'robin.sato@example.com',
        u_rule_name: 'block-scanner',
        u_source: '203.0.113.0/24',
        u_destination: 'any',
        u_port: '443',
        u_implementer: 'kim.okafor@example.com',
      },
    });
    return stage.sandbox<Delivery>('POST', '/_sandbox/servicenow/move', {
      number,
      to: 'Authorize',
      secret: stage.webhookSecret,
    });
  },
  answers: {
    board: { signs: ['sam.lindqvist@example.com', 'alex.duarte@example.com'] },
    afterwards: {
      as: 'kim.okafor@example.com',
      reports: { outcome: 'successful', notes: 'The rule stays for a week.' },
    },
  },
  kills: { worker: 'apply', temporal: 'board' },
  expected: [
    { what: 'rule set', system: 'firewall', effect: 'rule.set', subject: 'block-scanner', count: 1 },
    {
      what: 'rule taken back',
      system: 'firewall',
      effect: 'rule.removed',
      subject: 'block-scanner',
      count: 0,
    },
    {
      what: 'ticket taken through every state',
      system: 'servicenow',
      effect: 'record.updated',
      count: 5,
      where: ({ subject, detail }) =>
        /^CHG(?!0030001)/.test(subject) && ['-3', '-2', '-1', '0', '3'].includes(String(detail?.to)),
    },
  ],
};

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

  it.each([...scenarios, emergency].map((scenario) => [scenario.runbook, scenario] as const))(
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
