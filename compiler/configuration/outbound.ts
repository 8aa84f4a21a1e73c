/** `outbound:` of the configuration: which hosts actions may call, in the forms that its items can have. */
import { defined } from '../../plan/defined.ts';
import { type Network, parseAddress, parseNetwork } from './ip-networks.ts';

export interface OutboundRules {
  /** Hosts, as `HostPattern` reads them. Without a match nothing is reached. */
  allow?: string[];
  /** Networks and hosts that may be reached although they are private. They must be under `allow` too. */
  privateNetworks?: string[];
}

export interface HostPattern {
  /** In small letters; IPv6 without brackets. */
  host: string;
  /** The host is a domain, and what is meant is everything below it: `*.example.com`. */
  below: boolean;
  /** The usual one of the protocol unless said. */
  port?: number;
}

/** Why an item cannot be read, and what to write instead where that is clear. */
export interface Unreadable {
  problem: string;
  suggestion?: string;
}

/** `api.example.com`, `*.example.com`, `api.example.com:8443`, `10.1.2.3`, `[fd00::1]:8443`. */
export function readHostPattern(text: string): HostPattern | Unreadable {
  if (text.includes('/')) {
    const host = /^(?:[a-z]+:\/\/)?([^/]+)/i.exec(text)?.[1];
    return {
      problem: 'a host stands here, without `https://` and without a path.',
      ...defined({ suggestion: host || undefined }),
    };
  }
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  if (bracketed === undefined && plain === undefined)
    return parseAddress(text)
      ? { problem: 'an IPv6 address needs brackets.', suggestion: `[${text}]` }
      : {
          problem: 'write a host such as api.example.com, with a port if it needs one: api.example.com:8443.',
        };
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535))
    return { problem: 'a port is a number from 1 to 65535.' };
  const given = (bracketed ?? plain ?? '').toLowerCase();
  const below = given.startsWith('*.');
  const host = below ? given.slice(2) : given;
  const problem = bracketed === undefined ? problemOfName(host, below) : problemOfV6(host);
  return problem ? { problem } : { host, below, ...defined({ port }) };
}

/** `10.20.0.0/16`, `fd00::/8`, one address, or a host without a port. */
export function readPrivateNetwork(text: string): Network | HostPattern | Unreadable {
  const network = parseNetwork(text);
  if (network) return network;
  if (/^[\da-f.:]+\/\d+$/i.test(text))
    return {
      problem:
        'a network is an address and a length such as 10.20.0.0/16, and nothing may stand in the address after that length.',
    };
  const pattern = readHostPattern(text);
  if ('host' in pattern && pattern.port !== undefined)
    return { problem: 'a network or a host stands here, without a port.', suggestion: pattern.host };
  return pattern;
}

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

function problemOfName(host: string, below: boolean): string | undefined {
  if (host.includes('*')) return 'a star can only stand for what comes before a domain, as in *.example.com.';
  const labels = host.split('.');
  if (labels.every((part) => label.test(part))) {
    if (below && labels.length < 2)
      return 'that would be nearly everything; name the domain, as in *.example.com.';
    // What a browser reads as a number is an address, and has to be written as one.
    const isNumber = /^(\d+|0x[\da-f]*)$/.test(labels.at(-1) ?? '');
    if (isNumber && (below || !parseAddress(host)))
      return 'it is neither a name nor an address; an address has four numbers, as in 10.1.2.3.';
    return undefined;
  }
  return /^[\x20-\x7e]*$/.test(host)
    ? 'it is no host name.'
    : 'write the host in its form for machines, which begins with xn--.';
}

function problemOfV6(host: string): string | undefined {
  return host.includes(':') && parseAddress(host) ? undefined : 'between brackets stands an IPv6 address.';
}
