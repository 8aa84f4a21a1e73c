import type { Delivery } from '../stage.ts';
import { jiraTicketDone, type Scenario, sentByRunbook } from './scenario.ts';

const ticket = 'OPS-201';

export const patchRing: Scenario = {
  runbook: 'patch-ring',
  story: `In Jira, somebody moves ${ticket} to Approved: 65 computers are patched tonight`,
  system: 'jira',
  async begin(stage) {
    await stage.sandbox('POST', '/_sandbox/jira/issues', {
      key: ticket,
      rings: ['Patch ring pilot', 'Patch ring broad'],
      month: 'this month',
    });
    return stage.sandbox<Delivery>('POST', '/_sandbox/jira/move', {
      key: ticket,
      to: 'Approved',
      secret: stage.webhookSecret,
    });
  },
  answers: { signoff: { signs: ['morgan.weiss@example.com'] } },
  kills: { worker: 'members[1]', temporal: 'members[0]' },
  expected: [
    { what: 'devices synchronised', system: 'graph', effect: 'device.syncRequested', count: 65 },
    {
      what: 'announcements mailed',
      system: 'smtp',
      effect: 'mail.delivered',
      subject: 'everybody@example.com',
      count: 2,
      where: sentByRunbook,
    },
    ...jiraTicketDone(ticket),
  ],
};
