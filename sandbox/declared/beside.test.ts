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

async function exchange(CmdletName: string, Parameters: Record<string, unknown>): Promise<Response> {
  const { authority, tenant, clientId, clientSecret } = settings('entra');
  const signIn = await fetch(`${authority}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: clientId ?? '',
      client_secret: clientSecret ?? '',
      grant_type: 'client_credentials',
      scope: 'https://outlook.office365.com/.default',
    }),
  });
  const { access_token } = (await signIn.json()) as { access_token: string };
  return fetch(`${settings('exchange').exchangeUrl}/adminapi/beta/${tenant}/InvokeCommand`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${access_token}`,
      'content-type': 'application/json',
      'x-anchormailbox': 'UPN:somebody@example.com',
    },
    body: JSON.stringify({ CmdletInput: { CmdletName, Parameters } }),
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

  it('is absent in the words of the declared one, which alone plays such a request', async () => {
    const answer = await exchange('Get-DistributionGroup', { Identity: 'nobody@example.com' });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('ManagementObjectNotFoundException');
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

  it('is known to the programmed one’s other requests: a channel that was made takes a message and shows it', async () => {
    const { baseUrl, botToken } = settings('slack');
    const headers = { authorization: `Bearer ${botToken}` };
    const ask = async (path: string, fields?: Record<string, string>) => {
      const init = fields ? { method: 'POST', headers, body: new URLSearchParams(fields) } : { headers };
      return (await fetch(`${baseUrl}/${path}`, init)).json() as Promise<Record<string, unknown>>;
    };
    const { channel } = await ask('conversations.create', { name: 'inc-7', is_private: 'false' });
    const { id } = channel as { id: string };
    expect(await ask(`conversations.history?channel=${id}&oldest=0&limit=10`)).toMatchObject({
      messages: [],
    });
    const blocks = JSON.stringify([
      { type: 'section', block_id: 'k', text: { type: 'mrkdwn', text: 'Hello' } },
    ]);
    expect(await ask('chat.postMessage', { channel: id, text: 'Hello', blocks })).toMatchObject({
      ok: true,
      channel: id,
    });
    expect(await ask(`conversations.history?channel=${id}&oldest=0&limit=10`)).toMatchObject({
      messages: [{ text: 'Hello', blocks: [{ block_id: 'k' }] }],
    });
  });
});

describe('The directory', () => {
  it('finds who has a licence and who has not signed in', async () => {
    const found = async (filter: string) => {
      const query = new URLSearchParams({ $filter: filter, $select: 'userPrincipalName' });
      const answer = await graph(`/users?${query}`);
      const { value } = (await answer.json()) as { value: { userPrincipalName: string }[] };
      return value.map((each) => each.userPrincipalName);
    };
    const visio = '38b434d2-a15e-4cde-9a98-e737c75623e1';
    expect(await found(`assignedLicenses/any(l:l/skuId eq ${visio})`)).toEqual(['jo.nakamura@example.com']);
    expect(await found('signInActivity/lastSignInDateTime le 2025-12-01T00:00:00Z')).toContain(
      'jo.nakamura@example.com',
    );
  });

  it('has an account for a shared mailbox, with which nobody signs in', async () => {
    const made = await exchange('New-Mailbox', {
      Shared: true,
      Name: 'Orders',
      Alias: 'orders',
      PrimarySmtpAddress: 'orders@example.com',
    });
    expect(made.status).toBe(200);
    const account = await graph('/users/orders@example.com?$select=accountEnabled');
    expect(await account.json()).toMatchObject({ accountEnabled: false });
    const again = await exchange('Get-Mailbox', { Identity: 'orders@example.com' });
    expect(await again.json()).toMatchObject({ value: [{ RecipientTypeDetails: 'SharedMailbox' }] });
  });
});

it('leaves the settings of a connector in TypeScript as they are, where a declared one adds to it', () => {
  expect(settings('intune')).toEqual({});
  expect(settings('intune-declared').graphUrl).toContain('/declared/intune-declared');
});
