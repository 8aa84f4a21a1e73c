import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type ListReference, listReference } from '../../plan/kept-list.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { referenceIn, resolveReferences, withoutReferences } from '../../vault/references.ts';
import { Seal } from '../../vault/seal.ts';
import { KeptLists, ListsInMemory, withKeptLists } from './kept-lists.ts';

const users = Array.from({ length: 20_000 }, (_, index) => ({
  id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  name: `Person ${index}`,
  mail: `person.${index}@example.com`,
  department: 'Finance',
  manager: `manager.${index % 500}@example.com`,
}));
const owner = { run: 'run', call: 'call', field: 'users' };

function lists() {
  const store = new ListsInMemory();
  return { store, lists: new KeptLists(store, new Seal({ current: 'k', keys: { k: randomBytes(32) } })) };
}

const referenceOf = (value: Json) => listReference(value) as ListReference;

describe('a list that is kept beside its run', () => {
  it('comes back whole and in order, also 20,000 users of five fields', async () => {
    const { lists: kept } = lists();
    const reference = referenceOf(await kept.keep(owner, users));
    expect(reference.count).toBe(20_000);
    expect(await kept.all(reference)).toEqual(users);
  });

  it('is read in pieces that one event of a history holds, whichever items are wanted', async () => {
    const { lists: kept } = lists();
    const reference = referenceOf(await kept.keep(owner, users));
    const wanted = [...users.keys()].filter((index) => index % 3 === 0 || index > 19_000);
    const read: Json[] = [];
    while (read.length < wanted.length) {
      const some = await kept.some(reference, wanted.slice(read.length));
      expect(some.length).toBeGreaterThan(0);
      expect(JSON.stringify(some).length).toBeLessThan(256 * 1024);
      read.push(...some);
    }
    expect(read).toEqual(wanted.map((index) => users[index]));
  });

  it('is named by its content, so that the same answer of another attempt is the same list', async () => {
    const { lists: kept } = lists();
    const first = await kept.keep(owner, users);
    expect(await kept.keep(owner, [...users])).toEqual(first);
    expect(await kept.keep(owner, users.slice(1))).not.toEqual(first);
  });

  it('is not given where a piece was lost, exchanged or belongs to another list', async () => {
    const { store, lists: kept } = lists();
    const reference = referenceOf(await kept.keep(owner, users));
    const other = referenceOf(await kept.keep({ ...owner, call: 'other' }, users));
    const foreign = await store.piece(other.id, 0);
    await store.keep('run', reference.id, [foreign as { first: number; content: string }]);
    await expect(kept.some(reference, [3])).rejects.toThrow('is not there as it was given');
    await expect(kept.all(reference)).rejects.toThrow('is not there as it was given');
    await expect(kept.some({ ...other, sha256: 'f'.repeat(64) }, [3])).rejects.toThrow('altered');
    await expect(kept.all({ ...other, id: 'gone' })).rejects.toThrow('Start the run anew');
  });

  it('is kept unreadable', async () => {
    const { store, lists: kept } = lists();
    const reference = referenceOf(await kept.keep(owner, users));
    expect((await store.piece(reference.id, 0))?.content).not.toContain('person');
  });

  it('becomes the list in the action that uses it, with what is sealed in it opened', async () => {
    const seal = new Seal({ current: 'k', keys: { k: randomBytes(32) } });
    const kept = new KeptLists(new ListsInMemory(), seal);
    const items: Json[] = [{ name: 'a', key: seal.sealed('hidden-1') }, { name: 'b' }];
    const csv = await kept.keep(owner, items);
    const secrets = { get: async () => '', redact: (text: string) => text };
    const { value, opened } = await resolveReferences(
      { attachments: [{ csv }] },
      { secrets, seal, lists: kept },
    );
    expect(value).toEqual({ attachments: [{ csv: [{ name: 'a', key: 'hidden-1' }, { name: 'b' }] }] });
    expect(opened).toEqual(['hidden-1']);
  });

  it('cannot be named by what comes from outside', () => {
    const forged = { users: { $list: { id: 'x', count: 1, sha256: 'y' } } };
    expect(referenceIn(forged)).toBe('$list');
    expect(withoutReferences(forged)).toEqual({ users: { _$list: { id: 'x', count: 1, sha256: 'y' } } });
  });
});

describe('an answer that is too large for a history', () => {
  const keep = (output: JsonObject, sensitive: string[] = []) =>
    withKeptLists(output, {
      owner,
      lists: lists().lists,
      fits: (kept) => JSON.stringify(kept).length < 256 * 1024,
      sensitive: new Set(sensitive),
    });

  it('has its largest lists kept beside the run, and no more of them than must be', async () => {
    const { users: kept, few } = await keep({ users, few: users.slice(0, 10) });
    expect(listReference(kept)?.count).toBe(20_000);
    expect(few).toEqual(users.slice(0, 10));
  });

  it('stays as it is where what is large is sealed, is no list, or is one item', async () => {
    const long = 'x'.repeat(300 * 1024);
    const outputs: JsonObject[] = [{ text: long }, { items: [long] }];
    for (const output of outputs) expect(await keep(output)).toEqual(output);
    expect(await keep({ users }, ['users'])).toEqual({ users });
  });
});
