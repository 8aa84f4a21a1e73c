import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { TemporalSettings } from '../../compiler/configuration/temporal.ts';
import { packageRoot } from '../../store/package-root.ts';
import { describeWith, testTemporal } from '../../test/support/services.ts';
import { temporalAccess } from './temporal-access.ts';

const pem = (name: string) => readFileSync(join(packageRoot(), 'test', 'fixtures', 'tls', name));
const configurationPath = join(packageRoot(), 'test', 'fixtures', 'tls', 'countersign.yaml');
const secrets = {
  get: async (name: string) => {
    if (name === 'key') return pem('client.key').toString();
    if (name === 'token') return 'canary-api-key';
    throw new Error(`There is no secret "${name}".`);
  },
};
const access = (temporal: TemporalSettings) =>
  temporalAccess({ configuration: { temporal }, path: configurationPath, secrets });

const names = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_TLS'] as const;
const before = names.map((name) => [name, process.env[name]] as const);

beforeEach(() => {
  for (const name of names) delete process.env[name];
});

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const address = 'temporal.example.com:7233';
const certificates = {
  ca: 'ca.pem',
  certificate: 'client.pem',
  privateKey: { $secret: 'key' },
  serverName: 'server.example.com',
};

describe('Temporal is reached', () => {
  it('as the configuration says, unless the environment says where', async () => {
    expect(await access({ address: '127.0.0.1:7233' })).toEqual({
      namespace: 'countersign',
      connection: { address: '127.0.0.1:7233' },
    });
    process.env.TEMPORAL_ADDRESS = 'localhost:9999';
    process.env.TEMPORAL_NAMESPACE = 'other';
    expect(await access({ address, namespace: 'it' })).toEqual({
      namespace: 'other',
      connection: { address: 'localhost:9999' },
    });
  });

  it('with certificates from files and keys from secrets', async () => {
    const { connection } = await access({ address, tls: certificates, apiKey: { $secret: 'token' } });
    expect(connection).toEqual({
      address,
      apiKey: 'canary-api-key',
      tls: {
        serverNameOverride: 'server.example.com',
        serverRootCACertificate: pem('ca.pem'),
        clientCertPair: { crt: pem('client.pem'), key: pem('client.key') },
      },
    });
    expect((await access({ address, tls: true })).connection).toEqual({ address, tls: {} });
  });

  it('on another machine never in the clear, whatever the environment says', async () => {
    await expect(access({ address })).rejects.toThrow(/needs TLS: set `temporal.tls`/);
    await expect(access({ address, tls: false })).rejects.toThrow(/needs TLS/);
    process.env.TEMPORAL_TLS = 'off';
    await expect(access({ address, tls: true })).rejects.toThrow(
      /TEMPORAL_TLS=off is for a server on this machine/,
    );
    process.env.TEMPORAL_ADDRESS = '127.0.0.1:7233';
    expect((await access({ address, tls: true, apiKey: { $secret: 'token' } })).connection).toEqual({
      address: '127.0.0.1:7233',
    });
  });

  it('not at all by settings that cannot be used, and each is named', async () => {
    await expect(access({})).rejects.toThrow(/No Temporal server is known/);
    await expect(access({ address, tls: { ca: 'none.pem' } })).rejects.toThrow(
      /`temporal.tls.ca`: .*none.pem cannot be read/,
    );
    const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
    writeFileSync(join(folder, 'odd.pem'), 'odd');
    await expect(access({ address, tls: { ca: join(folder, 'odd.pem') } })).rejects.toThrow(
      /no certificate in PEM form/,
    );
    await expect(access({ address, tls: true, apiKey: { $secret: 'gone' } })).rejects.toThrow(
      /`temporal.apiKey`: There is no secret "gone"/,
    );
  });
});

const temporal = await testTemporal();

describeWith(temporal)('A cluster that asks for a certificate', () => {
  let proxy: Server;
  let port: number;

  beforeAll(async () => {
    const [host = '', to = ''] = (temporal?.address ?? '').split(':');
    const options = {
      key: pem('server.key'),
      cert: pem('server.pem'),
      ca: pem('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
    };
    proxy = createServer(options, (socket) => {
      const upstream = connect(Number(to), host);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    port = (proxy.address() as AddressInfo).port;
  });

  afterAll(() => {
    proxy.close();
  });

  it('lets gateway and worker in with ours, and nobody without', async () => {
    const { connection } = await access({ address: `127.0.0.1:${port}`, tls: certificates });
    const client = await Connection.connect(connection);
    await client.workflowService.getSystemInfo({});
    await client.close();
    const native = await NativeConnection.connect(connection);
    await native.close();
    const { certificate: _, privateKey: __, ...without } = certificates;
    const stranger = await access({ address: `127.0.0.1:${port}`, tls: without });
    await expect(Connection.connect({ ...stranger.connection, connectTimeout: 2_000 })).rejects.toThrow();
    await expect(
      Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: 2_000 }),
    ).rejects.toThrow();
  }, 60_000);
});
