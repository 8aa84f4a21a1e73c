import { defineConnector } from '../kit/define-connector.ts';
import { TeamsClient, TeamsSettings } from './client.ts';
import { post } from './post.ts';

export const teams = defineConnector({
  name: 'teams',
  title: 'Teams',
  settings: TeamsSettings,
  connect: (settings) => new TeamsClient(settings),
  actions: [post],
  // Teams allows four requests a second and webhook.
  callsPerSecond: 4,
});
