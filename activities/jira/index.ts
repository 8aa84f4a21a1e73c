import { defineConnector } from '../kit/define-connector.ts';
import { connectJira, JiraSettings } from './client.ts';
import { comment } from './comment.ts';
import { transition } from './transition.ts';

export const jira = defineConnector({
  name: 'jira',
  title: 'Jira',
  settings: JiraSettings,
  connect: connectJira,
  actions: [comment, transition],
  callsPerSecond: 10,
});
