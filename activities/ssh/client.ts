/** Which hosts and commands the configuration lists, and a command run on one. */
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { type Ended, runOverSsh, type SshHost, signInOverSsh, sshHost } from '../kit/ssh/connection.ts';
import type { CommandSettings, SshSettings } from './settings.ts';
import { Template, type Values } from './template.ts';

export interface Command extends CommandSettings {
  name: string;
  template: Template;
}

export class SshClient extends AttemptClient {
  private readonly settings: SshSettings;

  constructor(settings: SshSettings) {
    super();
    this.settings = settings;
  }

  host(name: string): SshHost {
    const settings = named('host', 'hosts', name, this.settings.hosts);
    return sshHost({ ...settings, name, setting: `connectors: ssh: hosts: ${name}` });
  }

  command(name: string): Command {
    const settings = named('command', 'commands', name, this.settings.commands);
    return { ...settings, name, template: new Template(name, settings.run) };
  }

  /** The command line as it will run. `{key}` is the step's own, and looks like no option of a program. */
  line({ template }: Command, values: Values, key: string): string {
    return template.filled(template.names().includes('key') ? { ...values, key: `step-${key}` } : values);
  }

  /** Signs in to every host and runs nothing. Rejects with all that is wrong. */
  async signInEverywhere(): Promise<void> {
    const names = Object.keys(this.settings.hosts);
    const tried = await Promise.allSettled(
      names.map(async (name) => signInOverSsh(this.host(name), this.signal)),
    );
    const failures = tried.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
    const [first, ...more] = failures;
    if (!first) return;
    if (more.length === 0) throw first;
    const words = failures.map(({ message }) => message).join(' ');
    throw failures.every((failure) => failure instanceof RetryableFailure)
      ? new RetryableFailure(words)
      : new PermanentFailure(words);
  }

  /** Runs a command line to its end, or until the attempt is over. */
  run(host: SshHost, line: string): Promise<Ended> {
    return runOverSsh(host, { line }, this.signal);
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
