import { defineConnector } from '../kit/define-connector.ts';
import type { HttpClient } from '../kit/http.ts';
import { actions } from './actions.ts';
import { connectJira, JiraSettings } from './client.ts';

export const jira = defineConnector({
  name: 'jira',
  title: 'Jira',
  settings: JiraSettings,
  sameSystem: ['apiToken', 'ca'],
  connect: connectJira,
  check: (client: HttpClient) => client.send({ method: 'GET', path: '/rest/api/3/myself' }),
  actions,
  callsPerSecond: 10,
});
