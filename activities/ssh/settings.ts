/** Which hosts there are, and which commands may run there: a runbook names both and writes neither. */
import { type Static, Type } from 'typebox';
import { sshHostProperties, sshHostRequired } from '../../plan/ssh-settings.ts';

const host = {
  type: 'object',
  description: 'One host.',
  properties: sshHostProperties('Name or address.'),
  required: [...sshHostRequired],
  additionalProperties: false,
};

const command = {
  type: 'object',
  description: 'One command.',
  properties: {
    run: {
      type: 'string',
      minLength: 1,
      description:
        'The command line for a POSIX shell. A {name} in it is replaced by that value of the step, as one word whatever is in it; {key} by text that is the same at every try of a step.',
    },
    title: { type: 'string', minLength: 1, description: 'What it does, for previews.' },
    effect: {
      enum: ['write', 'destructive'],
      description: 'destructive when it cannot be taken back, which previews then say.',
    },
    readOnly: { type: 'boolean', description: 'It changes nothing, so that ssh.check may run it.' },
    idempotent: {
      type: 'boolean',
      description:
        'It may run twice without harm, so that it is tried again when the connection was lost while it ran. A command with {key} counts as such.',
    },
    okExitCodes: {
      type: 'array',
      items: { type: 'integer', minimum: 0, maximum: 255 },
      description: 'Exit codes that are no failure, besides 0.',
    },
  },
  required: ['run'],
  additionalProperties: false,
};

export interface HostSettings {
  host: string;
  port?: number;
  user: string;
  privateKey: string;
  hostKey: string;
}

export interface CommandSettings {
  run: string;
  title?: string;
  effect?: 'write' | 'destructive';
  readOnly?: boolean;
  idempotent?: boolean;
  okExitCodes?: number[];
}

export const SshSettings = Type.Object(
  {
    hosts: Type.Unsafe<Record<string, HostSettings>>({
      type: 'object',
      description: 'Hosts, under names of your own.',
      additionalProperties: host,
    }),
    commands: Type.Unsafe<Record<string, CommandSettings>>({
      type: 'object',
      description: 'Commands that may run there, under names of your own. Nothing else can be run.',
      additionalProperties: command,
    }),
  },
  { additionalProperties: false },
);

export type SshSettings = Static<typeof SshSettings>;
