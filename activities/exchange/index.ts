import { defineConnector } from '../kit/define-connector.ts';
import { graphSameSystem } from '../kit/graph/settings.ts';
import { actions } from './actions.ts';
import { ExchangeClient, ExchangeSettings } from './client.ts';

export const exchange = defineConnector({
  name: 'exchange',
  title: 'Microsoft Exchange Online',
  settings: ExchangeSettings,
  settingsFrom: 'entra',
  sameSystem: graphSameSystem,
  connect: (settings) => new ExchangeClient(settings),
  check: (client: ExchangeClient) => client.checkCommands(),
  actions,
  // Exchange holds one app to few commands at a time.
  callsPerSecond: 10,
});
