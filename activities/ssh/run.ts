import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { lineDifference } from '../../plan/line-difference.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { SshClient } from './client.ts';
import { compare, isSo, look } from './comparing.ts';
import { execute, input, output, prepared } from './execute.ts';

type Context = ActionContext<SshClient>;

const given = Type.Object(
  { ...input.properties, compare: Type.Optional(compare) },
  { additionalProperties: false },
);

const result = Type.Object({
  ...output.properties,
  ran: Type.Optional(
    Type.Boolean({
      description: 'With `compare`: true when this step ran it, false when all was so already.',
    }),
  ),
  before: Type.Optional(
    Type.String({ description: 'With `compare`: what the command that looks wrote before this step.' }),
  ),
});

export const run = defineAction({
  name: 'ssh.run',
  title: 'Run a command on a host',
  description:
    'Runs a command on a host over a secure shell. Only commands that the configuration lists can be run. When the connection is lost while it runs, a command that the configuration calls idempotent is tried again; for others a person is asked. With `compare`, people are shown what is there and what would be before they sign, it is run only if it is not so already, and read back afterwards.',
  effect: 'write',
  delivery: 'at least once',
  source: 'RFC 4254: The Secure Shell Connection Protocol, exec',
  input: given,
  output: result,
  examples: [
    {
      title: 'Restart a service',
      with: { host: 'vpn-1', command: 'restart-service', with: { service: 'openvpn' } },
    },
    {
      title: 'A port of a switch goes to another VLAN',
      with: {
        host: 'switch-1',
        command: 'set-vlan',
        with: { port: 'ge-0/0/7', vlan: 120 },
        compare: { command: 'show-port', with: { port: 'ge-0/0/7' }, wanted: 'vlan 120' },
      },
    },
  ],

  async run(step, context: Context) {
    const { client, key } = context;
    const ready = prepared(client, step, key);
    if (step.compare === undefined) return execute(client, ready);
    const found = await look(client, step, key);
    const before = await context.rememberBeforeWrite(async () => found.there);
    const ran = !isSo({ ...found, there: before });
    if (isSo(found)) return { exitCode: 0, output: '', errors: '', truncated: false, ran, before };
    return { ...(await execute(client, ready)), ran, before };
  },

  async preview(step, { client, key }: Context) {
    const what = `${step.command} on ${step.host}`;
    try {
      const { command } = prepared(client, step, key);
      const title = command.title ? `${command.title} (${what})` : what;
      const forGood = command.effect === 'destructive' ? ', which cannot be taken back' : '';
      // Not the line itself: in its quotes a secret would not be recognized and concealed.
      const values = Object.entries(step.with ?? {}).map(([name, value]) => `${name}: ${value}`);
      const filled = values.length > 0 ? ` (${values.join(', ')})` : '';
      const summary = `would run ${title}${forGood}: ${command.run}${filled}`;
      if (step.compare === undefined) return { summary };
      const found = await look(client, step, key);
      return isSo(found)
        ? { summary: `${step.host} is so already, and ${what} would not be run`, nothingToDo: true }
        : { summary, ...defined({ difference: lineDifference(found.there, found.wanted) }) };
    } catch (error) {
      if (error instanceof PermanentFailure)
        return { summary: `would run ${what}`, problems: [error.message] };
      throw error;
    }
  },

  async verify(step, { client, key }: Context) {
    // Of what is run without one, its end is all that is known.
    return step.compare === undefined ? undefined : isSo(await look(client, step, key));
  },
});
