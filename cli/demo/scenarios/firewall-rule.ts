import type { Delivery } from '../stage.ts';
import type { Scenario } from './scenario.ts';

const ticket = 'CHG0030001';

export const firewallRule: Scenario = {
  runbook: 'firewall-rule',
  story: `In ServiceNow, somebody moves ${ticket} to Authorize: a rule for the firewall`,
  system: 'servicenow',
  begin: (stage) =>
    stage.sandbox<Delivery>('POST', '/_sandbox/servicenow/move', {
      number: ticket,
      to: 'Authorize',
      secret: stage.webhookSecret,
    }),
  answers: {
    review: { signs: ['morgan.weiss@example.com'] },
    board: { signs: ['sam.lindqvist@example.com', 'alex.duarte@example.com'] },
    afterwards: {
      as: 'kim.okafor@example.com',
      reports: { outcome: 'successful', notes: 'The billing system connects.' },
    },
  },
  kills: { worker: 'apply', temporal: 'board' },
  expected: [
    { what: 'rule set', system: 'firewall', effect: 'rule.set', count: 1 },
    {
      what: 'ticket closed',
      system: 'servicenow',
      effect: 'record.updated',
      subject: ticket,
      count: 1,
      where: ({ detail }) => String(detail?.to) === '3',
    },
    {
      what: 'work note on the ticket',
      system: 'servicenow',
      effect: 'journal.added',
      subject: ticket,
      count: 1,
    },
    { what: 'rule taken back', system: 'firewall', effect: 'rule.removed', count: 0 },
  ],
};
