import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { openStore, type Store } from './store.ts';

const database = await testDatabase();

describeWith(database)('What a step found first', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
  });

  it('is what every later attempt is given, whatever that one finds, and false and nothing count as found', async () => {
    for (const first of [false, null, [], { was: true }]) {
      const key = JSON.stringify(first);
      expect(await store.firstLooks.keep(key, first)).toEqual(first);
      expect(await store.firstLooks.keep(key, true)).toEqual(first);
    }
  });

  it('is one for all who look at once', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, (_, n) => store.firstLooks.keep('raced', n)));
    expect(new Set(given).size).toBe(1);
  });
});
