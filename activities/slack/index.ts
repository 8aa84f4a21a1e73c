import { defineConnector } from '../kit/define-connector.ts';
import { SlackClient, SlackSettings } from './client.ts';
import { post } from './post.ts';

export const slack = defineConnector({
  name: 'slack',
  title: 'Slack',
  settings: SlackSettings,
  connect: (settings) => new SlackClient(settings),
  actions: [post],
  // Slack allows about one message a second and channel, and fifty looks at a history a minute.
  callsPerSecond: 1,
});
