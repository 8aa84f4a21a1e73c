import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { AssetsSettings, assetSystemOf } from './client.ts';
import type { AssetSystem } from './system.ts';

export const assets = defineConnector({
  name: 'assets',
  title: 'Assets (Snipe-IT, ServiceNow or the register)',
  settings: AssetsSettings,
  sameSystem: ['apiToken', 'password', 'ca'],
  connect: (settings, _outbound, { register }) => assetSystemOf(settings, register),
  check: (client: AssetSystem) => client.check(),
  actions,
  // Snipe-IT takes 120 requests a minute, and says how long to wait beyond that.
  callsPerSecond: 5,
});
