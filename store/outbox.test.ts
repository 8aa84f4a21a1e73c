import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { Database, migrate } from './database.ts';
import { Outbox } from './outbox.ts';

const made = await testDatabase();

describeWith(made)('The outbox', () => {
  let database: Database;
  let outbox: Outbox;
  const message = { id: 'r1.sign.ask.1', to: ['dana@example.com'], subject: 'Please sign', text: 'Look.' };

  beforeAll(async () => {
    database = new Database(made?.url ?? '');
    await migrate(database);
    outbox = new Outbox(database);
  });

  beforeEach(async () => {
    await database.query('delete from outbox');
  });

  afterAll(async () => {
    await database.close();
    await made?.drop();
  });

  it('gives a message out once, whoever asks', async () => {
    await outbox.put(message);
    const [first, second] = await Promise.all([outbox.claim(), outbox.claim()]);
    expect([...first, ...second]).toEqual([{ ...message, attempts: 1 }]);
  });

  it('holds a message once, also after it was sent', async () => {
    await outbox.put(message);
    await outbox.put({ ...message, text: 'Again.' });
    await outbox.claim();
    expect(await outbox.wasSent(message.id)).toBe(false);
    await outbox.sent(message.id);
    expect(await outbox.wasSent(message.id)).toBe(true);
    await outbox.put(message);
    expect(await outbox.claim()).toEqual([]);
  });

  it('gives out again what could not be sent, after a while, and tells why it is stuck', async () => {
    await outbox.put(message);
    const [due] = await outbox.claim();
    await outbox.failed(due ?? { id: '', attempts: 1 }, 'the mail server is away');
    expect(await outbox.claim()).toEqual([]);
    expect(await outbox.stuck()).toMatchObject([
      { id: message.id, attempts: 1, why: 'the mail server is away' },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await outbox.claim()).toMatchObject([{ id: message.id, attempts: 2 }]);
  });

  it('gives out at once what a person has tried again, and never what one has set aside', async () => {
    await outbox.put(message);
    expect(await outbox.tryAgain(message.id, 'kim@example.com')).toBe('not stuck');
    await outbox.claim();
    await outbox.failed({ id: message.id, attempts: 9 }, 'the mail server is away');
    const [stuck] = await outbox.stuck();
    expect((stuck?.next ?? 0) - (stuck?.since ?? 0)).toBeGreaterThan(200_000);
    expect(await outbox.tryAgain(message.id, 'kim@example.com')).toBe('done');
    expect(await outbox.claim()).toMatchObject([{ id: message.id }]);
    // While it is being sent, nobody else is given it.
    await outbox.tryAgain(message.id, 'kim@example.com');
    expect(await outbox.claim()).toEqual([]);
    await outbox.failed({ id: message.id, attempts: 1 }, 'the mail server is away');
    expect(await outbox.setAside(message.id, 'kim@example.com', 'told by phone')).toBe('done');
    expect(await outbox.stuck()).toEqual([]);
    expect(await outbox.wasSent(message.id)).toBe(false);
    expect(await outbox.setAside(message.id, 'kim@example.com', 'again')).toBe('not stuck');
    await outbox.put(message);
    await database.query('update outbox set due_at = now()');
    expect(await outbox.claim()).toEqual([]);
    const [row] = await database.query('select tried_again, set_aside from outbox');
    expect(row).toMatchObject({
      tried_again: { by: 'kim@example.com' },
      set_aside: { by: 'kim@example.com', why: 'told by phone' },
    });
  });

  it('is not set aside while it is sent, and what went out all the same was sent', async () => {
    await outbox.put(message);
    await outbox.claim();
    expect(await outbox.setAside(message.id, 'kim@example.com', 'told by phone')).toBe('being sent');
    // Its sender is taken for dead, and is only slow.
    await database.query("update outbox set claimed_at = now() - interval '3 minutes'");
    expect(await outbox.setAside(message.id, 'kim@example.com', 'told by phone')).toBe('done');
    expect(await outbox.wasSent(message.id)).toBe(false);
    await outbox.sent(message.id);
    expect(await outbox.wasSent(message.id)).toBe(true);
  });

  it('keeps no decision that could not be put on record', async () => {
    await outbox.put(message);
    const [due] = await outbox.claim();
    await outbox.failed(due ?? { id: '', attempts: 1 }, 'the mail server is away');
    const fail = () => Promise.reject(new Error('no record'));
    await expect(outbox.setAside(message.id, 'kim@example.com', 'told by phone', fail)).rejects.toThrow(
      'no record',
    );
    expect(await outbox.stuck()).toMatchObject([{ id: message.id }]);
    const [row] = await database.query('select sent_at, set_aside from outbox');
    expect(row).toEqual({ sent_at: null, set_aside: null });
  });
});
