import { Type } from 'typebox';
import { defineConnector } from '../kit/define-connector.ts';
import { GraphClient } from '../kit/graph/client.ts';
import { graphSameSystem, graphSettings, oneRow } from '../kit/graph/settings.ts';
import { actions } from './actions.ts';

export const onedrive = defineConnector({
  name: 'onedrive',
  title: 'Microsoft OneDrive',
  settings: Type.Object(graphSettings, { additionalProperties: false }),
  settingsFrom: 'entra',
  sameSystem: graphSameSystem,
  connect: (settings) => new GraphClient('onedrive', settings),
  check: (client: GraphClient) => client.get('/users', oneRow),
  actions,
  callsPerSecond: 10,
});
