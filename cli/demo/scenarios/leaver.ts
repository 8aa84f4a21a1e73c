import type { Delivery } from '../stage.ts';
import type { Scenario } from './scenario.ts';

const person = 'lou.maier@example.com';
const ticket = 'RITM0010001';

export const leaver: Scenario = {
  runbook: 'leaver',
  story: `In ServiceNow, somebody takes up ${ticket}: Lou Maier leaves at once`,
  system: 'servicenow',
  begin: (stage) =>
    stage.sandbox<Delivery>('POST', '/_sandbox/servicenow/move', {
      number: ticket,
      to: 'Work in Progress',
      secret: stage.webhookSecret,
    }),
  answers: {
    signoff: { signs: ['dana.reyes@example.com'], comment: 'All handed over' },
    second: { signs: ['morgan.weiss@example.com'] },
    collect: { as: 'kim.okafor@example.com', reports: { returned: true } },
  },
  kills: { worker: 'groups', temporal: 'second' },
  expected: [
    {
      what: 'account disabled',
      system: 'graph',
      effect: 'user.updated',
      subject: person,
      count: 1,
      where: ({ detail }) => JSON.stringify(detail?.changes).includes('accountEnabled'),
    },
    {
      what: 'sign-in methods removed',
      system: 'graph',
      effect: 'signInMethod.removed',
      subject: person,
      count: 2,
    },
    {
      what: 'groups left, the one that gives a licence among them',
      system: 'graph',
      effect: 'member.removed',
      subject: person,
      count: 3,
    },
    { what: 'directory role removed', system: 'graph', effect: 'role.removed', subject: person, count: 1 },
    { what: 'inbox rules removed', system: 'exchange', effect: 'rule.removed', subject: person, count: 2 },
    {
      what: 'mailbox made a shared one',
      system: 'exchange',
      effect: 'mailbox.converted',
      subject: person,
      count: 1,
    },
    { what: 'licence taken back', system: 'graph', effect: 'license.removed', subject: person, count: 1 },
    { what: 'devices retired', system: 'graph', effect: 'device.retireRequested', count: 2 },
    {
      what: 'equipment booked back',
      system: 'assets',
      effect: 'asset.checkedIn',
      subject: 'SN-LOU-1',
      count: 1,
    },
    {
      what: 'report attached to the ticket',
      system: 'servicenow',
      effect: 'file.attached',
      subject: ticket,
      count: 1,
    },
    {
      what: 'work note on the ticket',
      system: 'servicenow',
      effect: 'journal.added',
      subject: ticket,
      count: 1,
    },
    {
      what: 'ticket moved to Closed Complete',
      system: 'servicenow',
      effect: 'record.updated',
      subject: ticket,
      count: 1,
      where: ({ detail }) => String(detail?.to) === '3',
    },
  ],
};
