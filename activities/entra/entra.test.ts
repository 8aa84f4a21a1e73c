import { describe, expect, it } from '@jest/globals';
import { attemptsOf } from '../kit/testing.ts';
import { entra } from './index.ts';
import { entraSandbox } from './testing.ts';

const at = entraSandbox();
const robin = 'robin.sato@example.com';

describe('Looking up a person', () => {
  it('finds them by sign-in name or id, with their manager', async () => {
    const found = await at.attempts.call('entra.getUser', { user: robin });
    expect(found).toMatchObject({ displayName: 'Robin Sato', accountEnabled: true, mail: robin });
    expect(found.onPremises).toBe(false);
    expect(found.manager).toMatchObject({ userPrincipalName: 'alex.duarte@example.com' });
    expect(await at.attempts.call('entra.getUser', { user: found.id ?? '' })).toEqual(found);
  });

  it('leaves the manager out of somebody who has none', async () => {
    expect(await at.attempts.call('entra.getUser', { user: 'alex.duarte@example.com' })).not.toHaveProperty(
      'manager',
    );
  });

  it('finds them by an e-mail address that is not their sign-in name, and guests', async () => {
    const guest = {
      userPrincipalName: "g.o'neil_partner.net#EXT#@example.com",
      displayName: 'G. O’Neil',
      usageLocation: 'IE',
    };
    const { id } = await at.attempts.call('entra.createUser', { ...guest, mailNickname: 'goneil' });
    await updateMail(String(id), "g.o'neil@partner.net");
    for (const user of [guest.userPrincipalName, "g.o'neil@partner.net"])
      expect(await at.attempts.call('entra.getUser', { user })).toMatchObject({ id });
    await updateMail(
      String((await at.attempts.call('entra.getUser', { user: robin })).id),
      "g.o'neil@partner.net",
    );
    const failure = await at.attempts.fails('entra.getUser', { user: "g.o'neil@partner.net" });
    expect(failure.message).toMatch(/^2 users have the e-mail address/);
  });

  it('says of an account whether it comes from on-premises', async () => {
    const piet = await at.attempts.call('entra.getUser', { user: 'piet.vermeer@example.com' });
    expect(piet.onPremises).toBe(true);
  });

  it('says plainly when there is nobody', async () => {
    const failure = await at.attempts.fails('entra.getUser', { user: 'nobody@example.com' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Entra ID has no user nobody@example.com.');
  });
});

describe('Graph on a bad day', () => {
  const look = { user: robin };

  it('asks to be called less often, and is told to wait as long as it said', async () => {
    at.sandbox.faults.add({ system: 'graph', times: 1, kind: 'status', status: 429, retryAfter: 9 });
    const failure = await at.attempts.fails('entra.getUser', look);
    expect(failure).toMatchObject({ type: 'RateLimited', nonRetryable: false, nextRetryDelay: 9_000 });
    expect(await at.attempts.call('entra.getUser', look)).toMatchObject({ userPrincipalName: robin });
  });

  it('is away, hangs up or says nothing: each may pass', async () => {
    at.sandbox.faults.add({ system: 'graph', times: 1, kind: 'status', status: 503 });
    at.sandbox.faults.add({ system: 'graph', times: 1, kind: 'reset' });
    at.sandbox.faults.add({ system: 'graph', times: 1, kind: 'timeout' });
    const away = await at.attempts.fails('entra.getUser', look);
    expect(away.message).toContain(
      'Microsoft Graph could not do it just now (503): The service is unavailable.',
    );
    const lost = await at.attempts.fails('entra.getUser', look);
    expect(lost.message).toMatch(
      /^Microsoft Graph could not be reached at 127\.0\.0\.1:\d+ \(connection lost\)\.$/,
    );
    const silent = await at.attempts.fails('entra.getUser', look, { timeoutMs: 400 });
    expect(silent.message).toBe('entra.getUser did not finish within the 0.4 s of an attempt.');
    for (const failure of [away, lost, silent])
      expect(failure).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
  });

  it('no longer takes a token before its time: another is got, once', async () => {
    await at.attempts.call('entra.getUser', look);
    const before = await tokenRequests();
    at.sandbox.faults.add({ system: 'graph', times: 1, kind: 'status', status: 401 });
    expect(await at.attempts.call('entra.getUser', look)).toMatchObject({ userPrincipalName: robin });
    expect((await tokenRequests()) - before).toBe(1);
    at.sandbox.faults.add({ system: 'graph', times: 2, kind: 'status', status: 401 });
    const failure = await at.attempts.fails('entra.getUser', look);
    expect(failure).toMatchObject({ nonRetryable: true, details: [{ status: 401 }] });
  });

  it('gives its answer in pages, which are followed to the end', async () => {
    // The stand-in gives 100 at a time.
    const requests = async () =>
      (await fetch(`${at.sandbox.url}/_sandbox/requests`)).json() as Promise<string[]>;
    for (let index = 0; index < 101; index++) {
      const userPrincipalName = `twin${index}@example.com`;
      await at.graph('POST', '/users', {
        accountEnabled: true,
        displayName: 'Twin',
        mailNickname: `twin${index}`,
        mail: 'twin@example.net',
        userPrincipalName,
        passwordProfile: { password: 'Sandbox-1234' },
      });
    }
    const failure = await at.attempts.fails('entra.getUser', { user: 'twin@example.net' });
    expect(failure.message).toMatch(/^101 users have the e-mail address/);
    expect((await requests()).some((line) => line.includes('skiptoken'))).toBe(true);
  });
});

describe('The sign-in', () => {
  const settings = () => at.sandbox.connectors.entra ?? {};

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
    at.sandbox.faults.add({ system: 'login', times: 2, kind: 'status', status: 503, retryAfter: 3 });
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

async function tokenRequests(): Promise<number> {
  const response = await fetch(`${at.sandbox.url}/_sandbox/requests`);
  return ((await response.json()) as string[]).filter((line) => line.includes('/login/')).length;
}

/** As an administrator would, in the portal. */
async function updateMail(user: string, mail: string): Promise<void> {
  expect((await at.graph('PATCH', `/users/${user}`, { mail })).status).toBe(204);
}
