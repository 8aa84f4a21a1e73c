import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { SshClient } from './client.ts';
import { execute, input, output, prepared } from './execute.ts';

type Context = ActionContext<SshClient>;

export const run = defineAction({
  name: 'ssh.run',
  title: 'Run a command on a host',
  description:
    'Runs a command on a host over a secure shell. Only commands that the configuration lists can be run. When the connection is lost while it runs, a command that the configuration calls idempotent is tried again; for others a person is asked.',
  effect: 'write',
  delivery: 'at least once',
  source: 'RFC 4254: The Secure Shell Connection Protocol, exec',
  input,
  output,
  examples: [
    {
      title: 'Restart a service',
      with: { host: 'vpn-1', command: 'restart-service', with: { service: 'openvpn' } },
    },
  ],

  async run(given, { client, key }: Context) {
    return execute(client, prepared(client, given, key));
  },

  async preview(given, { client, key }: Context) {
    const what = `${given.command} on ${given.host}`;
    try {
      const { command } = prepared(client, given, key);
      const title = command.title ? `${command.title} (${what})` : what;
      const forGood = command.effect === 'destructive' ? ', which cannot be taken back' : '';
      // Not the line itself: in its quotes a secret would not be recognized and concealed.
      const values = Object.entries(given.with ?? {}).map(([name, value]) => `${name}: ${value}`);
      const filled = values.length > 0 ? ` (${values.join(', ')})` : '';
      return { summary: `would run ${title}${forGood}: ${command.run}${filled}` };
    } catch (error) {
      if (error instanceof PermanentFailure)
        return { summary: `would run ${what}`, problems: [error.message] };
      throw error;
    }
  },
});
