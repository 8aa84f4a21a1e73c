import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { selfSigned } from '../../test/support/certificate.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

describeWith(database)('A provider over TLS', () => {
  let provider: Server;
  let folder: string;
  let address: string;
  beforeAll(async () => {
    const { certificate, key } = selfSigned();
    folder = mkdtempSync(join(tmpdir(), 'countersign-sign-in-'));
    writeFileSync(join(folder, 'ca.pem'), certificate);
    provider = createServer({ cert: certificate, key }, (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ issuer: address, authorization_endpoint: `${address}/auth` }));
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    address = `https://localhost:${(provider.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    provider.closeAllConnections();
    provider.close();
    rmSync(folder, { recursive: true });
    await database?.drop();
  });

  /** What somebody meets who begins to sign in. */
  const begun = async (more = '') => {
    const gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [],
      folder,
      configuration: `signIn:
  oidc:
    issuer: ${address}
    clientId: countersign
    clientSecret: "\${{ secrets.token }}"
${more}`,
    });
    const { statusCode, headers, payload } = await gateway.send({
      url: '/sign-in/oidc',
      headers: { accept: 'text/html' },
    });
    await gateway.stop();
    return { status: statusCode, to: headers.location, payload };
  };

  it('whose certificate nobody known has signed is a fault of the configuration, which names the setting', async () => {
    const { status, payload } = await begun();
    expect(status).toBe(502);
    expect(payload).toContain('is signed by nobody who is known here');
    expect(payload).toContain('name that under signIn.oidc.ca in countersign.yaml');
  });

  it('is reached when its own authority is named', async () => {
    expect(await begun('    ca: { file: ca.pem }\n')).toMatchObject({
      status: 302,
      to: expect.stringContaining(`${address}/auth?`),
    });
  });

  it('whose authority cannot be read is told as that', async () => {
    expect(await begun('    ca: { secret: "${{ secrets.token }}" }\n')).toMatchObject({
      status: 502,
      payload: expect.stringContaining('signIn.oidc.ca in countersign.yaml holds no certificate'),
    });
    expect(await begun('    ca: { file: nowhere.pem }\n')).toMatchObject({
      status: 502,
      payload: expect.stringContaining('The file of signIn.oidc.ca in countersign.yaml cannot be read'),
    });
  });
});
