import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { DnsClient } from './client.ts';
import { DnsSettings, dnsSameSystem } from './settings.ts';

export const dns = defineConnector({
  name: 'dns',
  title: 'DNS',
  settings: DnsSettings,
  sameSystem: dnsSameSystem,
  connect: (settings) => new DnsClient(settings),
  check: (client: DnsClient) => client.readZones(),
  actions,
  callsPerSecond: 20,
});
