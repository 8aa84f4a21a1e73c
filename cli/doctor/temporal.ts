/** Temporal: address, TLS, API key, namespace and retention. No search attribute is needed. */

import { isIP } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { Connection } from '@temporalio/client';
import { faultOfSetting } from '../../activities/kit/reach.ts';
import {
  type TemporalAccess,
  TemporalMisconfigured,
  temporalAccess,
} from '../../activities/kit/temporal-access.ts';
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import { rememberedAddress } from '../../processes/temporal/provision.ts';
import type { Secrets } from '../../vault/secrets.ts';
import { type Finding, oneLine } from './finding.ts';

const connectMs = 6_000;
/** A run that ended is compared with Temporal's history of it, and an incident is looked into days later. */
const leastRetentionDays = 7;

interface Around {
  configuration: Configuration;
  path: string;
  data: string;
  secrets: Secrets;
}

export async function lookAtTemporal(around: Around): Promise<Omit<Finding, 'part'>> {
  const access = await accessOf(around);
  if ('state' in access) return access;
  const { namespace, connection: settings } = access;
  const fault = settings.tls && (await faultOfTls(settings));
  if (fault) return { state: 'problem', says: fault };
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...settings, connectTimeout: connectMs });
  } catch (error) {
    return failureOf(error, access);
  }
  try {
    const { config } = await connection.withDeadline(Date.now() + connectMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400;
    if (days > 0 && days < leastRetentionDays)
      return {
        state: 'problem',
        says: `The namespace ${namespace} at ${settings.address} forgets a run ${days} days after its end, before anybody can look into it. Give it ${leastRetentionDays} or more: temporal operator namespace update --retention 365d ${namespace}`,
      };
    const kept = days > 0 ? `, which keeps a run for ${Math.round(days)} days after its end` : '';
    return { state: 'ok', says: `${settings.address} answers, with the namespace ${namespace}${kept}` };
  } catch (error) {
    return failureOf(error, access);
  } finally {
    await connection.close();
  }
}

/** As gateway and worker have it, else the server that `countersign dev` keeps over the data folder. */
async function accessOf({ configuration, path, data, secrets }: Around) {
  const { temporal } = configuration;
  const address = temporal.address ?? (await rememberedAddress(data));
  if (!address && !process.env.TEMPORAL_ADDRESS)
    return {
      state: 'unchecked' as const,
      says: 'No server is named. `countersign dev` starts one of its own; a gateway and a worker need `temporal.address` in countersign.yaml.',
    };
  try {
    return await temporalAccess({
      configuration: { temporal: { ...temporal, ...defined({ address }) } },
      path,
      secrets,
    });
  } catch (error) {
    if (!(error instanceof TemporalMisconfigured)) throw error;
    return { state: 'problem' as const, says: error.message };
  }
}

/** gRPC tells of a certificate that is not believed as of a server that is away, so that TLS is tried by itself first. */
function faultOfTls({ address, tls }: TemporalAccess['connection']): Promise<string | undefined> {
  const { hostname, port } = new URL(`grpc://${address}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const { serverNameOverride, serverRootCACertificate: ca, clientCertPair } = tls ?? {};
  const options: ConnectionOptions = {
    host,
    port: Number(port),
    ALPNProtocols: ['h2'],
    timeout: connectMs,
    ...defined({
      // RFC 6066 knows names alone.
      servername: serverNameOverride ?? (isIP(host) === 0 ? host : undefined),
      ca,
      cert: clientCertPair?.crt,
      key: clientCertPair?.key,
    }),
  };
  return new Promise((resolve) => {
    const target = {
      service: 'Temporal',
      url: new URL(`https://${address}`),
      setting: '`temporal` in countersign.yaml',
      trust: '`temporal.tls.ca` in countersign.yaml',
    };
    const ended = (error?: unknown) => {
      socket.destroy();
      resolve(error === undefined ? undefined : faultOfSetting(target, error));
    };
    const socket = connect(options, () => ended());
    socket.once('error', ended);
    socket.once('timeout', () => ended());
  });
}

/** By the status codes of gRPC. */
function failureOf(error: unknown, { namespace, connection }: TemporalAccess): Omit<Finding, 'part'> {
  const { code } = error as { code?: number };
  const { address } = connection;
  const text = oneLine(errorText(error).split('\n')[0] ?? '');
  switch (code) {
    case 5:
      return {
        state: 'problem',
        says: `${address} has no namespace ${namespace}. Make it: temporal operator namespace create --retention 365d ${namespace}`,
      };
    case 7:
    case 16:
      return {
        state: 'problem',
        says: `${address} does not let this installation use the namespace ${namespace} (${text}). Check \`temporal.apiKey\` or the certificate in countersign.yaml, and their permissions there.`,
      };
    default:
      return {
        state: 'away',
        says: `${address} does not answer (${text}). Check \`temporal.address\` in countersign.yaml, and what is between here and there.`,
      };
  }
}
