import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../plan/plan.ts';
import { bind, evaluate } from '../../workflows/expressions.ts';
import { Computing } from './computing.ts';
import { boundPart, readsOf } from './reads.ts';

const ticket = {
  id: 7,
  status: 'open',
  ratio: 0.5,
  empty: null,
  tags: ['a', 'b'],
  owner: { name: 'Lou', address: { city: 'Berlin' } },
} satisfies Json;

const computing = new Computing({ file: 'a.action.yaml', lines: {} }).with({ found: ticket, key: 'k1' });

describe('what an expression reads', () => {
  it('is a path where it only names a field', () => {
    expect(readsOf('found.owner.name').path).toEqual(['found', 'owner', 'name']);
    expect(readsOf('found.owner.name == key').path).toBeUndefined();
    expect(readsOf('found.?owner').path).toBeUndefined();
  });

  it('leaves out the fields that it does not name', () => {
    const part = readsOf('found.owner.name == found.status').parts.get('found') ?? 'all';
    expect(JSON.parse(JSON.stringify(boundPart(ticket, part)))).toEqual({
      owner: { name: 'Lou' },
      status: 'open',
    });
  });

  it('is all of a value that it also names as a whole', () => {
    expect(readsOf('found.status == "x" && size(found) > 1').parts.get('found')).toBe('all');
    expect(readsOf('size(found) > 1 && found.status == "x"').parts.get('found')).toBe('all');
  });
});

describe('a comparison of texts', () => {
  it.each([
    'found.status == "open"',
    'found.status != "open"',
    '"open" == found.status',
    'found.owner.name == key',
    'found.owner.name != key',
    'found.yes == found.no',
    'found.yes != found.no',
    'found.id == found.ratio',
    'found.status == found.empty',
  ])('gives what CEL gives: %s', (source) => {
    const here = { ...ticket, yes: true, no: false };
    const variables = { found: here, key: 'k1' };
    const computed = new Computing({ file: 'a.action.yaml', lines: {} }).with(variables).value(source);
    expect(computed).toBe(evaluate(source, { found: bind(here), key: 'k1' }));
  });

  it('is CEL’s own where a side may be absent, is a number, or is no more than a part of it', () => {
    expect(readsOf('found.status == "a" && true').compared).toBeUndefined();
    expect(readsOf('found.?status == "a"').compared).toBeUndefined();
    expect(readsOf('found.id == 7').compared).toBeUndefined();
    expect(() => computing.value('found.nothing == "a"')).toThrow('nothing');
    const absent = new Computing({ file: 'a.action.yaml', lines: {} }).withOptional('found', 'open');
    expect(absent.value('found == "open"')).toBe(false);
  });
});

describe('computing by what is read', () => {
  const all = { found: ticket, key: 'k1' };
  it.each([
    'found.id',
    'found.ratio',
    'found.empty',
    'found.tags',
    'found.tags[1]',
    'found["status"]',
    'found.owner.?name',
    'found.?none.?deeper',
    'default(found.?none, "else")',
    'has(found.none) || has(found.owner.address)',
    'found.tags.filter(key, key == "b").map(found, found + "!")',
    '{"x": found.owner.address, "y": [found.id, key]}',
    'found.status == "open" ? found.owner.name + key : found.none',
    'found.id + 1',
    'size(found)',
  ])('gives what the whole gives: %s', (source) => {
    const bound = Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, boundPart(value, 'all')]),
    );
    expect(computing.value(source)).toEqual(evaluate(source, bound));
  });

  it('names the field that is not there', () => {
    expect(() => computing.value('found.owner.phone')).toThrow('No such key: phone');
    expect(() => computing.value('found.tags.x')).toThrow('could not be computed');
  });

  it('takes what may be absent for absent', () => {
    const without = computing.withOptional('made', undefined);
    expect(without.value('made.id')).toBeUndefined();
    expect(computing.withOptional('made', { id: 3 }).value('made.id')).toBe(3);
    expect(computing.withOptional('made', {}).value('made.id')).toBeUndefined();
  });
});
