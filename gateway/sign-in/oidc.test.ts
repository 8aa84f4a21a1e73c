import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../store/package-root.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { host, oidcSecret, TestGateway } from '../testing.ts';
import { ownPath } from './oidc.ts';

const database = await testDatabase();

const accounts = {
  kim: {
    email: 'Kim.Okafor@example.com',
    email_verified: true,
    name: 'Kim Okafor',
    groups: ['it-leads', 'everybody'],
  },
  sam: { email: 'c.kim@example.com', email_verified: false, name: 'Sam' },
  lee: { name: 'Lee' },
};
const client = {
  client_id: 'countersign',
  client_secret: oidcSecret,
  redirect_uris: [
    `http://${host}/sign-in/oidc/callback`,
    'https://countersign.example.com/sign-in/oidc/callback',
  ],
  post_logout_redirect_uris: [`http://${host}/sign-in/oidc/signed-out`],
};

const configured = (issuer: string, more = '') => `signIn:${more}
  oidc:
    issuer: ${issuer}
    clientId: countersign
    clientSecret: "\${{ secrets.token }}"
    title: Example ID
    rolesClaim: groups
    roles: { it-leads: it-director }
`;

/** Cookies by name, as one browser has them for one site. */
class Jar {
  private readonly cookies = new Map<string, string>();

  take(set: string | string[] | undefined): void {
    for (const cookie of [set ?? []].flat()) {
      const [name = '', value = ''] = cookie.split(';')[0]?.split(/=(.*)/s) ?? [];
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(cookie)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  value(name: string): string {
    return this.cookies.get(name) ?? '';
  }

  header(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

/** One browser: it knows the gateway and the provider. */
class Browser {
  readonly ours = new Jar();
  private readonly theirs = new Jar();
  private readonly gateway: TestGateway;

  constructor(gateway: TestGateway) {
    this.gateway = gateway;
  }

  async visit(path: string, headers: Record<string, string> = {}) {
    const response = await this.gateway.send({
      url: path,
      headers: { cookie: this.ours.header(), accept: 'text/html', ...headers },
    });
    this.ours.take(response.headers['set-cookie']);
    return response;
  }

  /** At the provider, from the address to which the gateway sends people, to the one to which it sends them back. */
  signInAt(address: string, account: keyof typeof accounts): Promise<string> {
    return this.through(address, '/sign-in/oidc/callback', (page) => {
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      return prompt && new URLSearchParams({ prompt, login: account, password: 'any' });
    });
  }

  /** Says yes to its question. */
  signOutAt(address: string): Promise<string> {
    return this.through(address, '/sign-in/oidc/signed-out', (page) => {
      const token = /name="xsrf" value="(\w+)"/.exec(page)?.[1];
      return token && new URLSearchParams({ xsrf: token, logout: 'yes' });
    });
  }

  /** Whether the provider asks who it is, and not only lets in whom it knows. */
  async isAskedAt(address: string): Promise<boolean> {
    const asked = new Error('asked');
    try {
      await this.through(address, '/sign-in/oidc/callback', (page) => {
        if (page.includes('name="login"')) throw asked;
        const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
        return prompt && new URLSearchParams({ prompt });
      });
      return false;
    } catch (error) {
      if (error === asked) return true;
      throw error;
    }
  }

  private async through(
    address: string,
    until: string,
    filled: (page: string) => URLSearchParams | string | undefined,
  ): Promise<string> {
    let next = address;
    let form: URLSearchParams | undefined;
    for (let steps = 0; steps < 15; steps += 1) {
      const response = await fetch(next, {
        redirect: 'manual',
        headers: { cookie: this.theirs.header() },
        ...(form ? { method: 'POST', body: form } : {}),
      });
      this.theirs.take(response.headers.getSetCookie());
      form = undefined;
      const location = response.headers.get('location');
      if (location) {
        next = new URL(location, next).href;
        if (next.includes(until)) return next;
        continue;
      }
      const page = await response.text();
      const given = filled(page);
      if (!(given instanceof URLSearchParams))
        throw new Error(`the provider shows what was not expected: ${page.slice(0, 400)}`);
      next = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? '', next).href;
      form = given;
    }
    throw new Error('the provider did not come to an end');
  }
}

const pathOf = (address: string) => address.replace(/^https?:\/\/[^/]+/, '');

describeWith(database)('signing in with a provider', () => {
  let provider: ChildProcess;
  let issuer: string;
  let gateway: TestGateway;
  beforeAll(async () => {
    provider = fork(
      join(packageRoot(), 'test/support/oidc-provider.mjs'),
      [JSON.stringify(client), JSON.stringify(accounts)],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] },
    );
    [{ issuer }] = (await once(provider, 'message')) as [{ issuer: string }];
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [],
      configuration: configured(issuer),
    });
  });
  afterAll(async () => {
    provider.kill();
    await gateway.stop();
    await database?.drop();
  });

  const begin = async (browser: Browser, to = '/') => {
    const response = await browser.visit(`/sign-in/oidc?to=${encodeURIComponent(to)}`);
    expect(response.statusCode).toBe(302);
    return String(response.headers.location);
  };
  const me = (browser: Browser) =>
    gateway.send({ url: '/api/v1/me', headers: { cookie: browser.ours.header() } });

  it('is offered, and codes by mail no more', async () => {
    const { payload } = await gateway.send({ url: '/api/v1/sign-in' });
    const oidc = { title: 'Example ID', url: '/sign-in/oidc' };
    expect(JSON.parse(payload)).toEqual({ organisation: 'Example', local: false, oidc });
    const asked = {
      method: 'POST',
      url: '/api/v1/sign-in/code',
      payload: { email: 'a@example.com' },
    } as const;
    expect((await gateway.send(asked)).statusCode).toBe(403);
  });

  it('gives name, address and the roles that the configuration makes of groups', async () => {
    const browser = new Browser(gateway);
    const address = new URL(await begin(browser, '/runs/r1?tab=journal'));
    expect(address.searchParams.get('code_challenge_method')).toBe('S256');
    expect(address.searchParams.get('redirect_uri')).toBe(client.redirect_uris[0]);
    const back = await browser.signInAt(address.href, 'kim');
    const response = await browser.visit(pathOf(back));
    expect([response.statusCode, response.headers.location]).toEqual([302, '/runs/r1?tab=journal']);
    expect((await me(browser)).json()).toEqual({
      id: 'kim.okafor@example.com',
      name: 'Kim Okafor',
      roles: ['it-director'],
    });
  });

  const signOut = async (browser: Browser) => {
    const response = await gateway.send({
      method: 'POST',
      url: '/api/v1/sign-out',
      headers: { cookie: browser.ours.header(), 'x-countersign-request': '1' },
    });
    expect(response.statusCode).toBe(200);
    browser.ours.take(response.headers['set-cookie']);
    return response.json() as { provider?: string };
  };
  const promptOf = async (browser: Browser) => new URL(await begin(browser)).searchParams.get('prompt');

  it('is over when one signs out, here at once and at the provider where it sends the browser', async () => {
    const browser = new Browser(gateway);
    await browser.visit(pathOf(await browser.signInAt(await begin(browser), 'kim')));
    const { provider: address = '' } = await signOut(browser);
    expect((await me(browser)).statusCode).toBe(401);
    const { origin, searchParams } = new URL(address);
    expect(origin).toBe(issuer);
    const [, claims = ''] = searchParams.get('id_token_hint')?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      sub: 'kim',
      aud: 'countersign',
    });
    expect(searchParams.get('post_logout_redirect_uri')).toBe(`http://${host}/sign-in/oidc/signed-out`);
    const back = await browser.signOutAt(address);
    expect(back).toContain(`/sign-in/oidc/signed-out?state=${searchParams.get('state')}`);
    expect((await browser.visit(pathOf(back))).headers.location).toBe('/');
    expect(await promptOf(browser)).toBeNull();
    // The provider's session is over too: it asks who it is.
    expect(await browser.isAskedAt(await begin(browser))).toBe(true);
  });

  it('asks again at the next sign-in while the provider has not said that its session is over', async () => {
    const browser = new Browser(gateway);
    await browser.visit(pathOf(await browser.signInAt(await begin(browser), 'kim')));
    expect(await browser.isAskedAt(await begin(browser))).toBe(false);
    await signOut(browser);
    expect(await promptOf(browser)).toBe('login');
    // Whoever knows the address, and not what the provider was given, does not change that.
    await browser.visit('/sign-in/oidc/signed-out?state=guessed');
    await browser.visit('/sign-in/oidc/signed-out');
    expect(await promptOf(browser)).toBe('login');
    expect(await browser.isAskedAt(await begin(browser))).toBe(true);
    await browser.visit(pathOf(await browser.signInAt(await begin(browser), 'kim')));
    expect(await promptOf(browser)).toBeNull();
  });

  it('keeps the ID token where nobody reads it without the key', async () => {
    const browser = new Browser(gateway);
    await browser.visit(pathOf(await browser.signInAt(await begin(browser), 'kim')));
    const kept = await gateway.store.sessions.end(browser.ours.value('countersign_session'));
    expect(kept?.idToken).toMatch(/^v1\.k\./);
  });

  it('says once that a sign-in gave no role, and what the provider sent', async () => {
    const other = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [],
      configuration: configured(issuer).replace('it-leads: it-director', '"leads": it-director'),
    });
    for (const _ of [1, 2]) {
      const browser = new Browser(other);
      const started = await browser.visit('/sign-in/oidc');
      await browser.visit(pathOf(await browser.signInAt(String(started.headers.location), 'kim')));
    }
    await other.stop();
    expect(other.log.filter((line) => line.includes('got no role'))).toEqual([
      'Somebody signed in with Example ID and got no role: the claim "groups" held "it-leads", "everybody", and none of these is under signIn: oidc: roles: (there: leads). List the ones that give a role, as the provider writes them. This is said once.',
    ]);
    expect(gateway.log.filter((line) => line.includes('got no role'))).toEqual([]);
  });

  it('is ended by the provider’s word, which comes as a form by whatever name it knows us', async () => {
    const answer = await gateway.app.inject({
      method: 'POST',
      url: '/sign-in/oidc/back-channel',
      headers: { host: 'gateway.internal', 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'logout_token=a.b.c',
    });
    expect([answer.statusCode, answer.headers['cache-control'], answer.json()]).toEqual([
      400,
      'no-store',
      { error: 'invalid_request', error_description: expect.stringContaining('not believed') },
    ]);
    const empty = await gateway.app.inject({
      method: 'POST',
      url: '/sign-in/oidc/back-channel',
      headers: { host },
    });
    expect([empty.statusCode, empty.json().error]).toEqual([400, 'invalid_request']);
  });

  it('believes no answer with another state', async () => {
    const browser = new Browser(gateway);
    const back = new URL(await browser.signInAt(await begin(browser), 'kim'));
    back.searchParams.set('state', 'another');
    const response = await browser.visit(pathOf(back.href));
    expect(response.statusCode).toBe(401);
    expect(response.payload).toContain('<a href="/sign-in">');
    expect((await me(browser)).statusCode).toBe(401);
  });

  it('believes no answer in a browser that did not ask for it', async () => {
    const [victim, attacker] = [new Browser(gateway), new Browser(gateway)];
    const back = await attacker.signInAt(await begin(attacker), 'kim');
    const without = await victim.visit(pathOf(back));
    expect([without.statusCode, without.payload]).toEqual([
      401,
      expect.stringContaining('has not begun to sign in'),
    ]);
    await begin(victim);
    expect((await victim.visit(pathOf(back))).statusCode).toBe(401);
    expect((await me(victim)).statusCode).toBe(401);
  });

  it('takes an answer once, also from who has kept everything', async () => {
    const browser = new Browser(gateway);
    const back = await browser.signInAt(await begin(browser), 'kim');
    const kept = browser.ours.header();
    expect((await browser.visit(pathOf(back))).statusCode).toBe(302);
    const again = await gateway.send({ url: pathOf(back), headers: { cookie: kept, accept: 'text/html' } });
    expect(again.statusCode).toBe(401);
    expect(again.payload).toContain('Example ID takes this sign-in no more');
    expect(String(again.headers['set-cookie'])).not.toContain('countersign_session');
  });

  it('takes nobody for whom an address says that was never verified', async () => {
    const browser = new Browser(gateway);
    const response = await browser.visit(pathOf(await browser.signInAt(await begin(browser), 'sam')));
    expect(response.statusCode).toBe(403);
    expect(response.payload).toContain('c.kim@example.com was verified');
    expect((await me(browser)).statusCode).toBe(401);
  });

  it('takes nobody without an address', async () => {
    const browser = new Browser(gateway);
    const response = await browser.visit(pathOf(await browser.signInAt(await begin(browser), 'lee')));
    expect([response.statusCode, response.payload]).toEqual([
      403,
      expect.stringContaining('no e-mail address'),
    ]);
  });

  it('says in plain words that the provider refused', async () => {
    const browser = new Browser(gateway);
    const state = new URL(await begin(browser)).searchParams.get('state');
    const query = new URLSearchParams({ error: 'access_denied', state: state ?? '', iss: issuer });
    const response = await browser.visit(`/sign-in/oidc/callback?${query}`);
    expect(response.statusCode).toBe(403);
    expect(response.payload).toContain('Example ID did not sign you in: access_denied.');
  });

  it('tells the client’s secret to nobody but the provider', async () => {
    const browser = new Browser(gateway);
    const address = await begin(browser);
    expect(address).not.toContain(oidcSecret);
    expect(gateway.log.join('\n')).not.toContain(oidcSecret);
  });

  describe('under a public address', () => {
    let open: TestGateway;
    const named = { host: 'countersign.example.com' };
    beforeAll(async () => {
      open = await TestGateway.start({
        database: database?.url ?? '',
        runbooks: [],
        configuration: configured(issuer, '\n  url: https://countersign.example.com\n  local: true'),
      });
    });
    afterAll(() => open.stop());

    it('comes back to that address, with a cookie that travels over TLS only', async () => {
      const browser = new Browser(open);
      const started = await browser.visit('/sign-in/oidc', named);
      const back = await browser.signInAt(String(started.headers.location), 'kim');
      expect(back).toMatch(/^https:\/\/countersign\.example\.com\/sign-in\/oidc\/callback\?/);
      const response = await browser.visit(pathOf(back), named);
      expect(response.headers.location).toBe('/');
      expect(String(response.headers['set-cookie'])).toMatch(/countersign_session=[^;]+;[^,]*; Secure/);
    });

    it('offers no codes by mail there, since those have a listener of their own where the configuration wants both', async () => {
      const local = async (headers: Record<string, string>) =>
        (await open.send({ url: '/api/v1/sign-in', headers })).json().local;
      expect([await local({}), await local(named)]).toEqual([false, false]);
    });

    it('takes no token of the machine from elsewhere', async () => {
      const token = { authorization: 'Bearer test-token', 'x-countersign-as': 'c.kim@example.com' };
      expect((await open.send({ url: '/api/v1/me', headers: token })).statusCode).toBe(200);
      expect((await open.send({ url: '/api/v1/me', headers: { ...token, ...named } })).statusCode).toBe(401);
    });

    it('still answers under no other name', async () => {
      const other = { host: 'evil.example' };
      expect((await open.send({ url: '/api/v1/sign-in', headers: other })).statusCode).toBe(403);
    });
  });

  it('says so when the provider is away', async () => {
    const away = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [],
      configuration: configured('http://127.0.0.1:1024'),
    });
    const response = await new Browser(away).visit('/sign-in/oidc').finally(() => away.stop());
    expect([response.statusCode, response.payload]).toEqual([
      503,
      expect.stringContaining('Example ID is away'),
    ]);
  });
});

describe('where one goes after signing in', () => {
  it.each([
    ['/runs/r1?tab=journal#end', '/runs/r1?tab=journal#end'],
    ['', '/'],
    ['https://evil.example/', '/'],
    ['//evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/\t/evil.example/', '/'],
    ['/runs/..//evil.example/', '/'],
    ['/.//evil.example/', '/'],
    ['/runs/%2e%2e//evil.example/', '/'],
    ['/runs/..\\/evil.example/', '/'],
    ['javascript:alert(1)', '/'],
  ])('with %j is %j, and never another site', (to, path) => {
    expect(ownPath(to)).toBe(path);
  });
});
