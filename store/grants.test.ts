import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { describeWith, type TestDatabase, testDatabase } from '../test/support/services.ts';
import { Seal } from '../vault/seal.ts';
import { appendOnly, migrateAndGrant } from './grants.ts';
import { openStore, type Store } from './store.ts';

const database = await testDatabase();
afterAll(() => database?.drop());

describeWith(database)('The account of gateway and workers', () => {
  const role = `app_${randomBytes(4).toString('hex')}`;
  const { url: owner } = database as TestDatabase;
  let asApp: string;
  let store: Store;
  let app: pg.Client;

  async function asOwner(text: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: owner });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  beforeAll(async () => {
    await asOwner(`create role ${role} login password 'app-password'`);
    await asOwner('revoke create on schema public from public');
    await migrateAndGrant(owner, role);
    const url = new URL(owner);
    [url.username, url.password] = [role, 'app-password'];
    asApp = url.href;
    store = await openStore(asApp, new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 7) } }));
    app = new pg.Client({ connectionString: asApp });
    await app.connect();
  });

  afterAll(async () => {
    await app.end();
    await store.close();
    await asOwner(`drop owned by ${role} cascade`);
    await asOwner(`drop role ${role}`);
  });

  it('does its work: it puts on record, and the chain verifies', async () => {
    await store.ping();
    for (const kind of ['run.started', 'run.ended'] as const)
      await store.audit.append({
        runId: 'r1',
        kind,
        actor: 'kim.okafor@example.com',
        data: { title: 'One' },
      });
    expect(await store.audit.records('r1')).toHaveLength(2);
  });

  it('cannot change, remove or empty what is kept for good, nor drop what guards it', async () => {
    const refused = /permission denied|must be owner/;
    for (const table of appendOnly) {
      await expect(app.query(`delete from ${table}`)).rejects.toThrow(refused);
      await expect(app.query(`truncate ${table}`)).rejects.toThrow(refused);
      await expect(app.query(`drop table ${table}`)).rejects.toThrow(refused);
    }
    await expect(app.query(`update audit set actor = 'nobody'`)).rejects.toThrow(refused);
    await expect(app.query('alter table audit disable trigger all')).rejects.toThrow(refused);
    await expect(app.query('drop trigger audit_kept on audit')).rejects.toThrow(refused);
    await expect(app.query('delete from audit_heads')).rejects.toThrow(refused);
    await expect(app.query('create table mine (id int)')).rejects.toThrow(refused);
    await expect(app.query(`update migrations set checksum = ''`)).rejects.toThrow(refused);
  });

  it('is granted the same again at the next upgrade, and is named where there is no such role', async () => {
    await migrateAndGrant(owner, role);
    await store.ping();
    await expect(migrateAndGrant(owner, 'nobody_has_this_role')).rejects.toThrow(
      'create role nobody_has_this_role',
    );
    await expect(migrateAndGrant(owner, 'x"; drop table audit; --')).rejects.toThrow('no name of a role');
  });
});
