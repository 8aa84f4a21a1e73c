/** Whether the host that answers is the one that is meant. */
import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { PermanentFailure } from '../failures.ts';

export interface HostKey {
  /** `SHA256:…` */
  fingerprint: string;
  /** Known when the whole key was given. A host has several keys, and shows the one that is asked for. */
  algorithms?: ServerHostKeyAlgorithm[];
}

/** Newer ways in which the same key signs. */
const algorithmsOf: Record<string, ServerHostKeyAlgorithm[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** From `SHA256:…` as `ssh-keygen -lf` shows it, or from the line of a public key. */
export function readHostKey({ setting }: { setting: string }, text: string): HostKey {
  const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}(?==?$)/.exec(text.trim())?.[0];
  if (fingerprint) return { fingerprint };
  const [, type = '', data = ''] = /^(\S+) (AAAA[A-Za-z0-9+/]+={0,2})(\s|$)/.exec(text.trim()) ?? [];
  const algorithms = Object.hasOwn(algorithmsOf, type) ? algorithmsOf[type] : undefined;
  if (algorithms) return { fingerprint: fingerprintOf(Buffer.from(data, 'base64')), algorithms };
  throw new PermanentFailure(
    `The hostKey under ${setting} in countersign.yaml is neither a fingerprint, which begins with SHA256:, nor the line of a public key, such as "ssh-ed25519 AAAA…".`,
  );
}

export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
