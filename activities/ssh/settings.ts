/** Which hosts there are, and which commands may run there: a runbook names both and writes neither. */
import { type Static, Type } from 'typebox';

const host = {
  type: 'object',
  description: 'One host.',
  properties: {
    host: { type: 'string', minLength: 1, description: 'Name or address.' },
    port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'Port, unless it is 22.' },
    user: { type: 'string', minLength: 1, description: 'Who signs in there.' },
    privateKey: {
      type: 'string',
      minLength: 1,
      description: 'Private key of that user, in the form of OpenSSH and without a passphrase.',
    },
    hostKey: {
      type: 'string',
      minLength: 1,
      description:
        "The host's own key, so that nobody can take its place: its fingerprint (SHA256:…) as ssh-keygen -lf shows it, or the line of its public key.",
    },
  },
  required: ['host', 'user', 'privateKey', 'hostKey'],
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
