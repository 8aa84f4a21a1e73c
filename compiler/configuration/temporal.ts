/** `temporal` of the configuration: the cluster, and how this installation proves to it who it is. */
import type { JsonSchema } from '../../plan/plan.ts';
import { badTemporal } from '../diagnostics/registry/configuration.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { childOf, type Node, textOf } from '../source/tree.ts';

export interface TemporalSettings {
  /** `host:port` of its frontend. */
  address?: string;
  namespace?: string;
  /** `true`: with the certificates that this machine trusts. */
  tls?: boolean | TemporalTls;
  apiKey?: { $secret: string };
  versioning?: TemporalVersioning;
}

/** Temporal sends a run's tasks to workers of one build alone, and it is an operator who says which build new runs go to. */
export interface TemporalVersioning {
  /** What Temporal calls the workers of this installation. */
  deployment?: string;
  /** `pinned`: a run ends with the build it began with. `auto-upgrade`: it goes over to the current one. */
  runs: 'pinned' | 'auto-upgrade';
}

export interface TemporalTls {
  /** File of the authority that signed the server's certificate, PEM. Paths are relative to the configuration. */
  ca?: string;
  /** File of this installation's certificate, PEM. */
  certificate?: string;
  privateKey?: { $secret: string };
  serverName?: string;
}

const text = (description: string): JsonSchema => ({ type: 'string', description });

export const temporalSchema: JsonSchema = {
  type: 'object',
  description: 'The Temporal cluster.',
  properties: {
    address: text('Host and port of its frontend, such as temporal.example.com:7233.'),
    namespace: text('Its namespace; `countersign` unless this says otherwise.'),
    tls: {
      description: 'How the connection is protected. `true` takes the authorities that this machine trusts.',
      anyOf: [
        { type: 'boolean' },
        {
          type: 'object',
          properties: {
            ca: text('File with the authority that signed the server’s certificate (PEM).'),
            certificate: text('File with the certificate of this installation (PEM).'),
            privateKey: text('The secret with the private key of that certificate (PEM).'),
            serverName: text(
              'The name in the server’s certificate, where it is not the host of the address.',
            ),
          },
          additionalProperties: false,
        },
      ],
    },
    apiKey: text('The secret with the API key, as Temporal Cloud gives it.'),
    versioning: {
      type: 'object',
      description:
        'Workers tell Temporal which build they are, and are sent runs of that build alone. Somebody must then name the current build at each deployment (docs/temporal.md).',
      properties: {
        deployment: {
          type: 'string',
          pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$',
          description:
            'What Temporal calls the workers of this installation; `countersign` unless this says otherwise.',
        },
        runs: {
          enum: ['pinned', 'auto-upgrade'],
          description:
            '`pinned`: a run ends with the build it began with, whose workers must stay until then. `auto-upgrade`: it goes over to the current build.',
        },
      },
      required: ['runs'],
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

/** What the schema cannot say. */
export function checkTemporal(node: Node | undefined, reporter: Reporter): void {
  const report = (at: Node, what: string) => reporter.report(badTemporal, at, { what });
  const address = childOf(node, 'address');
  const host = textOf(address);
  const tls = childOf(node, 'tls');
  const encrypted = tls !== undefined && !(tls.kind === 'scalar' && tls.value === false);
  if (address && host !== undefined) {
    const problem = addressProblem(host);
    if (problem) report(address, `\`address\` ${problem}`);
    else if (!encrypted && !isThisMachine(host))
      report(
        tls ?? address,
        '`address` is another machine, so it needs `tls`: `tls: true`, or the certificates.',
      );
  }
  const apiKey = childOf(node, 'apiKey');
  if (apiKey && !encrypted) report(apiKey, '`apiKey` needs `tls`, since it would travel in the clear.');
  const [certificate, privateKey] = [childOf(tls, 'certificate'), childOf(tls, 'privateKey')];
  if (certificate && !privateKey) report(certificate, '`certificate` needs its `privateKey`.');
  if (privateKey && !certificate) report(privateKey, '`privateKey` needs its `certificate`.');
}

function addressProblem(value: string): string | undefined {
  if (/^[a-z+]+:\/\//i.test(value)) return 'is host and port alone, without what stands before ://.';
  if (!/^(\[[0-9a-f:]+\]|[^\s:/?#@]+):\d{1,5}$/i.test(value))
    return 'is host and port, such as temporal.example.com:7233.';
  return undefined;
}

/** Whether a connection to `host:port` stays on the machine. */
export function isThisMachine(address: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]):/.test(address);
}
