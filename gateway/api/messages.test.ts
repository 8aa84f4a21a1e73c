/** Messages that could not be sent, as those see them who operate runbooks. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../../plan/plan.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();
const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';
const soleOwner = 'sole.owner@example.com';
const stranger = 'nobody@example.com';

const runbook = (name: string, owner: string) => `runbook: ${name}
title: Move a desk
kind: other
owner: ${owner}
on: [{ manual: { by: [role:it-coordinators] } }]
steps:
  - id: signoff
    approve: { from: [${manager}] }
  - wait: { for: 1m }
`;

describeWith(database)('messages that could not be sent', () => {
  let gateway: TestGateway;
  let run = '';
  let theirs = '';

  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [
        runbook('move', 'role:it-coordinators'),
        runbook('manage', 'role:it-managers'),
        runbook('own', soleOwner),
      ],
      records: true,
    });
    const start = async (name: string) => {
      const { id } = (await gateway.as(coordinator, 'POST', '/runs', { runbook: name })).json();
      await gateway.runs.settle(id);
      return String(id);
    };
    run = await start('move');
    theirs = await start('manage');
    const { outbox } = gateway.store;
    const message = { to: [manager], subject: 'Sign: Move a desk', text: 'The secret plan.' };
    await outbox.put({ ...message, id: 'a', about: { page: 'gate', id: run, step: 'signoff' } });
    await outbox.put({
      ...message,
      id: 'b',
      about: { page: 'run', id: theirs },
      chat: { by: 'slack', to: '#cab' },
    });
    await outbox.put({ ...message, id: 'c', subject: 'A delivery was rejected' });
    for (const by of ['mail', 'chat'] as const)
      for (const { id, attempts } of await outbox.claim(by))
        await outbox.failed({ id, attempts }, `no way to ${id}`);
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  const stuck = async (person: string) => (await gateway.as(person, 'GET', '/overview')).json().messages;
  const send = (person: string, what: string, body: JsonObject) =>
    gateway.as(person, 'POST', `/messages/${what}`, body);

  it('are shown with their reason and without what they say, to those who operate something', async () => {
    const found = await stuck(coordinator);
    expect(found.filter(({ why }: { why: string }) => /^no way/.test(why))).toMatchObject([
      { id: 'a', to: manager, run, attempts: 1, why: 'no way to a', mayHandle: true },
      { id: 'b', to: '#cab in Slack', run: theirs, mayHandle: false },
      { id: 'c', subject: 'A delivery was rejected', mayHandle: true },
    ]);
    expect(found[2].run).toBeUndefined();
    expect(JSON.stringify(found)).not.toContain('secret plan');
    expect(await stuck(stranger)).toBeUndefined();
  });

  it('are shown to an owner without a role where they are about no run, or about one that concerns them', async () => {
    expect((await stuck(soleOwner)).map(({ id }: { id: string }) => id)).toEqual(['c']);
    expect((await send(soleOwner, 'retry', { id: 'a' })).statusCode).toBe(403);
    const { id } = (await gateway.as(coordinator, 'POST', '/runs', { runbook: 'own' })).json();
    await gateway.runs.settle(id);
    const { outbox } = gateway.store;
    await outbox.put({ id: 'd', to: [manager], subject: 'Theirs', text: '', about: { page: 'run', id } });
    for (const { id: claimed, attempts } of await outbox.claim())
      await outbox.failed({ id: claimed, attempts }, `no way to ${claimed}`);
    const seen = await stuck(soleOwner);
    expect(seen.filter(({ run: about }: { run?: string }) => about !== undefined && about !== id)).toEqual(
      [],
    );
    expect(seen).toContainEqual(expect.objectContaining({ id: 'd', run: id, mayHandle: true }));
  });

  it('are found to be decided about however many older ones there are', async () => {
    const { outbox } = gateway.store;
    const many = Array.from({ length: 101 }, (_, at) => `many-${String(at).padStart(3, '0')}`);
    for (const id of many) await outbox.put({ id, to: [manager], subject: 'Many', text: '' });
    for (let claimed = await outbox.claim(); claimed.length > 0; claimed = await outbox.claim())
      for (const { id } of claimed) await outbox.failed({ id, attempts: 9 }, 'no way');
    expect((await send(coordinator, 'set-aside', { id: 'many-100', comment: 'Told.' })).statusCode).toBe(204);
    for (const id of many) await outbox.setAside(id, coordinator, 'Told.');
  });

  it('are sent again or set aside by those who operate what they are about, and by nobody else', async () => {
    expect((await send(stranger, 'retry', { id: 'a' })).statusCode).toBe(403);
    expect((await send(stranger, 'retry', { id: 'none' })).statusCode).toBe(403);
    expect((await send(coordinator, 'retry', { id: 'b' })).statusCode).toBe(403);
    expect((await send(coordinator, 'set-aside', { id: 'a' })).statusCode).toBe(400);
    expect((await send(coordinator, 'set-aside', { id: 'a', comment: ' ' })).statusCode).toBe(400);
    expect((await send(coordinator, 'retry', { id: 'none' })).statusCode).toBe(409);

    expect((await send(coordinator, 'retry', { id: 'a' })).statusCode).toBe(204);
    const claimed = await gateway.store.outbox.claim();
    expect(claimed.map(({ id }) => id)).toContain('a');
    const early = await send(coordinator, 'set-aside', { id: 'a', comment: 'Told by phone.' });
    expect([early.statusCode, early.json().detail]).toEqual([
      409,
      expect.stringContaining('is being sent now'),
    ]);
    // Others that were due by now were claimed with it.
    for (const { id } of claimed) await gateway.store.outbox.failed({ id, attempts: 5 }, `no way to ${id}`);
    expect((await send(coordinator, 'set-aside', { id: 'a', comment: 'Told by phone.' })).statusCode).toBe(
      204,
    );
    expect((await send(coordinator, 'set-aside', { id: 'c', comment: 'Told by phone.' })).statusCode).toBe(
      204,
    );
    expect((await send(manager, 'set-aside', { id: 'b', comment: 'Told by phone.' })).statusCode).toBe(204);
    expect((await send(coordinator, 'set-aside', { id: 'a', comment: 'Again.' })).statusCode).toBe(409);
    expect(
      (await stuck(coordinator)).filter(({ id }: { id: string }) => ['a', 'b', 'c'].includes(id)),
    ).toEqual([]);

    const records = await gateway.store.audit.records(run);
    expect(records.filter(({ kind }) => kind.startsWith('message.'))).toMatchObject([
      { kind: 'message.triedAgain', actor: coordinator, data: { message: 'a', to: manager } },
      { kind: 'message.setAside', actor: coordinator, data: { message: 'a', why: 'Told by phone.' } },
    ]);
  });
});
