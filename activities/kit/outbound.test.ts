import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlockList, isIP } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isWithin, parseAddress, parseNetwork } from '../../compiler/configuration/ip-networks.ts';
import { PermanentFailure } from './failures.ts';
import { isPublic, Outbound, type Resolve } from './outbound.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A service on one of this machine's own addresses. Resolves to its port. */
async function service(host: string, port = 0): Promise<number> {
  const server = createServer((_request, response) => response.end(`from ${host}`));
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

const pointingTo =
  (...answers: string[][]): Resolve =>
  async () => {
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    return (addresses ?? []).map((address) => ({ address, family: isIP(address) }));
  };

async function ask(outbound: Outbound, url: string): Promise<string> {
  const { signal } = new AbortController();
  const { body } = await outbound.request(new URL(url), { method: 'GET', headers: {}, signal });
  return body.text();
}

const v4 = fc.ipV4();
const v6 = fc.ipV6();

describe('An address', () => {
  it('is read as the system reads it, or not at all', () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6, fc.string(), fc.stringMatching(/^[0-9a-f:.]{1,20}$/)), (text) => {
        expect(parseAddress(text)?.version ?? 0).toBe(isIP(text));
      }),
    );
  });

  it('lies in a network exactly when the system says so', () => {
    const list = (text: string, bits: number) => {
      const blocks = new BlockList();
      blocks.addSubnet(text, bits, text.includes(':') ? 'ipv6' : 'ipv4');
      return blocks;
    };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(v4, v4, fc.integer({ min: 1, max: 32 })),
          fc.tuple(v6, v6, fc.integer({ min: 1, max: 128 })),
        ),
        ([base, text, bits]) => {
          const network = parseAddress(base);
          const address = parseAddress(text);
          if (!network || !address) throw new Error(`${base} or ${text} is no address`);
          const known = list(base, bits).check(text, text.includes(':') ? 'ipv6' : 'ipv4');
          expect(isWithin(address, { ...network, bits })).toBe(known);
        },
      ),
    );
  });

  it('is private in whatever form it is written', () => {
    const privates = [
      ...['0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.255', '169.254.169.254'],
      ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
      ...['168.63.129.16', '192.0.0.192', '203.0.113.9', '::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254'],
      ...['ff02::1', '2001:db8::1', '2001::1', '2002:7f00:1::', 'fec0::1', '64:ff9b:1::1', '100::1'],
    ];
    for (const text of privates) expect([text, publicity(text)]).toEqual([text, false]);
    const publics = [
      '8.8.8.8',
      '100.63.255.255',
      '172.32.0.1',
      '193.0.0.1',
      '2606:4700::1111',
      '2a00:1450::1',
    ];
    for (const text of publics) expect([text, publicity(text)]).toEqual([text, true]);
  });

  it('of version 4 is no more public inside one of version 6', () => {
    fc.assert(
      fc.property(v4, (text) => {
        for (const carried of [`::ffff:${text}`, `64:ff9b::${text}`])
          expect(publicity(carried)).toBe(publicity(text));
        expect(publicity(`::${text}`)).toBe(false);
      }),
    );
  });

  it('of a private network is refused, whichever it is', () => {
    const inside = fc.constantFrom(
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '127.0.0.0/8',
      '169.254.0.0/16',
    );
    fc.assert(
      fc.property(inside, fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), (text, random) => {
        const network = parseNetwork(text);
        if (!network) throw new Error(text);
        const value = network.value | (random & ((1n << BigInt(32 - network.bits)) - 1n));
        expect(isPublic({ version: 4, value })).toBe(false);
      }),
    );
  });
});

function publicity(text: string): boolean {
  const address = parseAddress(text);
  if (!address) throw new Error(`${text} is no address`);
  return isPublic(address);
}

describe('The outbound rules', () => {
  const refused = (outbound: Outbound, url: string) => {
    try {
      outbound.check(new URL(url));
      return undefined;
    } catch (error) {
      if (error instanceof PermanentFailure) return error.message;
      throw error;
    }
  };

  it('allow nothing that is not named', () => {
    expect(refused(new Outbound(), 'https://api.example.com/')).toBe(
      'api.example.com may not be reached: it is not under outbound: allow: in countersign.yaml. No host is allowed yet.',
    );
    const some = new Outbound({
      allow: ['api.example.com', '*.example.org', 'api.example.net:8443', 'b.example.net:443'],
    });
    for (const url of [
      'https://api.example.com/x',
      'https://API.example.com./x',
      'https://a.example.org',
      'https://a.b.example.org',
      'https://api.example.net:8443',
      'https://b.example.net',
    ])
      expect([url, refused(some, url)]).toEqual([url, undefined]);
    for (const url of [
      'https://api.example.com:8443',
      'https://api.example.net',
      'https://example.org',
      'https://badexample.org',
      'https://api.example.com.example',
      'https://xapi.example.com',
    ])
      expect(refused(some, url)).toContain('may not be reached: it is not under outbound: allow:');
    expect(refused(some, 'https://x.example')).toContain(
      'Allowed are: api.example.com, *.example.org, api.example.net:8443, b.example.net:443.',
    );
  });

  it('want https, and no credentials and no other protocol in an address', () => {
    const outbound = new Outbound({ allow: ['api.example.com'] });
    expect(refused(outbound, 'http://api.example.com')).toContain('must be called with https://');
    expect(refused(outbound, 'ftp://api.example.com')).toContain('is no web address');
    expect(refused(outbound, 'https://kim:pass@api.example.com')).toContain('Put them into a header');
  });

  it('refuse a private address in every form a web address can have it', () => {
    const forms = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '169.254.169.254',
    ];
    for (const form of forms) {
      const url = new URL(`https://${form}/`);
      const outbound = new Outbound({ allow: [url.host] });
      expect(refused(outbound, url.href)).toContain('is a private address, which may not be reached');
    }
  });

  it('let a private address through where its network or its host is named, also without https', async () => {
    const port = await service('127.0.0.1');
    const resolve = pointingTo(['127.0.0.1']);
    const allow = [`fw.example.com:${port}`, `127.0.0.1:${port}`];
    for (const named of ['127.0.0.0/8', '127.0.0.1', 'fw.example.com', '*.example.com']) {
      const outbound = new Outbound({ allow, privateNetworks: [named] }, resolve);
      expect(await ask(outbound, `http://fw.example.com:${port}/`)).toBe('from 127.0.0.1');
    }
    const other = new Outbound({ allow, privateNetworks: ['10.0.0.0/8', 'other.example.com'] }, resolve);
    await expect(ask(other, `http://fw.example.com:${port}/`)).rejects.toThrow(
      'fw.example.com has the private address 127.0.0.1, which may not be reached',
    );
  });

  it('refuse a name that points to a private address, before anything is connected', async () => {
    let connections = 0;
    const port = await service('127.0.0.1');
    servers[0]?.on('connection', () => connections++);
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1']]) {
      const outbound = new Outbound({ allow: [`api.example.com:${port}`] }, pointingTo(addresses));
      const asked = ask(outbound, `https://api.example.com:${port}/`);
      await expect(asked).rejects.toBeInstanceOf(PermanentFailure);
    }
    expect(connections).toBe(0);
  });

  it('go to exactly the address that was checked, when the name points elsewhere a moment later', async () => {
    const port = await service('127.0.0.2');
    await service('127.0.0.1', port);
    let lookups = 0;
    const answers = pointingTo(['127.0.0.2'], ['127.0.0.1']);
    const resolve: Resolve = (host) => {
      lookups++;
      return answers(host);
    };
    const allow = [`api.example.com:${port}`];
    const outbound = new Outbound({ allow, privateNetworks: ['127.0.0.2'] }, resolve);
    const url = `http://api.example.com:${port}/`;
    expect(await ask(outbound, url)).toBe('from 127.0.0.2');
    expect(lookups).toBe(1);
    // The next request looks again, and is refused.
    await expect(ask(outbound, url)).rejects.toThrow('has the private address 127.0.0.1');
    expect(lookups).toBe(2);
  });

  it('say that a name without an address is unknown', async () => {
    const outbound = new Outbound({ allow: ['api.example.com'] }, pointingTo([]));
    await expect(ask(outbound, 'https://api.example.com/')).rejects.toThrow('api.example.com has no address');
  });

  it('may hold a public address to https, where only a private network may do without', async () => {
    const outbound = new Outbound(
      { allow: ['api.example.com'], privateNetworks: ['10.0.0.0/8'] },
      pointingTo(['8.8.8.8']),
    );
    await expect(ask(outbound, 'http://api.example.com/')).rejects.toThrow('must be called with https://');
  });
});
