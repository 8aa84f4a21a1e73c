import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { TestGateway } from './testing.ts';

const database = await testDatabase();
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describeWith(database)('the pages of the gateway', () => {
  let folder: string;
  let gateway: TestGateway;
  let bare: TestGateway;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-console-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><head><title>The console</title></head>');
    await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'run();');
    const run = {
      pattern: '/runs/:id',
      scripts: ['assets/run-3c4d.js'],
      asks: ['/me', '/runs/:id/journal?after=0'],
    };
    await writeFile(join(folder, 'pages.json'), JSON.stringify([run]));
    await writeFile(join(folder, 'secret.txt'), 'not an asset');
    const options = { database: database?.url ?? '', runbooks: [] };
    gateway = await TestGateway.start({ ...options, console: folder });
    bare = await TestGateway.start({ ...options, console: join(folder, 'nowhere') });
  });
  afterAll(async () => {
    await gateway.stop();
    await bare.stop();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['/', '/inbox', '/runs/r1', '/sign-in', '/runbooks/new-hire?tab=procedure'])(
    'are the console at %s, looked up anew each time',
    async (url) => {
      const response = await gateway.send({ url, headers: browser });
      expect([response.statusCode, response.payload]).toEqual([200, expect.stringContaining('The console')]);
      expect(response.headers).toMatchObject({
        'cache-control': 'no-cache',
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
      });
      const policy = String(response.headers['content-security-policy']).split('; ');
      expect(policy).toEqual(
        expect.arrayContaining([
          "default-src 'self'",
          "img-src 'self' data:",
          "style-src 'self' 'unsafe-inline'",
          "frame-ancestors 'none'",
        ]),
      );
    },
  );

  it('name what the page at this address needs, so that it is fetched beside the start', async () => {
    const linksAt = async (url: string) =>
      (await gateway.send({ url, headers: browser })).payload.match(/<link[^>]*>/g);
    expect(await linksAt('/runs/r1?view=all')).toEqual([
      '<link rel="modulepreload" crossorigin href="/assets/run-3c4d.js">',
      '<link rel="preload" as="fetch" crossorigin href="/api/v1/me">',
      '<link rel="preload" as="fetch" crossorigin href="/api/v1/runs/r1/journal?after=0">',
    ]);
    expect(await linksAt('/overview')).toBeNull();
    // What stands in an address stays one part of the one it is put into.
    const odd = (await linksAt(`/runs/${encodeURIComponent('"><b>/../x?y')}`))?.at(-1);
    expect(odd).toBe(
      '<link rel="preload" as="fetch" crossorigin href="/api/v1/runs/%22%3E%3Cb%3E%2F..%2Fx%3Fy/journal?after=0">',
    );
  });

  it('have assets that browsers keep for good', async () => {
    const response = await gateway.send({ url: '/assets/main-1a2b.js' });
    expect([response.statusCode, response.payload]).toEqual([200, 'run();']);
    expect(response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(response.headers['content-type']).toMatch(/javascript/);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
  });

  it.each([
    '/assets/gone.js',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/assets/..%2fsecret.txt',
  ])('give nothing else away (%s)', async (url) => {
    const response = await gateway.send({ url });
    expect(response.statusCode).toBe(404);
    expect(response.payload).not.toContain('not an asset');
  });

  it.each(['/api/v1/nothing', '/hooks/nothing', '/health/nothing', '/assets/nothing'])(
    'are none where programs ask (%s)',
    async (url) => {
      const response = await gateway.send({ url, headers: browser });
      expect(response.statusCode).toBe(404);
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    },
  );

  it('are problems for programs that ask for no page', async () => {
    expect((await gateway.send({ url: '/inbox' })).statusCode).toBe(404);
    expect((await gateway.send({ method: 'POST', url: '/inbox', headers: browser })).statusCode).toBe(404);
  });

  it('say how to build the console when it is not there', async () => {
    const response = await bare.send({ url: '/', headers: browser });
    expect(response.statusCode).toBe(503);
    expect(response.payload).toContain('npm run build');
    expect(response.headers['content-security-policy']).toContain("default-src 'self'");
  });

  it('are not shown under another name', async () => {
    const response = await gateway.send({ url: '/', headers: { ...browser, host: 'evil.example' } });
    expect(response.statusCode).toBe(403);
  });
});
