import { defineConnector } from '../kit/define-connector.ts';
import { check } from './check.ts';
import { SshClient } from './client.ts';
import { run } from './run.ts';
import { SshSettings } from './settings.ts';

export const ssh = defineConnector({
  name: 'ssh',
  title: 'SSH',
  settings: SshSettings,
  connect: (settings) => new SshClient(settings),
  actions: [check, run],
  // A host takes only so many connections that have not signed in yet (sshd_config: MaxStartups).
  callsPerSecond: 10,
});
