import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defined } from '../../plan/defined.ts';
import { type Sandbox, startSandbox } from '../start.ts';
import { token } from './routes.ts';

let folder: string;
let sandbox: Sandbox;
const start = async () => {
  sandbox = await startSandbox({ journalFile: join(folder, 'effects.jsonl') });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firewall-'));
  await start();
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

async function ask(method: string, path: string, body?: unknown, bearer = token) {
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...defined({ 'content-type': body === undefined ? undefined : 'application/json' }),
    },
    ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

const rule = { source: 'vpn', destination: 'erp', port: 8443, protocol: 'tcp', action: 'allow' };
const effects = () => sandbox.effects.list({ system: 'firewall' }).map(({ effect }) => effect);

describe('The firewall stand-in', () => {
  it('sets a rule, counts a revision for each change, and takes the rule away once', async () => {
    expect(await ask('PUT', '/firewall/api/rules/erp', rule)).toEqual({
      status: 200,
      body: { revision: 2, rule: { name: 'erp', ...rule } },
    });
    expect((await ask('PUT', '/firewall/api/rules/erp', rule)).body.revision).toBe(2);
    expect((await ask('PUT', '/firewall/api/rules/erp', { ...rule, port: 443 })).body.revision).toBe(3);
    expect((await ask('DELETE', '/firewall/api/rules/erp')).status).toBe(204);
    expect((await ask('DELETE', '/firewall/api/rules/erp')).status).toBe(404);
    expect((await ask('GET', '/firewall/api/rules')).body).toMatchObject({ revision: 4 });
    expect(effects()).toEqual(['rule.set', 'rule.set', 'rule.removed']);
  });

  it('falls sick and gets well as people want it', async () => {
    const health = async () => (await ask('GET', '/firewall/api/health')).body;
    expect(await health()).toEqual({ healthy: true, revision: 1, detail: 'All interfaces are up.' });
    await ask('POST', '/_sandbox/firewall/health', { healthy: false });
    expect(await health()).toMatchObject({ healthy: false, revision: 1 });
    await ask('POST', '/_sandbox/firewall/health', { healthy: true });
    expect(await health()).toMatchObject({ healthy: true });
    expect((await ask('POST', '/_sandbox/firewall/health', {})).status).toBe(400);
  });

  it('refuses strangers and rules that make no sense', async () => {
    expect((await ask('GET', '/firewall/api/rules', undefined, 'other')).status).toBe(401);
    const wrong = [{ ...rule, port: 0 }, { ...rule, protocol: 'icmp' }, { ...rule, colour: 'red' }, {}];
    for (const body of wrong) expect((await ask('PUT', '/firewall/api/rules/erp', body)).status).toBe(422);
    expect((await ask('PUT', '/firewall/api/rules/ERP!', rule)).status).toBe(422);
    expect((await ask('GET', '/firewall/api/zones')).status).toBe(404);
    expect(effects()).toEqual([]);
  });

  it('is after a restart what it was before', async () => {
    await ask('PUT', '/firewall/api/rules/erp', rule);
    await ask('DELETE', '/firewall/api/rules/https-in');
    await ask('POST', '/_sandbox/firewall/health', { healthy: false });
    const before = await ask('GET', '/firewall/api/rules');
    await sandbox.close();
    await start();
    expect(await ask('GET', '/firewall/api/rules')).toEqual(before);
    expect((await ask('GET', '/firewall/api/health')).body).toMatchObject({ healthy: false, revision: 3 });
  });
});
