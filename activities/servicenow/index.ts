import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { connectServiceNow, ServiceNowSettings } from './client.ts';

export const servicenow = defineConnector({
  name: 'servicenow',
  title: 'ServiceNow',
  settings: ServiceNowSettings,
  sameSystem: ['password', 'ca'],
  connect: connectServiceNow,
  actions,
  callsPerSecond: 5,
});
