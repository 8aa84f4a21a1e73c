/** What is on a host and what a command would make of it, by commands that the configuration calls read-only. */
import { type Static, Type } from 'typebox';
import { lineDifference } from '../../plan/line-difference.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { SshClient } from './client.ts';
import { execute, type Given, prepared, readOnly } from './execute.ts';

export const compare = Type.Object(
  {
    ...readOnly,
    wanted: Type.Optional(
      Type.String({ description: 'What that command shall write afterwards, with all its lines.' }),
    ),
    dryRun: Type.Optional(
      Type.Object(readOnly, {
        additionalProperties: false,
        description:
          'Instead of `wanted`: a read-only command that writes what the other one would write afterwards.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'A read-only command of the configuration that writes what the step changes, on the same host.',
  },
);

interface Compared extends Given {
  compare?: Static<typeof compare>;
}

export interface Found {
  there: string;
  wanted: string;
}

export async function look(
  client: SshClient,
  { host, compare: given }: Compared,
  key: string,
): Promise<Found> {
  const { command = '', wanted, dryRun, with: values } = given ?? {};
  if ((wanted === undefined) === (dryRun === undefined))
    throw new PermanentFailure('`compare` needs either `wanted` or `dryRun`.');
  const there = await written(client, { host, command, ...(values ? { with: values } : {}) }, key);
  return { there, wanted: dryRun ? await written(client, { host, ...dryRun }, key) : (wanted ?? '') };
}

/** But for white space at the ends of lines. */
export function isSo({ there, wanted }: Found): boolean {
  return lineDifference(there, wanted) === undefined;
}

async function written(client: SshClient, given: Given, key: string): Promise<string> {
  const ready = prepared(client, given, key);
  if (!ready.command.readOnly)
    throw new PermanentFailure(
      `The command ${given.command} is not declared readOnly: true under connectors: ssh: commands: in countersign.yaml, so that nothing can be compared by it.`,
    );
  const { output, truncated } = await execute(client, ready);
  if (truncated)
    throw new PermanentFailure(
      `The command ${given.command} wrote more on ${given.host} than can be compared. Let it write less.`,
    );
  return output;
}
