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
  actions,
  callsPerSecond: 20,
});
