import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { freePort } from '../../processes/local-server.ts';
import { HttpBrowser } from '../../test/support/http-browser.ts';
import { keycloakAdmin } from '../../test/support/keycloak-server.ts';
import { describeWith, testDatabase, testKeycloak } from '../../test/support/services.ts';
import { until } from '../../test/support/stack.ts';
import { oidcSecret, TestGateway } from '../testing.ts';

const [keycloak, database] = await Promise.all([testKeycloak(), testDatabase()]);

const realm = 'it';
const issuer = `${keycloak}/realms/${realm}`;

/** Two applications of one realm: by groups, and by realm roles. A third that gets neither. */
const claims = { groups: 'groups', roles: 'realm_access.roles', bare: 'groups' };
type Name = keyof typeof claims;
const names = Object.keys(claims) as Name[];

const configuration = (name: Name) => `signIn:
  oidc:
    issuer: ${issuer}
    clientId: ${name}
    clientSecret: "\${{ secrets.token }}"
    title: Example ID
    rolesClaim: ${claims[name]}
    roles:
      ${name === 'groups' ? '/it-coordinators' : 'it-coordinators'}: it-coordinators
`;

/** Keycloak's own defaults add neither groups nor roles to what it says of people. */
const mappers = {
  groups: [mapper('groups', 'oidc-group-membership-mapper', { 'full.path': 'true' })],
  roles: [mapper(claims.roles, 'oidc-usermodel-realm-role-mapper', { multivalued: 'true' })],
  bare: [],
};

function mapper(claim: string, type: string, config: Record<string, string>) {
  const into = { 'claim.name': claim, 'id.token.claim': 'true', 'jsonType.label': 'String' };
  return { name: claim, protocol: 'openid-connect', protocolMapper: type, config: { ...into, ...config } };
}

const person = (username: string, more: object) => ({
  username,
  enabled: true,
  email: `${username}@example.com`,
  emailVerified: true,
  firstName: username,
  lastName: 'Okafor',
  credentials: [{ type: 'password', value: `secret of ${username}`, temporary: false }],
  ...more,
});

describeWith(keycloak && database)('signing in with Keycloak', () => {
  const gateways = {} as Record<Name, TestGateway>;
  const addresses = {} as Record<Name, string>;
  let backChannel: Server;
  /** What Keycloak said of sessions that ended: where to, and with which token. */
  const told: { path: string; form: string }[] = [];

  beforeAll(async () => {
    for (const name of names) {
      gateways[name] = await TestGateway.start({
        database: database?.url ?? '',
        runbooks: [],
        configuration: configuration(name),
      });
      addresses[name] = `http://127.0.0.1:${await freePort()}`;
      await gateways[name].app.listen({ host: '127.0.0.1', port: Number(new URL(addresses[name]).port) });
    }
    backChannel = recorder();
    await new Promise<void>((resolve) => backChannel.listen(0, '127.0.0.1', resolve));
    await admin('POST', '', {
      realm,
      enabled: true,
      groups: [{ name: 'it-coordinators' }, { name: 'staff' }],
      roles: { realm: [{ name: 'it-coordinators' }] },
      users: [
        person('kim', { groups: ['/it-coordinators', '/staff'], realmRoles: ['it-coordinators'] }),
        person('lee', { groups: ['/staff'] }),
      ],
      clients: names.map((name) => ({
        clientId: name,
        secret: oidcSecret,
        redirectUris: [`${addresses[name]}/sign-in/oidc/callback`],
        protocolMappers: mappers[name],
        attributes: {
          'post.logout.redirect.uris': `${addresses[name]}/sign-in/oidc/signed-out`,
          'backchannel.logout.url': `http://127.0.0.1:${(backChannel.address() as AddressInfo).port}/${name}`,
          'backchannel.logout.session.required': 'true',
        },
      })),
    });
  }, 300_000);
  beforeEach(() => {
    told.length = 0;
  });
  afterAll(async () => {
    backChannel.closeAllConnections();
    backChannel.close();
    for (const name of names) await gateways[name].stop();
    await database?.drop();
  });

  /** Passes on to the gateway what Keycloak posts to it, and keeps it. */
  function recorder(): Server {
    return createServer(async (request, response) => {
      let form = '';
      for await (const chunk of request) form += chunk;
      const path = request.url ?? '';
      told.push({ path, form });
      const answer = await logOut(path.slice(1) as Name, form);
      response.statusCode = answer.status;
      response.end();
    });
  }
  const logOut = (name: Name, form: string) =>
    fetch(`${addresses[name]}/sign-in/oidc/back-channel`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    });

  async function admin<T>(method: string, path: string, body?: object): Promise<T> {
    const form = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...keycloakAdmin });
    const token = await fetch(`${keycloak}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: form,
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const response = await fetch(`${keycloak}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keycloak answered ${response.status} to ${path}: ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** From the gateway's page to the gateway's page. Fills Keycloak's form where it shows one, and says whether it did. */
  async function signIn(browser: HttpBrowser, name: Name, who = 'kim'): Promise<{ asked: boolean }> {
    let page = await browser.visit(`${addresses[name]}/sign-in/oidc?to=/runs`, `${addresses[name]}/runs`);
    const asked = page.url.startsWith(issuer);
    if (asked) {
      const action = /action="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
      const form = new URLSearchParams({ username: who, password: `secret of ${who}`, credentialId: '' });
      page = await browser.visit(action, `${addresses[name]}/runs`, form);
    }
    expect(page.url).toBe(`${addresses[name]}/runs`);
    return { asked };
  }
  const me = async (browser: HttpBrowser, name: Name) => {
    const response = await browser.send(`${addresses[name]}/api/v1/me`);
    return response.status === 200
      ? ((await response.json()) as { id: string; roles: string[] })
      : response.status;
  };
  /** What the console does. */
  const signOut = async (browser: HttpBrowser, name: Name, goesOn = true) => {
    const response = await browser.send(`${addresses[name]}/api/v1/sign-out`, {
      method: 'POST',
      headers: { 'x-countersign-request': '1', 'content-type': 'application/json' },
      body: '{}',
    });
    const { provider = '' } = (await response.json()) as { provider?: string };
    expect(provider).toContain(`${issuer}/protocol/openid-connect/logout?`);
    if (!goesOn) return;
    // Without a question, since the ID token says whose session it is.
    const page = await browser.visit(provider, `${addresses[name]}/`);
    expect(page.url).toBe(`${addresses[name]}/`);
  };
  const roleLines = (name: Name) => gateways[name].log.filter((line) => line.includes('got no role'));

  it('gives the roles of its groups, written as paths, and of its realm roles, by the path of their claim', async () => {
    const browser = new HttpBrowser();
    expect(await signIn(browser, 'groups')).toEqual({ asked: true });
    expect(await me(browser, 'groups')).toEqual({
      id: 'kim@example.com',
      name: 'kim Okafor',
      roles: ['it-coordinators'],
    });
    // One sign-in for all applications of the realm.
    expect(await signIn(browser, 'roles')).toEqual({ asked: false });
    expect(await me(browser, 'roles')).toMatchObject({ roles: ['it-coordinators'] });
    expect([...roleLines('groups'), ...roleLines('roles')]).toEqual([]);
  });

  it('says once what it sent when no role comes of it', async () => {
    for (const _ of [1, 2]) {
      const browser = new HttpBrowser();
      await signIn(browser, 'bare');
      expect(await me(browser, 'bare')).toMatchObject({ id: 'kim@example.com', roles: [] });
    }
    expect(roleLines('bare')).toEqual([
      expect.stringMatching(/the provider sent no claim "groups"\. It sent: .*\bemail, .*preferred_username/),
    ]);
  });

  it('is over in all applications when somebody signs out of one, and Keycloak asks again', async () => {
    const browser = new HttpBrowser();
    await signIn(browser, 'groups');
    await signIn(browser, 'roles');
    await signOut(browser, 'groups');
    expect(await me(browser, 'groups')).toBe(401);
    await until('the other application to be told', async () =>
      (await me(browser, 'roles')) === 401 ? true : undefined,
    );
    expect(told.map(({ path }) => path).sort()).toEqual(['/groups', '/roles']);
    expect(await signIn(browser, 'groups')).toEqual({ asked: true });
  });

  it('asks again where the browser never went to Keycloak to sign out', async () => {
    const browser = new HttpBrowser();
    await signIn(browser, 'groups');
    await signOut(browser, 'groups', false);
    expect(await me(browser, 'groups')).toBe(401);
    expect(await signIn(browser, 'groups')).toEqual({ asked: true });
    // And not every time from then on.
    expect(await signIn(browser, 'groups')).toEqual({ asked: false });
  });

  it('is over when Keycloak ends the session by itself, for that person, by a word that counts once', async () => {
    const [kim, lee] = [new HttpBrowser(), new HttpBrowser()];
    await signIn(kim, 'groups');
    await signIn(lee, 'groups', 'lee');
    const [{ id }] = await admin<[{ id: string }]>('GET', `/${realm}/users?username=kim&exact=true`);
    await admin('POST', `/${realm}/users/${id}/logout`);
    await until('the gateway to be told', async () => ((await me(kim, 'groups')) === 401 ? true : undefined));
    expect(await me(lee, 'groups')).toMatchObject({ id: 'lee@example.com', roles: [] });
    const { form = '' } = told.find(({ path }) => path === '/groups') ?? {};
    const again = await logOut('groups', form);
    expect([again.status, await again.json()]).toEqual([
      400,
      { error: 'invalid_request', error_description: expect.stringContaining('was obeyed before') },
    ]);
    // Nor is what is meant for one application the word for another.
    expect((await logOut('roles', form)).status).toBe(400);
  });
});
