import type { Delivery } from '../stage.ts';
import { jiraTicketDone, type Scenario, sentByRunbook } from './scenario.ts';

const person = 'ada.lind@example.com';
const manager = 'dana.reyes@example.com';
const ticket = 'HR-101';

export const newHire: Scenario = {
  runbook: 'new-hire',
  story: `In Jira, somebody moves ${ticket} to Approved: Ada Lind starts today`,
  system: 'jira',
  begin: (stage) =>
    stage.sandbox<Delivery>('POST', '/_sandbox/jira/move', {
      key: ticket,
      to: 'Approved',
      secret: stage.webhookSecret,
    }),
  answers: {
    signoff: { signs: [manager], comment: 'Welcome aboard' },
    place: { as: 'kim.okafor@example.com', reports: { dock: 'DK-0042' } },
  },
  kills: { worker: 'licence', temporal: 'place' },
  expected: [
    { what: 'user created', system: 'graph', effect: 'user.created', subject: person, count: 1 },
    { what: 'licence assigned', system: 'graph', effect: 'license.assigned', subject: person, count: 1 },
    { what: 'memberships added', system: 'graph', effect: 'member.added', subject: person, count: 3 },
    {
      what: 'laptop ordered',
      system: 'supplier',
      effect: 'order.received',
      count: 1,
      where: ({ detail }) => JSON.stringify(detail).includes('Ada Lind'),
    },
    { what: 'laptop assigned', system: 'graph', effect: 'autopilot.assigned', count: 1 },
    { what: 'laptop in the asset register', system: 'assets', effect: 'asset.checkedOut', count: 1 },
    {
      what: 'welcome mail delivered',
      system: 'smtp',
      effect: 'mail.delivered',
      subject: manager,
      count: 1,
      // Others may be hired at the same time.
      where: (effect) => sentByRunbook(effect) && JSON.stringify(effect.detail).includes('Ada Lind'),
    },
    ...jiraTicketDone(ticket),
  ],
};
