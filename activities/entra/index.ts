import { defineConnector } from '../kit/define-connector.ts';
import { graphSameSystem, oneRow } from '../kit/graph/settings.ts';
import { actions } from './actions.ts';
import { EntraClient } from './client.ts';
import { EntraSettings } from './settings.ts';

export const entra = defineConnector({
  name: 'entra',
  title: 'Microsoft Entra ID',
  settings: EntraSettings,
  sameSystem: [...graphSameSystem, 'marker'],
  connect: (settings) => new EntraClient(settings),
  check: (client: EntraClient) => client.get('/users', oneRow),
  actions,
  callsPerSecond: 20,
});
