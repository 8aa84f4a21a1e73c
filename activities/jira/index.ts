import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { connectJira, JiraSettings } from './client.ts';

export const jira = defineConnector({
  name: 'jira',
  title: 'Jira',
  settings: JiraSettings,
  sameSystem: ['apiToken', 'ca'],
  connect: connectJira,
  actions,
  callsPerSecond: 10,
});
