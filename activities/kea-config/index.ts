import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { KeaConfigClient, KeaSettings } from './client.ts';

export const keaConfig = defineConnector({
  name: 'keaConfig',
  title: 'Kea DHCP, by its configuration',
  settings: KeaSettings,
  settingsFrom: 'kea',
  sameSystem: ['password', 'ca'],
  connect: (settings) => new KeaConfigClient(settings),
  check: (client: KeaConfigClient) => client.configuration(),
  actions,
  callsPerSecond: 2,
});
