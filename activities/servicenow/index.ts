import { defineConnector } from '../kit/define-connector.ts';
import type { HttpClient } from '../kit/http.ts';
import { actions } from './actions.ts';
import { connectServiceNow, ServiceNowSettings } from './client.ts';

export const servicenow = defineConnector({
  name: 'servicenow',
  title: 'ServiceNow',
  settings: ServiceNowSettings,
  sameSystem: ['password', 'ca'],
  connect: connectServiceNow,
  check: (client: HttpClient) =>
    client.send({
      method: 'GET',
      path: '/api/now/table/incident',
      query: { sysparm_limit: 1, sysparm_fields: 'sys_id' },
    }),
  actions,
  callsPerSecond: 5,
});
