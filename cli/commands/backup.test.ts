import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { openStore } from '../../store/store.ts';
import { describeWith, type TestDatabase, testDatabase } from '../../test/support/services.ts';
import { loadGatewayKey } from '../../vault/commands.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { Seal } from '../../vault/seal.ts';
import { backup, restore } from './backup.ts';

const first = await testDatabase();
const before = { ...process.env };
afterAll(() => first?.drop());

describeWith(first)('Everything that is ours', () => {
  let folder: string;
  let file: string;
  let database: TestDatabase;
  const data = (name: string) => join(folder, name);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-backup-'));
    file = join(folder, 'countersign.backup');
    database = (await testDatabase()) as TestDatabase;
    process.env.DATABASE_URL = database.url;
    process.env.COUNTERSIGN_BACKUP_PASSPHRASE = 'a passphrase of some length';
  });

  afterEach(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What an installation has: keys, a run on record, something sealed. */
  async function installed(): Promise<{ sealed: string; gateway: string }> {
    const seal = new Seal(await loadKeyRing(data('data')));
    const store = await openStore(database.url, seal);
    const { id, publicKey } = await loadGatewayKey(data('data'));
    await store.gatewayKeys.list(id, publicKey);
    for (const kind of ['run.started', 'run.ended'] as const)
      await store.audit.append({ runId: 'r1', kind, actor: 'kim.okafor@example.com', data: {} });
    await store.close();
    return { sealed: seal.seal({ password: 'quite-secret' }), gateway: id };
  }

  async function destroyed(): Promise<void> {
    await database.drop();
    rmSync(data('data'), { recursive: true });
    database = (await testDatabase()) as TestDatabase;
    process.env.DATABASE_URL = database.url;
  }

  it('comes back from one file after database and keys were destroyed', async () => {
    const { sealed, gateway } = await installed();
    await backup([file], { data: data('data') });
    const bytes = readFileSync(file).toString('latin1');
    for (const text of [
      'kim.okafor',
      'run.started',
      readFileSync(join(data('data'), 'key-ring.json'), 'utf8').slice(20, 60),
    ])
      expect(bytes).not.toContain(text);
    await destroyed();
    await restore([file], { data: data('data') });
    const seal = new Seal(await loadKeyRing(data('data')));
    expect(seal.open(sealed)).toEqual({ password: 'quite-secret' });
    const store = await openStore(database.url, seal);
    expect((await store.audit.records('r1')).map(({ kind }) => kind)).toEqual(['run.started', 'run.ended']);
    expect((await loadGatewayKey(data('data'))).id).toBe(gateway);
    expect(await store.gatewayKeys.find(gateway)).toBeDefined();
    await store.close();
  });

  it('is opened by its own passphrase alone, and only as it was written', async () => {
    await installed();
    await backup([file], { data: data('data') });
    await destroyed();
    process.env.COUNTERSIGN_BACKUP_PASSPHRASE = 'another passphrase of some length';
    await expect(restore([file], { data: data('data') })).rejects.toThrow(
      'is another one, or the file was changed',
    );
    process.env.COUNTERSIGN_BACKUP_PASSPHRASE = 'a passphrase of some length';
    const bytes = readFileSync(file);
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await expect(restore([file], { data: data('data') })).rejects.toThrow('the file was changed');
    expect(existsSync(data('data'))).toBe(false);
  });

  it('leaves the keys out where nothing encrypts them, and puts none over others', async () => {
    await installed();
    delete process.env.COUNTERSIGN_BACKUP_PASSPHRASE;
    await expect(backup([file], { data: data('data') })).rejects.toThrow('COUNTERSIGN_BACKUP_PASSPHRASE');
    expect(existsSync(file)).toBe(false);
    await backup([file], { data: data('data'), withoutKeys: true });
    await destroyed();
    await restore([file], { data: data('data') });
    expect(existsSync(join(data('data'), 'key-ring.json'))).toBe(false);
    process.env.COUNTERSIGN_BACKUP_PASSPHRASE = 'a passphrase of some length';
    await loadKeyRing(data('data'));
    await backup([file], { data: data('data') });
    await database.drop();
    database = (await testDatabase()) as TestDatabase;
    process.env.DATABASE_URL = database.url;
    await expect(restore([file], { data: data('data') })).rejects.toThrow('has keys already');
  });
});
