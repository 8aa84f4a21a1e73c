/** One connection over SSH (RFC 4251 to 4254) to a host whose key is known, for one command line. */

import ssh2, { type Client, type ClientChannel, type ClientErrorExtensions, type ConnectConfig } from 'ssh2';
import { defined } from '../../../plan/defined.ts';
import { PermanentFailure, RetryableFailure } from '../failures.ts';
import { reasonOf } from '../reach.ts';
import { fingerprintOf, type HostKey, readHostKey } from './host-key.ts';
import { Tail } from './tail.ts';

export interface SshHost {
  /** As people know it. */
  name: string;
  /** Where it stands in countersign.yaml: `connectors: ssh: hosts: web`. */
  setting: string;
  host: string;
  port?: number | undefined;
  user: string;
  privateKey: string;
  key: HostKey;
}

export interface Ended {
  exitCode: number;
  output: string;
  errors: string;
  truncated: boolean;
}

export interface Line {
  /** For the shell there. */
  line: string;
  /** What it reads; unsaid: nothing. */
  input?: string;
  /** How much of what it writes is kept, in bytes: 16 KiB unless said. */
  keepBytes?: number;
}

/** Somebody there ended the command. */
export class EndedBySignal extends PermanentFailure {}

/** The connection ended after the command was sent, and before it said how it ended. */
export class AnswerLost extends Error {}

const connectTimeoutMs = 20_000;
const keepaliveMs = 10_000;
const closingMs = 500;

/** With its keys read. Throws what is wrong with them. */
export function sshHost(given: Omit<SshHost, 'key'> & { hostKey: string }): SshHost {
  const { hostKey, ...host } = given;
  checkPrivateKey(host);
  return { ...host, key: readHostKey(host, hostKey) };
}

/** Runs a command line to its end, or until the signal ends the channel. */
export async function runOverSsh(host: SshHost, line: Line, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted();
  const client = new ssh2.Client();
  // Told of what went wrong after it is of no more interest, Node would end the process.
  client.on('error', () => {});
  try {
    await connected(client, host, signal);
    return await executed(client, line, signal);
  } finally {
    client.end();
  }
}

/** That the host has its key and lets this one in. Nothing is run there. */
export async function signInOverSsh(host: SshHost, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const client = new ssh2.Client();
  client.on('error', () => {});
  try {
    await connected(client, host, signal);
  } finally {
    client.end();
  }
}

function checkPrivateKey({ setting, privateKey }: Pick<SshHost, 'setting' | 'privateKey'>): void {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (!(parsed instanceof Error)) return;
  const why = /encrypted/i.test(parsed.message) ? 'has a passphrase, and needs none' : 'cannot be read';
  throw new PermanentFailure(
    `The privateKey under ${setting} in countersign.yaml ${why}. It is the whole file that ssh-keygen -t ed25519 makes, with its first and last line.`,
  );
}

function connected(client: Client, host: SshHost, signal: AbortSignal): Promise<void> {
  let shown = '';
  const { algorithms, fingerprint } = host.key;
  const settings: ConnectConfig = {
    host: host.host,
    port: host.port ?? 22,
    username: host.user,
    privateKey: host.privateKey,
    readyTimeout: connectTimeoutMs,
    keepaliveInterval: keepaliveMs,
    ...defined({ algorithms: algorithms ? { serverHostKey: algorithms } : undefined }),
    hostVerifier: (key: Buffer) => {
      shown = fingerprintOf(key);
      return shown === fingerprint;
    },
  };
  return new Promise((resolve, reject) => {
    const abort = () => {
      client.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    const settle = (done: () => void) => {
      signal.removeEventListener('abort', abort);
      done();
    };
    client.once('ready', () => settle(resolve));
    client.once('error', (error) => settle(() => reject(connectFailure(error, host, shown))));
    client.once('close', () => settle(() => reject(unreachable(host, ' (connection lost)'))));
    client.connect(settings);
  });
}

function connectFailure(error: Error & ClientErrorExtensions, host: SshHost, shown: string): Error {
  const { name, user, key, setting } = host;
  if (shown !== '' && shown !== key.fingerprint)
    return new PermanentFailure(
      `${name} shows another key (${shown}) than the one in countersign.yaml (${key.fingerprint}). Somebody may be intercepting the connection. Nothing was run. If the host was set up anew, get its new key from whoever did it, and put it under ${setting}: hostKey.`,
    );
  if (error.level === 'client-authentication')
    return new PermanentFailure(
      `${name} does not let ${user} in with this key. Put the public key into the authorized_keys of ${user} there, or check user and privateKey under ${setting}.`,
    );
  if (/no matching/i.test(error.message))
    return new PermanentFailure(
      `${name} and Countersign have no way to talk in common: ${error.message}. Check hostKey under ${setting}: the host may have no key of that type.`,
    );
  if (error.level === 'client-timeout') return unreachable(host, ' (no connection in time)');
  return unreachable(host, reasonOf(error) || ` (${error.message})`);
}

function unreachable({ name, host, port = 22 }: SshHost, why: string): RetryableFailure {
  return new RetryableFailure(`${name} could not be reached at ${host}:${port}${why}.`);
}

function executed(client: Client, line: Line, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    client.exec(line.line, (error, channel) => {
      if (error)
        reject(
          new RetryableFailure(`The host did not take the command: ${error.message}.`, { cause: error }),
        );
      else follow({ client, channel, line }, signal).then(resolve, reject);
    });
    client.once('close', () => reject(new AnswerLost()));
  });
}

async function follow(
  { client, channel, line }: { client: Client; channel: ClientChannel; line: Line },
  signal: AbortSignal,
): Promise<Ended> {
  const output = new Tail(line.keepBytes);
  const errors = new Tail();
  let exitCode: number | undefined;
  let killedBy: string | undefined;
  channel.on('data', (chunk: Buffer) => output.add(chunk));
  channel.stderr.on('data', (chunk: Buffer) => errors.add(chunk));
  channel.on('exit', (code: number | null, name?: string) => {
    if (code === null) killedBy = name ?? 'a signal';
    else exitCode = code;
  });
  // A command that ends before it has read all of it breaks the channel off, which is told by how it ended.
  channel.on('error', () => {});
  // Nothing more to read for the command, rather than waiting for it.
  channel.end(line.input);
  await new Promise<void>((resolve) => {
    const stop = () => {
      // Closing alone leaves a command that says nothing running there. OpenSSH passes this on, but not for root.
      channel.signal('TERM');
      channel.close();
      // A host that has gone away confirms nothing.
      setTimeout(() => client.destroy(), closingMs).unref();
      resolve();
    };
    const ended = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    channel.once('close', ended);
    client.once('close', ended);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  if (killedBy !== undefined)
    throw new EndedBySignal(`The command was ended there by ${killedBy}. ${errors.text()}`.trim());
  if (exitCode === undefined) throw new AnswerLost();
  return {
    exitCode,
    output: output.text(),
    errors: errors.text(),
    truncated: output.truncated || errors.truncated,
  };
}
