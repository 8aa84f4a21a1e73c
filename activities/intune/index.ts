import { Type } from 'typebox';
import { defineConnector } from '../kit/define-connector.ts';
import { GraphClient } from '../kit/graph/client.ts';
import { graphSameSystem, graphSettings, oneRow } from '../kit/graph/settings.ts';
import { actions } from './actions.ts';

export const intune = defineConnector({
  name: 'intune',
  title: 'Microsoft Intune',
  settings: Type.Object(graphSettings, { additionalProperties: false }),
  settingsFrom: 'entra',
  sameSystem: graphSameSystem,
  connect: (settings) => new GraphClient('intune', settings),
  check: (client: GraphClient) => client.get('/deviceManagement/managedDevices', oneRow),
  actions,
  // Intune lets an app make 1,000 calls in 20 seconds, of which others want their share.
  callsPerSecond: 20,
});
