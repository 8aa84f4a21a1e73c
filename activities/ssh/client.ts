/** SSH (RFC 4251 to 4254): one connection for each command, to hosts whose keys are known. */

import ssh2, { type Client, type ClientChannel, type ClientErrorExtensions, type ConnectConfig } from 'ssh2';
import { defined } from '../../plan/defined.ts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { reasonOf } from '../kit/reach.ts';
import { fingerprintOf, type HostKey, readHostKey } from './host-key.ts';
import type { CommandSettings, HostSettings, SshSettings } from './settings.ts';
import { Tail } from './tail.ts';
import { Template, type Values } from './template.ts';

export interface Ended {
  exitCode: number;
  output: string;
  errors: string;
  truncated: boolean;
}

/** The connection ended after the command was sent, and before it said how it ended. */
export class AnswerLost extends Error {}

export interface Command extends CommandSettings {
  name: string;
  template: Template;
}

export interface Host extends HostSettings {
  name: string;
  key: HostKey;
}

const connectTimeoutMs = 20_000;
const keepaliveMs = 10_000;
const closingMs = 500;

export class SshClient extends AttemptClient {
  private readonly settings: SshSettings;

  constructor(settings: SshSettings) {
    super();
    this.settings = settings;
  }

  host(name: string): Host {
    const settings = named('host', 'hosts', name, this.settings.hosts);
    checkPrivateKey(name, settings.privateKey);
    return { ...settings, name, key: readHostKey(name, settings.hostKey) };
  }

  command(name: string): Command {
    const settings = named('command', 'commands', name, this.settings.commands);
    return { ...settings, name, template: new Template(name, settings.run) };
  }

  /** The command line as it will run. `{key}` is the step's own, and looks like no option of a program. */
  line({ template }: Command, values: Values, key: string): string {
    return template.filled(template.names().includes('key') ? { ...values, key: `step-${key}` } : values);
  }

  /** Runs a command line to its end, or until the signal ends the channel. */
  async run(host: Host, line: string): Promise<Ended> {
    const { signal } = this;
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
}

function named<T>(what: string, section: string, name: string, known: Record<string, T>): T {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found) return found;
  const names = Object.keys(known).join(', ') || 'none';
  throw new PermanentFailure(
    `There is no ${what} ${name} under connectors: ssh: ${section}: in countersign.yaml. There are: ${names}.`,
  );
}

function checkPrivateKey(host: string, privateKey: string): void {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (!(parsed instanceof Error)) return;
  const why = /encrypted/i.test(parsed.message) ? 'has a passphrase, and needs none' : 'cannot be read';
  throw new PermanentFailure(
    `The privateKey of ${host} under connectors: ssh: hosts: in countersign.yaml ${why}. It is the whole file that ssh-keygen -t ed25519 makes, with its first and last line.`,
  );
}

function connected(client: Client, host: Host, signal: AbortSignal): Promise<void> {
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

function connectFailure(error: Error & ClientErrorExtensions, host: Host, shown: string): Error {
  const { name, user, key } = host;
  if (shown !== '' && shown !== key.fingerprint)
    return new PermanentFailure(
      `${name} shows another key (${shown}) than the one in countersign.yaml (${key.fingerprint}). Somebody may be intercepting the connection. Nothing was run. If the host was set up anew, get its new key from whoever did it, and put it under connectors: ssh: hosts: ${name}: hostKey.`,
    );
  if (error.level === 'client-authentication')
    return new PermanentFailure(
      `${name} does not let ${user} in with this key. Put the public key into the authorized_keys of ${user} there, or check user and privateKey under connectors: ssh: hosts: ${name}.`,
    );
  if (/no matching/i.test(error.message))
    return new PermanentFailure(
      `${name} and Countersign have no way to talk in common: ${error.message}. Check hostKey under connectors: ssh: hosts: ${name}: the host may have no key of that type.`,
    );
  if (error.level === 'client-timeout') return unreachable(host, ' (no connection in time)');
  return unreachable(host, reasonOf(error) || ` (${error.message})`);
}

function unreachable({ name, host, port = 22 }: Host, why: string): RetryableFailure {
  return new RetryableFailure(`${name} could not be reached at ${host}:${port}${why}.`);
}

function executed(client: Client, line: string, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => {
      if (error)
        reject(
          new RetryableFailure(`The host did not take the command: ${error.message}.`, { cause: error }),
        );
      else follow(client, channel, signal).then(resolve, reject);
    });
    client.once('close', () => reject(new AnswerLost()));
  });
}

async function follow(client: Client, channel: ClientChannel, signal: AbortSignal): Promise<Ended> {
  const output = new Tail();
  const errors = new Tail();
  let exitCode: number | undefined;
  let killedBy: string | undefined;
  channel.on('data', (chunk: Buffer) => output.add(chunk));
  channel.stderr.on('data', (chunk: Buffer) => errors.add(chunk));
  channel.on('exit', (code: number | null, name?: string) => {
    if (code === null) killedBy = name ?? 'a signal';
    else exitCode = code;
  });
  // Nothing to read for the command, rather than waiting for it.
  channel.end();
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
    throw new PermanentFailure(`The command was ended there by ${killedBy}. ${errors.text()}`.trim());
  if (exitCode === undefined) throw new AnswerLost();
  return {
    exitCode,
    output: output.text(),
    errors: errors.text(),
    truncated: output.truncated || errors.truncated,
  };
}
