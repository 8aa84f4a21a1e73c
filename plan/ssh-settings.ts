/** How a host over SSH is set, wherever a configuration names one. */
import type { JsonSchema } from './values.ts';

export const sshHostRequired = ['host', 'user', 'privateKey', 'hostKey'] as const;

/** `host` says what the host is for. */
export function sshHostProperties(host: string) {
  return {
    host: { type: 'string', minLength: 1, description: host },
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
  } satisfies Record<string, JsonSchema>;
}
