import { defineConnector } from '../kit/define-connector.ts';
import { MailClient, MailSettings } from '../kit/mail/client.ts';
import { send } from './send.ts';

export const mail = defineConnector({
  name: 'mail',
  title: 'Mail (SMTP)',
  settings: MailSettings,
  connect: (settings) => new MailClient(settings),
  actions: [send],
  callsPerSecond: 10,
});
