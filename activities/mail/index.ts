import { defineConnector } from '../kit/define-connector.ts';
import { MailClient, MailSettings } from '../kit/mail/client.ts';
import { actions } from './actions.ts';

export const mail = defineConnector({
  name: 'mail',
  title: 'Mail (SMTP)',
  settings: MailSettings,
  sameSystem: ['password', 'security', 'fromName', 'ca'],
  connect: (settings) => new MailClient(settings),
  check: (client: MailClient) => client.verify(),
  actions,
  callsPerSecond: 10,
});
