import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { SshClient } from './client.ts';
import { execute, input, output, prepared } from './execute.ts';

export const check = defineAction({
  name: 'ssh.check',
  title: 'Look at a host',
  description:
    'Runs a command that changes nothing on a host over a secure shell. Only commands that the configuration lists and calls read-only can be run.',
  effect: 'read',
  source: 'RFC 4254: The Secure Shell Connection Protocol, exec',
  input,
  output,
  examples: [
    {
      title: 'Whether a service runs',
      with: { host: 'vpn-1', command: 'service-status', with: { service: 'openvpn' } },
    },
  ],

  async run(given, { client, key }: ActionContext<SshClient>) {
    const ready = prepared(client, given, key);
    if (!ready.command.readOnly)
      throw new PermanentFailure(
        `The command ${given.command} is not declared readOnly: true under connectors: ssh: commands: in countersign.yaml. Use ssh.run for what changes something.`,
      );
    return execute(client, ready);
  },
});
