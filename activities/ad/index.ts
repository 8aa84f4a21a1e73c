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
  // Signing in reads the root of the directory; the base is what everything else is looked up below.
  check: (client: AdClient) => client.session((directory) => directory.read(directory.base, [])),
  actions,
  callsPerSecond: 20,
});
