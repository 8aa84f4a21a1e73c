import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../start.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const settings = (name: string) => sandbox.connectors[name] as Record<string, string>;

async function graph(path: string, headers?: Record<string, string>): Promise<Response> {
  const { authority, tenant, clientId, clientSecret, graphUrl } = settings('entra');
  const signIn = await fetch(`${authority}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: clientId ?? '',
      client_secret: clientSecret ?? '',
      grant_type: 'client_credentials',
      scope: `${graphUrl}/.default`,
    }),
  });
  const { access_token } = (await signIn.json()) as { access_token: string };
  return fetch(`${graphUrl}/v1.0${path}`, {
    headers: headers ?? { authorization: `Bearer ${access_token}` },
  });
}

describe('What a programmed stand-in does not know', () => {
  it('is played at its address by the declared one of that system', async () => {
    const answer = await graph('/informationProtection/bitlocker/recoveryKeys/k2');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: 'k2' });
  });

  it('is refused by the declared one without a sign-in', async () => {
    expect((await graph('/informationProtection/bitlocker/recoveryKeys/k2', {})).status).toBe(401);
  });

  it('is refused in its own words when the declared one does not know it either', async () => {
    const answer = await graph('/nothing');
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringContaining("segment 'nothing'") },
    });
  });

  it('changes what the declared one holds, and is among its effects', async () => {
    const { baseUrl, botToken } = settings('slack');
    const answer = await fetch(`${baseUrl}/conversations.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${botToken}` },
      body: new URLSearchParams({ name: 'incident-7', is_private: 'false' }),
    });
    expect(await answer.json()).toMatchObject({ ok: true, channel: { name: 'incident-7' } });
    expect(sandbox.effects.list({ system: 'slack-declared' })).toHaveLength(1);
  });
});

it('leaves the settings of a connector in TypeScript as they are, where a declared one adds to it', () => {
  expect(settings('intune')).toEqual({});
  expect(settings('intune-declared').graphUrl).toContain('/declared/intune-declared');
});
