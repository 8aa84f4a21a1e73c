/**
 * What actions may reach whose address comes from a runbook: only hosts that the configuration allows, and no private
 * address unless it is named there. A name is looked up once, by the connection itself, and the connection goes to the
 * address that was checked: a name that points elsewhere a moment later (DNS rebinding) gains nothing.
 */

import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import {
  type Address,
  isWithin,
  lastV4Of,
  type Network,
  parseAddress,
  parseNetwork,
} from '../../compiler/configuration/ip-networks.ts';
import {
  type HostPattern,
  type OutboundRules,
  readHostPattern,
  readPrivateNetwork,
  type Unreadable,
} from '../../compiler/configuration/outbound.ts';
import { defined } from '../../plan/defined.ts';
import { PermanentFailure } from './failures.ts';

/** All addresses of a host, as `dns.lookup` gives them. */
export type Resolve = (host: string) => Promise<{ address: string; family: number }[]>;

export interface OutboundRequest {
  method: Dispatcher.HttpMethod;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  /** All who may have signed the certificate, unless it is the well-known. */
  ca?: string[];
}

const connectTimeoutMs = 10_000;

export class Outbound {
  private readonly allow: HostPattern[] = [];
  private readonly networks: Network[] = [];
  private readonly hosts: HostPattern[] = [];
  private readonly resolve: Resolve;
  private readonly agents: { protocol: string; ca: string[] | undefined; agent: Agent }[] = [];

  /** Throws when a rule cannot be read, which the compiler has told of already. */
  constructor(rules: OutboundRules = {}, resolve: Resolve = (host) => lookup(host, { all: true })) {
    for (const text of rules.allow ?? []) this.allow.push(readable('allow', text, readHostPattern(text)));
    for (const text of rules.privateNetworks ?? []) {
      const item = readable('privateNetworks', text, readPrivateNetwork(text));
      if ('bits' in item) this.networks.push(item);
      else this.hosts.push(item);
    }
    this.resolve = resolve;
  }

  /** Throws when this address may not be reached, as far as one can tell without looking its host up. */
  check(url: URL): void {
    const protocol = protocolOf(url);
    if (url.username || url.password)
      throw new PermanentFailure(
        `The address of ${url.host} has credentials in it. Put them into a header, as \`\${{ secrets.NAME }}\`.`,
      );
    const host = hostOf(url);
    if (!this.allow.some((pattern) => matches(pattern, host) && fitsPort(pattern, url)))
      throw notAllowed(url, this.allow);
    const address = parseAddress(host);
    if (address) this.checkAddresses(host, [host], protocol);
    else if (protocol === 'http:' && this.networks.length === 0 && !this.isNamed(host)) throw notSecure(host);
  }

  /** One request over a connection of its own. Redirects are answers like others: following one would need its own check. */
  async request(url: URL, { body, ca, ...options }: OutboundRequest): Promise<Dispatcher.ResponseData> {
    this.check(url);
    const dispatcher = this.agentFor(protocolOf(url), ca);
    return request(url, { ...options, dispatcher, ...defined({ body }) });
  }

  /** One for each protocol and set of authorities, which is one list for the life of a connector. */
  private agentFor(protocol: 'https:' | 'http:', ca?: string[]): Agent {
    const known = this.agents.find((each) => each.protocol === protocol && each.ca === ca);
    if (known) return known.agent;
    const agent = new Agent({
      // No connection is used twice, so that each request's address is checked.
      pipelining: 0,
      connect: { lookup: this.lookupFor(protocol), timeout: connectTimeoutMs, ...defined({ ca }) },
    });
    this.agents.push({ protocol, ca, agent });
    return agent;
  }

  private lookupFor(protocol: string): LookupFunction {
    return (host, { all }, done) => {
      const found = this.resolve(host).then((addresses) => {
        this.checkAddresses(
          host,
          addresses.map(({ address }) => address),
          protocol,
        );
        return addresses;
      });
      found.then(
        (addresses) => {
          const [first] = addresses;
          if (!first) done(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), []);
          else if (all) done(null, addresses);
          else done(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => done(error, []),
      );
    };
  }

  /** One address that may not be reached refuses them all: which one the connection takes is left to chance. */
  private checkAddresses(host: string, addresses: string[], protocol: string): void {
    if (this.isNamed(host)) return;
    for (const text of addresses) {
      const address = parseAddress(text);
      if (address && this.networks.some((network) => isWithin(address, network))) continue;
      if (!address || !isPublic(address)) throw notPublic(host, text);
      if (protocol === 'http:') throw notSecure(host);
    }
  }

  private isNamed(host: string): boolean {
    return this.hosts.some((pattern) => matches(pattern, host));
  }
}

function readable<T extends object>(key: string, text: string, found: T): Exclude<T, Unreadable> {
  if ('problem' in found)
    throw new Error(`"${text}" under outbound: ${key}: in countersign.yaml cannot be read: ${found.problem}`);
  return found as Exclude<T, Unreadable>;
}

function protocolOf(url: URL): 'https:' | 'http:' {
  if (url.protocol === 'https:' || url.protocol === 'http:') return url.protocol;
  throw new PermanentFailure(`${url.protocol}//${url.host} is no web address: it must begin with https://.`);
}

/** As patterns write it: without brackets, and without the dot that may end a full name. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function matches({ host: wanted, below }: HostPattern, host: string): boolean {
  return below ? host.endsWith(`.${wanted}`) : sameHost(host, wanted);
}

/** Of a URL the port is empty when it is the usual one of the protocol. */
function fitsPort({ port }: HostPattern, url: URL): boolean {
  if (port === undefined) return url.port === '';
  return port === Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}

/** An IPv6 address can be written in many ways. */
function sameHost(a: string, b: string): boolean {
  return a === b || (a.includes(':') && parseAddress(a)?.value === parseAddress(b)?.value);
}

function notAllowed(url: URL, allow: HostPattern[]): PermanentFailure {
  const known = allow.map(({ host, below, port }) => `${below ? '*.' : ''}${host}${port ? `:${port}` : ''}`);
  const which = known.length > 0 ? `Allowed are: ${known.join(', ')}.` : 'No host is allowed yet.';
  return new PermanentFailure(
    `${url.host} may not be reached: it is not under outbound: allow: in countersign.yaml. ${which}`,
  );
}

function notPublic(host: string, address: string): PermanentFailure {
  const where =
    host === address ? `${host} is a private address` : `${host} has the private address ${address}`;
  return new PermanentFailure(
    `${where}, which may not be reached unless it, its network or its host is under outbound: privateNetworks: in countersign.yaml.`,
  );
}

function notSecure(host: string): PermanentFailure {
  return new PermanentFailure(
    `${host} must be called with https://. Only what is under outbound: privateNetworks: in countersign.yaml may do without.`,
  );
}

const networks = (...texts: string[]): Network[] =>
  texts.map((text) => {
    const network = parseNetwork(text);
    if (!network) throw new Error(`${text} is no network.`);
    return network;
  });

/** IANA IPv4 Special-Purpose Address Registry, and multicast. */
const special4 = networks(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure's platform, which answers on every virtual machine there, as 169.254.169.254 does.
  '168.63.129.16/32',
);

/** IANA IPv6 Special-Purpose Address Registry: what lies in the global range and is not globally reachable. */
const special6 = networks('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20');
const global6 = networks('2000::/3');
/** IPv4 addresses in IPv6's clothes: mapped (RFC 4291) and translated (RFC 6052). */
const carriers6 = networks('::ffff:0:0/96', '64:ff9b::/96');

/** Whether an address is one of the open internet. Exported for its test. */
export function isPublic(address: Address): boolean {
  const isIn = (list: Network[]) => list.some((network) => isWithin(address, network));
  if (address.version === 4) return !isIn(special4);
  if (isIn(carriers6)) return isPublic(lastV4Of(address));
  return isIn(global6) && !isIn(special6);
}
