import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { SshClient } from './client.ts';
import { SshSettings } from './settings.ts';

export const ssh = defineConnector({
  name: 'ssh',
  title: 'SSH',
  settings: SshSettings,
  sameSystem: ['hosts.*.privateKey', 'commands.*.title'],
  connect: (settings) => new SshClient(settings),
  check: (client: SshClient) => client.signInEverywhere(),
  actions,
  // A host takes only so many connections that have not signed in yet (sshd_config: MaxStartups).
  callsPerSecond: 10,
});
