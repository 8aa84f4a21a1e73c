import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { EntraClient } from './client.ts';
import { EntraSettings } from './settings.ts';

export const entra = defineConnector({
  name: 'entra',
  title: 'Microsoft Entra ID',
  settings: EntraSettings,
  connect: (settings) => new EntraClient(settings),
  actions,
  callsPerSecond: 20,
});
