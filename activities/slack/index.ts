import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { SlackClient, SlackSettings } from './client.ts';

export const slack = defineConnector({
  name: 'slack',
  title: 'Slack',
  settings: SlackSettings,
  sameSystem: ['botToken', 'ca'],
  connect: (settings) => new SlackClient(settings),
  check: (client: SlackClient) => client.get('conversations.list', { limit: 1 }),
  actions,
  // Slack allows about one message a second and channel, and fifty looks at a history a minute.
  callsPerSecond: 1,
});
