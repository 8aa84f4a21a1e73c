import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { AdClient } from './client.ts';
import { AdSettings, adSameSystem } from './settings.ts';

export const ad = defineConnector({
  name: 'ad',
  title: 'Active Directory',
  settings: AdSettings,
  sameSystem: adSameSystem,
  connect: (settings) => new AdClient(settings),
  actions,
  callsPerSecond: 20,
});
