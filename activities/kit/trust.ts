/** Whom a connector's connections trust: the well-known certificate authorities, and one of the organisation's own that is named. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { Type } from 'typebox';
import { Agent, fetch as fetchBy } from 'undici';
import { errorText } from '../../plan/error-text.ts';
import { PermanentFailure } from './failures.ts';

/** The setting by which a connector names a certificate authority. */
export const caSetting = {
  ca: Type.Optional(
    Type.Object(
      {
        file: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'File with its certificates (PEM), beside countersign.yaml.',
          }),
        ),
        secret: Type.Optional(
          Type.String({ minLength: 1, description: 'Secret that holds them, instead of a file.' }),
        ),
      },
      {
        additionalProperties: false,
        description:
          'The certificate authority of your own that has signed the certificates of this service: give file or secret. The well-known ones are trusted, too.',
      },
    ),
  ),
};

export interface Ca {
  file?: string;
  secret?: string;
}

type Fetch = typeof fetch;

export interface Trust {
  /** Where it is set, for messages. */
  setting: string;
  /** All that are trusted, or undefined for the well-known alone. */
  ca: string[] | undefined;
  fetch: Fetch;
}

/** `connector` is the key of the settings in the configuration. Throws when what is named cannot be read. */
export function trustOf(connector: string, ca: Ca | undefined): Trust {
  return trustAt(`connectors.${connector}.ca in countersign.yaml`, ca);
}

/** The same for what is no connector. */
export function trustAt(setting: string, ca: Ca | undefined): Trust {
  if (ca === undefined) return { setting, ca: undefined, fetch: (input, init) => fetch(input, init) };
  const trusted = [...wellKnown(), pemOf(setting, ca)];
  const dispatcher = new Agent({ connect: { ca: trusted } });
  // Node's own fetch takes no agent of another release than the one that it holds.
  const own = fetchBy as unknown as (input: Parameters<Fetch>[0], init: object) => ReturnType<Fetch>;
  return { setting, ca: trusted, fetch: (input, init) => own(input, { ...init, dispatcher }) };
}

function wellKnown(): readonly string[] {
  // Newer releases of Node know those of the system, and of NODE_EXTRA_CA_CERTS.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates) return getCACertificates('default');
  const { NODE_EXTRA_CA_CERTS: extra } = process.env;
  // Node itself passes over a file that it cannot read.
  return [...tls.rootCertificates, ...(extra && existsSync(extra) ? [readFileSync(extra, 'utf8')] : [])];
}

function pemOf(setting: string, { file, secret }: Ca): string {
  if ((file === undefined) === (secret === undefined))
    throw new PermanentFailure(`${setting} needs either file or secret.`);
  let pem = secret ?? '';
  try {
    if (file !== undefined) pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PermanentFailure(`The file of ${setting} cannot be read: ${errorText(error)}`);
  }
  try {
    new X509Certificate(pem);
  } catch {
    throw new PermanentFailure(
      `${setting} holds no certificate: one in the form of PEM begins with -----BEGIN CERTIFICATE-----.`,
    );
  }
  return pem;
}
