import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { TeamsClient, TeamsSettings } from './client.ts';

export const teams = defineConnector({
  name: 'teams',
  title: 'Teams',
  settings: TeamsSettings,
  sameSystem: ['channels', 'ca'],
  connect: (settings) => new TeamsClient(settings),
  check: 'a webhook of Teams only takes messages, and each is posted',
  actions,
  // Teams allows four requests a second and webhook.
  callsPerSecond: 4,
});
