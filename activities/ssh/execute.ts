/** What both actions share: their fields, and what an end of a command means. */
import { Type } from 'typebox';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { AnswerLost, type Ended, type SshHost } from '../kit/ssh/connection.ts';
import type { Command, SshClient } from './client.ts';
import type { Values } from './template.ts';

export const input = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      description: 'Name of the host under connectors: ssh: hosts: in the configuration.',
    }),
    command: Type.String({
      minLength: 1,
      description: 'Name of the command under connectors: ssh: commands: in the configuration.',
    }),
    with: Type.Optional(
      Type.Unsafe<Values>({
        type: 'object',
        additionalProperties: { type: ['string', 'number', 'boolean'] },
        description: 'Values for the places in the command, by their names.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const output = Type.Object({
  exitCode: Type.Integer({ examples: [0], description: 'How the command ended: 0 is well.' }),
  output: Type.String({ description: 'The end of what it wrote, 16 kilobytes at most.' }),
  errors: Type.String({
    description: 'The end of what it wrote as errors and warnings, 16 kilobytes at most.',
  }),
  truncated: Type.Boolean({ examples: [false], description: 'True when it wrote more than what is here.' }),
});

/** A command that the configuration calls read-only, on the same host. */
export const readOnly = {
  command: input.properties.command,
  with: input.properties.with,
};

export interface Given {
  host: string;
  command: string;
  with?: Values;
}

/** Everything that can be known before a connection is made. */
export function prepared(client: SshClient, given: Given, key: string) {
  const host = client.host(given.host);
  const command = client.command(given.command);
  return { host, command, line: client.line(command, given.with ?? {}, key) };
}

export async function execute(
  client: SshClient,
  { host, command, line }: { host: SshHost; command: Command; line: string },
): Promise<Ended> {
  let ended: Ended;
  try {
    ended = await client.run(host, line);
  } catch (error) {
    throw error instanceof AnswerLost ? lostAnswer(host, command, client.signal.aborted) : error;
  }
  if (ended.exitCode === 0 || command.okExitCodes?.includes(ended.exitCode)) return ended;
  throw new PermanentFailure(
    `The command ${command.name} ended with ${ended.exitCode} on ${host.name}${lastLines(ended)}`,
    { status: ended.exitCode },
  );
}

/** A command that nobody has declared repeatable is not repeated by itself: a person looks first. */
function lostAnswer(host: SshHost, command: Command, isBrokenOff: boolean): Error {
  const why = isBrokenOff ? 'was broken off' : 'lost its connection';
  if (command.readOnly || command.idempotent || command.template.names().includes('key'))
    return new RetryableFailure(`The command ${command.name} ${why} on ${host.name}.`);
  return new PermanentFailure(
    `The command ${command.name} ${why} on ${host.name} while it ran, and nobody knows whether it did its work. Look there; then retry this step, or complete it by hand. A command that may run twice can say so: idempotent: true.`,
  );
}

const mostLines = 5;
const mostCharacters = 1_000;

function lastLines({ errors, output: said }: Ended): string {
  const words = (errors.trim() || said.trim()).split('\n').slice(-mostLines).join('\n');
  return words ? `: ${words.slice(-mostCharacters)}` : ', and said nothing.';
}
