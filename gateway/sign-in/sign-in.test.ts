import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { codeIn, TestGateway } from '../testing.ts';

const database = await testDatabase();
const coordinator = 'c.kim@example.com';

const hand = `runbook: by-hand
title: By hand
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
steps:
  - id: desk
    title: Place the laptop
    task: { to: helper@example.com, instructions: Place it., form: {} }
`;

describeWith(database)('signing in with a code from the mail', () => {
  let gateway: TestGateway;
  let client: pg.Client;
  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [hand] });
    client = new pg.Client({ connectionString: database?.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await gateway.stop();
    await database?.drop();
  });
  beforeEach(async () => {
    gateway.mails.length = 0;
    gateway.log.length = 0;
    await client.query('delete from sign_in_codes');
  });

  const ask = (email: string, headers = {}) =>
    gateway.send({ method: 'POST', url: '/api/v1/sign-in/code', headers, payload: { email } });
  const enter = (email: string, code: string, headers = {}) =>
    gateway.send({ method: 'POST', url: '/api/v1/sign-in', headers, payload: { email, code } });
  const lastCode = () => codeIn(gateway.mails.at(-1)?.text ?? '');
  const me = (cookie: string) => gateway.send({ url: '/api/v1/me', headers: { cookie } });

  it('sets a cookie that no script can read and no other site sends along', async () => {
    expect((await ask('C.Kim@Example.com')).statusCode).toBe(204);
    expect(gateway.mails.at(-1)?.to).toEqual([coordinator]);
    expect(gateway.log).toEqual([`Sign-in code for ${coordinator}: ${lastCode()}`]);
    const response = await enter('C.Kim@Example.com', lastCode());
    expect(response.json()).toEqual({ id: coordinator, roles: ['it-coordinators'] });
    const cookie = String(response.headers['set-cookie']);
    expect(cookie).toMatch(/^countersign_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await me(cookie.split(';')[0] ?? '')).json()).toEqual({
      id: coordinator,
      roles: ['it-coordinators'],
    });
  });

  it('says who signs in where, and by what', async () => {
    const response = await gateway.send({ url: '/api/v1/sign-in' });
    expect(response.json()).toEqual({ organisation: 'Example', local: true });
  });

  it('answers a stranger just the same, and sends them nothing', async () => {
    const response = await ask('stranger@example.com');
    expect([response.statusCode, response.payload]).toEqual([204, '']);
    expect(gateway.mails).toEqual([]);
    expect(gateway.log).toEqual([]);
  });

  it('lets in who has something to do, though no role names them', async () => {
    await ask('helper@example.com');
    expect(gateway.mails).toEqual([]);
    gateway.runs.world.once('countersign.openTask', () => ({ people: ['helper@example.com'] }));
    await gateway.startRun(coordinator, 'by-hand', {});
    await ask('helper@example.com');
    expect(gateway.mails.at(-1)?.to).toEqual(['helper@example.com']);
  });

  it('takes a code once', async () => {
    await ask(coordinator);
    expect((await enter(coordinator, lastCode().replace('-', ' '))).statusCode).toBe(200);
    const again = await enter(coordinator, lastCode());
    expect([again.statusCode, again.json().title]).toEqual([401, 'Wrong code']);
  });

  it('takes a code from nobody but whom it was sent to', async () => {
    await ask(coordinator);
    expect((await enter('m.roth@example.com', lastCode())).statusCode).toBe(401);
  });

  it('takes no code after ten minutes', async () => {
    await ask(coordinator);
    await client.query(`update sign_in_codes set expires_at = now() - interval '1 second'`);
    expect((await enter(coordinator, lastCode())).statusCode).toBe(401);
  });

  it('takes no code after five wrong tries, not even the right one', async () => {
    await ask(coordinator);
    const wrong = lastCode() === '0000-0000' ? '1111-1111' : '0000-0000';
    for (let tries = 0; tries < 5; tries += 1) expect((await enter(coordinator, wrong)).statusCode).toBe(401);
    expect((await enter(coordinator, lastCode())).statusCode).toBe(401);
  });

  it('sends five codes an hour to one address, and says when to come back', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await ask(coordinator)).statusCode);
    expect(statuses).toEqual([204, 204, 204, 204, 204, 429]);
    expect((await ask(coordinator)).headers['retry-after']).toBe('3600');
    // Somebody else is not held up, and a stranger is counted alike.
    expect((await ask('m.roth@example.com')).statusCode).toBe(204);
  });

  it('sends twenty codes an hour to one place', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 21; count += 1)
      statuses.push((await ask(`stranger${count}@example.com`)).statusCode);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(204));
    expect(statuses.at(-1)).toBe(429);
  });

  it('keeps neither the code nor the cookie in the database', async () => {
    const cookie = await gateway.cookieOf(coordinator);
    const { rows } = await client.query(
      'select to_jsonb(s) as row from sessions s union all select to_jsonb(c) from sign_in_codes c',
    );
    const kept = JSON.stringify(rows);
    expect(kept).not.toContain(cookie.split('=')[1]);
    expect(kept).not.toContain(lastCode().replace('-', ''));
  });

  it('is offered on this machine only: not through a proxy, whatever name it uses', async () => {
    const proxied = { 'x-forwarded-for': '203.0.113.7' };
    expect((await gateway.send({ url: '/api/v1/sign-in', headers: proxied })).json().local).toBe(false);
    expect((await ask(coordinator, proxied)).statusCode).toBe(403);
    expect((await enter(coordinator, '1234-5678', proxied)).statusCode).toBe(403);
    const asToken = { ...proxied, authorization: 'Bearer test-token', 'x-countersign-as': coordinator };
    expect((await gateway.send({ url: '/api/v1/me', headers: asToken })).statusCode).toBe(401);
  });

  describe('once signed in', () => {
    let cookie: string;
    beforeEach(async () => {
      cookie = await gateway.cookieOf(coordinator);
    });
    const start = (headers: Record<string, string>) =>
      gateway.send({
        method: 'POST',
        url: '/api/v1/runs',
        headers: { cookie, ...headers },
        payload: { runbook: 'by-hand' },
      });

    it('does nothing for a form of another site, which cannot set our header', async () => {
      const refused = await start({});
      expect([refused.statusCode, refused.json().title]).toEqual([403, 'Not from our pages']);
      expect((await start({ 'x-countersign-request': '1' })).statusCode).toBe(201);
    });

    it('does nothing for a page that another program serves on this machine', async () => {
      const ours = { 'x-countersign-request': '1' };
      expect((await start({ ...ours, origin: 'http://localhost:3000' })).statusCode).toBe(403);
      expect((await start({ ...ours, origin: 'http://localhost:8321' })).statusCode).toBe(201);
    });

    it('is over when one signs out, also for who has copied the cookie', async () => {
      const response = await gateway.send({
        method: 'POST',
        url: '/api/v1/sign-out',
        headers: { cookie, 'x-countersign-request': '1' },
      });
      expect([response.statusCode, response.json()]).toEqual([200, {}]);
      expect(String(response.headers['set-cookie'])).toMatch(/^countersign_session=; Max-Age=0;/);
      expect((await me(cookie)).json().detail).toBe(
        'You are no longer signed in. Sign in again at /sign-in.',
      );
    });

    it('is over after twelve hours', async () => {
      await client.query(`update sessions set expires_at = expires_at - interval '12 hours'`);
      expect((await me(cookie)).statusCode).toBe(401);
    });

    it('gets a new cookie when signing in again, and the old one is worth nothing', async () => {
      await ask(coordinator);
      const again = await enter(coordinator, lastCode(), { cookie });
      expect(String(again.headers['set-cookie'])).toMatch(/^countersign_session=[\w-]{43};/);
      expect((await me(cookie)).statusCode).toBe(401);
    });
  });
});
