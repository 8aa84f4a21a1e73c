/** How the gateway, the workers and the command line get to Temporal: all by the same settings. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import { isThisMachine, type TemporalTls } from '../../compiler/configuration/temporal.ts';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Secrets } from '../../vault/secrets.ts';

export interface TemporalAccess {
  namespace: string;
  /** For Temporal's own `Connection` and `NativeConnection`. */
  connection: {
    address: string;
    apiKey?: string;
    tls?: {
      serverNameOverride?: string;
      serverRootCACertificate?: Buffer;
      clientCertPair?: { crt: Buffer; key: Buffer };
    };
  };
}

/** A setting that cannot be used: somebody must put it right, and trying again does not help. */
export class TemporalMisconfigured extends Error {
  override readonly name = 'TemporalMisconfigured';
}

interface Sources {
  configuration: Pick<Configuration, 'temporal'>;
  /** Of countersign.yaml: paths in it are relative to it. */
  path: string;
  secrets: Pick<Secrets, 'get'>;
}

/**
 * TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE come before the configuration. TEMPORAL_TLS=off, which `countersign dev` says of the
 * server that it started itself, leaves out certificates and key, and is taken for this machine alone.
 */
export async function temporalAccess({ configuration, path, secrets }: Sources): Promise<TemporalAccess> {
  const { temporal } = configuration;
  const address = process.env.TEMPORAL_ADDRESS || temporal.address;
  const namespace = process.env.TEMPORAL_NAMESPACE || temporal.namespace || 'countersign';
  if (!address)
    throw new TemporalMisconfigured(
      'No Temporal server is known. Set `temporal.address` in countersign.yaml, or TEMPORAL_ADDRESS.',
    );
  const local = isThisMachine(address);
  if (process.env.TEMPORAL_TLS === 'off') {
    if (local) return { namespace, connection: { address } };
    throw new TemporalMisconfigured(
      `TEMPORAL_TLS=off is for a server on this machine, and ${address} is another one. Set \`temporal.tls\` in countersign.yaml.`,
    );
  }
  const { tls, apiKey } = temporal;
  if (!tls && !local)
    throw new TemporalMisconfigured(
      `${address} is another machine, so it needs TLS: set \`temporal.tls\` in countersign.yaml (see docs/temporal.md).`,
    );
  return {
    namespace,
    connection: {
      address,
      ...(tls ? { tls: await tlsOf(tls === true ? {} : tls, { path, secrets }) } : {}),
      ...defined({ apiKey: apiKey && (await secretAt('apiKey', apiKey.$secret, secrets)) }),
    },
  };
}

async function tlsOf(
  { ca, certificate, privateKey, serverName }: TemporalTls,
  { path, secrets }: Omit<Sources, 'configuration'>,
): Promise<NonNullable<TemporalAccess['connection']['tls']>> {
  const read = (setting: string, file: string) => pemAt(setting, resolve(dirname(path), file));
  const pair =
    certificate && privateKey
      ? {
          crt: await read('certificate', certificate),
          key: Buffer.from(await secretAt('tls.privateKey', privateKey.$secret, secrets)),
        }
      : undefined;
  return defined({
    serverNameOverride: serverName,
    serverRootCACertificate: ca === undefined ? undefined : await read('ca', ca),
    clientCertPair: pair,
  });
}

async function pemAt(setting: string, file: string): Promise<Buffer> {
  const content = await readFile(file).catch((error: unknown) => {
    throw new TemporalMisconfigured(
      `\`temporal.tls.${setting}\`: ${file} cannot be read: ${errorText(error)}`,
    );
  });
  if (content.includes('-----BEGIN ')) return content;
  throw new TemporalMisconfigured(`\`temporal.tls.${setting}\`: ${file} holds no certificate in PEM form.`);
}

async function secretAt(setting: string, name: string, secrets: Sources['secrets']): Promise<string> {
  return secrets.get(name).catch((error: unknown) => {
    throw new TemporalMisconfigured(`\`temporal.${setting}\`: ${errorText(error)}`);
  });
}
