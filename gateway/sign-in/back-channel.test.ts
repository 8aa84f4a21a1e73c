import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { openStore, type Store } from '../../store/store.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { BackChannel } from './back-channel.ts';

const database = await testDatabase();
const issuer = 'https://login.example.com/realms/it';
const event = 'http://schemas.openid.net/event/backchannel-logout';
const now = () => Math.floor(Date.now() / 1_000);

describeWith(database)('A logout that the provider sends', () => {
  let store: Store;
  let keys: Server;
  let backChannel: BackChannel;
  let key: CryptoKey;
  let otherKey: CryptoKey;
  let published: object[];
  let log: string[];
  let number = 0;

  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
    const pair = await generateKeyPair('RS256');
    key = pair.privateKey;
    otherKey = (await generateKeyPair('RS256')).privateKey;
    published = [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }];
    keys = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.statusCode = published.length > 0 ? 200 : 500;
      response.end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    log = [];
    backChannel = make();
  });
  afterEach(async () => {
    for (const secret of ['a', 'b', 'c', 'd', 'e']) await store.sessions.end(secret);
  });
  afterAll(async () => {
    keys.close();
    await store.close();
    await database?.drop();
  });

  const make = () =>
    new BackChannel({
      provider: async () => ({
        issuer,
        clientId: 'countersign',
        keys: `http://127.0.0.1:${(keys.address() as AddressInfo).port}/`,
        algorithms: ['RS256', 'HS256', 'none'],
        fetch,
      }),
      sessions: store.sessions,
      log: (line) => log.push(line),
    });
  const payload = (more: Record<string, unknown> = {}): JWTPayload => {
    number += 1;
    const all = {
      iss: issuer,
      aud: 'countersign',
      iat: now(),
      exp: now() + 120,
      jti: `jti-${number}`,
      sub: 'kim',
      sid: 'kept',
      events: { [event]: {} },
      ...more,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  };
  const signed = (claims: JWTPayload, header: object = {}, by: CryptoKey | Uint8Array = key) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'logout+jwt', ...header })
      .sign(by);
  const signIn = (
    secret: string,
    subject: string,
    sid?: string,
    more: { issuer?: string; issuedAt?: number } = {},
  ) =>
    store.sessions.add(
      secret,
      { person: `${subject}@example.com`, groups: [], issuer: more.issuer ?? issuer, how: 'oidc' },
      {
        issuer: more.issuer ?? issuer,
        subject,
        ...(sid ? { sid } : {}),
        issuedAt: more.issuedAt ?? now() - 60,
        idToken: 'sealed',
      },
    );
  const isSignedIn = async (secret: string) => (await store.sessions.find(secret)) !== undefined;

  it('ends the session that it names, and no other of the person', async () => {
    await signIn('a', 'kim', 's1');
    await signIn('b', 'kim', 's2');
    await signIn('c', 'sam', 's3');
    await backChannel.receive(await signed(payload({ sid: 's1' })));
    expect(await Promise.all(['a', 'b', 'c'].map(isSignedIn))).toEqual([false, true, true]);
    expect(log).toEqual([`${issuer} ended a session: 1 signed out here.`]);
  });

  it('ends all of the person where it names no session, and those whose name was never told', async () => {
    await signIn('a', 'kim', 'all-1');
    await signIn('b', 'kim');
    await signIn('c', 'sam', 'all-3');
    await signIn('d', 'kim', 'all-4', { issuer: 'https://other.example.com' });
    await backChannel.receive(await signed(payload({ sid: undefined, iat: now() - 61 })));
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(isSignedIn))).toEqual([false, false, true, true]);
    await signIn('e', 'sam');
    await backChannel.receive(await signed(payload({ sub: 'sam', sid: 'elsewhere' })));
    // Of the session of this name nothing is here; one without a name may be it.
    expect(await Promise.all(['c', 'e'].map(isSignedIn))).toEqual([true, false]);
  });

  it('counts once, also where it comes to two gateways', async () => {
    await signIn('a', 'kim', 'once');
    const token = await signed(payload({ sid: 'once' }));
    await backChannel.receive(token);
    await expect(backChannel.receive(token)).rejects.toMatchObject({
      status: 400,
      message: 'The logout token is not believed: this token was obeyed before.',
    });
    await expect(make().receive(token)).rejects.toMatchObject({ status: 400 });
  });

  it('lets no sign-in that was under way meanwhile become a session', async () => {
    await backChannel.receive(await signed(payload({ sub: 'lee', sid: 'late' })));
    expect(await signIn('a', 'lee', 'late')).toBe(false);
    expect(await isSignedIn('a')).toBe(false);
    await backChannel.receive(await signed(payload({ sub: 'pia', sid: undefined })));
    expect(await signIn('b', 'pia', 'any', { issuedAt: now() - 5 })).toBe(false);
    // Who signs in afterwards is in.
    expect(await signIn('c', 'pia', 'next', { issuedAt: now() + 1 })).toBe(true);
    expect(await signIn('d', 'lee', 'another')).toBe(true);
  });

  it.each<[string, Record<string, unknown>, object, string]>([
    ['for another client', { aud: 'another' }, {}, 'aud'],
    ['of another issuer', { iss: 'https://evil.example' }, {}, 'iss'],
    ['that is over', { iat: now() - 900, exp: now() - 600 }, {}, 'exp'],
    ['without an end', { exp: undefined }, {}, 'exp'],
    ['without a moment', { iat: undefined }, {}, 'iat'],
    ['from the future', { iat: now() + 600, exp: now() + 900 }, {}, 'in the future'],
    ['without its own name', { jti: undefined }, {}, 'jti'],
    ['that is about nobody', { sub: undefined, sid: undefined }, {}, 'neither whose session'],
    ['about no event', { events: undefined }, {}, 'events'],
    [
      'about another event',
      { events: { 'http://schemas.openid.net/event/other': {} } },
      {},
      'about a logout',
    ],
    ['whose event is no object', { events: { [event]: true } }, {}, 'about a logout'],
    ['with a nonce, as an ID token has', { nonce: 'n' }, {}, 'nonce'],
    ['of another type', {}, { typ: 'at+jwt' }, 'of the type at+jwt'],
    ['signed with a key of that name that is not there', {}, { kid: 'k9' }, 'no applicable key'],
  ])('is not believed %s', async (_, claims, header, words) => {
    await signIn('a', 'kim', 'kept');
    const token = await signed(payload(claims), header);
    await expect(backChannel.receive(token)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(words),
    });
    expect(await isSignedIn('a')).toBe(true);
  });

  it('is not believed unsigned, signed by somebody else, or with what everybody knows', async () => {
    await signIn('a', 'kim', 'kept');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(payload())).toString('base64url')}.`;
    // With the public key as a shared secret.
    const confused = await signed(payload(), { alg: 'HS256' }, Buffer.from(JSON.stringify(published[0])));
    for (const token of [none, confused, await signed(payload(), {}, otherKey), 'x', '', 'a.b.c'])
      await expect(backChannel.receive(token)).rejects.toMatchObject({ status: 400 });
    expect(await isSignedIn('a')).toBe(true);
    expect(log).toHaveLength(6);
  });

  it('may be sent again when the keys cannot be had, or the database is away', async () => {
    await signIn('a', 'kim', 'again');
    const token = await signed(payload({ sid: 'again' }));
    const kept = published;
    published = [];
    await expect(backChannel.receive(token)).rejects.toMatchObject({ status: 503 });
    published = kept;
    await backChannel.receive(token);
    expect(await isSignedIn('a')).toBe(false);
  });
});
