import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { entra } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(entra, sandbox.connectors.entra ?? {}, ['clientSecret']);
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const robin = 'robin.sato@example.com';
const count = (effect: string) => sandbox.effects.list({ effect }).length;

describe('Looking up a person', () => {
  it('finds them by sign-in name or id, with their manager', async () => {
    const found = await attempts.call('entra.getUser', { user: robin });
    expect(found).toMatchObject({ displayName: 'Robin Sato', accountEnabled: true, mail: robin });
    expect(found.manager).toMatchObject({ userPrincipalName: 'alex.duarte@example.com' });
    expect(await attempts.call('entra.getUser', { user: found.id ?? '' })).toEqual(found);
  });

  it('leaves the manager out of somebody who has none', async () => {
    expect(await attempts.call('entra.getUser', { user: 'alex.duarte@example.com' })).not.toHaveProperty(
      'manager',
    );
  });

  it('finds them by an e-mail address that is not their sign-in name, and guests', async () => {
    const guest = {
      userPrincipalName: "g.o'neil_partner.net#EXT#@example.com",
      displayName: 'G. O’Neil',
      usageLocation: 'IE',
    };
    const { id } = await attempts.call('entra.createUser', { ...guest, mailNickname: 'goneil' });
    await updateMail(String(id), "g.o'neil@partner.net");
    for (const user of [guest.userPrincipalName, "g.o'neil@partner.net"])
      expect(await attempts.call('entra.getUser', { user })).toMatchObject({ id });
    await updateMail(
      String((await attempts.call('entra.getUser', { user: robin })).id),
      "g.o'neil@partner.net",
    );
    const failure = await attempts.fails('entra.getUser', { user: "g.o'neil@partner.net" });
    expect(failure.message).toMatch(/^2 users have the e-mail address/);
  });

  it('says plainly when there is nobody', async () => {
    const failure = await attempts.fails('entra.getUser', { user: 'nobody@example.com' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Entra ID has no user nobody@example.com.');
  });
});

describe('Assigning a licence', () => {
  const e3 = { user: robin, license: 'SPE_E3' };

  it('assigns it once, however often it is tried', async () => {
    expect(await attempts.preview('entra.assignLicense', e3)).toEqual({
      summary: `would assign SPE_E3 to ${robin}; 380 of 500 free`,
    });
    expect(await attempts.call('entra.assignLicense', e3)).toMatchObject({
      license: 'SPE_E3',
      assigned: true,
    });
    const byId = { user: robin, license: '05e9a617-0261-4cee-bb44-138d3ef5d965' };
    expect(await attempts.call('entra.assignLicense', byId)).toMatchObject({
      license: 'SPE_E3',
      assigned: false,
    });
    expect(count('license.assigned')).toBe(1);
    expect(await attempts.verify('entra.assignLicense', e3)).toBe(true);
    expect(await attempts.preview('entra.assignLicense', e3)).toMatchObject({ nothingToDo: true });
  });

  it('assigns it once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'graph', path: 'assignLicense', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('entra.assignLicense', e3)).nonRetryable).toBe(false);
    expect(await attempts.call('entra.assignLicense', e3)).toMatchObject({ assigned: false });
    expect(count('license.assigned')).toBe(1);
  });

  it('says how many units there are when none is free', async () => {
    const failure = await attempts.fails('entra.assignLicense', { user: robin, license: 'SPE_E5' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('There are no free units of SPE_E5 (25 of 25 used).');
  });

  it('says what the organisation has when it has no such licence', async () => {
    const failure = await attempts.fails('entra.assignLicense', { user: robin, license: 'SPE_E4' });
    expect(failure.message).toBe(
      'The organisation has no licence SPE_E4. It has: FLOW_FREE, SPE_E3, SPE_E5.',
    );
  });

  it('asks for the country of work first', async () => {
    await update(robin, { usageLocation: null });
    const failure = await attempts.fails('entra.assignLicense', e3);
    expect(failure.message).toContain(`${robin} has no usage location`);
    expect(failure.nonRetryable).toBe(true);
  });

  it('is tried again for a person whom the directory does not show yet', async () => {
    const failure = await attempts.fails('entra.assignLicense', { ...e3, user: 'new.hire@example.com' });
    expect(failure).toMatchObject({ nonRetryable: false, details: [{ status: 404 }] });
  });
});

describe('Adding to a group', () => {
  const join = { user: robin, group: 'VPN Users' };

  it('adds once, however often it is tried', async () => {
    expect(await attempts.preview('entra.addGroupMember', join)).toEqual({
      summary: `would add ${robin} to VPN Users`,
    });
    expect(await attempts.verify('entra.addGroupMember', join)).toBe(false);
    const first = await attempts.call('entra.addGroupMember', join);
    expect(first).toMatchObject({ groupName: 'VPN Users', added: true });
    const again = { ...join, group: first.groupId ?? '' };
    expect(await attempts.call('entra.addGroupMember', again)).toMatchObject({ added: false });
    expect(count('member.added')).toBe(1);
    expect(await attempts.verify('entra.addGroupMember', join)).toBe(true);
    expect(await attempts.preview('entra.addGroupMember', join)).toMatchObject({ nothingToDo: true });
  });

  it('adds once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'graph', path: 'members/', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('entra.addGroupMember', join)).nonRetryable).toBe(false);
    expect(await attempts.call('entra.addGroupMember', join)).toMatchObject({ added: false });
    expect(count('member.added')).toBe(1);
  });

  it('skips groups that are not managed here, saying why', async () => {
    const reasons: Record<string, string> = {
      'Everyone in Germany': 'a rule decides',
      'Plant Floor': 'on-premises Active Directory',
      News: 'managed in Exchange',
    };
    for (const [group, reason] of Object.entries(reasons)) {
      const output = await attempts.call('entra.addGroupMember', { user: robin, group });
      expect(output).toMatchObject({ added: false, skipped: expect.stringContaining(reason) });
    }
    expect(count('member.added')).toBe(0);
  });

  it('says plainly when there is no such group', async () => {
    const failure = await attempts.fails('entra.addGroupMember', { user: robin, group: "Rock 'n' Roll" });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain(`no group named "Rock 'n' Roll"`);
  });
});

describe('Deleting an account', () => {
  it('deletes once; one that is gone is no failure', async () => {
    const { id } = await attempts.call('entra.getUser', { user: robin });
    const user = String(id);
    expect(await attempts.preview('entra.deleteUser', { user })).toEqual({
      summary: `would delete ${robin} (Robin Sato); it can be restored for 30 days`,
    });
    expect(await attempts.call('entra.deleteUser', { user })).toEqual({ deleted: true });
    expect(await attempts.call('entra.deleteUser', { user })).toEqual({ deleted: false });
    expect(await attempts.verify('entra.deleteUser', { user })).toBe(true);
    expect(count('user.deleted')).toBe(1);
  });

  it('deletes an account of moments ago that the directory does not show yet', async () => {
    const userPrincipalName = 'ann.lee@example.com';
    const lee = { userPrincipalName, displayName: 'Ann Lee', usageLocation: 'DE' };
    await attempts.call('entra.createUser', lee);
    sandbox.faults.add({ kind: 'notFoundAfterCreate', delayMs: 1_500 });
    expect(await attempts.call('entra.deleteUser', { user: userPrincipalName })).toEqual({ deleted: true });
  });
});

describe('Graph on a bad day', () => {
  const look = { user: robin };

  it('asks to be called less often, and is told to wait as long as it said', async () => {
    sandbox.faults.add({ system: 'graph', times: 1, kind: 'status', status: 429, retryAfter: 9 });
    const failure = await attempts.fails('entra.getUser', look);
    expect(failure).toMatchObject({ type: 'RateLimited', nonRetryable: false, nextRetryDelay: 9_000 });
    expect(await attempts.call('entra.getUser', look)).toMatchObject({ userPrincipalName: robin });
  });

  it('is away, hangs up or says nothing: each may pass', async () => {
    sandbox.faults.add({ system: 'graph', times: 1, kind: 'status', status: 503 });
    sandbox.faults.add({ system: 'graph', times: 1, kind: 'reset' });
    sandbox.faults.add({ system: 'graph', times: 1, kind: 'timeout' });
    const away = await attempts.fails('entra.getUser', look);
    expect(away.message).toContain(
      'Microsoft Graph could not do it just now (503): The service is unavailable.',
    );
    const lost = await attempts.fails('entra.getUser', look);
    expect(lost.message).toMatch(
      /^Microsoft Graph could not be reached at 127\.0\.0\.1:\d+ \(connection lost\)\.$/,
    );
    const silent = await attempts.fails('entra.getUser', look, { timeoutMs: 400 });
    expect(silent.message).toBe('entra.getUser did not finish within the 0.4 s of an attempt.');
    for (const failure of [away, lost, silent])
      expect(failure).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
  });

  it('no longer takes a token before its time: another is got, once', async () => {
    await attempts.call('entra.getUser', look);
    const before = await tokenRequests();
    sandbox.faults.add({ system: 'graph', times: 1, kind: 'status', status: 401 });
    expect(await attempts.call('entra.getUser', look)).toMatchObject({ userPrincipalName: robin });
    expect((await tokenRequests()) - before).toBe(1);
    sandbox.faults.add({ system: 'graph', times: 2, kind: 'status', status: 401 });
    const failure = await attempts.fails('entra.getUser', look);
    expect(failure).toMatchObject({ nonRetryable: true, details: [{ status: 401 }] });
  });

  it('gives its answer in pages, which are followed to the end', async () => {
    // The stand-in gives 100 at a time.
    const requests = async () =>
      (await fetch(`${sandbox.url}/_sandbox/requests`)).json() as Promise<string[]>;
    for (let index = 0; index < 101; index++) {
      const userPrincipalName = `twin${index}@example.com`;
      await fetch(`${sandbox.url}/graph/v1.0/users`, {
        method: 'POST',
        headers: { authorization: await token(), 'content-type': 'application/json' },
        body: JSON.stringify({
          accountEnabled: true,
          displayName: 'Twin',
          mailNickname: `twin${index}`,
          mail: 'twin@example.net',
          userPrincipalName,
          passwordProfile: { password: 'Sandbox-1234' },
        }),
      });
    }
    const failure = await attempts.fails('entra.getUser', { user: 'twin@example.net' });
    expect(failure.message).toMatch(/^101 users have the e-mail address/);
    expect((await requests()).some((line) => line.includes('skiptoken'))).toBe(true);
  });
});

describe('The sign-in', () => {
  const settings = () => sandbox.connectors.entra ?? {};

  it('is shared: many calls at once need one token', async () => {
    const fresh = attemptsOf(entra, settings(), ['clientSecret']);
    const before = await tokenRequests();
    await Promise.all(Array.from({ length: 5 }, () => fresh.call('entra.getUser', { user: robin })));
    expect((await tokenRequests()) - before).toBe(1);
  });

  it('that is refused says where to look, and shows no credential', async () => {
    const wrong = attemptsOf(entra, { ...settings(), clientSecret: 'canary-credential' }, ['clientSecret']);
    const failure = await wrong.fails('entra.getUser', { user: robin });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe(
      'Microsoft sign-in refused the credentials of connectors.entra in countersign.yaml (401): invalid_client, AADSTS7000215: Invalid client secret provided.',
    );
    expect(JSON.stringify([failure.message, failure.stack, failure.details])).not.toContain('canary');
  });

  it('that is away may come back', async () => {
    sandbox.faults.add({ system: 'login', times: 2, kind: 'status', status: 503, retryAfter: 3 });
    const fresh = attemptsOf(entra, settings(), ['clientSecret']);
    const failure = await fresh.fails('entra.getUser', { user: robin });
    expect(failure).toMatchObject({ nonRetryable: false, details: [{ status: 503 }] });
    expect(failure.message).toContain('Microsoft sign-in could not do it just now (503)');
  });

  it('never sends credentials in the clear to another machine', async () => {
    for (const setting of ['authority', 'graphUrl']) {
      const open = attemptsOf(entra, { ...settings(), [setting]: 'http://graph.example.com' }, [
        'clientSecret',
      ]);
      const failure = await open.fails('entra.getUser', { user: robin });
      expect(failure.message).toContain(
        `connectors.entra.${setting} in countersign.yaml must begin with https://`,
      );
    }
  });
});

async function token(): Promise<string> {
  const { tenant, clientId, clientSecret } = sandbox.connectors.entra as Record<string, string>;
  const response = await fetch(`${sandbox.url}/login/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId ?? '',
      client_secret: clientSecret ?? '',
      scope: 'x/.default',
    }),
  });
  return `Bearer ${((await response.json()) as { access_token: string }).access_token}`;
}

async function tokenRequests(): Promise<number> {
  const response = await fetch(`${sandbox.url}/_sandbox/requests`);
  return ((await response.json()) as string[]).filter((line) => line.includes('/login/')).length;
}

/** As an administrator would, in the portal. */
async function update(user: string, changes: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${sandbox.url}/graph/v1.0/users/${encodeURIComponent(user)}`, {
    method: 'PATCH',
    headers: { authorization: await token(), 'content-type': 'application/json' },
    body: JSON.stringify(changes),
  });
  expect(response.status).toBe(204);
}

function updateMail(user: string, mail: string): Promise<void> {
  return update(user, { mail });
}
