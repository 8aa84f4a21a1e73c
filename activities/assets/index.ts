import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { AssetsClient, AssetsSettings } from './client.ts';

export const assets = defineConnector({
  name: 'assets',
  title: 'Assets (Snipe-IT)',
  settings: AssetsSettings,
  sameSystem: ['apiToken', 'ca'],
  connect: (settings) => new AssetsClient(settings),
  check: (client: AssetsClient) => client.check(),
  actions,
  // Snipe-IT takes 120 requests a minute, and says how long to wait beyond that.
  callsPerSecond: 5,
});
